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
#include "stop_signal.h"

/* The kernel's limit, so that the output matches the vectors of gen. */
#define DEFAULT_FLOWS 8

/* Output is written when there is so much of it, but between polls only. */
enum { OUTPUT_FULL = 1 << 17, OUTPUT_ROOM = 2 * OUTPUT_FULL };

enum {
    OPTION_GAP = 256,
    OPTION_PROFILE,
    OPTION_MAX_FLOWS,
    OPTION_JSON,
    OPTION_CSUM,
    OPTION_HEADERS,
    OPTION_HTML,
    OPTION_PCAPNG
};

struct explain {
    const char *path;
    int64_t gap;
    struct grove_config config;
    struct capture_options capture;
    const struct explain_view *view;
    const char *output; /* what the view writes; NULL: stdout */
    bool ended;         /* the end was told */
    struct capture_file file;
    struct grove_table *table;
    struct tally tally;
    struct findings findings;
    uint64_t polls;
    struct description descriptions[POLL_MAX]; /* packets of the poll */
    uint64_t frames[POLL_MAX];                 /* packets of an output */
    size_t told; /* outputs of the poll that were printed */
};

static const struct argp_option option_list[] = {
    GAP_OPTION(OPTION_GAP),
    {"profile", OPTION_PROFILE, "NAME", 0,
     "The kernel whose rules are used (default: the newest)", 0},
    {"max-flows", OPTION_MAX_FLOWS, "N", 0,
     "The most flows that are held at a time (default 8)", 0},
    {"json", OPTION_JSON, NULL, 0, "A JSON object a line", 0},
    {"html", OPTION_HTML, "FILE", 0,
     "Write a page with a picture of the flows, for a browser", 0},
    {"pcapng", OPTION_PCAPNG, "FILE", 0,
     "Write all frames with comments, and the super-packets as a second "
     "interface, for Wireshark",
     0},
    CSUM_OPTION(OPTION_CSUM),
    {"headers", OPTION_HEADERS, NULL, 0,
     "Also take packets of which only the headers were captured, and look at "
     "no checksum of TCP and UDP",
     0},
    {0}};

static void set_view(struct explain *explain, const struct explain_view *view,
                     const char *output, const struct argp_state *state)
{
    if (explain->view != &explain_text)
        wrong_usage(state, "--json, --html, --pcapng: give one of them, once");
    explain->view = view;
    explain->output = output;
}

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
    case OPTION_CSUM:
        explain->config.csum_trusted |= parse_csum(argument, state);
        break;
    case OPTION_HEADERS:
        explain->config.csum_trusted = true;
        explain->capture.headers = true;
        break;
    case OPTION_JSON:
        set_view(explain, &explain_json, NULL, state);
        break;
    case OPTION_HTML:
        set_view(explain, &explain_html, argument, state);
        break;
    case OPTION_PCAPNG:
        set_view(explain, &explain_pcapng, argument, state);
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

static bool is_wrong(enum grove_rule rule)
{
    return rule == GROVE_RULE_TCP_CHECKSUM || rule == GROVE_RULE_UDP_CHECKSUM;
}

static void tell_packet(struct explain *explain, const struct poll *poll,
                        uint32_t number)
{
    const struct timed_packet *packet = &poll->packets[number];
    const struct explained_packet explained = {
        .packet = packet,
        .description = &explain->descriptions[number],
        .fate = grove_fate_of(explain->table, number),
        .deviation = deviation_of(packet->data, packet->len),
        .interface = capture_interface_name(&explain->file, packet->interface),
    };

    if (is_wrong(explained.fate.rule))
        findings_add_wrong(&explain->findings, packet->data, packet->len);
    findings_add_deviation(&explain->findings, explained.deviation,
                           packet->frame);
    explain->view->packet(&explained);
}

/* Gets the frame numbers of the packets in `output`. */
static const uint64_t *frames_of(struct explain *explain,
                                 const struct poll *poll,
                                 const struct grove_output *output)
{
    uint32_t number = output->first;

    for (uint32_t i = 0; i < output->packets; i++) {
        explain->frames[i] = poll->packets[number].frame;
        number = grove_next_packet(explain->table, number);
    }
    return explain->frames;
}

static void tell_output(struct explain *explain, const struct poll *poll,
                        const struct grove_output *output)
{
    struct explained_output explained = {
        .packets = output->packets,
        .len = output->len,
        .iov = output->iov,
        .iovcnt = output->iovcnt,
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

static int tell_end(struct explain *explain)
{
    struct hints hints;
    bool done;

    hints_make(&hints, &explain->file.counts, &explain->findings);
    explain->ended = true;
    explain->view->end(&(struct explained_end){
        .capture = explain->path,
        .profile = explain->config.profile != NULL ? explain->config.profile
                                                   : newest_profile(),
        .counts = &explain->file.counts,
        .polls = explain->polls,
        .tally = &explain->tally,
        .hints = &hints,
        .table = explain->table,
    });
    return flush_output(&done);
}

/* Tells all polls. Sets *done if the output ends before the capture. */
static int tell_polls(struct explain *explain, bool *done,
                      char why[CAPTURE_WHY])
{
    int status = GROVE_EXIT_HOLDS;
    struct polls polls;
    struct poll poll;

    polls_begin(&polls, &explain->file, explain->gap);
    while (!*done && polls_next(&polls, &poll, why)) {
        tell_poll(explain, &poll);
        if (explain->file.source.live || __fpending(stdout) > OUTPUT_FULL)
            status = flush_output(done);
    }
    polls_end(&polls);
    return status;
}

static int tell_capture(struct explain *explain)
{
    char why[CAPTURE_WHY] = "";
    bool done = false;
    int status = tell_polls(explain, &done, why);

    if (done)
        return status;
    status = tell_end(explain);
    if (why[0] == '\0' || status != GROVE_EXIT_HOLDS)
        return status;
    complain("%s", why);
    return GROVE_EXIT_DIFFERS;
}

static void tell_left_out(void *context, const struct left_out_frame *frame)
{
    struct explain *explain = context;

    explain->view->left_out(
        frame, capture_interface_name(&explain->file, frame->interface));
}

static int open_and_tell(struct explain *explain)
{
    const enum grove_error error =
        grove_table_new(&explain->config, &explain->table);
    char why[CAPTURE_WHY];
    int status;

    if (error != GROVE_OK) {
        complain("%s", grove_error_words(error));
        return GROVE_EXIT_USAGE;
    }
    if (explain->view->left_out != NULL)
        explain->capture.left_out = tell_left_out;
    explain->capture.context = explain;
    if (!capture_file_open(&explain->file, explain->path, &explain->capture,
                           why)) {
        complain("%s", why);
        return GROVE_EXIT_USAGE;
    }
    status = tell_capture(explain);
    capture_file_close(&explain->file);
    return status;
}

/* As open_and_tell(), into the file of the view if it has one. */
static int tell_into_file(struct explain *explain)
{
    int status;

    if (explain->output == NULL)
        return open_and_tell(explain);
    if (!explain->view->open(explain->output))
        return GROVE_EXIT_USAGE;
    status = open_and_tell(explain);
    if (!explain->view->close(explain->ended) && explain->ended)
        return GROVE_EXIT_USAGE;
    return status;
}

int cmd_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = "CAPTURE",
        .doc = "Shows what GRO does with each packet of a capture (pcap or "
               "pcapng), and why. \"-\" is standard input. An interrupted "
               "program tells what it has read so far.\v"
               "Exit status: 0 all is told, 1 the capture is cut or damaged "
               "and what is before is told, 2 wrong usage or input, 70 no "
               "memory.",
    };
    static char output[OUTPUT_ROOM];
    static struct explain explain = {
        .gap = POLL_GAP,
        .config = {.max_flows = DEFAULT_FLOWS, .max_packets = POLL_MAX},
        .view = &explain_text,
    };
    int status;

    command_line(&argp, argc, argv, &explain);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, output, _IOFBF, sizeof output);
    explain.capture.stop = stop_signal_open();
    status = tell_into_file(&explain);
    grove_table_free(explain.table);
    return status;
}
