/* SPDX-License-Identifier: MIT */
/* Lines of columns, where printf() would take most of the time. */
#ifndef GROVE_TOOLS_PRINT_LINE_H
#define GROVE_TOOLS_PRINT_LINE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"

/* The widest column that is filled up. */
#define LINE_WIDTH 64

/* The longest line, with its newline. */
#define LINE_MAX_LEN 4096

/* What does not fit is left out. All zero is an empty line. */
struct line {
    size_t len;
    char text[LINE_MAX_LEN + LINE_WIDTH];
};

static inline void line_bytes(struct line *line, const char *text, size_t len)
{
    const size_t room = LINE_MAX_LEN - 1 - line->len;

    if (len > room)
        len = room;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static inline void line_text(struct line *line, const char *text)
{
    line_bytes(line, text, strlen(text));
}

/* A text in a column: filled up with blanks if it is shorter than `width`. */
static inline void line_left(struct line *line, const char *text, size_t width)
{
    const size_t len = strlen(text);

    if (width > LINE_WIDTH)
        width = LINE_WIDTH;
    memset(line->text + line->len, ' ', width);
    line_bytes(line, text, len);
    if (len < width)
        line->len += width - len;
    if (line->len > LINE_MAX_LEN - 1)
        line->len = LINE_MAX_LEN - 1;
}

/* The text from `first` to `end`, with blanks in front of it. */
static inline void line_right(struct line *line, const char *first,
                              const char *end, size_t width)
{
    const size_t len = (size_t)(end - first);

    if (len < width)
        line_left(line, "", width - len);
    line_bytes(line, first, len);
}

static inline void line_number(struct line *line, uint64_t number, size_t width)
{
    char digits[DECIMAL_MAX];
    const char *end = digits + sizeof digits;

    line_right(line, decimal_before(digits + sizeof digits, number), end,
               width);
}

/* Nanoseconds as seconds with six decimals. */
static inline void line_seconds(struct line *line, int64_t nanoseconds,
                                size_t width)
{
    const uint64_t million = 1000000;
    const uint64_t size =
        nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
    const uint64_t microseconds = (size + 500) / 1000;
    char digits[DECIMAL_MAX + 2];
    char *end = digits + sizeof digits;
    char *first;

    /* A million more gives the zeros after the point. */
    decimal_before(end, microseconds % million + million);
    end[-7] = '.';
    first = decimal_before(end - 7, microseconds / million);
    if (nanoseconds < 0)
        *--first = '-';
    line_right(line, first, end, width);
}

/* Writes the line and a newline to stdout, and empties it. */
static inline void line_print(struct line *line)
{
    line->text[line->len++] = '\n';
    fwrite_unlocked(line->text, 1, line->len, stdout);
    line->len = 0;
}

#endif
