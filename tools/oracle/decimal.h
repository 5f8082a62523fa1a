/* SPDX-License-Identifier: MIT */
/* Numbers as text, where printf() would take most of the time. */
#ifndef GROVE_TOOLS_DECIMAL_H
#define GROVE_TOOLS_DECIMAL_H

#include <stdint.h>
#include <string.h>

/* The most digits of a number. */
#define DECIMAL_MAX 20

/* Writes the digits of `value` in front of `end`; returns the first one. */
static inline char *decimal_before(char *end, uint64_t value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";

    for (; value >= 100; value /= 100) {
        end -= 2;
        memcpy(end, pairs + 2 * (value % 100), 2);
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, pairs + 2 * value, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

/* Writes the digits of `value` to `to`, without a final 0; returns their end.
 */
static inline char *decimal_put(char *to, uint64_t value)
{
    char digits[DECIMAL_MAX];
    char *first = decimal_before(digits + sizeof digits, value);
    const size_t len = (size_t)(digits + sizeof digits - first);

    memcpy(to, first, len);
    return to + len;
}

#endif
