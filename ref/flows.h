/* SPDX-License-Identifier: MIT */
/*
 * The flow table: the held super-packets, in a hash map by flow and in a list
 * by bucket and age; SPEC.md, "The flow". At most one super-packet of a flow is
 * held. The cost of a call does not grow with the number of held super-packets.
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
enum { FLOW_SECRETS = 1 + 2 * (ADDRESS_WORDS + 2 + LINK_WORDS + 3) };

/* The held super-packets whose hash has the same remainder. */
struct bucket {
    struct held *youngest; /* NULL: there is none */
    uint32_t count;
};

/* Only flows.c and the functions below use the fields. */
struct flows {
    uint64_t secret[FLOW_SECRETS]; /* from the seed */
    struct held **slots;           /* each the first of its chain, or NULL */
    uint32_t mask;                 /* slots less one; they are a power of two */
    struct held *spare; /* for the next packet; held, or used again */
    struct held *free;
    struct held *recent; /* that of the last packet that is held, or NULL */
    struct held *oldest; /* in the list: by bucket, and in a bucket by age */
    struct bucket bucket[GROVE_BUCKETS];
    uint32_t max;        /* in all buckets */
    uint32_t bucket_max; /* in one bucket */
};

/* The number of slots of a map for `max` flows: at least twice as many. */
uint32_t flows_slots(uint32_t max);

/*
 * Empties `flows` over `max` + 1 held and flows_slots(max) slots. Up to
 * `bucket_max` are held in a bucket. Who does not know `seed` cannot choose
 * flows that are slow to find.
 */
void flows_init(struct flows *flows, uint32_t max, uint32_t bucket_max,
                uint64_t seed, struct held *held, struct held **slots);

/* The memory for the next packet. flows_add() holds the packet in it. */
static inline struct packet *flows_spare(const struct flows *flows)
{
    return &flows->spare->first;
}

/* The bucket of packets with this hash, which is 0 without config.hash. */
static inline uint32_t flows_bucket(uint32_t hash)
{
    return hash % GROVE_BUCKETS;
}

/* The held super-packet that a flush writes first, or NULL. */
static inline struct held *flows_oldest(const struct flows *flows)
{
    return flows->oldest;
}

/*
 * The held super-packet that is next younger than `held`, or the oldest of the
 * next bucket; or NULL.
 */
static inline struct held *flows_younger(const struct held *held)
{
    return held->younger;
}

/* The one that follows `held` in the list, or its first one after the last. */
static inline struct held *flows_next(const struct flows *flows,
                                      const struct held *held)
{
    return held->younger != NULL ? held->younger : flows->oldest;
}

/* Whether the bucket of packets with this hash is full. */
static inline bool flows_full(const struct flows *flows, uint32_t hash)
{
    return flows->bucket[flows_bucket(hash)].count == flows->bucket_max;
}

/* The oldest of that bucket, which is not empty. */
struct held *flows_oldest_of(const struct flows *flows, uint32_t hash);

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
 * Holds the packet in flows_spare() as the youngest of its bucket. It must not
 * be full, fewer than `max` must be held, and none of them of the packet's
 * flow. The caller calls held_begin().
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

/* GCOVR_EXCL_START: a valid table does not reach all of it; proofs do. */

/* How many are held. */
static inline uint32_t flows_count(const struct flows *flows)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < GROVE_BUCKETS; i++)
        count += flows->bucket[i].count;
    return count;
}

/* Whether `held` is in the chain of its hash. */
static inline bool flows_in_chain(const struct flows *flows,
                                  const struct held *held)
{
    const struct held *at = flows->slots[held->hash & flows->mask];

    for (uint32_t i = 0; i < flows->max && at != NULL && at != held; i++)
        at = at->chained;
    return at == held;
}

/* Whether all chains together have all held, each by its hash. */
static inline bool flows_chains_is_valid(const struct flows *flows)
{
    const uint32_t all = flows_count(flows);
    uint32_t count = 0;

    for (uint32_t slot = 0; slot <= flows->mask; slot++)
        for (const struct held *at = flows->slots[slot]; at != NULL;
             at = at->chained)
            if ((at->hash & flows->mask) != slot || count++ == all)
                return false;
    return count == all;
}

/* Whether `held` may follow `older`: no bucket stands behind a later one. */
static inline bool flows_bucket_follows(const struct held *older,
                                        const struct held *held)
{
    return older == NULL ||
           flows_bucket(older->first.hash) <= flows_bucket(held->first.hash);
}

/* Whether `held` is the last one of its bucket in the list. */
static inline bool flows_ends_bucket(const struct held *held)
{
    return held->younger == NULL || flows_bucket(held->younger->first.hash) !=
                                        flows_bucket(held->first.hash);
}

/*
 * Whether those of a bucket in the list are as many as it has, up to its
 * youngest.
 */
static inline bool flows_runs_is_valid(const struct flows *flows)
{
    const uint32_t count = flows_count(flows);
    const struct held *held = flows->oldest;
    uint32_t run = 0;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t bucket = flows_bucket(held->first.hash);

        run++;
        if (flows_ends_bucket(held)) {
            if (flows->bucket[bucket].youngest != held ||
                flows->bucket[bucket].count != run)
                return false;
            run = 0;
        }
        held = held->younger;
    }
    return true;
}

/* Whether no bucket has more than it may, and an empty one no youngest. */
static inline bool flows_buckets_is_valid(const struct flows *flows)
{
    for (uint32_t i = 0; i < GROVE_BUCKETS; i++) {
        const struct bucket *bucket = &flows->bucket[i];

        if ((bucket->youngest == NULL) != (bucket->count == 0) ||
            bucket->count > flows->bucket_max)
            return false;
    }
    return flows_count(flows) <= flows->max;
}

/* Whether the list has all held by bucket, and each is in its chain. */
static inline bool flows_ages_is_valid(const struct flows *flows)
{
    const uint32_t count = flows_count(flows);
    const struct held *older = NULL;
    const struct held *held = flows->oldest;
    bool recent = flows->recent == NULL;

    for (uint32_t i = 0; i < count; i++) {
        if (held == NULL || held == flows->spare || held->older != older ||
            !flows_bucket_follows(older, held) || !flows_in_chain(flows, held))
            return false;
        recent = recent || held == flows->recent;
        older = held;
        held = held->younger;
    }
    return held == NULL && recent;
}

/* Whether `held` is the last one of the list. */
static inline bool flows_is_last(const struct flows *flows,
                                 const struct held *held)
{
    uint32_t bucket = GROVE_BUCKETS - 1;

    while (bucket != 0 && flows->bucket[bucket].youngest == NULL)
        bucket--;
    return flows->bucket[bucket].youngest == held;
}

/* Whether all others are free, but for the spare one. */
static inline bool flows_free_is_valid(const struct flows *flows)
{
    const struct held *last = NULL;
    const struct held *held = flows->free;

    for (uint32_t i = flows_count(flows); i < flows->max; i++) {
        if (held == NULL || held == flows->spare)
            return false;
        last = held;
        held = held->younger;
    }
    /* Two lists with different ends have nothing in common. */
    return held == NULL && (last == NULL || !flows_is_last(flows, last));
}

/* What flows_init() makes and every call keeps. */
static inline bool flows_is_valid(const struct flows *flows)
{
    return flows->bucket_max != 0 && flows->bucket_max <= flows->max &&
           flows->spare != NULL && flows_buckets_is_valid(flows) &&
           flows_chains_is_valid(flows) && flows_ages_is_valid(flows) &&
           flows_runs_is_valid(flows) && flows_free_is_valid(flows);
}

/* GCOVR_EXCL_STOP */

#endif
