/* SPDX-License-Identifier: MIT */
/*
 * receive.c: the stages give any result that their proofs allow, and the table
 * is valid after each call. No packet is lost, and none is in two places.
 */
#include "proof.h"

#include "../flows.c"
#include "../outputs.c"
#include "../receive.c"
#include "ip_model.h"

enum { MOST_FLOWS = 2, MOST_PACKETS = 3 };
#include "any_table.h"

void parse(const struct policy *policy, const struct grove_packet *given,
           struct packet *packet)
{
    struct packet any;

    any.input.bytes = (struct bytes){given->data, (uint32_t)given->len};
    ASSUME(packet_is_valid(&any));
    ASSUME(any.input.reject != GROVE_RULE_NONE ||
           policy_network_is_valid(policy, any.input.network));
    ASSUME(policy->tunnels.count != 0 || !packet_in_tunnel(&any));
    *packet = any;
}

bool parse_usual(const struct policy *policy, struct bytes bytes,
                 struct packet *packet)
{
    const struct grove_packet given = {bytes.at, bytes.len, NULL};

    parse(policy, &given, packet);
    return nondet_bool();
}

void decide(const struct policy *policy, const struct flows *flows,
            const struct packet *packet, const struct held *held,
            struct decision *decision)
{
    struct decision any;

    PROVE(held == NULL || held == flows->oldest ||
          held == flows->oldest->younger);
    ASSUME(decision_is_valid(policy, flows, packet, held, &any));
    /* setup.c has memory for all buckets. */
    ASSUME(any.verdict != GROVE_HELD || any.leaves != GROVE_RULE_NONE ||
           flows_count(flows) < flows->max);
    /* proof_receive_leave() is about what leaves. */
    ASSUME(any.leaves == GROVE_RULE_NONE);
    any.leaves = GROVE_RULE_NONE; /* a constant */
    *decision = any;
}

bool decide_begins(const struct policy *policy, const struct flows *flows,
                   const struct packet *packet)
{
    const struct decision decision = {.verdict = GROVE_HELD};

    PROVE(packet_is_valid(packet));
    return nondet_bool() && packet->input.reject == GROVE_RULE_NONE &&
           decision_is_valid(policy, flows, packet, NULL, &decision);
}

bool decide_is_between(const struct packet *packet, const struct held *held)
{
    PROVE(packet->has_addresses && held_is_valid(held));
    return nondet_bool();
}

struct held *predict(const struct policy *policy, const struct flows *flows,
                     const struct grove_packet *given, uint32_t *hash)
{
    struct held *held = flows->oldest;

    *hash = nondet_u32();
    if (nondet_bool())
        return NULL;
    ASSUME(held != NULL);
    held = nondet_bool() ? held : held->younger;
    ASSUME(held != NULL && predict_is_valid(policy, held, given));
    return held;
}

/* In the place of flows_hash(). */
uint32_t any_hash(const struct flows *flows, const struct packet *packet)
{
    PROVE(packet->has_key && packet_is_valid(packet));
    (void)flows;
    return nondet_u32();
}

/* In the place of same_flow(): what flows-same shows. */
bool any_same(const struct packet *a, const struct packet *b)
{
    return a->hash == b->hash && a->key.transport == b->key.transport &&
           nondet_bool();
}

/* An output of so many packets. */
static void write_any(struct outputs *to, uint32_t packets, bool in_tunnel)
{
    const uint32_t slices = nondet_u32();

    PROVE(to->count < to->received);
    ASSUME(slices <= outputs_iovecs(GROVE_LINK_NONE, in_tunnel) * packets);
    to->count++;
    to->iovs += slices;
}

/* In the place of outputs_pass(). */
void pass_any(struct outputs *to, const struct packet *packet, uint32_t number)
{
    PROVE(packet_is_valid(packet));
    written[number]++;
    write_any(to, 1, false);
}

/* In the place of outputs_held(). */
void write_held(struct outputs *to, const struct policy *policy,
                const struct held *held, enum grove_rule rule)
{
    uint32_t at = held->first_number;

    PROVE(held_is_valid(held) && held_fits(held, policy->max_bytes));
    PROVE(outputs_chain_is_valid(to, held,
                                 policy_lists(policy, held->first.protocol)));
    PROVE(rule != GROVE_RULE_NONE);
    for (uint32_t i = 0; i < MOST_PACKETS; i++)
        if (i < held->packets) {
            written[at]++;
            at = to->records[at].next;
        }
    write_any(to, held->packets, policy->tunnels.count != 0);
}

/* The poll ends: nothing is held, and each packet is in one place. */
void proof_receive_flush(void)
{
    struct grove_table table = any_table();
    const uint32_t received = grove_received(&table);
    const uint32_t held = flows_count(&table.flows);

    grove_flush(&table);
    PROVE(is_sound(&table));
    PROVE(flows_count(&table.flows) == 0);
    PROVE(grove_received(&table) == received);
    REACHES(held == 2 && table.outputs.count == 3);
    REACHES(held == 1 && table.outputs.count == 1 && received == 3);
}

/* In the place of outputs_keep_vnet(). */
void keep_any(struct outputs *outputs, const struct packet *packet,
              uint32_t number)
{
    PROVE(packet_is_valid(packet) && number < outputs->received);
}

/* The held one that has this packet, or NULL. */
static const struct held *holder(const struct grove_table *table,
                                 uint32_t number)
{
    const struct held *held = table->flows.oldest;

    for (uint32_t i = 0; i < MOST_FLOWS; i++) {
        if (held == NULL || times_in(table, held, number) != 0)
            return held;
        held = held->younger;
    }
    return NULL;
}

/* Any held one, but none if none is held. */
static struct held *any_held(const struct flows *flows)
{
    struct held *held = flows->oldest;

    return held != NULL && held->younger != NULL && nondet_bool()
               ? held->younger
               : held;
}

/* A packet goes through the stages, and no held one leaves. */
void proof_receive_stages(void)
{
    struct grove_table table = any_table();
    const uint32_t number = table.outputs.received;
    const struct bytes bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    const struct grove_packet given = {bytes.at, bytes.len, NULL};
    const uint8_t *verdict = &records[number].verdict;

    ASSUME(number < table.outputs.max);
    written[number] = 0;
    stages(&table, &given, nondet_u32(), false);
    PROVE(is_sound(&table));
    PROVE(table.outputs.received == number + 1);
    REACHES(*verdict == GROVE_MERGED && number == 2);
    REACHES(*verdict == GROVE_HELD && flows_count(&table.flows) == 2);
    REACHES(*verdict == GROVE_PASSED && number == 2);
    REACHES(*verdict == GROVE_REJECTED);
}

/*
 * A held one leaves, before or after the packet because of which it leaves has
 * got its place.
 */
void proof_receive_leave(void)
{
    struct grove_table table = any_table();
    struct held *held = any_held(&table.flows);
    const uint32_t count = flows_count(&table.flows);
    const uint32_t number = table.outputs.received;
    const uint32_t of_held = nondet_u32();

    ASSUME(held != NULL);
    ASSUME(of_held < number && holder(&table, of_held) == held);
    if (number < table.outputs.max && nondet_bool()) {
        written[number] = 1; /* it will get one */
        outputs_record(&table.outputs, (struct bytes){NULL, 0}, GROVE_PASSED,
                       GROVE_RULE_NONE);
    }
    leave(&table, held, GROVE_RULE_END_MISMATCH);
    PROVE(is_sound(&table));
    PROVE(written[of_held] == 1);
    PROVE(flows_count(&table.flows) == count - 1);
    REACHES(table.outputs.received == number + 1 && count == 2);
    REACHES(held->packets == 3);
}

/* A packet is predicted: it is in the held one, and the others stay. */
void proof_receive_predicted(void)
{
    struct grove_table table = any_table();
    struct held *held = any_held(&table.flows);
    const uint32_t number = table.outputs.received;
    const uint32_t other = nondet_u32();
    const struct held *before = holder(&table, other);
    const struct bytes bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    const struct grove_packet given = {bytes.at, bytes.len, NULL};

    ASSUME(number < table.outputs.max);
    written[number] = 0;
    ASSUME(held != NULL && predict_is_valid(&table.policy, held, &given));
    merge_predicted(&table, held, &given);
    PROVE(is_sound(&table));
    PROVE(other >= number || holder(&table, other) == before);
    PROVE(holder(&table, number) == held);
    REACHES(number == 2 && flows_count(&table.flows) == 2);
}

/*
 * A predicted packet begins a super-packet, which holds it alone, and the
 * others stay; or nothing changes.
 */
void proof_receive_begins(void)
{
    struct grove_table table = any_table();
    struct packet *packet = flows_spare(&table.flows);
    const uint32_t number = table.outputs.received;
    const uint32_t other = nondet_u32();
    const struct held *before = holder(&table, other);
    const struct bytes bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    const struct grove_packet given = {bytes.at, bytes.len, NULL};
    const uint32_t hash = nondet_u32();
    bool begins;

    ASSUME(number < table.outputs.max);
    written[number] = 0;
    /* What predict() gives. */
    ASSUME(flows_probe(&table.flows, hash) == NULL);
    /* setup.c has memory for all buckets. */
    ASSUME(flows_count(&table.flows) < table.flows.max);
    parse(&table.policy, &given, packet);
    begins = begin_predicted(&table, packet, hash);
    PROVE(is_sound(&table));
    PROVE(other >= number || holder(&table, other) == before);
    PROVE(table.outputs.received == number + (begins ? 1 : 0));
    PROVE(!begins || &holder(&table, number)->first == packet);
    REACHES(!begins);
    REACHES(begins && number == 2 && flows_count(&table.flows) == 2);
}

static uint32_t calls;

/* In the place of receive(): each packet, in their order. */
void receive_any(struct grove_table *table, const struct grove_packet *given)
{
    PROVE(__CPROVER_r_ok(given, sizeof *given));
    PROVE(given->len == calls);
    PROVE(table->outputs.received < table->outputs.max);
    table->outputs.received++;
    calls++;
}

static bool is_flushed;

/* In the place of grove_flush(). */
void flush_any(struct grove_table *table)
{
    (void)table;
    PROVE(!is_flushed);
    is_flushed = true;
}

/* All packets of a batch are received, or none. */
void proof_receive_batch(void)
{
    struct grove_packet packets[MOST_PACKETS];
    const size_t count = nondet_u32();
    struct grove_table table;
    struct outputs *outputs = &table.outputs;

    for (uint32_t i = 0; i < MOST_PACKETS; i++)
        packets[i].len = i;
    ASSUME(outputs->max <= MOST_PACKETS && outputs->received <= outputs->max);
    const uint32_t room = outputs->max - outputs->received;
    const enum grove_error error = grove_coalesce(&table, packets, count);

    PROVE((error == GROVE_OK) == (count <= room));
    PROVE(is_flushed == (error == GROVE_OK));
    PROVE(calls == (error == GROVE_OK ? count : 0));
    REACHES(calls == 3);
    REACHES(error == GROVE_E_FULL && count > UINT32_MAX / 2);
}
