/* SPDX-License-Identifier: MIT */
/* Bytes as hex digits. */
#include "hex.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

char *hex_encode(const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * len + 1);

    if (text == NULL)
        err(70, "memory");
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * len] = '\0';
    return text;
}

/* The digit's value, or 16 if it is none. */
static uint8_t digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return (uint8_t)(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return (uint8_t)(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F')
        return (uint8_t)(digit - 'A' + 10);
    return 16;
}

const char *hex_decode(struct arena *arena, const char *text, uint8_t **bytes,
                       size_t *len)
{
    size_t digits = strlen(text);
    uint8_t *out;

    if (digits % 2 != 0)
        return "odd number of hex digits; a byte is two digits";
    out = arena_alloc(arena, digits / 2 + 1, 1);
    for (size_t i = 0; i < digits / 2; i++) {
        uint8_t high = digit_value(text[2 * i]);
        uint8_t low = digit_value(text[2 * i + 1]);

        if (high > 15 || low > 15)
            return "not a hex digit; write 0 to 9 and a to f only";
        out[i] = (uint8_t)(high << 4 | low);
    }
    *bytes = out;
    *len = digits / 2;
    return NULL;
}
