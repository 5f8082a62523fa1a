/* SPDX-License-Identifier: MIT */
/* grove format: rewrites vector files in canonical form, or checks them. */
#include <argp.h>
#include <stdbool.h>

#include "command_line.h"
#include "grove.h"
#include "vector_set.h"

enum { OPTION_CHECK = 256 };

struct options {
    char **paths; /* from the command line */
    size_t count;
    const char *out; /* NULL: each file is replaced */
    bool check;
};

static const struct argp_option option_list[] = {
    {"output", 'o', "OUT", 0, "Write the one FILE to OUT instead", 0},
    {"check", OPTION_CHECK, NULL, 0,
     "Write nothing; name each file that is not in canonical form", 0},
    {0}};

/* NOLINTNEXTLINE(readability-non-const-parameter): as argp requires. */
static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'o':
        options->out = argument;
        break;
    case OPTION_CHECK:
        options->check = true;
        break;
    case ARGP_KEY_ARGS:
        options->paths = &state->argv[state->next];
        options->count = (size_t)(state->argc - state->next);
        break;
    case ARGP_KEY_END:
        if (options->count == 0)
            wrong_usage(state, "no vector file to format");
        if (options->out != NULL && options->check)
            wrong_usage(state, "--output and --check: give one of them");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static int write_member(struct vector_member *member, const char *path)
{
    const char *why = vector_file_write(&member->file, path);

    if (why == NULL)
        return GROVE_EXIT_HOLDS;
    complain("%s", why);
    return GROVE_EXIT_USAGE;
}

static int check_member(struct vector_member *member)
{
    bool canonical = false;
    const char *why =
        vector_file_check(&member->file, member->path, &canonical);

    if (why != NULL) {
        complain("%s", why);
        return GROVE_EXIT_USAGE;
    }
    if (canonical)
        return GROVE_EXIT_HOLDS;
    printf("%s: not in canonical form\n", member->path);
    return GROVE_EXIT_DIFFERS;
}

/* All files were read before; one error is enough to end. */
static int format(const struct options *options, const struct vector_set *set)
{
    int result = GROVE_EXIT_HOLDS;

    if (options->out != NULL && set->count != 1) {
        complain("--output %s: %zu vector files; give one", options->out,
                 set->count);
        return GROVE_EXIT_USAGE;
    }
    for (size_t i = 0; i < set->count && result != GROVE_EXIT_USAGE; i++) {
        struct vector_member *member = set->members[i];
        const char *path = options->out != NULL ? options->out : member->path;
        const int status =
            options->check ? check_member(member) : write_member(member, path);

        if (status != GROVE_EXIT_HOLDS)
            result = status;
    }
    return result;
}

int cmd_format(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "FILE|FOLDER...",
        .doc = "Rewrites vector files in canonical form, in which the same "
               "content always gives the same bytes. A file whose name ends "
               "in .gz is packed. If a file cannot be read, none is written.",
    };
    struct options options = {.out = NULL};
    struct vector_set set = {0};
    const char *why = NULL;
    int status = GROVE_EXIT_USAGE;

    command_line(&argp, argc, argv, &options);
    for (size_t i = 0; i < options.count && why == NULL; i++)
        why = vector_set_add(&set, options.paths[i]);
    if (why != NULL)
        complain("%s", why);
    else
        status = format(&options, &set);
    vector_set_free(&set);
    return status;
}
