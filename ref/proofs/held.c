/* SPDX-License-Identifier: MIT */
/* held.c: a super-packet is valid when it begins and after each merge. */
#include "../held.c"
#include "decide.h"
#include "ip_model.h"
#include "proof.h"

void proof_held(void)
{
    struct held held;
    struct packet packet;
    struct flows flows;
    struct decision decision;
    const struct policy policy = any_policy();

    held.first.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    packet.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    if (nondet_bool()) {
        ASSUME(packet_is_valid(&held.first));
        ASSUME(held.first.input.reject == GROVE_RULE_NONE);
        ASSUME(held.first.bypass == GROVE_RULE_NONE);
        ASSUME(held.first.flush == GROVE_RULE_NONE);
        ASSUME(packet_payload_len(&held.first) != 0);
        held_begin(&held, nondet_u32());
        REACHES(held.total == GROVE_MAX_PACKET_LEN);
    } else {
        ASSUME(held_is_valid(&held) && packet_is_valid(&packet));
        ASSUME(decision.verdict == GROVE_MERGED);
        ASSUME(decision_is_valid(&policy, &flows, &packet, &held, &decision));
        ASSUME(held.packets <= GROVE_MAX_BYTES); /* or none follow */
        held_append(&held, &packet, nondet_u32(), decision.fixed_id);
        PROVE(held_fits(&held, policy.max_bytes));
        REACHES(held.total == GROVE_MAX_BYTES);
    }
    PROVE(held_pseudo_sum(&held) != 0);
    PROVE(held_is_valid(&held));
}
