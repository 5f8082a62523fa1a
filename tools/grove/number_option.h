/* SPDX-License-Identifier: MIT */
/* Options that are whole numbers. */
#ifndef GROVE_TOOLS_NUMBER_OPTION_H
#define GROVE_TOOLS_NUMBER_OPTION_H

#include <argp.h>
#include <stdint.h>

/* The value `text` of option --`name`; if it is none the program ends. */
uint64_t parse_number(const char *text, struct argp_state *state,
                      const char *name);

#endif
