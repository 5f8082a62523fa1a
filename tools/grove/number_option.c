/* SPDX-License-Identifier: MIT */
#include "number_option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "command_line.h"
#include "grove.h"

bool read_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
    char *end;

    /* strtoull() accepts blanks and signs, and wraps negative numbers. */
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= min && *number <= max;
}

uint64_t parse_number(const char *name, const char *text, uint64_t min,
                      uint64_t max, struct argp_state *state)
{
    uint64_t number = 0;

    if (!read_number(text, min, max, &number))
        wrong_usage(state,
                    "--%s %s: expected a number from %" PRIu64 " to %" PRIu64,
                    name, text, min, max);
    return number;
}
