/* SPDX-License-Identifier: MIT */
/* Messages and progress on stderr. */
#include "grove.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static bool progress_shown;

const char *colour(FILE *stream, enum colour colour)
{
    static const char *const codes[] = {
        [COLOUR_NONE] = "\033[0m",   [COLOUR_RED] = "\033[31m",
        [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
        [COLOUR_BOLD] = "\033[1m",
    };
    const char *no_color = getenv("NO_COLOR");

    if ((no_color != NULL && *no_color != '\0') || !isatty(fileno(stream)))
        return "";
    return codes[colour];
}

void complain(const char *format, ...)
{
    va_list args;

    progress_end();
    va_start(args, format);
    fputs("grove: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void progress(const char *format, ...)
{
    va_list args;

    if (!isatty(STDERR_FILENO))
        return;
    va_start(args, format);
    fputs("\r\033[K", stderr);
    vfprintf(stderr, format, args);
    fflush(stderr);
    va_end(args);
    progress_shown = true;
}

void progress_end(void)
{
    if (progress_shown)
        fputs("\r\033[K", stderr);
    progress_shown = false;
}
