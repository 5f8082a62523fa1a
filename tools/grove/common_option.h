/* SPDX-License-Identifier: MIT */
/* What the command lines of several subcommands have in common. */
#ifndef GROVE_TOOLS_COMMON_OPTION_H
#define GROVE_TOOLS_COMMON_OPTION_H

#include <argp.h>
#include <stdint.h>

#include "run.h"
#include "vector.h"

/* The option --gap, as an entry of a list for argp. */
#define GAP_OPTION(key)                                                        \
    {                                                                          \
        "gap", key, "US", 0,                                                   \
            "Microseconds without a packet that end a poll (200); so do 64 "   \
            "packets",                                                         \
            0                                                                  \
    }

/* Its value, in nanoseconds; if it is none the program ends. */
int64_t parse_gap(const char *text, struct argp_state *state);

/* The option --csum, as an entry of a list for argp. */
#define CSUM_OPTION(key)                                                       \
    {                                                                          \
        "csum", key, "trusted", 0,                                             \
            "Take checksums of TCP and UDP as right, as where the capturing "  \
            "host left them to its hardware",                                  \
            0                                                                  \
    }

/* Its value: whether they are trusted; if it is none the program ends. */
bool parse_csum(const char *text, struct argp_state *state);

/* The value of --op; if it is none the program ends. */
enum run_op parse_op(const char *text, struct argp_state *state);

/* Whether `wanted` is one of the strings. */
bool contains(const struct strings *strings, const char *wanted);

/* Ends the program: these two options were given. */
void refuse_both(const char *first, const char *second,
                 struct argp_state *state);

/* What is left to a parser for argp that takes options only, or all of it. */
error_t options_only(int key, char *text, struct argp_state *state);

#endif
