/* SPDX-License-Identifier: MIT */
#include "print_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"

static void add(struct line *line, const char *text, size_t len)
{
    const size_t room = sizeof line->text - 1 - line->len;

    if (len > room)
        len = room;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void add_blanks(struct line *line, size_t len, int width)
{
    static const char blanks[] = "                                "
                                 "                                ";

    if ((size_t)width > len)
        add(line, blanks,
            (size_t)width - len < sizeof blanks ? (size_t)width - len
                                                : sizeof blanks - 1);
}

void line_text(struct line *line, const char *text)
{
    add(line, text, strlen(text));
}

void line_left(struct line *line, const char *text, int width)
{
    const size_t len = strlen(text);

    add(line, text, len);
    add_blanks(line, len, width);
}

void line_right(struct line *line, const char *text, int width)
{
    const size_t len = strlen(text);

    add_blanks(line, len, width);
    add(line, text, len);
}

void line_number(struct line *line, uint64_t number, int width)
{
    char digits[DECIMAL_MAX];
    const size_t len = (size_t)(decimal_put(digits, number) - digits);

    add_blanks(line, len, width);
    add(line, digits, len);
}

void line_seconds(struct line *line, int64_t nanoseconds, int width)
{
    const bool negative = nanoseconds < 0;
    const uint64_t absolute =
        negative ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
    const uint64_t microseconds = (absolute + 500) / 1000;
    uint64_t decimals = microseconds % 1000000;
    char digits[1 + DECIMAL_MAX + 7];
    char *end = digits;

    if (negative)
        *end++ = '-';
    end = decimal_put(end, microseconds / 1000000);
    *end++ = '.';
    for (int i = 5; i >= 0; i--, decimals /= 10)
        end[i] = (char)('0' + decimals % 10);
    end += 6;
    add_blanks(line, (size_t)(end - digits), width);
    add(line, digits, (size_t)(end - digits));
}

void line_print(struct line *line)
{
    line->text[line->len++] = '\n';
    fwrite(line->text, 1, line->len, stdout);
    line->len = 0;
}
