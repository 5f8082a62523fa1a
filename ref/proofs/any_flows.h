/* SPDX-License-Identifier: MIT */
/* Any valid flow table of up to MOST_FLOWS flows, at most 3. */
#ifndef GROVE_PROOF_ANY_FLOWS_H
#define GROVE_PROOF_ANY_FLOWS_H

#include "flows.h"
#include "proof.h"

enum { MOST_SLOTS = 2 };

static struct held held_a;
static struct held held_b;
static struct held held_c;
static struct held held_d;
static struct held *slots[MOST_SLOTS];

/* One of them, or NULL. */
static struct held *any_one(void)
{
    switch (nondet_u16()) {
    case 0:
        return &held_a;
    case 1:
        return &held_b;
    case 2:
        return &held_c;
    case 3:
        return &held_d;
    default:
        return NULL;
    }
}

/* With any packet, and links to any. */
static void make_any(struct held *held)
{
    struct held any;

    any.first.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    *held = any;
    held->chained = any_one();
    held->older = any_one();
    held->younger = any_one();
}

static struct flows any_flows(void)
{
    struct flows flows;

    make_any(&held_a);
    make_any(&held_b);
    make_any(&held_c);
    make_any(&held_d);
    ASSUME(flows.max >= 1 && flows.max <= MOST_FLOWS);
    flows.mask = MOST_SLOTS - 1;
    flows.slots = slots;
    for (uint32_t i = 0; i < MOST_SLOTS; i++)
        slots[i] = any_one();
    flows.spare = any_one();
    flows.free = any_one();
    flows.recent = any_one();
    flows.oldest = any_one();
    for (uint32_t i = 0; i < GROVE_BUCKETS; i++)
        flows.bucket[i].youngest = any_one();
    ASSUME(flows_is_valid(&flows));
    return flows;
}

#endif
