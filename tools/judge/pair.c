/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

/* What is compared in a pass: bytes of a packet. */
struct bytes_of {
    const uint8_t *at;
    size_t len;
};

/* A packet without a pair, and where its parts are. */
struct single {
    const struct finished *packet;
    struct bytes_of whole;
    struct bytes_of sequence; /* of TCP */
    struct bytes_of payload;  /* all that is behind the headers */
};

struct singles {
    struct single *at;
    size_t count;
};

static struct single single_of(const struct finished *packet)
{
    const struct run_output *output = &packet->output;
    const uint8_t *bytes = output->packet + packet->ip;
    const size_t len = output->len - packet->ip;
    const struct layout at = layout_of(bytes, len);
    struct single single = {.packet = packet,
                            .whole = {output->packet, output->len}};

    if (at.payload != 0)
        single.payload =
            (struct bytes_of){bytes + at.payload, len - at.payload};
    if (at.l4 != 0 && at.protocol == IPPROTO_TCP)
        single.sequence = (struct bytes_of){bytes + at.l4 + 4, 4};
    return single;
}

static int order_of(struct bytes_of a, struct bytes_of b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.at, b.at, a.len);
}

static int by_flow(const struct single *a, const struct single *b)
{
    return memcmp(&a->packet->flow, &b->packet->flow, sizeof a->packet->flow);
}

static int by_bytes(const struct single *a, const struct single *b)
{
    return order_of(a->whole, b->whole);
}

static int by_payload(const struct single *a, const struct single *b)
{
    return order_of(a->payload, b->payload);
}

static int by_segment(const struct single *a, const struct single *b)
{
    int order = by_flow(a, b);

    if (order == 0)
        order = order_of(a->sequence, b->sequence);
    return order != 0 ? order : by_payload(a, b);
}

static int by_datagram(const struct single *a, const struct single *b)
{
    const int order = by_flow(a, b);

    return order != 0 ? order : by_payload(a, b);
}

/* One pass: packets that are equal in this way are pairs. */
struct pass {
    int (*compare)(const struct single *a, const struct single *b);
    bool needs_bytes; /* of TCP's sequence number or of payload */
};

static const struct pass passes[] = {
    {by_bytes, false},  {by_segment, true}, {by_datagram, true},
    {by_payload, true}, {by_flow, false},
};

static int by_pass(const void *a, const void *b, void *context)
{
    const struct pass *pass = context;
    const struct single *one = a;
    const struct single *other = b;
    const int order = pass->compare(one, other);

    if (order != 0)
        return order;
    return one->packet->number < other->packet->number ? -1 : 1;
}

/* Removes those that have a pair. */
static void keep_single(struct singles *singles, const size_t *pair_of)
{
    size_t kept = 0;

    for (size_t i = 0; i < singles->count; i++)
        if (pair_of[singles->at[i].packet->number] == PAIR_NONE)
            singles->at[kept++] = singles->at[i];
    singles->count = kept;
}

static void sort(struct singles *singles, const struct pass *pass)
{
    if (singles->count > 0)
        qsort_r(singles->at, singles->count, sizeof *singles->at, by_pass,
                (void *)(uintptr_t)pass);
}

static void join(struct pairs *pairs, const struct single *sent,
                 const struct single *arrived)
{
    pairs->arrived_as[sent->packet->number] = arrived->packet->number;
    pairs->sent_as[arrived->packet->number] = sent->packet->number;
}

static bool has_bytes(const struct single *single)
{
    return single->sequence.len + single->payload.len != 0;
}

static void find_by(struct pairs *pairs, const struct pass *pass,
                    struct singles *sent, struct singles *arrived)
{
    size_t i = 0;
    size_t j = 0;

    sort(sent, pass);
    sort(arrived, pass);
    while (i < sent->count && j < arrived->count) {
        const int order = pass->compare(&sent->at[i], &arrived->at[j]);

        if (order == 0 && (!pass->needs_bytes || has_bytes(&sent->at[i])))
            join(pairs, &sent->at[i], &arrived->at[j]);
        i += order <= 0;
        j += order >= 0;
    }
    keep_single(sent, pairs->arrived_as);
    keep_single(arrived, pairs->sent_as);
}

/* The packets of the list that have no pair, and are not taken. */
static struct singles singles_of(const struct finished_list *list,
                                 const bool *taken, struct arena *arena)
{
    struct singles singles = {
        .at = arena_alloc(arena, list->count, sizeof *singles.at)};

    for (size_t i = 0; i < list->count; i++)
        if (taken == NULL || !taken[i])
            singles.at[singles.count++] = single_of(&list->at[i]);
    return singles;
}

/*
 * Finds what is equal to a packet that was sent and has arrived. It is no
 * changed form of another packet.
 */
static void find_copies(struct pairs *pairs, struct singles *arrived,
                        struct arena *arena)
{
    struct singles sent = singles_of(pairs->sent, NULL, arena);
    size_t i = 0;
    size_t kept = 0;

    sort(&sent, &passes[0]);
    sort(arrived, &passes[0]);
    for (size_t j = 0; j < arrived->count; j++) {
        while (i < sent.count && by_bytes(&sent.at[i], &arrived->at[j]) < 0)
            i++;
        if (i < sent.count && by_bytes(&sent.at[i], &arrived->at[j]) == 0)
            pairs->copy_of[arrived->at[j].packet->number] =
                sent.at[i].packet->number;
        else
            arrived->at[kept++] = arrived->at[j];
    }
    arrived->count = kept;
}

static size_t *no_numbers(size_t count, struct arena *arena)
{
    size_t *numbers = arena_alloc(arena, count, sizeof *numbers);

    for (size_t i = 0; i < count; i++)
        numbers[i] = PAIR_NONE;
    return numbers;
}

struct pairs pairs_make(const struct finished_list *sent,
                        const struct finished_list *arrived,
                        struct arena *arena)
{
    return (struct pairs){
        .sent = sent,
        .arrived = arrived,
        .arrived_as = no_numbers(sent->count, arena),
        .sent_as = no_numbers(arrived->count, arena),
        .copy_of = no_numbers(arrived->count, arena),
        .taken = arena_alloc(arena, sent->count, sizeof(bool)),
    };
}

void pairs_find(struct pairs *pairs, struct arena *arena)
{
    struct singles sent = singles_of(pairs->sent, pairs->taken, arena);
    struct singles arrived = singles_of(pairs->arrived, NULL, arena);

    find_by(pairs, &passes[0], &sent, &arrived);
    find_by(pairs, &passes[1], &sent, &arrived);
    find_copies(pairs, &arrived, arena);
    for (size_t i = 2; i < sizeof passes / sizeof passes[0]; i++)
        find_by(pairs, &passes[i], &sent, &arrived);
}
