/* SPDX-License-Identifier: MIT */
/* The table: each packet's way through the stages, and what surrounds it. */
#include "grove/table.h"

#include <string.h>

#include "apply.h"
#include "decide.h"
#include "find.h"
#include "parse.h"
#include "table.h"

static void count(struct grove_table *table, enum grove_rule rule)
{
    if (rule != GROVE_RULE_NONE)
        table->counts[rule]++;
}

/* `held` leaves; what it needs is read before its place is used again. */
static void complete(struct grove_table *table, struct held *held,
                     enum grove_rule rule)
{
    count(table, rule);
    apply_complete(&table->policy, &table->outputs, held, rule);
    flows_remove(&table->flows, held);
}

static bool between_same(const struct packet *a, const struct packet *b)
{
    return a->version == b->version &&
           memcmp(a->key.source, b->key.source, sizeof a->key.source) == 0 &&
           memcmp(a->key.destination, b->key.destination,
                  sizeof a->key.destination) == 0;
}

/*
 * Lossless mode, GRO-END-006: a packet whose flow cannot be told may be of any
 * flow between its addresses.
 */
static void complete_between(struct grove_table *table,
                             const struct packet *packet)
{
    struct held *held = table->flows.oldest;

    while (held != NULL) {
        struct held *younger = held->younger;

        if (between_same(&held->first, packet))
            complete(table, held, GROVE_RULE_END_ORDER);
        held = younger;
    }
}

static void hold(struct grove_table *table, uint64_t hash, uint32_t number)
{
    if (table->flows.count == table->flows.max)
        complete(table, table->flows.oldest, GROVE_RULE_END_EVICTED);
    apply_hold(flows_add(&table->flows, hash), number);
}

static void merge(struct grove_table *table, const struct packet *packet,
                  struct held *held, uint32_t number)
{
    apply_merge(&table->outputs, held, packet, number,
                decide_fixed_id(&table->policy, packet, held));
}

/* The decision's effects, in the order in which packets leave. */
static void apply(struct grove_table *table, const struct packet *packet,
                  uint64_t hash, struct held *held,
                  const struct decision *decision)
{
    const uint32_t number = apply_record(&table->outputs, packet,
                                         decision->verdict, decision->rule);

    if (decision->verdict == GROVE_MERGED)
        merge(table, packet, held, number);
    if (decision->leaves != GROVE_RULE_NONE)
        complete(table, held, decision->leaves);
    if (decision->verdict == GROVE_HELD)
        hold(table, hash, number);
    if (decision->verdict == GROVE_PASSED)
        apply_pass(&table->outputs, packet, number);
}

/*
 * bytes -> parse -> find -> decide -> apply. Flat, since calls would cost a
 * tenth of the time where all stages are compiled as one unit.
 */
__attribute__((flatten)) static void receive(struct grove_table *table,
                                             const struct grove_packet *input)
{
    struct packet *packet = &table->flows.spare->first;
    struct held *held = NULL;
    uint64_t hash = 0;
    struct decision decision;

    count(table, parse(&table->policy, input, packet));
    if (packet->has_key) {
        hash = flows_hash(&table->flows, packet);
        held = flows_find(&table->flows, packet, hash);
    } else if (packet->has_addresses && table->policy.lossless) {
        complete_between(table, packet);
    }
    decide(&table->policy, packet, held, &decision);
    count(table, decision.rule);
    apply(table, packet, hash, held, &decision);
}

enum grove_error grove_receive(struct grove_table *table,
                               const struct grove_packet *packet)
{
    if (table->outputs.received == table->outputs.max)
        return GROVE_E_FULL;
    receive(table, packet);
    return GROVE_OK;
}

void grove_flush(struct grove_table *table)
{
    while (table->flows.oldest != NULL)
        complete(table, table->flows.oldest, GROVE_RULE_END_POLL);
}

enum grove_error grove_coalesce(struct grove_table *table,
                                const struct grove_packet *packets,
                                size_t count)
{
    if (count > table->outputs.max - table->outputs.received)
        return GROVE_E_FULL;
    for (size_t i = 0; i < count; i++)
        receive(table, &packets[i]);
    grove_flush(table);
    return GROVE_OK;
}

enum grove_error grove_clear(struct grove_table *table)
{
    if (table->flows.oldest != NULL)
        return GROVE_E_HELD;
    table->outputs.received = 0;
    table->outputs.count = 0;
    table->outputs.iovs = 0;
    return GROVE_OK;
}

const struct grove_output *grove_to_write(const struct grove_table *table,
                                          size_t *count)
{
    *count = table->outputs.count;
    return table->outputs.list;
}

uint32_t grove_next_packet(const struct grove_table *table, uint32_t number)
{
    if (number >= table->outputs.received)
        return GROVE_NO_PACKET;
    return table->outputs.records[number].next;
}

uint32_t grove_received(const struct grove_table *table)
{
    return table->outputs.received;
}

uint32_t grove_held(const struct grove_table *table)
{
    uint32_t packets = 0;

    for (const struct held *held = table->flows.oldest; held != NULL;
         held = held->younger)
        packets += held->packets;
    return packets;
}

struct grove_fate grove_fate_of(const struct grove_table *table,
                                uint32_t number)
{
    const struct record *record;

    if (number >= table->outputs.received)
        return (struct grove_fate){GROVE_REJECTED, GROVE_RULE_NONE};
    record = &table->outputs.records[number];
    return (struct grove_fate){(enum grove_verdict)record->verdict,
                               (enum grove_rule)record->rule};
}

const uint64_t *grove_rule_counts(const struct grove_table *table)
{
    return table->counts;
}

const char *grove_verdict_words(enum grove_verdict verdict)
{
    static const char *const words[] = {
        [GROVE_HELD] = "held",
        [GROVE_MERGED] = "merged",
        [GROVE_PASSED] = "passed",
        [GROVE_REJECTED] = "rejected",
    };

    return words[verdict];
}
