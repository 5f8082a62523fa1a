/* SPDX-License-Identifier: MIT */
/*
 * `grove accumulate`: the answers of an implementation to the batches of
 * vectors/accumulated/README.md, as one stream of bytes to be hashed.
 */
#include <argp.h>
#include <inttypes.h>
#include <string.h>

#include "accumulate.h"
#include "adapter.h"
#include "adapter_option.h"
#include "answer_vector.h"
#include "command_line.h"
#include "common_option.h"
#include "grove.h"
#include "grove/table.h"
#include "kernel_option.h"
#include "no_answer.h"
#include "number_option.h"
#include "profile_option.h"

enum {
    OPTION_FIRST = 256,
    OPTION_INPUTS,
    OPTION_LAYERS,
    OPTION_LOSSLESS,
    OPTION_VECTORS,
};

struct options {
    enum run_op op;
    const char *profile;
    const char *command; /* of --exec, or NULL */
    bool kernel;
    bool layers;
    bool lossless;
    bool inputs;
    bool vectors;
    uint64_t first;
    uint64_t batches;
    int timeout_ms;
};

static void check_options(const struct options *options,
                          struct argp_state *state)
{
    if (options->kernel && options->command != NULL)
        refuse_both("exec", "kernel", state);
    if (options->inputs && options->vectors)
        refuse_both("inputs", "vectors", state);
    if (options->inputs && options->command != NULL)
        refuse_both("inputs", "exec", state);
    if (options->inputs && options->kernel)
        refuse_both("inputs", "kernel", state);
    if (options->kernel && options->lossless)
        wrong_usage(state,
                    "--kernel and --lossless: no kernel has that mode; leave "
                    "one of them out");
    if (options->op == RUN_GSO && options->lossless)
        wrong_usage(state,
                    "--op gso and --lossless: the mode is for op gro; leave "
                    "one of them out");
    if (options->op == RUN_GSO && options->layers)
        wrong_usage(state,
                    "--op gso and --layers: these batches are for op gro; "
                    "leave one of them out");
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
        options->batches = parse_number("batches", text, 0, UINT64_MAX, state);
        return 0;
    case 'T':
        options->timeout_ms = parse_timeout(text, state);
        return 0;
    case OPTION_FIRST:
        options->first = parse_number("first", text, 0, UINT64_MAX, state);
        return 0;
    case OPTION_LOSSLESS:
        options->lossless = true;
        return 0;
    case OPTION_LAYERS:
        options->layers = true;
        return 0;
    case OPTION_INPUTS:
        options->inputs = true;
        return 0;
    case OPTION_VECTORS:
        options->vectors = true;
        return 0;
    case ARGP_KEY_END:
        check_options(options, state);
        return 0;
    default:
        return options_only(key, text, state);
    }
}

static void parse_options(int argc, char **argv, struct options *options)
{
    static const struct argp_option list[] = {
        {"op", 'o', "gro|gso", 0, "What to ask for (default gro)", 0},
        {"profile", 'p', "NAME", 0,
         "Profile to ask for (the newest, the only one of the adapter, or the "
         "one that the kernel's answers have)",
         0},
        {"layers", OPTION_LAYERS, NULL, 0,
         "The batches with VLAN tags and tunnels", 0},
        {"lossless", OPTION_LOSSLESS, NULL, 0, "Ask for the lossless mode", 0},
        {"exec", 'e', "CMD", 0,
         "Ask the adapter that this shell command runs, not the reference", 0},
        {"kernel", 'k', NULL, 0, "Ask the kernel of this machine", 0},
        TIMEOUT_OPTION,
        {"batches", 'n', "N", 0, "Number of batches (10000)", 0},
        {"first", OPTION_FIRST, "N", 0, "Number of the first one (0)", 0},
        {"inputs", OPTION_INPUTS, NULL, 0, "Write the inputs, not the answers",
         0},
        {"vectors", OPTION_VECTORS, NULL, 0,
         "Write a vector file, for `grove check` and for reading", 0},
        {0}};
    static const struct argp parser = {
        .options = list,
        .parser = parse_option,
        .doc = "Writes the answers of the reference to published batches, "
               "binary, for\n\n"
               "    grove accumulate --profile linux-6.18 | sha256sum\n\n"
               "vectors/accumulated/README.md describes the batches, and "
               "vectors/accumulated/SHA256SUMS has the hashes of the answers.",
    };

    *options =
        (struct options){.batches = 10000, .timeout_ms = ADAPTER_TIMEOUT_MS};
    command_line(&parser, argc, argv, options);
}

static int open_implementation(struct options *options,
                               struct implementation *implementation)
{
    if (options->kernel)
        return open_live_kernel(implementation, options->profile,
                                &options->profile);
    if (options->command != NULL)
        return open_adapter_profile(implementation, options->command,
                                    options->timeout_ms, &options->profile);
    if (options->profile == NULL)
        options->profile = newest_profile();
    reference_open(implementation);
    return GROVE_EXIT_HOLDS;
}

static void write_vector(const struct run *run, const struct answer *answer,
                         const char *name, uint64_t number, bool first)
{
    char id[64];

    snprintf(id, sizeof id, "accumulated-%s-%" PRIu64,
             run->config.link == GROVE_LINK_ETHERNET ? "layers"
             : run->op == RUN_GSO                    ? "gso"
                                                     : "gro",
             number);
    fputs(first ? "" : ",", stdout);
    print_answer(id, id, run, answer, answer->rule, name);
}

/* Returns an exit code; if nothing can be written there was a message. */
static int judge(const struct implementation *implementation,
                 const struct answer *answer, uint64_t number)
{
    char batch[32];

    snprintf(batch, sizeof batch, "batch %" PRIu64, number);
    if (answer->kind == ANSWER_OUTPUT || answer->kind == ANSWER_REJECTED)
        return GROVE_EXIT_HOLDS;
    if (no_answer(implementation, batch, answer))
        return GROVE_EXIT_USAGE;
    complain("%s: no answer: %s", batch, answer->reason);
    return answer->kind == ANSWER_SKIPPED ? GROVE_EXIT_SKIPPED
                                          : GROVE_EXIT_DIFFERS;
}

static int write_batch(const struct options *options,
                       struct implementation *implementation,
                       const struct run *run, struct answer *answer,
                       uint64_t number)
{
    const bool reference = options->command == NULL && !options->kernel;
    int status;

    if (options->inputs) {
        accumulate_input(stdout, run);
        return GROVE_EXIT_HOLDS;
    }
    implementation->ask(implementation->self, run, answer);
    status = judge(implementation, answer, number);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    if (options->vectors)
        write_vector(run, answer, reference ? "model" : implementation->name,
                     number, number == options->first);
    else
        accumulate_answer(stdout, run, answer);
    return GROVE_EXIT_HOLDS;
}

static void make_batch(const struct options *options, uint64_t number,
                       struct arena *arena, struct run *run)
{
    if (options->layers) {
        accumulate_layered_batch(options->profile, options->lossless, number,
                                 arena, run);
        return;
    }
    accumulate_batch(options->op, number, arena, run);
    run->profile = options->profile;
    run->config.lossless = options->lossless;
}

static int write_batches(const struct options *options,
                         struct implementation *implementation)
{
    struct answer answer = {0};
    struct arena arena = {0};
    struct run run;
    int status = GROVE_EXIT_HOLDS;

    for (uint64_t i = 0; i < options->batches && status == GROVE_EXIT_HOLDS;
         i++) {
        arena_reset(&arena);
        make_batch(options, options->first + i, &arena, &run);
        status = write_batch(options, implementation, &run, &answer,
                             options->first + i);
        if (i % 1000 == 0)
            progress("%" PRIu64 " of %" PRIu64 " batches", i, options->batches);
    }
    progress_end();
    answer_free(&answer);
    arena_free(&arena);
    return status;
}

int cmd_accumulate(int argc, char **argv)
{
    struct options options;
    struct implementation implementation = {0};
    int status;

    parse_options(argc, argv, &options);
    status = open_implementation(&options, &implementation);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    if (options.vectors)
        fputs("{\"schema\":1,\"suite\":\"accumulated\","
              "\"spec\":\"" GROVE_SPEC_VERSION "\",\"vectors\":[\n",
              stdout);
    status = write_batches(&options, &implementation);
    if (options.vectors)
        fputs("]}\n", stdout);
    implementation_close(&implementation);
    return status;
}
