/* SPDX-License-Identifier: MIT */
/* Mutations of one packet or of two. */
#ifndef GROVE_FUZZ_MUTATE_PACKET_H
#define GROVE_FUZZ_MUTATE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dice.h"
#include "layered.h"
#include "script.h"

enum {
    SHOP_OUT = 1 << 20,  /* bytes of the longest input */
    SHOP_POOL = 1 << 20, /* bytes for copied packets */
};

/* The memory of a mutation. */
struct workshop {
    struct dice dice;
    struct run_config config; /* its layers are those of the input */
    size_t used;              /* bytes of the pool */
    uint8_t pool[SHOP_POOL];
    uint8_t out[SHOP_OUT];
};

/* Begins a mutation of an input with these layers. */
void shop_open(struct workshop *shop, uint32_t seed, uint8_t layers);

/* Makes a new packet: TCP or UDP in all layers, completely mended. */
struct entry packet_make(struct workshop *shop);

/* Makes the next packet of its flow, by INPUT_NEXT. */
struct entry packet_next(struct workshop *shop, const struct entry *packet);

/* Changes a packet that follows `last` to one with all of its bytes. */
struct entry packet_expand(struct workshop *shop, const struct entry *last,
                           const struct entry *packet);

/* Cuts the payload in two; the second packet goes to *second. */
bool packet_split(struct workshop *shop, struct entry *packet,
                  struct entry *second);

/* Adds the payload of the second packet to the first one. */
bool packet_merge(struct workshop *shop, struct entry *packet,
                  const struct entry *second);

/* True if the innermost addresses and ports are the same. */
bool packet_same_flow(const struct workshop *shop, const struct entry *a,
                      const struct entry *b);

/* Gives `packet` the innermost addresses and ports of the other one. */
void packet_join(struct workshop *shop, struct entry *packet,
                 const struct entry *other);

/* Changes one field of its headers. */
void packet_change(struct workshop *shop, struct entry *packet);

/* Changes its length. */
void packet_resize(struct workshop *shop, struct entry *packet);

/* Changes its virtio header to a correct one, or changes a field of it. */
void packet_vnet(struct workshop *shop, struct entry *packet);

/* Inserts options or an extension header. */
void packet_grow(struct workshop *shop, struct entry *packet);

/* Puts its IP packet into one more tunnel of the input's layers. */
void packet_wrap(struct workshop *shop, struct entry *packet);

#endif
