/* SPDX-License-Identifier: MIT */
/* grove explain: shows what GRO does with each packet of a capture, and why. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"
#include "common_option.h"
#include "explain.h"
#include "grove.h"
#include "number_option.h"
#include "polls.h"
#include "profile_option.h"

/* The kernel's limit, so that the output matches the vectors of gen. */
#define DEFAULT_FLOWS 8

enum { OPTION_GAP = 256, OPTION_PROFILE, OPTION_MAX_FLOWS, OPTION_JSON };

struct explain {
    const char *path;
    int64_t gap;
    struct grove_config config;
    const struct explain_view *view;
    struct grove_table *table;
    struct arena arena; /* holds the current poll */
    struct tally tally;
    uint64_t polls;
    struct description descriptions[POLL_MAX]; /* packets of the poll */
    size_t told; /* outputs of the poll that were printed */
};

static const struct argp_option option_list[] = {
    GAP_OPTION(OPTION_GAP),
    {"profile", OPTION_PROFILE, "NAME", 0,
     "The kernel whose rules are used (default: the newest)", 0},
    {"max-flows", OPTION_MAX_FLOWS, "N", 0,
     "The most flows that are held at a time (default 8)", 0},
    {"json", OPTION_JSON, NULL, 0, "A JSON object a line", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct explain *explain = state->input;

    switch (key) {
    case OPTION_GAP:
        explain->gap = parse_gap(argument, state);
        break;
    case OPTION_PROFILE:
        explain->config.profile = parse_profile(argument, state);
        break;
    case OPTION_MAX_FLOWS:
        explain->config.max_flows = (uint32_t)parse_number(
            "max-flows", argument, 1, GROVE_MAX_FLOWS, state);
        break;
    case OPTION_JSON:
        explain->view = &explain_json;
        break;
    case ARGP_KEY_ARG:
        if (explain->path != NULL)
            wrong_usage(state, "one capture at a time");
        explain->path = argument;
        break;
    case ARGP_KEY_NO_ARGS:
        wrong_usage(state, "no capture to read");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static void describe_poll(struct explain *explain, const struct poll *poll)
{
    for (size_t i = 0; i < poll->count; i++) {
        struct description *description = &explain->descriptions[i];

        describe(poll->packets[i].data, poll->packets[i].len, description);
        explain->tally.in[description->traffic]++;
    }
    explain->view->poll_begin(explain->descriptions, poll->count);
}

static void tell_packet(const struct explain *explain, const struct poll *poll,
                        uint32_t number)
{
    explain->view->packet(&(struct explained_packet){
        .packet = &poll->packets[number],
        .description = &explain->descriptions[number],
        .fate = grove_fate_of(explain->table, number),
    });
}

/* Gets the frame numbers of the packets in `output`. */
static const uint64_t *frames_of(struct explain *explain,
                                 const struct poll *poll,
                                 const struct grove_output *output)
{
    uint64_t *frames =
        arena_alloc(&explain->arena, output->packets, sizeof *frames);
    uint32_t number = output->first;

    for (uint32_t i = 0; i < output->packets; i++) {
        frames[i] = poll->packets[number].frame;
        number = grove_next_packet(explain->table, number);
    }
    return frames;
}

static void tell_output(struct explain *explain, const struct poll *poll,
                        const struct grove_output *output)
{
    struct explained_output explained = {
        .packets = output->packets,
        .len = output->len,
        .rule = output->rule,
    };

    explain->tally.out[explain->descriptions[output->first].traffic]++;
    if (output->rule == GROVE_RULE_NONE)
        return; /* the line of the packet shows it */
    grove_vnet_load(&explained.vnet, output->iov[0].iov_base);
    explained.frames = frames_of(explain, poll, output);
    explain->view->output(&explained);
}

/* Prints the outputs that were not printed yet. */
static void tell_outputs(struct explain *explain, const struct poll *poll)
{
    size_t count;
    const struct grove_output *outputs = grove_to_write(explain->table, &count);

    while (explain->told < count)
        tell_output(explain, poll, &outputs[explain->told++]);
}

static void tell_poll(struct explain *explain, const struct poll *poll)
{
    explain->told = 0;
    describe_poll(explain, poll);
    for (uint32_t i = 0; i < poll->count; i++) {
        const struct timed_packet *packet = &poll->packets[i];

        if (grove_receive(explain->table, &(struct grove_packet){
                                              .data = packet->data,
                                              .len = packet->len}) != GROVE_OK)
            abort(); /* the table has room for a poll */
        tell_packet(explain, poll, i);
        tell_outputs(explain, poll);
    }
    grove_flush(explain->table);
    tell_outputs(explain, poll);
    explain->view->poll_end(++explain->polls);
    if (grove_clear(explain->table) != GROVE_OK)
        abort(); /* nothing is held after a flush */
}

/* If a pager was closed: GROVE_EXIT_HOLDS, with *done set; no error. */
static int flush_output(bool *done)
{
    if (fflush(stdout) == 0)
        return GROVE_EXIT_HOLDS;
    *done = true;
    if (errno == EPIPE) {
        __fpurge(stdout);
        clearerr(stdout);
        return GROVE_EXIT_HOLDS;
    }
    complain("stdout: %s; give it a place with room", strerror(errno));
    return GROVE_EXIT_USAGE;
}

static int tell_end(const struct explain *explain,
                    const struct capture_file *file)
{
    bool done;

    explain->view->end(&(struct explained_end){
        .counts = &file->counts,
        .polls = explain->polls,
        .tally = &explain->tally,
        .table = explain->table,
    });
    return flush_output(&done);
}

static int tell_capture(struct explain *explain, struct capture_file *file)
{
    char why[CAPTURE_WHY] = "";
    struct polls polls;
    struct poll poll;
    bool done = false;
    int status = GROVE_EXIT_HOLDS;

    polls_begin(&polls, file, explain->gap);
    while (!done && polls_next(&polls, &explain->arena, &poll, why)) {
        tell_poll(explain, &poll);
        arena_reset(&explain->arena);
        status = flush_output(&done);
    }
    polls_end(&polls);
    if (done)
        return status;
    if (why[0] == '\0')
        return tell_end(explain, file);
    complain("%s", why);
    return GROVE_EXIT_USAGE;
}

static int open_and_tell(struct explain *explain)
{
    const enum grove_error error =
        grove_table_new(&explain->config, &explain->table);
    struct capture_file file;
    char why[CAPTURE_WHY];
    int status;

    if (error != GROVE_OK) {
        complain("%s", grove_error_words(error));
        return GROVE_EXIT_USAGE;
    }
    if (!capture_file_open(&file, explain->path, why)) {
        complain("%s", why);
        return GROVE_EXIT_USAGE;
    }
    status = tell_capture(explain, &file);
    capture_file_close(&file);
    return status;
}

int cmd_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "CAPTURE",
        .doc = "Shows what GRO does with each packet of a capture (pcap or "
               "pcapng), and why. \"-\" is standard input.",
    };
    struct explain explain = {
        .gap = POLL_GAP,
        .config = {.max_flows = DEFAULT_FLOWS, .max_packets = POLL_MAX},
        .view = &explain_text,
    };
    int status;

    command_line(&argp, argc, argv, &explain);
    signal(SIGPIPE, SIG_IGN);
    status = open_and_tell(&explain);
    grove_table_free(explain.table);
    arena_free(&explain.arena);
    return status;
}
