/* SPDX-License-Identifier: MIT */
#include "common_option.h"

#include <string.h>

#include "command_line.h"
#include "grove.h"
#include "polls.h"

int64_t parse_gap(const char *text, struct argp_state *state)
{
    int64_t gap = 0;

    if (!poll_gap(text, &gap))
        wrong_usage(state, "--gap %s: microseconds, up to a day", text);
    return gap;
}

bool parse_csum(const char *text, struct argp_state *state)
{
    const bool trusted = strcmp(text, "trusted") == 0;

    if (!trusted && strcmp(text, "verify") != 0)
        wrong_usage(state, "--csum %s: give trusted or verify", text);
    return trusted;
}

enum run_op parse_op(const char *text, struct argp_state *state)
{
    const bool gso = strcmp(text, "gso") == 0;

    if (!gso && strcmp(text, "gro") != 0)
        wrong_usage(state, "--op %s: give gro or gso", text);
    return gso ? RUN_GSO : RUN_GRO;
}

bool contains(const struct strings *strings, const char *wanted)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (strcmp(strings->at[i], wanted) == 0)
            return true;
    }
    return false;
}

void refuse_both(const char *first, const char *second,
                 struct argp_state *state)
{
    wrong_usage(state, "--%s and --%s: give one of them", first, second);
}

error_t options_only(int key, char *text, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    wrong_usage(state, "%s: it takes options only", text);
}
