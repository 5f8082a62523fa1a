/* SPDX-License-Identifier: MIT */
/* The words of a command, and one line about what is wrong with them. */
#ifndef GROVE_TOOLS_COMMAND_LINE_H
#define GROVE_TOOLS_COMMAND_LINE_H

#include <argp.h>

/*
 * argp_parse(), with `input` for the parser of `argp`, but what is wrong is one
 * line, and ends the program.
 */
void command_line(const struct argp *argp, int argc, char **argv, void *input);

/* Ends the program with one line, to be used instead of argp_failure(). */
__attribute__((format(printf, 2, 3), noreturn)) void
wrong_usage(const struct argp_state *state, const char *format, ...);

#endif
