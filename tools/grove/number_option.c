/* SPDX-License-Identifier: MIT */
#include "number_option.h"

#include <errno.h>
#include <stdlib.h>

#include "grove.h"

uint64_t parse_number(const char *text, struct argp_state *state,
                      const char *name)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || end == text || text[0] == '-')
        argp_failure(state, GROVE_EXIT_USAGE, 0, "--%s %s: give a whole number",
                     name, text);
    return value;
}
