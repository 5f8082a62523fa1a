/* SPDX-License-Identifier: MIT */
/* What the mutator does to one packet, or to two. */
#ifndef GROVE_FUZZ_MUTATE_PACKET_H
#define GROVE_FUZZ_MUTATE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dice.h"
#include "script.h"

enum {
    SHOP_OUT = 1 << 20,  /* the longest input that is made */
    SHOP_POOL = 1 << 20, /* bytes of packets that are written to */
};

/* Where a mutation works. */
struct workshop {
    struct dice dice;
    size_t used; /* of the pool */
    uint8_t pool[SHOP_POOL];
    uint8_t out[SHOP_OUT];
};

/* Begins a mutation. */
void shop_open(struct workshop *shop, uint32_t seed);

/* A packet of its own: TCP or UDP, all of it mended. */
struct entry packet_make(struct workshop *shop);

/* The packet that follows in its flow, as such (INPUT_NEXT). */
struct entry packet_next(struct workshop *shop, const struct entry *packet);

/* The packet, which follows `last`, as one that says all of itself. */
struct entry packet_expand(struct workshop *shop, const struct entry *last,
                           const struct entry *packet);

/* Cuts the payload in two; the second packet goes to *second. */
bool packet_split(struct workshop *shop, struct entry *packet,
                  struct entry *second);

/* Adds the payload of the second packet to the first one. */
bool packet_merge(struct workshop *shop, struct entry *packet,
                  const struct entry *second);

/* Whether addresses and ports are the same. */
bool packet_same_flow(const struct entry *a, const struct entry *b);

/* Gives `packet` the addresses and ports of the other one. */
void packet_join(struct workshop *shop, struct entry *packet,
                 const struct entry *other);

/* Changes one field of its headers. */
void packet_change(struct workshop *shop, struct entry *packet);

/* Another length. */
void packet_resize(struct workshop *shop, struct entry *packet);

/* Another virtio header: one that fits, or a field of it changed. */
void packet_vnet(struct workshop *shop, struct entry *packet);

/* Puts options or an extension header in. */
void packet_grow(struct workshop *shop, struct entry *packet);

#endif
