/* SPDX-License-Identifier: MIT */
/* SPEC.md, "The receive step": each packet's way through the stages. */
#include "decide.h"
#include "flatten.h"
#include "ip.h"
#include "parse.h"
#include "parse_usual.h"
#include "predict.h"
#include "table.h"

static void count_rule(struct grove_table *table, enum grove_rule rule)
{
    if (rule != GROVE_RULE_NONE)
        table->counts[rule]++;
}

/* `held` leaves. It is written before its place becomes free. */
static void leave(struct grove_table *table, struct held *held,
                  enum grove_rule rule)
{
    count_rule(table, rule);
    outputs_held(&table->outputs, &table->policy, held, rule);
    flows_remove(&table->flows, held);
}

/* All held between the packet's addresses leave, the oldest first. */
static void leave_between(struct grove_table *table,
                          const struct packet *packet, enum grove_rule rule)
{
    struct held *held = flows_oldest(&table->flows);

    while (held != NULL) {
        struct held *younger = flows_younger(held);

        if (decide_is_between(packet, held))
            leave(table, held, rule);
        held = younger;
    }
}

/* The held ones that the decision names leave. */
static void leave_decided(struct grove_table *table,
                          const struct packet *packet, struct held *held,
                          const struct decision *decision)
{
    if (decision->leavers == LEAVES_OWN)
        leave(table, held, decision->leaves);
    else if (decision->leavers == LEAVES_OLDEST)
        leave(table, flows_oldest_of(&table->flows, packet->hash),
              decision->leaves);
    else
        leave_between(table, packet, decision->leaves);
}

/* What a super-packet, or a list, has of the packet. */
static struct bytes part_kept(const struct policy *policy,
                              const struct packet *packet,
                              enum grove_verdict verdict)
{
    if (verdict != GROVE_HELD && verdict != GROVE_MERGED)
        return (struct bytes){NULL, 0};
    if (policy_lists(policy, packet->protocol))
        return packet->input.bytes;
    return packet_payload(packet);
}

/* What else a packet changes where there are lists. */
RARE static void apply_list(struct grove_table *table,
                            const struct packet *packet, uint32_t number,
                            struct held *held, const struct decision *decision)
{
    if (held != NULL && decision->beside)
        held->fixed_id = decision->fixed_id;
    if (decision->verdict == GROVE_HELD || decision->verdict == GROVE_MERGED)
        outputs_keep_vnet(&table->outputs, packet, number);
}

/* The effects of a decision, in the order in which packets leave. */
static void apply(struct grove_table *table, const struct packet *packet,
                  uint32_t hash, struct held *held,
                  const struct decision *decision)
{
    const struct bytes part =
        part_kept(&table->policy, packet, decision->verdict);
    const uint32_t number = outputs_record(&table->outputs, part,
                                           decision->verdict, decision->rule);

    if (table->policy.fraglist)
        apply_list(table, packet, number, held, decision);
    if (decision->verdict == GROVE_MERGED) {
        outputs_chain(&table->outputs, held, number);
        held_append(held, packet, number, decision->fixed_id);
        flows_touch(&table->flows, held);
    }
    if (decision->leaves != GROVE_RULE_NONE)
        leave_decided(table, packet, held, decision);
    if (decision->verdict == GROVE_HELD)
        held_begin(flows_add(&table->flows, hash), number);
    if (decision->verdict == GROVE_PASSED)
        outputs_pass(&table->outputs, packet, number);
}

/* A packet whose length predict() has checked. */
static struct bytes given_bytes(const struct grove_packet *given)
{
    return (struct bytes){given->data, (uint32_t)given->len};
}

/*
 * The receive step. Its conditions are in decide(), its effects in apply(),
 * both in SPEC's order. `hash` is that of the flow, or 0 if it is not known.
 * `parsed`: parse_usual() did what parse() does.
 */
__attribute__((noinline)) FLATTEN static void
stages(struct grove_table *table, const struct grove_packet *given,
       uint32_t hash, bool parsed)
{
    const struct policy *policy = &table->policy;
    struct packet *packet = flows_spare(&table->flows);
    struct held *held = NULL;
    struct decision decision;

    if (!parsed)
        parse(policy, given, packet); /* sections 3 to 6 */
    count_rule(table, packet->input.change);
    if (packet->has_key) {
        if (hash == 0)
            hash = flows_hash(&table->flows, packet);
        held = flows_find(&table->flows, packet, hash); /* section 7 */
    }
    decide(policy, &table->flows, packet, held, &decision);
    count_rule(table, decision.rule);
    apply(table, packet, hash, held, &decision);
}

/* GRO-TCP-001, GRO-UDP-002, for a packet that predict() accepts. */
static bool is_right(const struct policy *policy, struct held *held,
                     const struct grove_packet *given)
{
    return policy->csum_trusted ||
           ip_l4_adds_up(policy->sum, held_pseudo_sum(held),
                         bytes_from(given_bytes(given), held->first.l4));
}

/* What the stages do to such a packet, and no more. */
static void merge_predicted(struct grove_table *table, struct held *held,
                            const struct grove_packet *given)
{
    const struct bytes payload =
        bytes_from(given_bytes(given), held->first.payload);
    const uint32_t number =
        outputs_record(&table->outputs, payload, GROVE_MERGED, GROVE_RULE_NONE);

    outputs_chain(&table->outputs, held, number);
    held_grow(held, payload.len, number);
    flows_touch(&table->flows, held);
}

/*
 * What the stages do to a usual packet that begins a super-packet, and no more.
 * Returns whether it does. None with the hash of its flow is held.
 */
static inline CONTAINED bool begin_predicted(struct grove_table *table,
                                             const struct packet *packet,
                                             uint32_t hash)
{
    uint32_t number;

    if (!decide_begins(&table->policy, &table->flows, packet))
        return false;
    number = outputs_record(&table->outputs, packet_payload(packet), GROVE_HELD,
                            GROVE_RULE_NONE);
    held_begin(flows_add(&table->flows, hash), number);
    return true;
}

/* A packet that does not merge as predicted. */
static inline CONTAINED void receive_other(struct grove_table *table,
                                           const struct grove_packet *given,
                                           uint32_t hash)
{
    struct packet *packet = flows_spare(&table->flows);
    const bool usual =
        hash != 0 && parse_usual(&table->policy, given_bytes(given), packet);

    if (!usual || !begin_predicted(table, packet, hash))
        stages(table, given, hash, usual);
}

static inline CONTAINED void receive(struct grove_table *table,
                                     const struct grove_packet *given)
{
    uint32_t hash = 0;
    struct held *held = predict(&table->policy, &table->flows, given, &hash);

    if (held != NULL && is_right(&table->policy, held, given))
        merge_predicted(table, held, given);
    else
        receive_other(table, given, hash);
}

FLATTEN enum grove_error grove_receive(struct grove_table *table,
                                       const struct grove_packet *packet)
{
    if (table->outputs.received == table->outputs.max)
        return GROVE_E_FULL;
    receive(table, packet);
    return GROVE_OK;
}

/* GRO-END-008: the poll ends: all leave, by bucket, the oldest first. */
__attribute__((noinline)) FLATTEN void grove_flush(struct grove_table *table)
{
    const struct held *held = flows_oldest(&table->flows);

    for (; held != NULL; held = flows_younger(held)) {
        count_rule(table, GROVE_RULE_END_POLL);
        outputs_held(&table->outputs, &table->policy, held,
                     GROVE_RULE_END_POLL);
    }
    flows_clear(&table->flows);
}

FLATTEN enum grove_error grove_coalesce(struct grove_table *table,
                                        const struct grove_packet *packets,
                                        size_t count)
{
    if (count > table->outputs.max - table->outputs.received)
        return GROVE_E_FULL;
    for (const struct grove_packet *end = packets + count; packets != end;
         packets++)
        receive(table, packets);
    grove_flush(table);
    return GROVE_OK;
}
