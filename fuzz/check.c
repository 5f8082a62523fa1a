/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void check_failed(const char *file, int line, const char *condition,
                  const char *format, ...)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;
    va_list args;

    va_start(args, format);
    fprintf(stderr, "%s:%d: ", name, line);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, " (%s does not hold)\n", condition);
    abort();
}
