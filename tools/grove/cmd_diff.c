/* SPDX-License-Identifier: MIT */
/* `grove diff`: the reference against the live kernel on random batches. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "generate.h"
#include "grove.h"
#include "kernel_option.h"
#include "profile_option.h"
#include "shrink.h"
#include "vector.h"

/* A difference must show this often: the kernel's answer may be disturbed. */
#define CONFIRMATIONS 3

enum { OPTION_PROFILE = 256 };

struct options {
    uint64_t batches;
    uint64_t seed;
    const char *profile;
};

struct diff {
    struct options options;
    struct implementation reference;
    struct implementation kernel;
    struct answer expected; /* the kernel's */
    struct answer got;      /* the reference's */
    struct arena arena;     /* of a batch */
    struct arena words;     /* of a comparison */
    uint64_t packets;
    uint64_t skipped;
};

static uint64_t parse_number(const char *text, struct argp_state *state,
                             const char *name)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || end == text || text[0] == '-')
        argp_failure(state, GROVE_EXIT_USAGE, 0, "--%s %s: give a whole number",
                     name, text);
    return value;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'n':
        options->batches = parse_number(text, state, "batches");
        return 0;
    case 's':
        options->seed = parse_number(text, state, "seed");
        return 0;
    case OPTION_PROFILE:
        options->profile = parse_profile(text, state);
        return 0;
    case ARGP_KEY_ARG:
        argp_failure(state, GROVE_EXIT_USAGE, 0, "%s: it takes options only",
                     text);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse_options(int argc, char **argv, struct options *options)
{
    static const struct argp_option list[] = {
        {"batches", 'n', "N", 0, "Number of batches (default 20000)", 0},
        {"seed", 's', "S", 0, "Seed of the batches (default 1)", 0},
        {"profile", OPTION_PROFILE, "NAME", 0,
         "Profile of a kernel that no profile names", 0},
        {0}};
    static const struct argp parser = {
        .options = list,
        .parser = parse_option,
        .doc = "Compare the reference with the kernel of this machine on "
               "structured random batches.\vA difference is printed shrunk "
               "to the fewest packets, with a vector to paste. At the end "
               "stands how often each rule decided; a rule that never did "
               "is an error.",
    };

    *options = (struct options){.batches = 20000, .seed = 1};
    argp_parse(&parser, argc, argv, 0, NULL, options);
}

/* Whether the answers to `run` differ; both are in `diff` then. */
static bool differs(struct diff *diff, const struct run *run, const char **why)
{
    diff->reference.ask(diff->reference.self, run, &diff->got);
    diff->kernel.ask(diff->kernel.self, run, &diff->expected);
    arena_reset(&diff->words);
    if (diff->expected.kind == ANSWER_SKIPPED) {
        diff->skipped++;
        return false;
    }
    return !answers_agree(&diff->expected, &diff->got, &diff->words, why);
}

static bool differs_always(void *context, const struct run *run)
{
    const char *why;

    for (int i = 0; i < CONFIRMATIONS; i++)
        if (!differs(context, run, &why))
            return false;
    return true;
}

static void print_fates(const struct answer *answer)
{
    for (size_t i = 0; i < answer->fates; i++) {
        const struct run_fate *fate = &answer->fate[i];

        printf("  packet %zu: %s", i, grove_verdict_words(fate->verdict));
        if (fate->rule != NULL)
            printf(", %s: %s", fate->rule,
                   grove_rule_words(grove_rule_find(fate->rule)));
        putchar('\n');
    }
}

/* The kernel names no rules: what left, and how, is its side of it. */
static void print_outputs(const struct answer *answer)
{
    for (size_t i = 0; i < answer->outputs; i++) {
        const struct run_output *output = &answer->output[i];

        printf("  output %zu: %zu bytes, gso_type %d, gso_size %d, flags %d\n",
               i, output->len, output->vnet.gso_type, output->vnet.gso_size,
               output->vnet.flags);
    }
}

static void print_vector(struct diff *diff, const struct run *run,
                         uint64_t number)
{
    const struct vector_expect expect = {run->profile, diff->expected};
    char id[64];
    const char *id_at = id;
    const struct vector vector = {
        .id = id,
        .title = "the reference and the kernel differ",
        .rules = {&id_at, 0},
        .run = *run,
        .expect = &expect,
        .expects = 1,
        .confirmed = {&diff->kernel.name, 1},
    };

    snprintf(id, sizeof id, "diff-%" PRIu64 "-%" PRIu64, diff->options.seed,
             number);
    vector_print(stdout, &vector);
}

static void report(struct diff *diff, struct run *run, uint64_t number)
{
    const char *why = "";

    progress_end();
    shrink_run(run, differs_always, diff, &diff->arena);
    differs(diff, run, &why);
    printf("batch %" PRIu64 " of seed %" PRIu64
           " differs; shrunk to %zu packets:\n%s\n",
           number, diff->options.seed, run_packets(run), why);
    printf("%s:\n", diff->kernel.name);
    print_outputs(&diff->expected);
    puts("grove:");
    print_outputs(&diff->got);
    print_fates(&diff->got);
    puts("as a vector, its expectation the kernel's:");
    print_vector(diff, run, number);
}

/* True if no batch differs. Stops at the first that does. */
static bool compare_all(struct diff *diff)
{
    struct run run;
    const char *why;

    for (uint64_t i = 0; i < diff->options.batches; i++) {
        arena_reset(&diff->arena);
        generate_batch(diff->options.seed, i, diff->options.profile,
                       &diff->arena, &run);
        diff->packets += run_packets(&run);
        if (differs(diff, &run, &why) && differs_always(diff, &run)) {
            report(diff, &run, i);
            return false;
        }
        if (i % 1000 == 0)
            progress("%" PRIu64 " of %" PRIu64 " batches", i,
                     diff->options.batches);
    }
    progress_end();
    return true;
}

/* The count by rule; true if none that applies was left out. */
static bool print_counts(const struct diff *diff)
{
    const uint64_t *counts = reference_counts(&diff->reference);
    bool all = true;

    for (int i = GROVE_RULE_NONE + 1; i < GROVE_RULE_COUNT; i++) {
        const enum grove_rule rule = (enum grove_rule)i;

        if (!grove_rule_in_kernel(rule, diff->options.profile))
            continue;
        printf("%12" PRIu64 "  %s  %s\n", counts[rule], grove_rule_id(rule),
               grove_rule_words(rule));
        if (counts[rule] == 0) {
            complain("%s was never exercised: raise --batches",
                     grove_rule_id(rule));
            all = false;
        }
    }
    return all;
}

static int run_diff(struct diff *diff)
{
    const bool same = compare_all(diff);
    bool all;

    if (!same)
        return GROVE_EXIT_DIFFERS;
    all = print_counts(diff);
    printf("%" PRIu64 " batches, %" PRIu64 " packets, %" PRIu64
           " skipped: grove and %s do not differ\n",
           diff->options.batches, diff->packets, diff->skipped,
           diff->kernel.name);
    return all ? GROVE_EXIT_HOLDS : GROVE_EXIT_DIFFERS;
}

int cmd_diff(int argc, char **argv)
{
    struct diff diff = {0};
    int status;

    parse_options(argc, argv, &diff.options);
    status = open_live_kernel(&diff.kernel, diff.options.profile,
                              &diff.options.profile);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    reference_open(&diff.reference);
    status = run_diff(&diff);
    implementation_close(&diff.reference);
    implementation_close(&diff.kernel);
    answer_free(&diff.expected);
    answer_free(&diff.got);
    arena_free(&diff.arena);
    arena_free(&diff.words);
    return status;
}
