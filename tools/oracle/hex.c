/* SPDX-License-Identifier: MIT */
/* Bytes as hex digits. */
#include "hex.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

char *hex_encode(const uint8_t *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);

    if (text == NULL)
        err(70, "memory");
    for (size_t i = 0; i < len; i++) {
        const uint8_t high = bytes[i] >> 4;
        const uint8_t low = bytes[i] & 15;

        /* No table, so that the compiler takes many bytes at a time. */
        text[2 * i] = (char)(high < 10 ? '0' + high : 'a' - 10 + high);
        text[2 * i + 1] = (char)(low < 10 ? '0' + low : 'a' - 10 + low);
    }
    text[2 * len] = '\0';
    return text;
}

/* The digit's value, or 16 if it is none. */
static inline uint8_t digit_value(uint8_t digit)
{
    const uint8_t number = (uint8_t)(digit - '0');
    const uint8_t letter = (uint8_t)((digit | 0x20) - 'a');

    if (number < 10)
        return number;
    return letter < 6 ? (uint8_t)(letter + 10) : 16;
}

const char *hex_decode(struct arena *arena, const char *text, size_t digits,
                       uint8_t **bytes, size_t *len)
{
    const uint8_t *digit = (const uint8_t *)text;
    uint8_t wrong = 0;
    uint8_t *out;

    if (digits % 2 != 0)
        return "odd number of hex digits; a byte is two digits";
    out = arena_bytes(arena, digits / 2 + 1);
    for (size_t i = 0; i < digits / 2; i++) {
        const uint8_t high = digit_value(digit[2 * i]);
        const uint8_t low = digit_value(digit[2 * i + 1]);

        wrong |= high | low;
        out[i] = (uint8_t)(high << 4 | low);
    }
    if (wrong > 15)
        return "not a hex digit; write 0 to 9 and a to f only";
    *bytes = out;
    *len = digits / 2;
    return NULL;
}
