/* SPDX-License-Identifier: MIT */
/*
 * The held super-packets: found by flow through a hash map, left by age. At
 * most one is held of a flow. Nothing here grows with what is held.
 */
#ifndef GROVE_FIND_H
#define GROVE_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

/* A super-packet that may still grow. */
struct held {
    struct packet first;    /* its first packet, as parsed */
    uint32_t gso_size;      /* payload of the first packet */
    uint32_t total;         /* L3 length so far */
    uint32_t packets;       /* inside so far */
    uint32_t next_sequence; /* TCP: what must follow */
    uint32_t flags;         /* TCP: FIN and PSH of later packets */
    bool fixed_id;          /* IPv4: the identification stays */
    uint32_t first_number;  /* of its first packet */
    uint32_t last_number;   /* of its last packet */
    uint64_t hash;
    struct held *older;
    struct held *younger; /* or the next free one */
};

/* A place of the map. */
struct flow_slot {
    uint64_t hash;
    struct held *held; /* NULL: empty */
};

struct flows {
    uint64_t seed;
    struct flow_slot *slots; /* a power of two, at least twice max */
    uint32_t mask;
    struct held *spare; /* parsed into, then held or used again */
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

/* Hash of the packet's key, for the calls below. */
uint64_t flows_hash(const struct flows *flows, const struct packet *packet);

/* The held super-packet of the packet's flow, or NULL. */
struct held *flows_find(const struct flows *flows, const struct packet *packet,
                        uint64_t hash);

/*
 * Holds the packet in `spare` as the youngest. Its flow must not be held and
 * count must be under max. The caller fills what is not in `first`.
 */
struct held *flows_add(struct flows *flows, uint64_t hash);

/* Takes `held` out; it stays readable until the next flows_add(). */
void flows_remove(struct flows *flows, struct held *held);

#endif
