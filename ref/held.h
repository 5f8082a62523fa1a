/* SPDX-License-Identifier: MIT */
/*
 * A super-packet that may still grow; SPEC.md, "Terms and data model". A
 * comment names the only writer of each group of fields.
 */
#ifndef GROVE_HELD_H
#define GROVE_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"

/* The IP headers of held->fixed_id. */
enum { FIXED_ID = 1, FIXED_OUTER_ID = 2 };

struct held {
    /* Written by parse.c, while flows.c has it as its spare. */
    struct packet first; /* its first packet */
    /* Written by held.c. */
    uint32_t gso_size;      /* payload bytes of the first packet */
    uint32_t total;         /* bytes of the super-packet so far */
    uint32_t packets;       /* inside so far */
    uint32_t next_sequence; /* TCP: the sequence number that must follow */
    uint16_t flags;         /* TCP: FIN and PSH of later packets */
    uint8_t fixed_id;       /* IPv4: the identification stays in which */
    uint16_t pseudo_sum;    /* of the first packet, or 0: not known yet */
    uint32_t first_number;  /* the number of its first packet */
    uint32_t last_number;   /* and of its last one */
    /* Written by flows.c. */
    uint32_t hash;        /* of first.key */
    struct held *chained; /* the next one with a hash of this slot */
    struct held *older;   /* before it in the list; of another bucket, too */
    struct held *younger; /* behind it in the list, or the next free one */
};

/* Whether it is no longer than super-packets may be. */
static inline bool held_fits(const struct held *held, uint32_t max_bytes)
{
    return held->packets == 1 ||
           held->total <= held->first.input.network + max_bytes;
}

/* What held_begin() makes and held_append() keeps. */
static inline bool held_is_valid(const struct held *held)
{
    const struct packet *first = &held->first;

    return packet_is_valid(first) && first->input.reject == GROVE_RULE_NONE &&
           first->bypass == GROVE_RULE_NONE &&
           first->flush == GROVE_RULE_NONE && held->packets != 0 &&
           held->gso_size == packet_payload_len(first) && held->gso_size != 0 &&
           (held->flags & ~(TCP_FIN | TCP_PSH)) == 0 &&
           (held->packets == 1 ? held->total == first->input.bytes.len
                               : held->total >= first->input.bytes.len) &&
           held_fits(held, GROVE_MAX_BYTES);
}

/* Packet `number`, in held->first, begins a super-packet. */
void held_begin(struct held *held, uint32_t number);

/* Packet `number` adds `len` bytes of payload to `held`. */
static inline void held_grow(struct held *held, uint32_t len, uint32_t number)
{
    held->last_number = number;
    held->total += len;
    held->packets++;
    held->next_sequence += len;
}

/*
 * The sum of the pseudo-header of the first packet, and of each packet with its
 * addresses, protocol and length.
 */
uint16_t held_pseudo_sum(struct held *held);

/*
 * Appends the payload of packet `number` to `held`. `fixed_id` comes from the
 * decision to merge.
 */
void held_append(struct held *held, const struct packet *packet,
                 uint32_t number, uint8_t fixed_id);

#endif
