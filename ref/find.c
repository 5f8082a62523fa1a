/* SPDX-License-Identifier: MIT */
#include "find.h"

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

    hash = mix(hash, key->source[0]);
    if (packet->version == 6) {
        const struct bytes extensions = packet_extensions(packet);

        hash = mix(hash, key->source[1]);
        hash = mix(hash, key->destination[0]);
        hash = mix(hash, key->destination[1]);
        hash = mix(hash, key->network);
        if (key->network != 0) {
            for (uint32_t i = 0; i < extensions.len; i += 8)
                hash = mix(hash, bytes_word(extensions, i));
        }
    }
    return hash;
}

/* GRO-KEY-001, GRO-KEY-002. */
static bool same_flow(const struct packet *a, const struct packet *b)
{
    const struct flow_key *x = &a->key;
    const struct flow_key *y = &b->key;

    if (x->transport != y->transport || x->source[0] != y->source[0])
        return false;
    if (a->version == 4) /* all of its key; the version is in transport */
        return true;
    if (((x->network ^ y->network) | (x->source[1] ^ y->source[1]) |
         (x->destination[0] ^ y->destination[0]) |
         (x->destination[1] ^ y->destination[1])) != 0)
        return false;
    /* Lossless mode has no extension headers in its key: network is 0. */
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
