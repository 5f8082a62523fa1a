/* SPDX-License-Identifier: MIT */
/* Lines of columns, where printf() would take most of the time. */
#ifndef GROVE_TOOLS_PRINT_LINE_H
#define GROVE_TOOLS_PRINT_LINE_H

#include <stddef.h>
#include <stdint.h>

/* What does not fit is left out. All zero is an empty line. */
struct line {
    size_t len;
    char text[1000];
};

void line_text(struct line *line, const char *text);

/* The same, filled up with blanks behind it or before it. */
void line_left(struct line *line, const char *text, int width);
void line_right(struct line *line, const char *text, int width);

/* A number, with blanks before it. */
void line_number(struct line *line, uint64_t number, int width);

/* Nanoseconds as seconds with six decimals, with blanks before it. */
void line_seconds(struct line *line, int64_t nanoseconds, int width);

/* Writes the line and a newline to stdout, and empties it. */
void line_print(struct line *line);

#endif
