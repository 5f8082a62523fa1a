/* SPDX-License-Identifier: MIT */
/*
 * The output of `grove explain --html`: one page with a picture of the flows.
 * The page is explain.html, which has a mark where the data goes. Data of
 * packets are columns: arrays of one field, in base64.
 */
#include "explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "embedded.h"
#include "flow_names.h"
#include "grove.h"
#include "outfile.h"
#include "spec_sentence.h"

/* Where the data goes in explain.html. */
#define MARK "@DATA@"

/* Packets in the picture. More would make the page too slow. */
#define PACKETS_MAX 250000

/* Bytes of a packet that the page shows as its headers. */
#define HEADERS_MAX 120

/* A packet that is in no output that was held. */
#define NO_OUTPUT UINT32_MAX

/* What is known so far. The name of a column is its name in the page. */
static struct page {
    struct outfile file;
    uint64_t packets; /* all of them, those beyond PACKETS_MAX too */
    uint32_t poll;    /* the first packet of the poll */
    int64_t begin;    /* the time of the first packet */
    struct flow_names flows;
    struct column time, frame, flow, output, len, payload, verdict, rule,
        deviation;
    struct column headers, headers_end;
    struct column output_rule, output_gso_size, output_len;
    uint32_t outputs;
    bool used[UINT16_MAX + 1]; /* rules, by number */
} page;

static bool open_page(const char *path)
{
    if (outfile_open(&page.file, path))
        return true;
    complain("%s: %s; name a place that can be written", path, strerror(errno));
    return false;
}

static void poll_begin(const struct description *descriptions, size_t count)
{
    (void)descriptions;
    (void)count;
    page.poll = (uint32_t)page.packets;
}

/* The first bytes, up to the payload. */
static void add_headers(const struct explained_packet *explained)
{
    const struct timed_packet *packet = explained->packet;
    size_t len = packet->len - explained->description->payload;

    if (len > HEADERS_MAX)
        len = HEADERS_MAX;
    column_add(&page.headers, packet->data, len);
    column_add_u32(&page.headers_end, (uint32_t)page.headers.len);
}

static void packet(const struct explained_packet *explained)
{
    const struct timed_packet *packet = explained->packet;

    if (page.packets++ >= PACKETS_MAX)
        return;
    if (page.packets == 1)
        page.begin = packet->time;
    column_add_double(&page.time, (double)(packet->time - page.begin) / 1e9);
    column_add_u32(&page.frame, (uint32_t)packet->frame);
    column_add_u32(&page.flow, flow_names_add(&page.flows, explained->interface,
                                              explained->description));
    column_add_u32(&page.output, NO_OUTPUT);
    column_add_u32(&page.len, (uint32_t)packet->len);
    column_add_u32(&page.payload, explained->description->payload);
    column_add_u8(&page.verdict, (uint8_t)explained->fate.verdict);
    column_add_u16(&page.rule, (uint16_t)explained->fate.rule);
    column_add_u8(&page.deviation, (uint8_t)explained->deviation);
    page.used[(uint16_t)explained->fate.rule] = true;
    add_headers(explained);
}

/* Notes the output of a packet of this poll. */
static void join(uint64_t frame)
{
    const size_t count = page.output.len / sizeof(uint32_t);

    for (size_t i = page.poll; i < count; i++)
        if (column_u32(&page.frame, i) == frame)
            column_set_u32(&page.output, i, page.outputs);
}

static void output(const struct explained_output *explained)
{
    if (page.poll >= PACKETS_MAX)
        return; /* none of its packets is in the picture */
    for (size_t i = 0; i < explained->packets; i++)
        join(explained->frames[i]);
    column_add_u16(&page.output_rule, (uint16_t)explained->rule);
    column_add_u16(&page.output_gso_size, explained->vnet.gso_size);
    column_add_u32(&page.output_len, (uint32_t)explained->len);
    page.used[(uint16_t)explained->rule] = true;
    page.outputs++;
}

static void poll_end(uint64_t number)
{
    (void)number;
}

/* ---- the page ---- */

/* A string of JSON inside of HTML. What is not ASCII becomes "?". */
static void print_string(const char *text, size_t len)
{
    FILE *stream = page.file.stream;

    putc('"', stream);
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\' || c == '<' || c < ' ')
            fprintf(stream, "\\u%04x", c);
        else
            putc(c < 0x7f ? c : '?', stream);
    }
    putc('"', stream);
}

static void print_text(const char *text)
{
    print_string(text, strlen(text));
}

static void print_flows(void)
{
    fputs(",\n\"flows\":[", page.file.stream);
    for (size_t i = 0; i < page.flows.count; i++) {
        const struct flow_name *flow = &page.flows.at[i];

        fputs(i > 0 ? ",\n[" : "\n[", page.file.stream);
        print_text(flow->protocol);
        putc(',', page.file.stream);
        print_text(flow->from);
        putc(',', page.file.stream);
        print_text(flow->to);
        putc(',', page.file.stream);
        print_text(flow->interface);
        putc(']', page.file.stream);
    }
    putc(']', page.file.stream);
}

static void print_rule(enum grove_rule rule, uint64_t count, bool first)
{
    size_t len;
    const char *sentence = spec_sentence(grove_rule_id(rule), &len);

    fprintf(page.file.stream, "%s\n\"%d\":{\"id\":", first ? "" : ",",
            (int)rule);
    print_text(grove_rule_id(rule));
    fputs(",\"words\":", page.file.stream);
    print_text(grove_rule_words(rule));
    fputs(",\"spec\":", page.file.stream);
    print_string(sentence, len);
    fprintf(page.file.stream, ",\"count\":%" PRIu64 "}", count);
}

/* The rules that decided, or that a packet or an output names. */
static void print_rules(const struct grove_table *table)
{
    bool first = true;

    fputs(",\n\"rules\":{", page.file.stream);
    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        const uint64_t count = grove_rule_count(table, rule);

        if (count == 0 && !page.used[(uint16_t)rule])
            continue;
        print_rule(rule, count, first);
        first = false;
    }
    putc('}', page.file.stream);
}

/* Where kernels differ from SPEC.md, by number, and what spoils the capture. */
static void print_remarks(const struct hints *hints)
{
    fputs(",\n\"deviations\":[\"\"", page.file.stream);
    for (int i = DEVIATION_NONE + 1; i < DEVIATION_COUNT; i++) {
        char words[120];

        snprintf(words, sizeof words, "%s: %s", deviation_id((enum deviation)i),
                 deviation_words((enum deviation)i));
        putc(',', page.file.stream);
        print_text(words);
    }
    fputs("],\n\"hints\":[", page.file.stream);
    for (size_t i = 0; i < hints->count; i++) {
        if (i > 0)
            putc(',', page.file.stream);
        print_text(hints->line[i]);
    }
    putc(']', page.file.stream);
}

static void print_columns(void)
{
    const struct {
        const char *name;
        struct column *column;
    } columns[] = {
        {"time", &page.time},
        {"frame", &page.frame},
        {"flow", &page.flow},
        {"output", &page.output},
        {"len", &page.len},
        {"payload", &page.payload},
        {"verdict", &page.verdict},
        {"rule", &page.rule},
        {"deviation", &page.deviation},
        {"headers", &page.headers},
        {"headersEnd", &page.headers_end},
        {"outputRule", &page.output_rule},
        {"outputGsoSize", &page.output_gso_size},
        {"outputLen", &page.output_len},
    };

    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        fprintf(page.file.stream, ",\n\"%s\":\"", columns[i].name);
        column_print(columns[i].column, page.file.stream);
        putc('"', page.file.stream);
        column_free(columns[i].column);
    }
}

static void print_counts(const struct explained_end *explained)
{
    uint64_t outputs = 0;

    for (int i = 0; i < TRAFFIC_COUNT; i++)
        outputs += explained->tally->out[i];
    fprintf(page.file.stream,
            ",\n\"begin\":%.6f,\"packets\":%" PRIu64 ",\"outputs\":%" PRIu64
            ",\"polls\":%" PRIu64 ",\"frames\":%" PRIu64 ",\"notIp\":%" PRIu64
            ",\"cut\":%" PRIu64,
            (double)page.begin / 1e9, page.packets, outputs, explained->polls,
            explained->counts->frames, explained->counts->not_ip,
            explained->counts->cut);
}

static void end(const struct explained_end *explained)
{
    const char *mark = strstr(embedded_explain, MARK);
    const char *slash = strrchr(explained->capture, '/');

    if (mark == NULL)
        abort(); /* the page has the mark */
    fwrite(embedded_explain, 1, (size_t)(mark - embedded_explain),
           page.file.stream);
    fputs("{\"version\":", page.file.stream);
    print_text(grove_version());
    fputs(",\"capture\":", page.file.stream);
    print_text(slash == NULL ? explained->capture : slash + 1);
    fputs(",\"profile\":", page.file.stream);
    print_text(explained->profile);
    print_counts(explained);
    print_flows();
    print_rules(explained->table);
    print_remarks(explained->hints);
    print_columns();
    putc('}', page.file.stream);
    fputs(mark + strlen(MARK), page.file.stream);
    flow_names_free(&page.flows);
}

static bool close_page(bool keep)
{
    const char *path = page.file.path;

    if (!keep)
        return outfile_abandon(&page.file);
    if (outfile_commit(&page.file))
        return true;
    complain("%s: %s; give it a place with room", path, strerror(errno));
    return false;
}

const struct explain_view explain_html = {
    .poll_begin = poll_begin,
    .packet = packet,
    .output = output,
    .poll_end = poll_end,
    .end = end,
    .open = open_page,
    .close = close_page,
};
