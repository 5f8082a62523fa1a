/* SPDX-License-Identifier: MIT */
/* Entry points, exit codes and messages of the subcommands of grove. */
#ifndef GROVE_TOOLS_GROVE_H
#define GROVE_TOOLS_GROVE_H

#include <stdio.h>

/* Exit codes, the same for every subcommand. */
enum {
    GROVE_EXIT_HOLDS = 0,
    GROVE_EXIT_DIFFERS = 1,
    GROVE_EXIT_USAGE = 2, /* wrong usage or input, or no answer */
    GROVE_EXIT_SKIPPED = 77
};

/* The version of SPEC.md that defines the rules. */
#define GROVE_SPEC_VERSION "1.0"

/*
 * The subcommands. argv[0] is "grove NAME", for argp and for messages; wrong
 * options end the program with GROVE_EXIT_USAGE.
 */
int cmd_accumulate(int argc, char **argv);
int cmd_adapter(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_format(int argc, char **argv);
int cmd_gen(int argc, char **argv);
int cmd_kernel(int argc, char **argv);
int cmd_profile(int argc, char **argv);
int cmd_tun(int argc, char **argv);

enum colour {
    COLOUR_NONE,
    COLOUR_RED,
    COLOUR_GREEN,
    COLOUR_YELLOW,
    COLOUR_BOLD
};

/*
 * The escape sequence that begins `colour` (NONE ends it), or "" if `stream` is
 * not a terminal or NO_COLOR is set.
 */
const char *colour(FILE *stream, enum colour colour);

/* Prints one line on stderr, "grove: ...", and adds the newline. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

/*
 * Replaces the progress line on stderr, which complain() and progress_end()
 * remove again. Nothing is written if stderr is not a terminal.
 */
__attribute__((format(printf, 1, 2))) void progress(const char *format, ...);
void progress_end(void);

#endif
