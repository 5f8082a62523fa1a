/* SPDX-License-Identifier: MIT */
/*
 * `grove diff`: compares the reference with the live kernel or an adapter on
 * random batches, or checks the promise of its lossless mode.
 */
#include <argp.h>
#include <inttypes.h>
#include <string.h>

#include "adapter.h"
#include "adapter_option.h"
#include "answer_vector.h"
#include "command_line.h"
#include "common_option.h"
#include "diff_op.h"
#include "diff_shape.h"
#include "grove.h"
#include "grove/table.h"
#include "layers_option.h"
#include "level_ask.h"
#include "level_option.h"
#include "level_report.h"
#include "no_answer.h"
#include "number_option.h"
#include "profile_option.h"
#include "shrink.h"

/* A difference must be repeated so often, as a kernel may be disturbed. */
#define CONFIRMATIONS 3

/* With --all, so many differences of a shape are reduced and printed; one if
 * the shape is a kind of harm. */
#define SHOWN 5

/* The most segments that are printed of one packet. */
#define MAX_OUTPUTS 12

enum { OPTION_PROFILE = 256, OPTION_MAX_BYTES };

struct options {
    const struct diff_op *op;
    const char *command; /* of --exec, or NULL */
    uint64_t batches;
    uint64_t seed;
    const char *profile;
    int timeout_ms;
    bool all;       /* go on after a difference */
    bool has_level; /* false: what the adapter claims, or else exact */
    struct layers_option layers;
    uint32_t max_bytes; /* 0: the usual limit */
    enum level level;
};

struct diff {
    struct options options;
    struct implementation right; /* its answer is expected */
    struct implementation grove;
    struct answer expected;
    struct answer got;
    struct arena arena; /* holds a batch */
    struct arena words; /* holds the text of a comparison */
    uint64_t packets;
    uint64_t big; /* super-packets over the usual limit */
    uint64_t skipped;
    uint64_t vanished; /* differences that were not repeated */
    struct judge judge;
    struct judgement judgement; /* of the last answer, below exact */
    struct tally tally;         /* of all batches, below exact */
    struct diff_shapes shapes;
    const struct diff_shape *wanted; /* of differs_alike() */
};

static void check_options(const struct options *options,
                          struct argp_state *state)
{
    if (options->command != NULL && !options->op->kernel)
        wrong_usage(
            state,
            "--exec and --op %s: this op needs no adapter; leave --exec out",
            options->op->name);
    if (options->has_level && !options->op->kernel)
        wrong_usage(
            state,
            "--level and --op %s: this op has one level; leave --level out",
            options->op->name);
}

static void check_fraglist(const struct options *options,
                           struct argp_state *state)
{
    const struct run_config *config = &options->layers.config;

    if (!config->fraglist)
        return;
    if (strcmp(options->op->name, "gro") != 0)
        wrong_usage(state,
                    "--fraglist and --op %s: only gro makes lists; "
                    "leave --fraglist out",
                    options->op->name);
    if (config->link != GROVE_LINK_NONE || config->tunnel_count != 0)
        wrong_usage(state, "--fraglist: packets have no link and no tunnels; "
                           "leave --link and --tunnels out");
}

static void check_hash(const struct options *options, struct argp_state *state)
{
    const struct run_config *config = &options->layers.config;

    if (config->hash && strcmp(options->op->name, "gro") != 0)
        wrong_usage(state,
                    "--hash and --op %s: only gro reads hashes; leave --hash "
                    "out",
                    options->op->name);
    if (config->hash && config->fraglist)
        wrong_usage(state, "--hash and --fraglist: packets of lists have no "
                           "hash; leave one of them out");
}

static void check_layers(const struct options *options,
                         struct argp_state *state)
{
    const struct diff_op *op = options->op;

    check_fraglist(options, state);
    check_hash(options, state);
    if (options->layers.given && op->covers != NULL &&
        !op->covers(&options->layers.config))
        wrong_usage(state,
                    "--op %s: lossless mode has tunnels over UDP only, with "
                    "--link ethernet and --vnet-len 24",
                    op->name);
}

static void check_max_bytes(const struct options *options,
                            struct argp_state *state)
{
    if (options->max_bytes == 0)
        return;
    if (options->op->generate_big == NULL)
        wrong_usage(state,
                    "--max-bytes and --op %s: only op gro has it; leave "
                    "--max-bytes out",
                    options->op->name);
    if (options->layers.given || options->layers.random)
        wrong_usage(state, "--max-bytes is for packets without a link and "
                           "tunnels; leave --fraglist, --hash, --layers, "
                           "--link, --tunnels and --vnet-len out");
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'o':
        options->op = diff_op_find(text);
        if (options->op == NULL)
            wrong_usage(state, "--op %s: give gro, gso or roundtrip", text);
        return 0;
    case 'e':
        options->command = text;
        return 0;
    case 'n':
        options->batches = parse_number("batches", text, 0, UINT64_MAX, state);
        return 0;
    case 's':
        options->seed = parse_number("seed", text, 0, UINT64_MAX, state);
        return 0;
    case 'T':
        options->timeout_ms = parse_timeout(text, state);
        return 0;
    case OPTION_LEVEL:
        options->level = parse_level(text, state);
        options->has_level = true;
        return 0;
    case 'a':
        options->all = true;
        return 0;
    case OPTION_LINK:
    case OPTION_TUNNELS:
    case OPTION_LAYERS:
    case OPTION_VNET_LEN:
    case OPTION_FRAGLIST:
    case OPTION_HASH:
        parse_layers(&options->layers, key, text, state);
        return 0;
    case OPTION_MAX_BYTES:
        options->max_bytes = (uint32_t)parse_number(
            "max-bytes", text, GROVE_DEFAULT_BYTES + 1, GROVE_MAX_BYTES, state);
        return 0;
    case OPTION_PROFILE:
        options->profile = parse_profile(text, state);
        return 0;
    case ARGP_KEY_END:
        check_options(options, state);
        check_layers(options, state);
        check_max_bytes(options, state);
        return 0;
    default:
        return options_only(key, text, state);
    }
}

static void parse_options(int argc, char **argv, struct options *options)
{
    static const struct argp_option list[] = {
        {"op", 'o', "gro|gso|roundtrip", 0,
         "gro (default): coalescing; gso: segmentation; roundtrip: lossless "
         "coalescing, whose outputs are segmented again and compared with the "
         "inputs. It needs no kernel",
         0},
        {"exec", 'e', "COMMAND", 0,
         "Compare with this adapter, not with the kernel of this machine", 0},
        {"all", 'a', NULL, 0,
         "Go on after a difference, and count the shapes of all. The first "
         "ones of each shape are printed",
         0},
        {"batches", 'n', "N", 0, "Number of batches (default 20000)", 0},
        {"seed", 's', "S", 0, "Seed of the batches (default 1)", 0},
        LAYERS_OPTIONS,
        {"max-bytes", OPTION_MAX_BYTES, "N", 0,
         "Long super-packets, of up to N bytes (65536 to 524280; BIG TCP)", 0},
        {"fraglist", OPTION_FRAGLIST, NULL, 0,
         "Coalesce into lists of packets, as with rx-gro-list", 0},
        {"hash", OPTION_HASH, NULL, 0,
         "Packets have hashes, as those of a network card with RSS", 0},
        LEVEL_OPTION,
        TIMEOUT_OPTION,
        {"profile", OPTION_PROFILE, "NAME", 0,
         "Profile to compare under, if the adapter has several; for the "
         "kernel, instead of the one that its answers have; the only profile "
         "for roundtrip, which otherwise tries all",
         0},
        {0}};
    static const struct argp parser = {
        .options = list,
        .parser = parse_option,
        .doc = "Compares the reference with the kernel of this machine or with "
               "an adapter on structured random batches.\v"
               "A difference is reduced to the fewest packets and printed, "
               "with a vector to paste. At the end a table shows how often "
               "each rule decided. A rule that never decided is an error.\n\n"
               "Exit status: 0 no difference, 1 a difference or an error, 2 "
               "wrong usage, or no answer, 77 nothing could be compared.",
    };

    *options = (struct options){.op = diff_op_find("gro"),
                                .batches = 20000,
                                .seed = 1,
                                .timeout_ms = ADAPTER_TIMEOUT_MS};
    command_line(&parser, argc, argv, options);
}

/* True if the other side gives no answer to the last question, nor to more. */
static bool has_ended(const struct diff *diff)
{
    return diff->expected.kind == ANSWER_LOST;
}

/* Compares the last answers at the level that is asked for. */
static bool disagree(struct diff *diff, const struct run *run, const char **why)
{
    const enum level level = diff->options.level;
    bool agree = answers_agree(&diff->expected, &diff->got, &diff->words, why);

    if (level == LEVEL_EXACT)
        return !agree;
    diff->judgement =
        judge_answer(&diff->judge, run, &diff->got, &diff->expected);
    if (diff->judgement.level == LEVEL_UNSAFE)
        *why = diff->judgement.why;
    return diff->judgement.level > level;
}

/*
 * True if the answers to `run` differ. Both are stored in `diff`, and *why says
 * what the difference is, unless the question was skipped.
 */
static bool differs(struct diff *diff, const struct run *run, const char **why)
{
    /* Shrinking may leave no packet. */
    if (run->op == RUN_GSO && !run_splits(run))
        return false;
    diff->grove.ask(diff->grove.self, run, &diff->got);
    level_ask(&diff->right, diff->options.level, run, &diff->expected);
    arena_reset(&diff->words);
    if (diff->expected.kind == ANSWER_SKIPPED) {
        diff->skipped++;
        return false;
    }
    return !has_ended(diff) && disagree(diff, run, why);
}

static bool differs_always(void *context, const struct run *run)
{
    const char *why;

    for (int i = 0; i < CONFIRMATIONS; i++)
        if (!differs(context, run, &why))
            return false;
    return true;
}

/* The shape of what is not safe: the kind of harm, and the field. */
static struct diff_shape shape_of_harm(const struct judgement *judgement)
{
    struct diff_shape shape;

    snprintf(shape.text, SHAPE_LEN, "%s %s %s", level_words(judgement->level),
             harm_words(judgement->harm),
             judgement->field != NULL ? judgement->field : "");
    return shape;
}

/*
 * The shape of a difference between the last answers, with the first rules of
 * the reference for all packets.
 */
static struct diff_shape shape_of(const struct diff *diff, const char *why)
{
    const struct answer *got = &diff->got;
    char rules[SHAPE_LEN / 2] = "";
    size_t used = 0;

    if (diff->options.level != LEVEL_EXACT)
        return shape_of_harm(&diff->judgement);
    if (got->rule != NULL)
        return diff_shape(why, got->rule);
    for (size_t i = 0; i < got->fates && used < sizeof rules; i++)
        if (got->fate[i].rule != NULL)
            used += (size_t)snprintf(rules + used, sizeof rules - used, "%s ",
                                     got->fate[i].rule);
    return diff_shape(why, rules);
}

/* Whether they differ always, with the shape that is wanted. */
static bool differs_alike(void *context, const struct run *run)
{
    struct diff *diff = context;
    struct diff_shape shape;
    const char *why;

    if (!differs(diff, run, &why))
        return false;
    shape = shape_of(diff, why);
    return strcmp(shape.text, diff->wanted->text) == 0 &&
           differs_always(diff, run);
}

static void print_rule(const char *id)
{
    if (id != NULL)
        printf(", %s: %s", id, grove_rule_words(grove_rule_find(id)));
    putchar('\n');
}

static void print_fates(const struct answer *answer)
{
    if (answer->rule != NULL) {
        fputs("  decided", stdout);
        print_rule(answer->rule);
    }
    for (size_t i = 0; i < answer->fates; i++) {
        const struct run_fate *fate = &answer->fate[i];

        printf("  packet %zu: %s", i, grove_verdict_words(fate->verdict));
        print_rule(fate->rule);
    }
}

/* A kernel names no rules, so only its outputs are printed. */
static void print_outputs(const struct answer *answer)
{
    for (size_t i = 0; i < answer->outputs && i < MAX_OUTPUTS; i++) {
        const struct run_output *output = &answer->output[i];

        printf("  output %zu: %zu bytes, gso_type %d, gso_size %d, flags %d\n",
               i, output->len, output->vnet.gso_type, output->vnet.gso_size,
               output->vnet.flags);
    }
    if (answer->outputs > MAX_OUTPUTS)
        printf("  ... and %zu more\n", answer->outputs - MAX_OUTPUTS);
}

static bool answered(const struct answer *answer)
{
    return answer->kind == ANSWER_OUTPUT || answer->kind == ANSWER_REJECTED;
}

/* The kernel of a vector's field `confirmed`; an adapter confirms nothing. */
static const char *confirmed_by(const struct diff *diff)
{
    if (diff->options.command != NULL)
        return NULL;
    return diff->options.op->kernel ? diff->right.name : "model";
}

static void print_vector(const struct diff *diff, const struct run *run,
                         const struct answer *expected, uint64_t number)
{
    const struct diff_op *op = diff->options.op;
    char id[64];

    snprintf(id, sizeof id, "diff-%s-%" PRIu64 "-%" PRIu64, op->name,
             diff->options.seed, number);
    /* The rule is that of the reference, since no kernel names one. */
    print_answer(id,
                 op->kernel ? "the reference gives another answer"
                            : "a split does not give the packets back",
                 run, expected, diff->got.rule, confirmed_by(diff));
}

/* Prints the difference as a vector, if one can express it. */
static void offer_vector(const struct diff *diff, const struct run *run,
                         uint64_t number)
{
    struct implementation reference;
    struct answer coalesced = {0};

    if (run->config.csum_offload) {
        puts("the receiver computes checksums, which no vector can express");
    } else if (diff->options.op->kernel) {
        const bool right = answered(&diff->expected);

        printf("as a vector, which expects the answer of %s:\n",
               right ? diff->right.name : diff->grove.name);
        print_vector(diff, run, right ? &diff->expected : &diff->got, number);
    } else {
        reference_open(&reference);
        reference.ask(reference.self, run, &coalesced);
        puts("as a vector, which expects what the reference splits:");
        print_vector(diff, run, &coalesced, number);
        answer_free(&coalesced);
        implementation_close(&reference);
    }
}

/* Makes the run as small as it can be. A vector is to express it. */
static void reduce(struct diff *diff, struct run *run)
{
    struct diff_shape shape = shape_of_harm(&diff->judgement);
    const char *why = "";

    diff->wanted = &shape;
    if (diff->options.level != LEVEL_EXACT) {
        shrink_run(run, differs_alike, diff, &diff->arena);
    } else {
        shrink_run(run, differs_always, diff, &diff->arena);
        differs(diff, run, &why);
        shape = shape_of(diff, why);
    }
    if (run->config.csum_offload) {
        run->config.csum_offload = false;
        run->config.csum_offload = !differs_alike(diff, run);
    }
    shrink_fields(run, differs_alike, diff, &diff->arena);
}

static void report(struct diff *diff, struct run *run, uint64_t number)
{
    const char *why = "";

    progress_end();
    reduce(diff, run);
    differs(diff, run, &why);
    printf("batch %" PRIu64 " of seed %" PRIu64
           " differs; shrunk to %zu packets:\n%s\n",
           number, diff->options.seed, run_packets(run), why);
    printf("%s:\n", diff->right.name);
    print_outputs(&diff->expected);
    printf("%s:\n", diff->grove.name);
    print_outputs(&diff->got);
    print_fates(&diff->got);
    offer_vector(diff, run, number);
}

/*
 * Says that the difference `why` was not repeated. Returns an exit code: a
 * kernel may have been disturbed, an adapter may not keep anything.
 */
static int report_once(struct diff *diff, const char *why, uint64_t number)
{
    if (diff->options.command == NULL) {
        diff->vanished++;
        complain("batch %" PRIu64 " differed, but not when asked again: %.*s",
                 number, (int)strcspn(why, "\n"), why);
        return GROVE_EXIT_HOLDS;
    }
    progress_end();
    printf("batch %" PRIu64 " of seed %" PRIu64
           " differs, but not when asked again; it depends on earlier "
           "questions:\n%s\n",
           number, diff->options.seed, why);
    return GROVE_EXIT_DIFFERS;
}

/* Counts the difference `why`, and prints it if its shape is rare so far. */
static void note(struct diff *diff, struct run *run, uint64_t number,
                 const char *why)
{
    const bool exact = diff->options.level == LEVEL_EXACT;
    const struct diff_shape shape = exact ? diff_shape(why, diff->got.rule)
                                          : shape_of_harm(&diff->judgement);

    if (diff_shapes_count(&diff->shapes, &shape) < (exact ? SHOWN : 1))
        report(diff, run, number);
}

/* Counts the level of a batch that was answered. */
static void count_level(struct diff *diff, const struct run *run)
{
    const struct tally_question question = {.run = run};

    if (diff->options.level != LEVEL_EXACT && !has_ended(diff) &&
        diff->expected.kind != ANSWER_SKIPPED)
        tally_add(&diff->tally, &question, &diff->judgement);
}

/* Counts the super-packets of a batch that are longer than usual. */
static void count_big(struct diff *diff)
{
    for (size_t i = 0; i < diff->expected.outputs; i++)
        if (diff->expected.output[i].vnet.gso_type != GROVE_VNET_GSO_NONE &&
            diff->expected.output[i].len > GROVE_DEFAULT_BYTES)
            diff->big++;
}

/* Compares a batch. Returns an exit code. */
static int compare(struct diff *diff, struct run *run, uint64_t number)
{
    const char *why = "";
    char batch[32];
    const bool found = differs(diff, run, &why);

    count_level(diff, run);
    count_big(diff);
    if (found) {
        const char *first = arena_printf(&diff->arena, "%s", why);

        if (differs_always(diff, run)) {
            note(diff, run, number, first);
            return diff->options.all ? GROVE_EXIT_HOLDS : GROVE_EXIT_DIFFERS;
        }
        if (!has_ended(diff))
            return report_once(diff, first, number);
    }
    snprintf(batch, sizeof batch, "batch %" PRIu64, number);
    return no_answer(&diff->right, batch, &diff->expected) ? GROVE_EXIT_USAGE
                                                           : GROVE_EXIT_HOLDS;
}

/* Makes batch `number`. */
static void generate(struct diff *diff, uint64_t number, struct run *run)
{
    const struct options *options = &diff->options;
    const struct diff_op *op = options->op;
    struct run_config layers;

    if (options->max_bytes != 0)
        op->generate_big(options->seed, number, options->profile,
                         options->max_bytes, &diff->arena, run);
    else if (layers_of_batch(&options->layers, options->seed, number, &layers))
        op->generate_layers(options->seed, number, options->profile, &layers,
                            &diff->arena, run);
    else
        op->generate(options->seed, number, options->profile, &diff->arena,
                     run);
    /* The adapter protocol cannot express this question. */
    if (options->command != NULL)
        run->config.csum_offload = false;
}

/* Stops at the first difference without --all. Returns an exit code. */
static int compare_all(struct diff *diff)
{
    struct run run;
    int status = GROVE_EXIT_HOLDS;

    for (uint64_t i = 0;
         i < diff->options.batches && status == GROVE_EXIT_HOLDS; i++) {
        arena_reset(&diff->arena);
        generate(diff, i, &run);
        diff->packets += run_packets(&run);
        status = compare(diff, &run, i);
        if (i % 1000 == 0)
            progress("%" PRIu64 " of %" PRIu64 " batches", i,
                     diff->options.batches);
    }
    progress_end();
    return status;
}

/* Whether some batches reach what the rule is about. */
static bool is_reached(const struct diff *diff, enum grove_rule rule)
{
    const struct options *options = &diff->options;

    return options->op->exercises(rule, options->profile, &options->layers) &&
           (options->max_bytes != 0 || !rule_needs_bytes(rule));
}

/* Whether a rule that is reached must have decided. */
static bool must_decide(const struct diff *diff, enum grove_rule rule)
{
    if (rule_needs_pppoe(rule))
        return false;
    return diff->options.max_bytes != 0
               ? rule_needs_bytes(rule)
               : !diff->options.layers.given || rule_needs_fraglist(rule);
}

/* Prints how many super-packets are long; true if that is what it has to be. */
static bool print_big(const struct diff *diff)
{
    if (diff->options.max_bytes == 0)
        return true;
    printf("%12" PRIu64 "  super-packets over %d bytes\n", diff->big,
           GROVE_DEFAULT_BYTES);
    if (diff->big == 0)
        complain("no super-packet was over %d bytes: raise --batches",
                 GROVE_DEFAULT_BYTES);
    return diff->big != 0;
}

/* Prints the count of each rule; true if every rule that must decide did. */
static bool print_counts(const struct diff *diff)
{
    const struct diff_op *op = diff->options.op;
    bool all = true;

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        const uint64_t count = op->count(&diff->grove, rule);

        if (!is_reached(diff, rule))
            continue;
        printf("%12" PRIu64 "  %s  %s\n", count, grove_rule_id(rule),
               grove_rule_words(rule));
        if (count == 0 && must_decide(diff, rule)) {
            complain("%s was never exercised: raise --batches",
                     grove_rule_id(rule));
            all = false;
        }
    }
    return all;
}

static int run_diff(struct diff *diff)
{
    const int status = compare_all(diff);
    bool all;

    if (diff->options.level != LEVEL_EXACT)
        level_lines(stdout, "", &diff->tally);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    if (diff->skipped != 0 && diff->skipped == diff->options.batches) {
        complain("nothing was compared: %s", diff->expected.reason);
        return GROVE_EXIT_SKIPPED;
    }
    if (diff->shapes.count > 0) {
        puts("batches that differ, by the rule that decided and the shape:");
        diff_shapes_print(&diff->shapes, stdout);
        return GROVE_EXIT_DIFFERS;
    }
    all = print_counts(diff);
    all = print_big(diff) && all;
    printf("%" PRIu64 " batches, %" PRIu64 " packets, %" PRIu64
           " skipped, %" PRIu64
           " differed only once: %s and %s do not differ\n",
           diff->options.batches, diff->packets, diff->skipped, diff->vanished,
           diff->grove.name, diff->right.name);
    return all ? GROVE_EXIT_HOLDS : GROVE_EXIT_DIFFERS;
}

static int open_sides(struct diff *diff)
{
    struct options *options = &diff->options;
    int status;

    if (options->command == NULL)
        return options->op->open(&diff->right, &diff->grove, &options->profile);
    status = open_adapter_profile(&diff->right, options->command,
                                  options->timeout_ms, &options->profile);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    reference_open(&diff->grove);
    if (options->has_level)
        return status;
    return claimed_level(&diff->right, options->command, &options->level);
}

int cmd_diff(int argc, char **argv)
{
    struct diff diff = {0};
    int status;

    parse_options(argc, argv, &diff.options);
    status = open_sides(&diff);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    judge_open(&diff.judge);
    status = run_diff(&diff);
    implementation_close(&diff.grove);
    implementation_close(&diff.right);
    judge_close(&diff.judge);
    tally_free(&diff.tally);
    answer_free(&diff.expected);
    answer_free(&diff.got);
    arena_free(&diff.arena);
    arena_free(&diff.words);
    return status;
}
