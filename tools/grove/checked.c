/* SPDX-License-Identifier: MIT */
#include "checked.h"

#include <stdarg.h>
#include <stdio.h>

void check_works(struct checked *checked, const char *format, ...)
{
    va_list args;

    checked->state = CHECK_WORKS;
    va_start(args, format);
    vsnprintf(checked->says, sizeof checked->says, format, args);
    va_end(args);
}

void check_fails(struct checked *checked, const char *remedy,
                 const char *format, ...)
{
    va_list args;

    checked->state = CHECK_FAILS;
    snprintf(checked->remedy, sizeof checked->remedy, "%s", remedy);
    va_start(args, format);
    vsnprintf(checked->says, sizeof checked->says, format, args);
    va_end(args);
}
