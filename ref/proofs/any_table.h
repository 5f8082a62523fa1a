/* SPDX-License-Identifier: MIT */
/*
 * A valid table of two flows and MOST_PACKETS packets, and where each packet
 * is. Which memory a held one has, and which chain it is in, is that of
 * flows.c, whose proofs are about any flow table: here these are chosen.
 */
#ifndef GROVE_PROOF_ANY_TABLE_H
#define GROVE_PROOF_ANY_TABLE_H

#include "proof.h"
#include "table.h"

static struct record records[MOST_PACKETS];
static struct grove_output list[MOST_PACKETS];
static uint8_t vnets[MOST_PACKETS * GROVE_VNET_LEN_MAX];
static struct headers headers[MOST_PACKETS];
static struct iovec iovs[IOVECS_PER_PACKET * MOST_PACKETS];

static struct held older;
static struct held younger;
static struct held spare;
static struct held *slot;

/* In how many outputs a packet is. The sum of all its places cannot wrap. */
static uint8_t written[MOST_PACKETS];

static uint32_t times_in(const struct grove_table *table,
                         const struct held *held, uint32_t number)
{
    uint32_t at = held->first_number;
    uint32_t times = 0;

    for (uint32_t i = 0; i < MOST_PACKETS; i++)
        if (i < held->packets && at < MOST_PACKETS) {
            times += at == number;
            at = table->outputs.records[at].next;
        }
    return times;
}

/* A received packet is in one output, or in one held one, or rejected. */
static bool is_in_one_place(const struct grove_table *table, uint32_t number)
{
    uint32_t times = written[number];
    const struct held *held = table->flows.oldest;

    for (uint32_t i = 0; i < MOST_FLOWS; i++)
        if (held != NULL) {
            times += times_in(table, held, number);
            held = held->younger;
        }
    return times == (records[number].verdict != GROVE_REJECTED);
}

static bool all_are_in_one_place(const struct grove_table *table)
{
    for (uint32_t i = 0; i < MOST_PACKETS; i++)
        if (i < table->outputs.received && !is_in_one_place(table, i))
            return false;
    return true;
}

/* What holds between the calls of a table. */
static bool is_sound(const struct grove_table *table)
{
    return table_is_valid(table) && all_are_in_one_place(table);
}

static void make_any(struct held *held)
{
    struct held any;

    any.first.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    *held = any;
    held->chained = held->older = held->younger = NULL;
}

static struct bucket any_bucket(void)
{
    return (struct bucket){
        .youngest = nondet_bool()   ? NULL
                    : nondet_bool() ? &older
                                    : &younger,
        .count = nondet_u32(),
    };
}

/* None, one or two are held, in any buckets. */
static struct flows any_flows(void)
{
    struct flows flows = {.slots = &slot, .max = MOST_FLOWS, .spare = &spare};

    make_any(&older);
    make_any(&younger);
    const uint32_t count = nondet_u32();

    ASSUME(count <= MOST_FLOWS);
    if (count >= 1) {
        slot = flows.oldest = &older;
    } else {
        flows.free = &older;
        older.younger = &younger;
    }
    if (count == 1)
        flows.free = &younger;
    if (count == 2) {
        slot = older.younger = &younger;
        younger.older = younger.chained = &older;
    }
    flows.recent = nondet_bool() ? slot : NULL;
    flows.bucket_max = MOST_FLOWS;
    for (uint32_t i = 0; i < GROVE_BUCKETS; i++)
        flows.bucket[i] = any_bucket();
    return flows;
}

static struct grove_table any_table(void)
{
    struct grove_table table;

    struct tunnels tunnels;

    table.policy = any_policy();
    ASSUME(tunnels.count <= 1);
    table.policy.tunnels = tunnels;
    table.policy.plain = nondet_bool();
    table.flows = any_flows();
    table.outputs.records = records;
    table.outputs.list = list;
    table.outputs.vnets = vnets;
    table.outputs.vnet_len = table.policy.vnet_len;
    table.outputs.headers = headers;
    table.outputs.iov = iovs;
    __CPROVER_havoc_object(records);
    __CPROVER_havoc_object(written);
    ASSUME(table.outputs.max <= MOST_PACKETS);
    ASSUME(is_sound(&table));
    return table;
}

#endif
