/* SPDX-License-Identifier: MIT */
/*
 * The flow table: held super-packets, found by flow through a hash map, and
 * in the order of their age; SPEC.md, "The flow". At most one super-packet of
 * a flow is held. The cost of a call does not grow with what is held.
 */
#ifndef GROVE_FLOWS_H
#define GROVE_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "held.h"

/* A place of the map. */
struct flow_slot {
    uint64_t hash;
    struct held *held; /* NULL: empty */
};

/* Only flows.c and the functions below use the fields. */
struct flows {
    uint64_t seed;
    struct flow_slot *slots; /* a power of two, at least twice max */
    uint32_t mask;           /* slots less one */
    struct held *spare;      /* parsed into, then held or used again */
    struct held *free;
    struct held *oldest;
    struct held *youngest;
    uint32_t count;
    uint32_t max;
};

/* How many slots a map for `max` flows has. */
uint32_t flows_slots(uint32_t max);

/* Empties `flows` over `max` + 1 held and flows_slots(max) slots. */
void flows_init(struct flows *flows, uint32_t max, uint64_t seed,
                struct held *held, struct flow_slot *slots);

/* Where the next packet is parsed to; flows_add() holds what is there. */
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

/* Whether as many are held as can be. */
static inline bool flows_full(const struct flows *flows)
{
    return flows->count == flows->max;
}

/* Hash of the packet's key, for the calls below. */
uint64_t flows_hash(const struct flows *flows, const struct packet *packet);

/* The held super-packet of the packet's flow, or NULL. */
struct held *flows_find(const struct flows *flows, const struct packet *packet,
                        uint64_t hash);

/*
 * Holds the packet in flows_spare() as the youngest. Its flow must not be held,
 * and `flows` must not be full. The caller calls held_begin().
 */
struct held *flows_add(struct flows *flows, uint64_t hash);

/* Takes `held` out; it stays readable until the next flows_add(). */
void flows_remove(struct flows *flows, struct held *held);

#endif
