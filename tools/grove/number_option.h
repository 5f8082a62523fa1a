/* SPDX-License-Identifier: MIT */
/* Whole numbers on the command line. */
#ifndef GROVE_TOOLS_NUMBER_OPTION_H
#define GROVE_TOOLS_NUMBER_OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* Reads decimal digits and nothing else; false if that is no such number. */
bool read_number(const char *text, uint64_t min, uint64_t max,
                 uint64_t *number);

/* The value `text` of option --`name`; if it is none the program ends. */
uint64_t parse_number(const char *name, const char *text, uint64_t min,
                      uint64_t max, struct argp_state *state);

#endif
