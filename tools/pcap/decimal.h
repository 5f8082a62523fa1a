/* SPDX-License-Identifier: MIT */
/* Numbers as text, where printf() would take most of the time. */
#ifndef GROVE_TOOLS_DECIMAL_H
#define GROVE_TOOLS_DECIMAL_H

#include <stdint.h>
#include <string.h>

/* The most digits of a number. */
#define DECIMAL_MAX 20

/* Writes the digits of `value` to `to`, without a final 0; returns their end.
 */
static inline char *decimal_put(char *to, uint64_t value)
{
    char digits[DECIMAL_MAX];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    const size_t len = (size_t)(digits + sizeof digits - first);

    memcpy(to, first, len);
    return to + len;
}

#endif
