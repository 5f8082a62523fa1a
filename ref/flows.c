/* SPDX-License-Identifier: MIT */
#include "flows.h"

#include <string.h>

uint32_t flows_slots(uint32_t max)
{
    uint32_t slots = 2;

    while (slots < 2 * max)
        slots *= 2;
    return slots;
}

void flows_init(struct flows *flows, uint32_t max, uint64_t seed,
                struct held *held, struct flow_slot *slots)
{
    *flows = (struct flows){
        .seed = seed,
        .slots = slots,
        .mask = flows_slots(max) - 1,
        .max = max,
    };
    memset(slots, 0, flows_slots(max) * sizeof *slots);
    flows->spare = &held[max];
    for (uint32_t i = 0; i < max; i++) {
        held[i].younger = flows->free;
        flows->free = &held[i];
    }
}

/* One multiplication and a shift that brings the high bits down. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

uint64_t flows_hash(const struct flows *flows, const struct packet *packet)
{
    const struct flow_key *key = &packet->key;
    uint64_t hash = mix(flows->seed, key->transport);

    hash = mix(hash, key->addresses[0]);
    if (packet->input.version == 6) {
        for (uint32_t i = 1; i < ADDRESS_WORDS; i++)
            hash = mix(hash, key->addresses[i]);
        hash = mix(hash, key->network);
        if (key->network != 0) {
            const struct bytes extensions = packet_extensions(packet);

            for (uint32_t i = 0; i < extensions.len; i += EXTENSION_UNIT)
                hash = mix(hash, bytes_word(extensions, i));
        }
    }
    return hash;
}

static bool same_flow(const struct packet *a, const struct packet *b)
{
    const struct flow_key *x = &a->key;
    const struct flow_key *y = &b->key;
    uint64_t differ = x->network ^ y->network;

    /* GRO-KEY-001: version, protocol, ports, addresses: all of IPv4's key. */
    if (x->transport != y->transport || x->addresses[0] != y->addresses[0])
        return false;
    if (a->input.version == 4)
        return true;
    for (uint32_t i = 1; i < ADDRESS_WORDS; i++)
        differ |= x->addresses[i] ^ y->addresses[i];
    if (differ != 0)
        return false;
    /* GRO-KEY-002: IPv6, linux mode (else network is 0): extensions, too. */
    return x->network == 0 ||
           bytes_equal(packet_extensions(a), packet_extensions(b));
}

struct held *flows_find(const struct flows *flows, const struct packet *packet,
                        uint64_t hash)
{
    const struct flow_slot *slot = &flows->slots[hash & flows->mask];
    uint32_t at = (uint32_t)hash & flows->mask;

    while (slot->held != NULL) {
        if (slot->hash == hash && same_flow(&slot->held->first, packet))
            return slot->held;
        at = (at + 1) & flows->mask;
        slot = &flows->slots[at];
    }
    return NULL;
}

struct held *flows_add(struct flows *flows, uint64_t hash)
{
    struct held *held = flows->spare;
    uint32_t at = (uint32_t)hash & flows->mask;

    while (flows->slots[at].held != NULL)
        at = (at + 1) & flows->mask;
    flows->slots[at] = (struct flow_slot){hash, held};
    flows->spare = flows->free;
    flows->free = flows->free->younger;
    held->hash = hash;
    held->older = flows->youngest;
    held->younger = NULL;
    if (flows->youngest != NULL)
        flows->youngest->younger = held;
    else
        flows->oldest = held;
    flows->youngest = held;
    flows->count++;
    return held;
}

/* Closes the gap at `gap`, so that every probe still finds its entry. */
static void close_gap(struct flows *flows, uint32_t gap)
{
    uint32_t at = (gap + 1) & flows->mask;

    while (flows->slots[at].held != NULL) {
        const uint32_t home = (uint32_t)flows->slots[at].hash & flows->mask;

        if (((at - home) & flows->mask) >= ((at - gap) & flows->mask)) {
            flows->slots[gap] = flows->slots[at];
            gap = at;
        }
        at = (at + 1) & flows->mask;
    }
    flows->slots[gap].held = NULL;
}

void flows_remove(struct flows *flows, struct held *held)
{
    uint32_t at = (uint32_t)held->hash & flows->mask;

    while (flows->slots[at].held != held)
        at = (at + 1) & flows->mask;
    close_gap(flows, at);
    if (held->older != NULL)
        held->older->younger = held->younger;
    else
        flows->oldest = held->younger;
    if (held->younger != NULL)
        held->younger->older = held->older;
    else
        flows->youngest = held->older;
    held->younger = flows->free;
    flows->free = held;
    flows->count--;
}
