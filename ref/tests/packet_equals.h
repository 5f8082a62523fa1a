/* SPDX-License-Identifier: MIT */
/*
 * Whether two ways to parse a packet found the same; for tests and proofs.
 * Fields that mean nothing are not compared.
 */
#ifndef GROVE_TEST_PACKET_EQUALS_H
#define GROVE_TEST_PACKET_EQUALS_H

#include <stdbool.h>
#include <string.h>

#include "packet.h"

static inline bool input_equals(const struct input *a, const struct input *b)
{
    return a->bytes.at == b->bytes.at && a->bytes.len == b->bytes.len &&
           a->network == b->network && a->version == b->version &&
           memcmp(&a->vnet, &b->vnet, sizeof a->vnet) == 0 &&
           a->tunnel == b->tunnel && a->gso == b->gso &&
           a->reject == b->reject && a->change == b->change;
}

static inline bool ip_fields_equals(const struct ip_fields *a,
                                    const struct ip_fields *b)
{
    return a->as_ip4 == b->as_ip4 && a->hop == b->hop &&
           a->traffic_class == b->traffic_class && a->id == b->id &&
           a->df == b->df;
}

static inline bool key_equals(const struct flow_key *a,
                              const struct flow_key *b)
{
    return a->transport == b->transport && a->network == b->network &&
           key_same_addresses(a, b, key_version(a));
}

/* Of packets that do not bypass. */
static inline bool l4_fields_equals(const struct packet *a,
                                    const struct packet *b)
{
    return a->payload == b->payload && a->flags == b->flags &&
           a->sequence == b->sequence &&
           (a->protocol != IP_PROTO_TCP ||
            (a->window == b->window && a->acknowledgment == b->acknowledgment));
}

/* Of packets that are not rejected, and in no tunnel. */
static inline bool packet_equals(const struct packet *a, const struct packet *b)
{
    return input_equals(&a->input, &b->input) && key_equals(&a->key, &b->key) &&
           ip_fields_equals(&a->ip, &b->ip) && a->network == b->network &&
           a->l4 == b->l4 && a->bypass == b->bypass && a->flush == b->flush &&
           a->verified == b->verified && a->has_addresses == b->has_addresses &&
           a->has_key == b->has_key && a->version == b->version &&
           a->protocol == b->protocol && a->tunnel == b->tunnel &&
           a->frames == b->frames && a->hash == b->hash &&
           (a->bypass != GROVE_RULE_NONE || l4_fields_equals(a, b));
}

#endif
