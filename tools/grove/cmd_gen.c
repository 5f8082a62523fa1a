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
#include "gen_vector.h"
#include "grove.h"
#include "kernel_option.h"
#include "no_answer.h"
#include "profile_option.h"

enum { OPTION_GAP = 256, OPTION_UNCONFIRMED, OPTION_PROFILE };

struct options {
    char **captures; /* paths, NULL-terminated */
    size_t count;
    const char *out;
    const char *profile;
    int64_t gap;
    bool unconfirmed;
};

struct gen {
    const struct options *options;
    const char *profile;
    const char *confirmed;
    struct implementation kernel; /* closed if unconfirmed */
    struct implementation reference;
    struct answer expected;
    struct answer got;
    struct vector_file file;
    struct vector *vectors;
    size_t room; /* allocated vectors */
    size_t polls;
    struct frame_counts counts;
    struct tally tally;
};

static const struct argp_option option_list[] = {
    {"output", 'o', "OUT.json", 0, "The vector file to write", 0},
    GAP_OPTION(OPTION_GAP),
    {"profile", OPTION_PROFILE, "NAME", 0,
     "Profile of the kernel, if none has its name, or of --unconfirmed", 0},
    {"unconfirmed", OPTION_UNCONFIRMED, NULL, 0,
     "Ask only the reference; the vectors say that no kernel confirmed them",
     0},
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

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The base name without its extension. */
static const char *stem(const char *path, struct arena *arena)
{
    const char *base = base_name(path);
    const char *dot = strrchr(base, '.');
    const size_t len =
        dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);

    return arena_printf(arena, "%.*s", (int)len, base);
}

/* Two captures of one stem would give two vectors the same id. */
static bool stems_differ(const struct options *options, struct arena *arena)
{
    for (size_t i = 0; i < options->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(stem(options->captures[i], arena),
                       stem(options->captures[k], arena)) != 0)
                continue;
            complain("%s: its vectors would have the ids of the vectors of %s; "
                     "rename one, or write two files",
                     options->captures[i], options->captures[k]);
            return false;
        }
    }
    return true;
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

static void add_vector(struct gen *gen, struct vector vector)
{
    if (gen->file.vector_count == gen->room) {
        const size_t room = gen->room == 0 ? 64 : 2 * gen->room;
        struct vector *more =
            arena_alloc(&gen->file.arena, room, sizeof *gen->vectors);

        if (gen->room != 0)
            memcpy(more, gen->vectors, gen->room * sizeof *more);
        gen->vectors = more;
        gen->room = room;
    }
    gen->vectors[gen->file.vector_count++] = vector;
    gen->file.vectors = gen->vectors;
}

/* True if the reference gives the kernel's answer; if not, shows both. */
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
    if (answers_agree(&gen->expected, &gen->got, &gen->file.arena, &why))
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
        gen_vector_add(vector, *name, &got, &gen->file.arena);
    }
    answer_free(&got);
}

/* How often each rule has decided so far, by rule. */
static uint64_t *count_rules(struct gen *gen)
{
    uint64_t *counts =
        arena_alloc(&gen->file.arena, grove_rule_limit(), sizeof *counts);

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        counts[rule] = reference_count(&gen->reference, rule);
    return counts;
}

/* Asks the kernel and the reference, and makes a vector of the answer. */
static int add_polls(struct gen *gen, const struct gen_polls *polls,
                     const char *path, size_t number)
{
    struct arena *arena = &gen->file.arena;
    const struct gen_origin origin = {
        .id = arena_printf(arena, "%s-%zu", stem(path, arena), number),
        .pcap = base_name(path),
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
    vector = gen_vector(polls, &gen->got, decided, &origin, arena);
    add_profiles(gen, run, &vector);
    add_vector(gen, vector);
    gen_tally(polls, &gen->got, &gen->tally);
    gen->polls += polls->polls;
    progress("%s: %zu vectors", path, gen->file.vector_count);
    return GROVE_EXIT_HOLDS;
}

/* Makes vectors of all polls of the file. */
static int read_polls(struct gen *gen, struct polls *polls, const char *path)
{
    struct arena *arena = &gen->file.arena;
    struct gen_polls gathered = {.polls = 0};
    char why[CAPTURE_WHY];
    struct poll poll;
    size_t number = 0;
    int status;

    while (polls_next(polls, arena, &poll, why)) {
        if (gen_polls_add(&gathered, &poll))
            continue;
        status = add_polls(gen, &gathered, path, ++number);
        if (status != GROVE_EXIT_HOLDS)
            return status;
        gathered = (struct gen_polls){.polls = 0};
        if (!gen_polls_add(&gathered, &poll))
            abort();
    }
    if (why[0] != '\0') {
        complain("%s", why);
        return GROVE_EXIT_USAGE;
    }
    if (gathered.polls == 0 && number == 0) {
        complain("%s: no whole IP packet in it; capture IP traffic, with "
                 "tcpdump -s 0",
                 path);
        return GROVE_EXIT_USAGE;
    }
    return gathered.polls == 0 ? GROVE_EXIT_HOLDS
                               : add_polls(gen, &gathered, path, ++number);
}

static void add_counts(struct frame_counts *sum, const struct frame_counts *of)
{
    sum->frames += of->frames;
    sum->packets += of->packets;
    sum->cut += of->cut;
    sum->not_ip += of->not_ip;
    sum->jumbo += of->jumbo;
}

static int read_capture(struct gen *gen, const char *path)
{
    struct capture_file file;
    char why[CAPTURE_WHY];
    struct polls polls;
    int status;

    if (!capture_file_open(&file, path, why)) {
        complain("%s", why);
        return GROVE_EXIT_USAGE;
    }
    polls_begin(&polls, &file, gen->options->gap);
    status = read_polls(gen, &polls, path);
    polls_end(&polls);
    capture_file_close(&file);
    add_counts(&gen->counts, &file.counts);
    return status;
}

static void summarize(const struct gen *gen)
{
    const size_t captures = gen->options->count;
    const size_t vectors = gen->file.vector_count;

    progress_end();
    fprintf(stderr, "%s%s%s: %zu vector%s from %zu capture%s\n",
            colour(stderr, COLOUR_BOLD), gen->options->out,
            colour(stderr, COLOUR_NONE), vectors, vectors == 1 ? "" : "s",
            captures, captures == 1 ? "" : "s");
    frame_counts_print(stderr, &gen->counts);
    fprintf(stderr, "  %zu polls\n", gen->polls);
    tally_print(stderr, &gen->tally);
    if (gen->options->unconfirmed)
        fprintf(stderr, "  %sconfirmed by no kernel%s, made as %s\n",
                colour(stderr, COLOUR_YELLOW), colour(stderr, COLOUR_NONE),
                gen->profile);
    else
        fprintf(stderr, "  %sconfirmed by %s%s, and the reference agrees\n",
                colour(stderr, COLOUR_GREEN), gen->confirmed,
                colour(stderr, COLOUR_NONE));
}

static int write_vectors(struct gen *gen)
{
    const char *wrong;

    gen->file.suite = stem(gen->options->out, &gen->file.arena);
    gen->file.spec = GROVE_SPEC_VERSION;
    wrong = vector_file_write(&gen->file, gen->options->out);
    if (wrong != NULL) {
        complain("%s", wrong);
        return GROVE_EXIT_USAGE;
    }
    summarize(gen);
    return GROVE_EXIT_HOLDS;
}

static int generate(struct gen *gen)
{
    const struct options *options = gen->options;
    int status;

    if (!stems_differ(options, &gen->file.arena))
        return GROVE_EXIT_USAGE;
    status = open_authority(gen);
    for (size_t i = 0; i < options->count && status == GROVE_EXIT_HOLDS; i++)
        status = read_capture(gen, options->captures[i]);
    return status == GROVE_EXIT_HOLDS ? write_vectors(gen) : status;
}

int cmd_gen(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "CAPTURE...",
        .doc = "Makes golden vectors from captures (pcap, pcapng).",
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
    vector_file_free(&gen.file);
    return status;
}
