/* SPDX-License-Identifier: MIT */
/*
 * The flow table: the held super-packets, in a hash map by flow and in a list
 * by age; SPEC.md, "The flow". At most one super-packet of a flow is held. The
 * cost of a call does not grow with the number of held super-packets.
 */
#ifndef GROVE_FLOWS_H
#define GROVE_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "held.h"

/* Words of the link's header. */
enum { LINK_WORDS = 3 };

/* Secret numbers of the hash: one, and two for each word of the key. */
enum { FLOW_SECRETS = 1 + 2 * (ADDRESS_WORDS + 2 + LINK_WORDS + 1) };

/* Only flows.c and the functions below use the fields. */
struct flows {
    uint64_t secret[FLOW_SECRETS]; /* from the seed */
    struct held **slots;           /* each the first of its chain, or NULL */
    uint32_t mask;                 /* slots less one; they are a power of two */
    struct held *spare; /* for the next packet; held, or used again */
    struct held *free;
    struct held *recent; /* that of the last packet that is held, or NULL */
    struct held *oldest;
    struct held *youngest;
    uint32_t count;
    uint32_t max;
};

/* The number of slots of a map for `max` flows: at least twice as many. */
uint32_t flows_slots(uint32_t max);

/*
 * Empties `flows` over `max` + 1 held and flows_slots(max) slots. Who does not
 * know `seed` cannot choose flows that are slow to find.
 */
void flows_init(struct flows *flows, uint32_t max, uint64_t seed,
                struct held *held, struct held **slots);

/* The memory for the next packet. flows_add() holds the packet in it. */
static inline struct packet *flows_spare(const struct flows *flows)
{
    return &flows->spare->first;
}

/* The oldest held super-packet, or NULL. */
static inline struct held *flows_oldest(const struct flows *flows)
{
    return flows->oldest;
}

/* The held super-packet that is next younger than `held`, or NULL. */
static inline struct held *flows_younger(const struct held *held)
{
    return held->younger;
}

/* The one that is next younger than `held`, or the oldest after the youngest.
 */
static inline struct held *flows_next(const struct flows *flows,
                                      const struct held *held)
{
    return held->younger != NULL ? held->younger : flows->oldest;
}

/* Whether `max` super-packets are held. */
static inline bool flows_full(const struct flows *flows)
{
    return flows->count == flows->max;
}

/* Hash of the packet's key, for the calls below. */
uint32_t flows_hash(const struct flows *flows, const struct packet *packet);

/*
 * The same hash, and the key, from the bytes from the IP header on, before the
 * packet is parsed. 0: not known, since neither TCP nor UDP follows the IP
 * header.
 */
uint32_t flows_hash_bytes(const struct flows *flows, struct bytes ip,
                          bool lossless, struct flow_key *key);

/* The held super-packet with this hash that was held last, or NULL. */
struct held *flows_probe(const struct flows *flows, uint32_t hash);

/* The held super-packet of the packet's flow, or NULL. */
struct held *flows_find(const struct flows *flows, const struct packet *packet,
                        uint32_t hash);

/*
 * Holds the packet in flows_spare() as the youngest. Its flow must not be held,
 * and `flows` must not be full. The caller calls held_begin().
 */
struct held *flows_add(struct flows *flows, uint32_t hash);

/* Notes that a packet was merged into `held`. */
static inline void flows_touch(struct flows *flows, struct held *held)
{
    flows->recent = held;
}

/* Removes all that are held. */
void flows_clear(struct flows *flows);

/* Removes `held`, which stays readable until the next flows_add(). */
void flows_remove(struct flows *flows, struct held *held);

/* ---- What holds between calls ---- */

/* Whether `held` is in the chain of its hash. */
static inline bool flows_in_chain(const struct flows *flows,
                                  const struct held *held)
{
    const struct held *at = flows->slots[held->hash & flows->mask];

    for (uint32_t i = 0; i < flows->count && at != NULL && at != held; i++)
        at = at->chained;
    return at == held;
}

/* Whether all chains together have `count` held, each by its hash. */
static inline bool flows_chains_is_valid(const struct flows *flows)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot <= flows->mask; slot++)
        for (const struct held *at = flows->slots[slot]; at != NULL;
             at = at->chained)
            if ((at->hash & flows->mask) != slot || count++ == flows->count)
                return false;
    return count == flows->count;
}

/* Whether the list by age has `count` held, and each is in its chain. */
static inline bool flows_ages_is_valid(const struct flows *flows)
{
    const struct held *older = NULL;
    const struct held *held = flows->oldest;
    bool recent = flows->recent == NULL;

    for (uint32_t i = 0; i < flows->count; i++) {
        if (held == NULL || held == flows->spare || held->older != older ||
            !flows_in_chain(flows, held))
            return false;
        recent = recent || held == flows->recent;
        older = held;
        held = held->younger;
    }
    return held == NULL && older == flows->youngest && recent;
}

/* Whether all others are free, but for the spare one. */
static inline bool flows_free_is_valid(const struct flows *flows)
{
    const struct held *last = NULL;
    const struct held *held = flows->free;

    for (uint32_t i = flows->count; i < flows->max; i++) {
        if (held == NULL || held == flows->spare)
            return false;
        last = held;
        held = held->younger;
    }
    /* Two lists with different ends have nothing in common. */
    return held == NULL && (last == NULL || last != flows->youngest);
}

/* What flows_init() makes and every call keeps. */
static inline bool flows_is_valid(const struct flows *flows)
{
    return flows->max != 0 && flows->count <= flows->max &&
           flows->spare != NULL && flows_chains_is_valid(flows) &&
           flows_ages_is_valid(flows) && flows_free_is_valid(flows);
}

#endif
