/* SPDX-License-Identifier: MIT */
/* Whole numbers on the command line. */
#ifndef GROVE_TOOLS_NUMBER_OPTION_H
#define GROVE_TOOLS_NUMBER_OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* Reads a number of decimal digits only; false if `text` is anything else. */
bool read_number(const char *text, uint64_t min, uint64_t max,
                 uint64_t *number);

/* The value of option --`name`; the program ends if it is not a number. */
uint64_t parse_number(const char *name, const char *text, uint64_t min,
                      uint64_t max, struct argp_state *state);

#endif
