/* SPDX-License-Identifier: MIT */
/*
 * Writing what was decided: slices are appended, headers rewritten, outputs
 * listed in the order in which they leave; SPEC.md, "What leaves".
 */
#ifndef GROVE_APPLY_H
#define GROVE_APPLY_H

#include <stdint.h>
#include <sys/uio.h>

#include "find.h"
#include "grove/table.h"
#include "packet.h"

/* A received packet: its place in its output, and its fate. */
struct record {
    struct iovec payload; /* in the caller's memory */
    uint32_t next;        /* the packet after it, or GROVE_NO_PACKET */
    uint8_t verdict;      /* enum grove_verdict */
    uint16_t rule;        /* enum grove_rule */
};

/* Headers of one output, where they are not the caller's. */
struct headers {
    uint8_t vnet[GROVE_VNET_LEN];
    uint8_t ip[IP6_HEADER];
    uint8_t l4[TCP_HEADER_MAX];
};

/* Every output has at least one packet, and at most 3 iovecs for each. */
enum { IOVECS_PER_PACKET = 3 };

/* Everything received since the last clear. */
struct outputs {
    struct record *records; /* max of them */
    uint32_t received;
    uint32_t max;
    struct grove_output *list; /* max */
    struct headers *headers;   /* max, one for each of list */
    uint32_t count;            /* of list */
    struct iovec *iov;         /* IOVECS_PER_PACKET * max */
    uint32_t iovs;
};

/* Notes a packet's arrival and fate; returns its number. */
uint32_t apply_record(struct outputs *outputs, const struct packet *packet,
                      enum grove_verdict verdict, enum grove_rule rule);

/* The packet `number` leaves at once. */
void apply_pass(struct outputs *outputs, const struct packet *packet,
                uint32_t number);

/* Completes what flows_add() began for packet `number`. */
void apply_hold(struct held *held, uint32_t number);

/* Appends packet `number` to `held`. */
void apply_merge(struct outputs *outputs, struct held *held,
                 const struct packet *packet, uint32_t number, bool fixed_id);

/* `held` leaves: headers rewritten if it was merged, untouched otherwise. */
void apply_complete(const struct policy *policy, struct outputs *outputs,
                    const struct held *held, enum grove_rule rule);

#endif
