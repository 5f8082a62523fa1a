/* SPDX-License-Identifier: MIT */
/* What a table consists of; made by setup.c, used by receive.c and table.c. */
#ifndef GROVE_TABLE_PRIVATE_H
#define GROVE_TABLE_PRIVATE_H

#include "flows.h"
#include "outputs.h"
#include "policy.h"
#include "rule.h"

struct grove_table {
    struct policy policy;
    struct flows flows;
    struct outputs outputs;
    uint64_t counts[RULE_LIMIT];
};

/* Whether all held super-packets are valid; adds their packets to *packets. */
static inline bool table_held_is_valid(const struct grove_table *table,
                                       uint32_t *packets)
{
    const struct held *held = flows_oldest(&table->flows);

    for (; held != NULL; held = flows_younger(held)) {
        if (!held_is_valid(held) || !held_fits(held, table->policy.max_bytes) ||
            !policy_network_is_valid(&table->policy,
                                     held->first.input.network) ||
            (packet_in_tunnel(&held->first) &&
             table->policy.tunnels.count == 0) ||
            !outputs_chain_is_valid(
                &table->outputs, held,
                policy_lists(&table->policy, held->first.protocol)) ||
            held->packets > table->outputs.received - *packets)
            return false;
        *packets += held->packets;
    }
    return true;
}

/*
 * What grove_table_init() makes and every call keeps. There is room for what
 * the packets that are held will leave as.
 */
static inline bool table_is_valid(const struct grove_table *table)
{
    const struct outputs *outputs = &table->outputs;
    uint32_t held = 0;

    return policy_is_valid(&table->policy) &&
           outputs->max <= GROVE_MAX_PACKETS &&
           outputs->received <= outputs->max && flows_is_valid(&table->flows) &&
           table_held_is_valid(table, &held) &&
           outputs->count <= outputs->received - held &&
           outputs->iovs <= outputs_iovecs(table->policy.link,
                                           table->policy.tunnels.count != 0) *
                                (outputs->received - held);
}

#endif
