/* SPDX-License-Identifier: MIT */
#include "judgement.h"

#include <stdarg.h>
#include <stdio.h>

#include "difference.h"

/* Only so many lines are kept, which are enough to understand a judgement. */
enum { MAX_LINES = 12 };

static size_t lines_of(const char *text)
{
    size_t lines = *text != '\0';

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* Of changed packets the one counts whose field says most. */
static bool says_most(const struct judgement *judgement, enum harm harm,
                      const char *field)
{
    if (judgement->level != LEVEL_UNSAFE)
        return true;
    return judgement->harm == HARM_CHANGES && harm == HARM_CHANGES &&
           field_says_more(field, judgement->field);
}

void judgement_note(struct judgement *judgement, struct arena *arena,
                    enum harm harm, const char *field, const char *format, ...)
{
    const char *before = judgement->why;
    char line[256];
    va_list args;

    if (says_most(judgement, harm, field)) {
        judgement->level = LEVEL_UNSAFE;
        judgement->harm = harm;
        judgement->field = field;
    }
    if (lines_of(before) >= MAX_LINES)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    judgement->why = arena_printf(arena, "%s%s%s", before,
                                  *before == '\0' ? "" : "\n", line);
}
