/* SPDX-License-Identifier: MIT */
/* The output of `grove explain` as columns of text. */
#include "explain.h"

#include <string.h>

#include "grove.h"

/* The columns of endpoints become wider for long ones, and never narrower. */
static int from_width = 15;
static int to_width = 15;

static int64_t first_time;
static bool has_first_time;
static bool has_header;

static void widen(int *width, const char *text)
{
    if ((int)strlen(text) > *width)
        *width = (int)strlen(text);
}

static void print_header(void)
{
    printf("%s%6s %12s %-8s %-*s > %-*s %5s %7s %-4s %10s %-8s %s%s\n",
           colour(stdout, COLOUR_BOLD), "frame", "seconds", "protocol",
           from_width, "from", to_width, "to", "bytes", "payload", "tcp",
           "sequence", "verdict", "what kept it from merging",
           colour(stdout, COLOUR_NONE));
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
        return colour(stdout, COLOUR_GREEN);
    case GROVE_REJECTED:
        return colour(stdout, COLOUR_RED);
    case GROVE_PASSED:
        return colour(stdout, COLOUR_YELLOW);
    default:
        return "";
    }
}

static double seconds_of(const struct timed_packet *packet)
{
    if (!has_first_time)
        first_time = packet->time;
    has_first_time = true;
    return (double)(packet->time - first_time) / 1e9;
}

static void print_rule(enum grove_rule rule)
{
    if (rule != GROVE_RULE_NONE)
        printf(" %s %s", grove_rule_id(rule), grove_rule_words(rule));
}

static void packet(const struct explained_packet *explained)
{
    const struct description *description = explained->description;
    const enum grove_verdict verdict = explained->fate.verdict;
    char sequence[16] = "";

    if (description->has_tcp)
        snprintf(sequence, sizeof sequence, "%u", description->sequence);
    printf("%6llu %12.6f %-8s %-*s > %-*s %5zu %7u %-4s %10s %s%-8s%s",
           (unsigned long long)explained->packet->frame,
           seconds_of(explained->packet), description->protocol, from_width,
           description->from, to_width, description->to, explained->packet->len,
           description->payload, description->flags, sequence,
           verdict_colour(verdict), grove_verdict_words(verdict),
           colour(stdout, COLOUR_NONE));
    print_rule(explained->fate.rule);
    putchar('\n');
}

/* "12-14, 16" */
static void print_frames(const uint64_t *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t begin_at = i;

        while (i + 1 < count && frames[i + 1] == frames[i] + 1)
            i++;
        printf("%s%llu", begin_at > 0 ? ", " : "",
               (unsigned long long)frames[begin_at]);
        if (i > begin_at)
            printf("-%llu", (unsigned long long)frames[i]);
    }
}

static void output(const struct explained_output *explained)
{
    printf("       %s=> ", colour(stdout, COLOUR_BOLD));
    print_frames(explained->frames, explained->packets);
    if (explained->packets > 1)
        printf(": %zu packets in %zu bytes, gso_size %u", explained->packets,
               explained->len, explained->vnet.gso_size);
    else
        printf(" as it came");
    printf("%s;", colour(stdout, COLOUR_NONE));
    print_rule(explained->rule);
    putchar('\n');
}

static void poll_end(uint64_t number)
{
    printf("       -- end of poll %llu\n", (unsigned long long)number);
}

static void end(const struct explained_end *explained)
{
    putchar('\n');
    frame_counts_print(stdout, explained->counts);
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

const struct explain_view explain_text = {poll_begin, packet, output, poll_end,
                                          end};
