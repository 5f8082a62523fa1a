/* SPDX-License-Identifier: MIT */
/*
 * grove gen: makes golden vectors from captures. The kernel of this machine
 * gives the expected outputs, and the reference must agree. The reference adds
 * what a kernel does not tell: the packets of each output, and the rules that
 * decided.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>

#include "command_line.h"
#include "common_option.h"
#include "gen.h"
#include "gen_name.h"
#include "grove.h"
#include "kernel_option.h"
#include "profile_option.h"
#include "stop_signal.h"

enum { OPTION_GAP = 256, OPTION_UNCONFIRMED, OPTION_PROFILE, OPTION_CSUM };

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
    LAYERS_OF_PACKETS,
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct gen_options *options = state->input;

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
    case OPTION_LINK:
    case OPTION_TUNNELS:
    case OPTION_VNET_LEN:
        parse_layers(&options->layers, key, argument, state);
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
        if (options->trusted && options->layers.given)
            wrong_usage(state, "--csum=trusted is for packets without a link "
                               "and tunnels; leave --link, --tunnels and "
                               "--vnet-len out");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Opens the kernel unless --unconfirmed is given, and finds the profile. */
static int open_authority(struct gen *gen)
{
    const struct gen_options *options = gen->options;
    int status = GROVE_EXIT_HOLDS;

    if (options->unconfirmed) {
        gen->confirmed = GEN_MODEL;
        gen->profile =
            options->profile != NULL ? options->profile : newest_profile();
        return status;
    }
    /* The summary says the profile. */
    status = open_silent_kernel(&gen->kernel, options->profile, &gen->profile);
    gen->confirmed = gen->kernel.name;
    return status;
}

/* Makes a vector of what was gathered, if that is anything, and forgets it. */
static int end_polls(struct gen *gen, struct gen_polls *gathered,
                     struct gen_capture *capture)
{
    int status = GROVE_EXIT_HOLDS;

    if (gathered->packets > 0)
        status = gen_add(gen, gathered, capture);
    *gathered = (struct gen_polls){.config = gathered->config};
    arena_reset(&gen->arena);
    return status;
}

/* Whether all frames have the link's header; if not, says so. */
static bool has_link(const struct run_config *config, const struct poll *poll,
                     const struct gen_capture *capture)
{
    for (size_t i = 0; i < poll->count; i++)
        if (config->link == GROVE_LINK_ETHERNET &&
            poll->packets[i].link != DLT_EN10MB) {
            complain("%s: frame %" PRIu64 ": it has no Ethernet header; leave "
                     "--link out",
                     capture->path, poll->packets[i].frame);
            return false;
        }
    return true;
}

/* Makes vectors of all polls of the file. */
static int read_polls(struct gen *gen, struct polls *polls,
                      struct gen_capture *capture, char why[CAPTURE_WHY])
{
    const struct layers_option *layers = &gen->options->layers;
    struct gen_polls gathered = {
        .config = layers->given ? layers->config : run_config_default()};
    int status = GROVE_EXIT_HOLDS;
    struct poll poll;

    while (status == GROVE_EXIT_HOLDS && polls_next(polls, &poll, why)) {
        if (!has_link(&gathered.config, &poll, capture))
            return GROVE_EXIT_USAGE;
        if (!gen_polls_fit(&gathered, &poll))
            status = end_polls(gen, &gathered, capture);
        gen_polls_add(&gathered, &poll, gen->options->trusted, &gen->findings,
                      &gen->arena);
    }
    return status == GROVE_EXIT_HOLDS ? end_polls(gen, &gathered, capture)
                                      : status;
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
    struct gen_capture capture = {
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
    if (status == GROVE_EXIT_HOLDS && capture.vectors == 0) {
        gen_complain_of_none(&file, why);
        return GROVE_EXIT_USAGE;
    }
    if (status == GROVE_EXIT_HOLDS && why[0] != '\0')
        keep_broken(gen, why);
    return status;
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
    gen_summarize(gen);
    for (size_t i = 0; i < gen->broken.count; i++)
        complain("%s", gen->broken.at[i]);
    return gen->broken.count == 0 ? GROVE_EXIT_HOLDS : GROVE_EXIT_DIFFERS;
}

/* Begins the file before anything is asked, so that it can be written. */
static bool begin_file(struct gen *gen)
{
    const struct gen_options *options = gen->options;
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
    struct gen_options options = {.gap = POLL_GAP};
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
