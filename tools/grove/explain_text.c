/* SPDX-License-Identifier: MIT */
/* The output of `grove explain` as columns of text. */
#include "explain.h"

#include <string.h>

#include "grove.h"
#include "print_line.h"

/* The columns of endpoints become wider for long ones, and never narrower. */
static size_t from_width = 15;
static size_t to_width = 15;

static int64_t first_time;
static bool has_first_time;
static bool has_header;

/* The line that is being made, and the interface of the last packet. */
static struct line line;
static const char *interface = "";

static void widen(size_t *width, const char *text)
{
    const size_t len = strlen(text);

    if (len > *width)
        *width = len;
}

/* The escape sequence of a colour; the answer of colour() never changes. */
static const char *escape(enum colour wanted)
{
    static const char *known[COLOUR_BOLD + 1];

    if (known[wanted] == NULL)
        known[wanted] = colour(stdout, wanted);
    return known[wanted];
}

static void print_header(void)
{
    line_text(&line, escape(COLOUR_BOLD));
    line_text(&line, " frame      seconds protocol ");
    line_left(&line, "from", from_width);
    line_text(&line, " > ");
    line_left(&line, "to", to_width);
    line_text(&line, " bytes payload tcp    sequence verdict  "
                     "what kept it from merging");
    line_text(&line, escape(COLOUR_NONE));
    line_print(&line);
}

/* Widens the columns before a poll, so that they do not change within it. */
static void poll_begin(const struct description *descriptions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        widen(&from_width, descriptions[i].from);
        widen(&to_width, descriptions[i].to);
    }
    if (!has_header)
        print_header();
    has_header = true;
}

static const char *verdict_colour(enum grove_verdict verdict)
{
    switch (verdict) {
    case GROVE_MERGED:
        return escape(COLOUR_GREEN);
    case GROVE_REJECTED:
        return escape(COLOUR_RED);
    case GROVE_PASSED:
        return escape(COLOUR_YELLOW);
    default:
        return "";
    }
}

static int64_t since_first(const struct timed_packet *packet)
{
    if (!has_first_time)
        first_time = packet->time;
    has_first_time = true;
    return packet->time - first_time;
}

static void add_rule(enum grove_rule rule)
{
    if (rule == GROVE_RULE_NONE)
        return;
    line_text(&line, " ");
    line_text(&line, grove_rule_id(rule));
    line_text(&line, " ");
    line_text(&line, grove_rule_words(rule));
}

static void add_description(const struct description *description, size_t len)
{
    line_left(&line, description->protocol, 8);
    line_text(&line, " ");
    line_left(&line, description->from, from_width);
    line_text(&line, " > ");
    line_left(&line, description->to, to_width);
    line_text(&line, " ");
    line_number(&line, len, 5);
    line_text(&line, " ");
    line_number(&line, description->payload, 7);
    line_text(&line, " ");
    line_left(&line, description->flags, 4);
    line_text(&line, " ");
    if (description->has_tcp)
        line_number(&line, description->sequence, 10);
    else
        line_left(&line, "", 10);
}

static void packet(const struct explained_packet *explained)
{
    const struct timed_packet *packet = explained->packet;
    const enum grove_verdict verdict = explained->fate.verdict;

    interface = explained->interface;
    line_number(&line, packet->frame, 6);
    line_text(&line, " ");
    line_seconds(&line, since_first(packet), 12);
    line_text(&line, " ");
    add_description(explained->description, packet->len);
    line_text(&line, " ");
    line_text(&line, verdict_colour(verdict));
    line_left(&line, grove_verdict_words(verdict), 8);
    line_text(&line, escape(COLOUR_NONE));
    add_rule(explained->fate.rule);
    if (explained->deviation != DEVIATION_NONE) {
        line_text(&line, "; ");
        line_text(&line, deviation_id(explained->deviation));
        line_text(&line, " ");
        line_text(&line, deviation_words(explained->deviation));
    }
    line_print(&line);
}

/* "12-14, 16" */
static void add_frames(const uint64_t *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t begin_at = i;

        while (i + 1 < count && frames[i + 1] == frames[i] + 1)
            i++;
        line_text(&line, begin_at > 0 ? ", " : "");
        line_number(&line, frames[begin_at], 0);
        if (i == begin_at)
            continue;
        line_text(&line, "-");
        line_number(&line, frames[i], 0);
    }
}

static void output(const struct explained_output *explained)
{
    line_text(&line, "       ");
    line_text(&line, escape(COLOUR_BOLD));
    line_text(&line, "=> ");
    add_frames(explained->frames, explained->packets);
    if (explained->packets > 1) {
        line_text(&line, ": ");
        line_number(&line, explained->packets, 0);
        line_text(&line, " packets in ");
        line_number(&line, explained->len, 0);
        line_text(&line, " bytes, gso_size ");
        line_number(&line, explained->vnet.gso_size, 0);
    } else {
        line_text(&line, " as it came");
    }
    line_text(&line, escape(COLOUR_NONE));
    line_text(&line, ";");
    add_rule(explained->rule);
    line_print(&line);
}

static void poll_end(uint64_t number)
{
    line_text(&line, "       -- end of poll ");
    line_number(&line, number, 0);
    if (*interface != '\0') {
        line_text(&line, " of ");
        line_text(&line, interface);
    }
    line_print(&line);
}

static void end(const struct explained_end *explained)
{
    putchar('\n');
    frame_counts_print(stdout, explained->counts);
    hints_print(stdout, explained->hints);
    printf("  %llu polls\n\n", (unsigned long long)explained->polls);
    tally_print(stdout, explained->tally);
    printf("\n  %-12s %7s  %s\n", "rule", "decided", "when");
    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        const uint64_t count = grove_rule_count(explained->table, rule);

        if (count != 0)
            printf("  %-12s %7llu  %s\n", grove_rule_id(rule),
                   (unsigned long long)count, grove_rule_words(rule));
    }
}

const struct explain_view explain_text = {
    .poll_begin = poll_begin,
    .packet = packet,
    .output = output,
    .poll_end = poll_end,
    .end = end,
};
