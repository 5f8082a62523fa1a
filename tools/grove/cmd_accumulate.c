/* SPDX-License-Identifier: MIT */
/*
 * `grove accumulate`: what an implementation answers to the batches of
 * vectors/accumulated/README.md, as one stream of bytes to be hashed.
 */
#include <argp.h>
#include <inttypes.h>
#include <string.h>

#include "accumulate.h"
#include "adapter.h"
#include "grove.h"
#include "grove/table.h"
#include "kernel_option.h"
#include "number_option.h"
#include "profile_option.h"
#include "vector.h"

enum {
    OPTION_FIRST = 256,
    OPTION_INPUTS,
    OPTION_LOSSLESS,
    OPTION_VECTORS,
};

/* What is written of each batch. */
enum form { ANSWERS, INPUTS, VECTORS };

struct options {
    enum run_op op;
    const char *profile;
    const char *command; /* of --exec, or NULL */
    bool kernel;
    bool lossless;
    enum form form;
    uint64_t first;
    uint64_t batches;
};

static void check_options(const struct options *options,
                          struct argp_state *state)
{
    if (options->kernel && options->command != NULL)
        argp_failure(state, GROVE_EXIT_USAGE, 0,
                     "--exec and --kernel: give one of them");
    if (options->kernel && options->lossless)
        argp_failure(state, GROVE_EXIT_USAGE, 0,
                     "--kernel and --lossless: no kernel has that mode; leave "
                     "one of them out");
    if (options->op == RUN_GSO && options->lossless)
        argp_failure(state, GROVE_EXIT_USAGE, 0,
                     "--op gso and --lossless: the mode is for op gro; leave "
                     "one of them out");
}

static enum run_op parse_op(const char *text, struct argp_state *state)
{
    if (strcmp(text, "gro") != 0 && strcmp(text, "gso") != 0)
        argp_failure(state, GROVE_EXIT_USAGE, 0, "--op %s: give gro or gso",
                     text);
    return strcmp(text, "gso") == 0 ? RUN_GSO : RUN_GRO;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'o':
        options->op = parse_op(text, state);
        return 0;
    case 'p':
        options->profile = parse_profile(text, state);
        return 0;
    case 'e':
        options->command = text;
        return 0;
    case 'k':
        options->kernel = true;
        return 0;
    case 'n':
        options->batches = parse_number(text, state, "batches");
        return 0;
    case OPTION_FIRST:
        options->first = parse_number(text, state, "first");
        return 0;
    case OPTION_LOSSLESS:
        options->lossless = true;
        return 0;
    case OPTION_INPUTS:
        options->form = INPUTS;
        return 0;
    case OPTION_VECTORS:
        options->form = VECTORS;
        return 0;
    case ARGP_KEY_ARG:
        argp_failure(state, GROVE_EXIT_USAGE, 0, "%s: it takes options only",
                     text);
        return 0;
    case ARGP_KEY_END:
        check_options(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse_options(int argc, char **argv, struct options *options)
{
    static const struct argp_option list[] = {
        {"op", 'o', "OP", 0, "gro (default) or gso", 0},
        {"profile", 'p', "NAME", 0, "Profile to ask for (the newest)", 0},
        {"lossless", OPTION_LOSSLESS, NULL, 0, "Ask for the lossless mode", 0},
        {"exec", 'e', "CMD", 0,
         "Ask the adapter that this shell command runs, not the reference", 0},
        {"kernel", 'k', NULL, 0, "Ask the kernel of this machine", 0},
        {"batches", 'n', "N", 0, "Number of batches (10000)", 0},
        {"first", OPTION_FIRST, "N", 0, "Number of the first one (0)", 0},
        {"inputs", OPTION_INPUTS, NULL, 0,
         "Write what goes in, not what comes out", 0},
        {"vectors", OPTION_VECTORS, NULL, 0,
         "Write a vector file, for `grove check` and to be read", 0},
        {0}};
    static const struct argp parser = {
        .options = list,
        .parser = parse_option,
        .doc = "Writes what the reference answers to published batches, "
               "binary, for\n\n"
               "    grove accumulate --profile linux-6.18 | sha256sum\n\n"
               "vectors/accumulated/README.md tells how the batches are made, "
               "and vectors/accumulated/SHA256SUMS what comes out.",
    };

    *options = (struct options){.batches = 10000};
    argp_parse(&parser, argc, argv, 0, NULL, options);
}

static int open_implementation(struct options *options,
                               struct implementation *implementation)
{
    char why[256];

    if (options->kernel)
        return open_live_kernel(implementation, options->profile,
                                &options->profile);
    if (options->profile == NULL)
        options->profile = newest_profile();
    if (options->command == NULL) {
        reference_open(implementation);
        return GROVE_EXIT_HOLDS;
    }
    if (adapter_open(implementation, options->command, GROVE_ANSWER_MS, why))
        return GROVE_EXIT_HOLDS;
    complain("--exec '%s': %s", options->command, why);
    return GROVE_EXIT_USAGE;
}

/* A vector needs a rule: all batches show that a poll ends, or a segment. */
static void write_vector(const struct run *run, const struct answer *answer,
                         const char *name, uint64_t number, bool first)
{
    const bool gso = run->op == RUN_GSO;
    const struct vector_expect expect = {run->profile, *answer};
    const char *rule = answer->rule != NULL ? answer->rule
                       : gso                ? "GSO-OUT-006"
                                            : "GRO-END-008";
    char id[64];
    struct vector vector = {.id = id,
                            .title = id,
                            .rules = {&rule, 1},
                            .run = *run,
                            .expect = &expect,
                            .expects = 1,
                            .confirmed = {&name, 1}};

    snprintf(id, sizeof id, "accumulated-%s-%" PRIu64, gso ? "gso" : "gro",
             number);
    vector.run.profile = NULL;
    fputs(first ? "" : ",", stdout);
    vector_print(stdout, &vector);
}

static bool is_answer(const struct answer *answer, uint64_t number)
{
    if (answer->kind == ANSWER_OUTPUT || answer->kind == ANSWER_REJECTED)
        return true;
    complain("batch %" PRIu64 ": no answer: %s", number, answer->reason);
    return false;
}

static bool write_batch(const struct options *options,
                        struct implementation *implementation,
                        const struct run *run, struct answer *answer,
                        uint64_t number)
{
    const bool reference = options->command == NULL && !options->kernel;

    if (options->form == INPUTS) {
        accumulate_input(stdout, run);
        return true;
    }
    implementation->ask(implementation->self, run, answer);
    if (!is_answer(answer, number))
        return false;
    if (options->form == VECTORS)
        write_vector(run, answer, reference ? "model" : implementation->name,
                     number, number == options->first);
    else
        accumulate_answer(stdout, answer);
    return true;
}

static bool write_batches(const struct options *options,
                          struct implementation *implementation)
{
    struct answer answer = {0};
    struct arena arena = {0};
    struct run run;
    bool all = true;

    for (uint64_t i = 0; i < options->batches && all; i++) {
        arena_reset(&arena);
        accumulate_batch(options->op, options->first + i, &arena, &run);
        run.profile = options->profile;
        run.config.lossless = options->lossless;
        all = write_batch(options, implementation, &run, &answer,
                          options->first + i);
        if (i % 1000 == 0)
            progress("%" PRIu64 " of %" PRIu64 " batches", i, options->batches);
    }
    progress_end();
    answer_free(&answer);
    arena_free(&arena);
    return all;
}

int cmd_accumulate(int argc, char **argv)
{
    struct options options;
    struct implementation implementation = {0};
    bool all;
    int status;

    parse_options(argc, argv, &options);
    status = open_implementation(&options, &implementation);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    if (options.form == VECTORS)
        fputs("{\"schema\":1,\"suite\":\"accumulated\",\"spec\":\"1.0\","
              "\"vectors\":[\n",
              stdout);
    all = write_batches(&options, &implementation);
    if (options.form == VECTORS)
        fputs("]}\n", stdout);
    implementation_close(&implementation);
    return all ? GROVE_EXIT_HOLDS : GROVE_EXIT_DIFFERS;
}
