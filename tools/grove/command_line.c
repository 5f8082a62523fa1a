/* SPDX-License-Identifier: MIT */
#include "command_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "grove.h"

/* argp would say where help is, in a line behind getopt's. */
/* NOLINTNEXTLINE(readability-non-const-parameter): argp wants it so. */
static error_t say_no_more(int key, char *text, struct argp_state *state)
{
    (void)text;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->err_stream = NULL;
    state->child_inputs[0] = state->input;
    return 0;
}

void command_line(const struct argp *argp, int argc, char **argv, void *input)
{
    const struct argp_child command[] = {{argp, 0, NULL, 0}, {0}};
    const struct argp whole = {.parser = say_no_more, .children = command};

    if (argp_parse(&whole, argc, argv, 0, NULL, input) != 0)
        exit(GROVE_EXIT_USAGE);
}

void wrong_usage(const struct argp_state *state, const char *format, ...)
{
    va_list words;

    fprintf(stderr, "%s: ", state->name);
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
    exit(GROVE_EXIT_USAGE);
}
