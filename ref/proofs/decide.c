/* SPDX-License-Identifier: MIT */
/*
 * decide.c: any valid packet against any valid held one gives a valid decision,
 * by any policy.
 */
#include "proof.h"

#define bytes_equal any_equal
#include "../decide.c"

/* Any valid packet of any length. */
static void any_packet(struct packet *packet)
{
    packet->input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    ASSUME(packet_is_valid(packet));
}

/* Any valid super-packet of the packet's flow. */
static void any_held(struct held *held, const struct packet *packet)
{
    any_packet(&held->first);
    ASSUME(held_is_valid(held));
    ASSUME(held->first.has_key && packet->has_key);
    ASSUME(held->first.key.transport == packet->key.transport);
    ASSUME(held->first.input.network == packet->input.network);
}

void proof_decide(void)
{
    const struct policy policy = any_policy();
    struct packet packet;
    struct held some;
    struct flows flows;
    struct decision decision;
    const struct held *held = nondet_bool() ? &some : NULL;

    any_packet(&packet);
    ASSUME(packet.input.reject != GROVE_RULE_NONE ||
           policy_network_is_valid(&policy, packet.input.network));
    if (held != NULL)
        any_held(&some, &packet);
    decide(&policy, &flows, &packet, held, &decision);
    PROVE(decision_is_valid(&policy, &flows, &packet, held, &decision));
    /* GRO-LL-007 */
    PROVE(!policy.lossless || decision.verdict != GROVE_MERGED ||
          (decision.fixed_id & FIXED_ID) == 0);
    REACHES(decision.verdict == GROVE_MERGED && policy.lossless);
    REACHES(decision.verdict == GROVE_HELD && held != NULL);
    REACHES(decision.leaves == GROVE_RULE_END_EVICTED);
    REACHES(decision.rule == GROVE_RULE_LL_EXTENSION);
    REACHES(decision.verdict == GROVE_REJECTED);
    REACHES(decision.rule == GROVE_RULE_LIMIT_JUMBO);
    REACHES(decision.beside && packet.flush != GROVE_RULE_NONE);
    REACHES(decision.rule == GROVE_RULE_LIST_COUNT);
}

/* What begins a super-packet is held, by decide() too, and nothing leaves. */
void proof_decide_begins(void)
{
    const struct policy policy = any_policy();
    struct packet packet;
    struct flows flows;
    struct decision decision;
    bool begins;

    any_packet(&packet);
    ASSUME(packet.input.reject == GROVE_RULE_NONE);
    decide(&policy, &flows, &packet, NULL, &decision);
    begins = decide_begins(&policy, &flows, &packet);
    PROVE(begins == (decision.verdict == GROVE_HELD &&
                     decision.leaves == GROVE_RULE_NONE));
    PROVE(!begins || decision.rule == GROVE_RULE_NONE);
    REACHES(begins && policy.lossless && packet.version == 6);
    REACHES(!begins && decision.verdict == GROVE_HELD);
}

/* What may grow stays within the limit. */
void proof_decide_grow(void)
{
    const struct policy policy = any_policy();
    const uint32_t total = nondet_u32();
    struct packet packet;
    struct held held;
    bool grows;

    any_packet(&packet);
    any_held(&held, &packet);
    grows = decide_may_grow(&policy, &held, total);
    PROVE(!grows || total <= policy.max_bytes);
    REACHES(grows && total == GROVE_MAX_BYTES);
    REACHES(!grows && total == GROVE_DEFAULT_BYTES + 1);
}
