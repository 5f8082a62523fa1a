/* SPDX-License-Identifier: MIT */
/*
 * grove gen: makes golden vectors from captures. The kernel of this machine
 * gives the expected outputs, and the reference must agree. The reference adds
 * what a kernel does not tell: the packets of each output, and the rules that
 * decided.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"
#include "common_option.h"
#include "gen_name.h"
#include "gen_vector.h"
#include "grove.h"
#include "kernel_option.h"
#include "no_answer.h"
#include "profile_option.h"
#include "stop_signal.h"

enum { OPTION_GAP = 256, OPTION_UNCONFIRMED, OPTION_PROFILE, OPTION_CSUM };

struct options {
    char **captures; /* paths, NULL-terminated */
    size_t count;
    const char *out;
    const char *profile;
    int64_t gap;
    bool unconfirmed;
    bool trusted; /* announce checksums that were left to the hardware */
};

struct gen {
    const struct options *options;
    const char *profile;
    const char *confirmed;
    struct implementation kernel; /* closed if unconfirmed */
    struct implementation reference;
    struct answer expected;
    struct answer got;
    int stop;                 /* readable after a signal */
    const char *const *stems; /* of the ids, one for each capture */
    struct vector_file file;  /* all but its vectors */
    struct vector_writer *writer;
    struct arena arena; /* holds the vector that is being made */
    size_t vectors;
    size_t polls;
    struct frame_counts counts;
    struct findings findings;
    struct tally tally;
    struct strings broken; /* what was said of cut captures, one line each */
};

/* A capture that is being read. */
struct source_capture {
    const char *path;
    const char *stem;
    const char *label;
    size_t vectors; /* made of it */
};

static const struct argp_option option_list[] = {
    {"output", 'o', "OUT.json", 0, "The vector file to write", 0},
    GAP_OPTION(OPTION_GAP),
    {"profile", OPTION_PROFILE, "NAME", 0,
     "Profile of --unconfirmed; of the kernel, instead of the one that its "
     "answers have",
     0},
    {"unconfirmed", OPTION_UNCONFIRMED, NULL, 0,
     "Ask only the reference; the vectors say that no kernel confirmed them",
     0},
    CSUM_OPTION(OPTION_CSUM),
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'o':
        options->out = argument;
        break;
    case OPTION_GAP:
        options->gap = parse_gap(argument, state);
        break;
    case OPTION_PROFILE:
        options->profile = parse_profile(argument, state);
        break;
    case OPTION_CSUM:
        options->trusted = parse_csum(argument, state);
        break;
    case OPTION_UNCONFIRMED:
        options->unconfirmed = true;
        break;
    case ARGP_KEY_ARGS:
        options->captures = &state->argv[state->next];
        options->count = (size_t)(state->argc - state->next);
        break;
    case ARGP_KEY_END:
        if (options->count == 0)
            wrong_usage(state, "no capture to read");
        if (options->out == NULL)
            wrong_usage(state, "no file to write; give -o OUT.json");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Opens the kernel unless --unconfirmed is given, and finds the profile. */
static int open_authority(struct gen *gen)
{
    const struct options *options = gen->options;
    int status = GROVE_EXIT_HOLDS;

    if (options->unconfirmed) {
        gen->confirmed = GEN_MODEL;
        gen->profile =
            options->profile != NULL ? options->profile : newest_profile();
        return status;
    }
    status = open_live_kernel(&gen->kernel, options->profile, &gen->profile);
    gen->confirmed = gen->kernel.name;
    return status;
}

/* Compares the reference with the kernel, and shows a difference. */
static int compare(struct gen *gen, const struct run *run,
                   const struct gen_polls *polls, const char *id)
{
    const char *why;

    if (gen->options->unconfirmed)
        return GROVE_EXIT_HOLDS;
    gen->kernel.ask(gen->kernel.self, run, &gen->expected);
    if (no_answer(&gen->kernel, id, &gen->expected))
        return GROVE_EXIT_USAGE;
    if (gen->expected.kind != ANSWER_OUTPUT) {
        complain("%s: %s gave no answer: %s", id, gen->confirmed,
                 gen->expected.reason);
        return GROVE_EXIT_USAGE;
    }
    if (answers_agree(&gen->expected, &gen->got, &gen->arena, &why))
        return GROVE_EXIT_HOLDS;
    complain("%s, frames %u to %u: the reference differs from %s; nothing is "
             "written\n%s",
             id, polls->frames[0], polls->frames[polls->packets - 1],
             gen->confirmed, why);
    return GROVE_EXIT_DIFFERS;
}

/* Adds what the reference gives under the other profiles. */
static void add_profiles(struct gen *gen, struct run run, struct vector *vector)
{
    struct answer got = {0};

    for (const char *const *name = grove_profiles(); *name != NULL; name++) {
        if (strcmp(*name, gen->profile) == 0)
            continue;
        run.profile = *name;
        gen->reference.ask(gen->reference.self, &run, &got);
        gen_vector_add(vector, *name, &got, &gen->arena);
    }
    answer_free(&got);
}

/* How often each rule has decided so far, by rule. */
static uint64_t *count_rules(struct gen *gen)
{
    uint64_t *counts =
        arena_alloc(&gen->arena, grove_rule_limit(), sizeof *counts);

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        counts[rule] = reference_count(&gen->reference, rule);
    return counts;
}

static bool is_wrong(const char *rule)
{
    return rule != NULL &&
           (strcmp(rule, grove_rule_id(GROVE_RULE_TCP_CHECKSUM)) == 0 ||
            strcmp(rule, grove_rule_id(GROVE_RULE_UDP_CHECKSUM)) == 0);
}

/* Counts packets and outputs, and the packets whose checksum is wrong. */
static void count_polls(struct gen *gen, const struct run *run,
                        const struct gen_polls *polls)
{
    gen_tally(polls, &gen->got, &gen->tally);
    gen->polls += polls->polls;
    for (size_t i = 0; i < gen->got.fates; i++) {
        const struct run_input *packet = run_packet(run, i);

        if (is_wrong(gen->got.fate[i].rule))
            findings_add_wrong(&gen->findings, packet->packet, packet->len);
    }
}

static int write_vector(struct gen *gen, const struct vector *vector)
{
    const char *wrong = vector_writer_add(gen->writer, vector);

    gen->vectors++;
    if (wrong == NULL)
        return GROVE_EXIT_HOLDS;
    gen->writer = NULL;
    complain("%s", wrong);
    return GROVE_EXIT_USAGE;
}

/* Asks the kernel and the reference, and writes a vector of the answer. */
static int add_polls(struct gen *gen, const struct gen_polls *polls,
                     struct source_capture *capture)
{
    const struct gen_origin origin = {
        .id = arena_printf(&gen->arena, "%s-%zu", capture->stem,
                           ++capture->vectors),
        .pcap = capture->label,
        .profile = gen->profile,
        .confirmed = gen->confirmed,
    };
    const struct run run = {
        .op = RUN_GRO,
        .profile = gen->profile,
        .config = run_config_default(),
        .input = polls->input,
        .inputs = polls->inputs,
    };
    uint64_t *decided = count_rules(gen);
    struct vector vector;
    int status;

    gen->reference.ask(gen->reference.self, &run, &gen->got);
    status = compare(gen, &run, polls, origin.id);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        decided[rule] = reference_count(&gen->reference, rule) - decided[rule];
    vector = gen_vector(polls, &gen->got, decided, &origin, &gen->arena);
    add_profiles(gen, run, &vector);
    count_polls(gen, &run, polls);
    progress("%s: %zu vectors", capture->path, gen->vectors);
    return write_vector(gen, &vector);
}

/* Makes a vector of what was gathered, if that is anything, and forgets it. */
static int end_polls(struct gen *gen, struct gen_polls *gathered,
                     struct source_capture *capture)
{
    int status = GROVE_EXIT_HOLDS;

    if (gathered->packets > 0)
        status = add_polls(gen, gathered, capture);
    *gathered = (struct gen_polls){.polls = 0};
    arena_reset(&gen->arena);
    return status;
}

/* Makes vectors of all polls of the file. */
static int read_polls(struct gen *gen, struct polls *polls,
                      struct source_capture *capture, char why[CAPTURE_WHY])
{
    struct gen_polls gathered = {.polls = 0};
    int status = GROVE_EXIT_HOLDS;
    struct poll poll;

    while (status == GROVE_EXIT_HOLDS && polls_next(polls, &poll, why)) {
        if (!gen_polls_fit(&gathered, &poll))
            status = end_polls(gen, &gathered, capture);
        gen_polls_add(&gathered, &poll, gen->options->trusted, &gen->findings,
                      &gen->arena);
    }
    return status == GROVE_EXIT_HOLDS ? end_polls(gen, &gathered, capture)
                                      : status;
}

/* There is no vector of this file: says why. */
static int complain_of_none(const struct capture_file *file, const char *why)
{
    if (why[0] != '\0')
        complain("%s", why);
    else if (file->counts.packets != 0)
        complain(
            "%s: every packet is a deviation such as K-2, in which SPEC.md "
            "differs from kernels (section 13); see grove explain",
            file->path);
    else if (file->counts.cut != 0)
        complain("%s: of all packets only the headers were captured, and a "
                 "kernel verifies checksums; capture with tcpdump -s 0, or see "
                 "grove explain --headers",
                 file->path);
    else
        complain("%s: no whole IP packet in it; capture IP traffic, with "
                 "tcpdump -s 0",
                 file->path);
    return GROVE_EXIT_USAGE;
}

/* Keeps what is wrong with a capture until the vectors are written. */
static void keep_broken(struct gen *gen, const char *why)
{
    struct arena *arena = &gen->file.arena;
    const size_t count = gen->broken.count;
    const char **at = arena_alloc(arena, count + 1, sizeof *at);

    for (size_t i = 0; i < count; i++)
        at[i] = gen->broken.at[i];
    at[count] = arena_printf(arena, "%s", why);
    gen->broken = (struct strings){.at = at, .count = count + 1};
}

static int read_capture(struct gen *gen, size_t number)
{
    const struct capture_options options = {.stop = gen->stop};
    struct source_capture capture = {
        .path = gen->options->captures[number],
        .stem = gen->stems[number],
        .label = gen_label(gen->options->captures[number], &gen->file.arena),
    };
    char why[CAPTURE_WHY];
    struct capture_file file;
    struct polls polls;
    int status;

    if (!capture_file_open(&file, capture.path, &options, why)) {
        complain("%s", why);
        return GROVE_EXIT_USAGE;
    }
    polls_begin(&polls, &file, gen->options->gap);
    status = read_polls(gen, &polls, &capture, why);
    polls_end(&polls);
    capture_file_close(&file);
    frame_counts_add(&gen->counts, &file.counts);
    if (status == GROVE_EXIT_HOLDS && capture.vectors == 0)
        return complain_of_none(&file, why);
    if (status == GROVE_EXIT_HOLDS && why[0] != '\0')
        keep_broken(gen, why);
    return status;
}

static uint64_t left_out(const struct gen *gen)
{
    uint64_t packets = 0;

    for (int i = 0; i < DEVIATION_COUNT; i++)
        packets += gen->findings.deviations[i].packets;
    return packets;
}

static void summarize(const struct gen *gen)
{
    const uint64_t without = left_out(gen);
    const size_t captures = gen->options->count;
    struct hints hints;

    progress_end();
    fprintf(stderr, "%s%s%s: %zu vector%s from %zu capture%s\n",
            colour(stderr, COLOUR_BOLD), gen->options->out,
            colour(stderr, COLOUR_NONE), gen->vectors,
            gen->vectors == 1 ? "" : "s", captures, captures == 1 ? "" : "s");
    frame_counts_print(stderr, &gen->counts);
    if (without != 0)
        fprintf(stderr,
                "  %llu left out, in which SPEC.md differs from kernels\n",
                (unsigned long long)without);
    hints_make(&hints, &gen->counts, &gen->findings);
    hints_print(stderr, &hints);
    fprintf(stderr, "  %zu polls\n", gen->polls);
    tally_print(stderr, &gen->tally);
    if (gen->options->unconfirmed)
        fprintf(stderr, "  %sconfirmed by no kernel%s, made as %s\n",
                colour(stderr, COLOUR_YELLOW), colour(stderr, COLOUR_NONE),
                gen->profile);
    else
        fprintf(stderr,
                "  %sconfirmed by %s%s, whose profile is %s, and the "
                "reference agrees\n",
                colour(stderr, COLOUR_GREEN), gen->confirmed,
                colour(stderr, COLOUR_NONE), gen->profile);
}

/* Ends the file, unless something failed: then there is none. */
static int end_file(struct gen *gen, int status)
{
    const char *wrong;

    if (status != GROVE_EXIT_HOLDS) {
        vector_writer_abandon(gen->writer);
        return status;
    }
    wrong = vector_writer_commit(gen->writer);
    if (wrong != NULL) {
        complain("%s", wrong);
        return GROVE_EXIT_USAGE;
    }
    summarize(gen);
    for (size_t i = 0; i < gen->broken.count; i++)
        complain("%s", gen->broken.at[i]);
    return gen->broken.count == 0 ? GROVE_EXIT_HOLDS : GROVE_EXIT_DIFFERS;
}

/* Begins the file before anything is asked, so that it can be written. */
static bool begin_file(struct gen *gen)
{
    const struct options *options = gen->options;
    struct arena *arena = &gen->file.arena;
    const char *wrong;

    gen->stems = gen_stems(options->captures, options->count, arena);
    gen->file.suite = gen_stem(options->out, arena);
    gen->file.spec = GROVE_SPEC_VERSION;
    gen->writer = vector_writer_open(&gen->file, options->out, &wrong);
    if (gen->writer != NULL)
        return true;
    complain("%s", wrong);
    return false;
}

static int generate(struct gen *gen)
{
    int status = open_authority(gen);

    if (status != GROVE_EXIT_HOLDS)
        return status;
    if (!begin_file(gen))
        return GROVE_EXIT_USAGE;
    gen->stop = stop_signal_open();
    for (size_t i = 0; i < gen->options->count && status == GROVE_EXIT_HOLDS;
         i++)
        status = read_capture(gen, i);
    return end_file(gen, status);
}

int cmd_gen(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "CAPTURE...",
        .doc = "Makes golden vectors from captures (pcap, pcapng). \"-\" is "
               "standard input.\v"
               "Exit status: 0 the vectors are written; 1 a capture is cut or "
               "damaged, and the vectors of what is before are written; 1 the "
               "kernel and the reference differ, and nothing is written; 2 "
               "wrong usage or input; 70 no memory; 77 rights are missing.",
    };
    struct options options = {.gap = POLL_GAP};
    struct gen gen = {.options = &options};
    int status;

    command_line(&argp, argc, argv, &options);
    reference_open(&gen.reference);
    status = generate(&gen);
    progress_end();
    answer_free(&gen.expected);
    answer_free(&gen.got);
    implementation_close(&gen.kernel);
    implementation_close(&gen.reference);
    arena_free(&gen.arena);
    vector_file_free(&gen.file);
    return status;
}
