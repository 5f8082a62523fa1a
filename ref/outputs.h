/* SPDX-License-Identifier: MIT */
/*
 * Records of the packets that were received, and the outputs in the order in
 * which they left; SPEC.md, "What leaves: the bytes".
 */
#ifndef GROVE_OUTPUTS_H
#define GROVE_OUTPUTS_H

#include <stdint.h>

#include "grove/iovec.h"
#include "grove/table.h"
#include "held.h"
#include "packet.h"
#include "policy.h"

/* A received packet: its place in its output, and its fate. */
struct record {
    struct iovec part; /* of its output: payload, or all of it in a list */
    uint32_t next;     /* the packet after it, or GROVE_NO_PACKET */
    uint8_t verdict;   /* enum grove_verdict */
    uint16_t rule;     /* enum grove_rule */
};

/*
 * The link, IP and L4 headers that are written for one output, without
 * extension headers; with VLAN tags without the link.
 */
struct headers {
    uint8_t bytes[LINK_HEADER_MAX + IP6_HEADER + TCP_HEADER_MAX];
};

/*
 * The outer IP and outer UDP headers that are written for one output, and PPPoE
 * before them.
 */
struct outer_headers {
    uint8_t bytes[PPPOE_HEADER + IP6_HEADER + UDP_HEADER];
};

/*
 * The IPv6 header and the jumbo header behind it that are written for one
 * output.
 */
struct jumbo_headers {
    uint8_t bytes[IP6_HEADER + JUMBO_HEADER];
};

/*
 * Every output has at least one packet, and at most so many iovecs for each: a
 * super-packet has up to 4 and its payloads, in a tunnel up to 8, and one more
 * behind VLAN tags.
 */
enum { IOVECS_PER_PACKET = 3, IOVECS_PER_PACKET_IN_TUNNEL = 5 };

static inline uint32_t outputs_iovecs(enum grove_link link, bool tunnels)
{
    return (tunnels ? IOVECS_PER_PACKET_IN_TUNNEL : IOVECS_PER_PACKET) +
           (link != GROVE_LINK_NONE ? 1U : 0U);
}

/* Everything received since the last clear. */
struct outputs {
    struct record *records; /* max of them */
    uint32_t received;
    uint32_t max;
    struct grove_output *list; /* max */
    uint8_t *vnets;            /* max, one of vnet_len bytes for each of list */
    struct headers *headers;   /* likewise */
    struct outer_headers *outers; /* likewise; none without tunnels */
    struct jumbo_headers *jumbos; /* likewise; none with the usual max_bytes */
    uint32_t vnet_len;            /* of a virtio header, in bytes */
    uint32_t count;               /* of list */
    struct iovec *iov;            /* outputs_iovecs() * max */
    uint32_t iovs;
    uint8_t *kept_vnets; /* as vnets, for each packet; none without lists */
};

/*
 * Records a received packet and its fate; returns its number. `part` goes into
 * a super-packet or a list; it is empty if the packet does not.
 */
uint32_t outputs_record(struct outputs *outputs, struct bytes part,
                        enum grove_verdict verdict, enum grove_rule rule);

/* Chains packet `number` to the last packet of `held`. */
void outputs_chain(struct outputs *outputs, const struct held *held,
                   uint32_t number);

/* Keeps the virtio header with which packet `number` leaves in a list. */
void outputs_keep_vnet(struct outputs *outputs, const struct packet *packet,
                       uint32_t number);

/*
 * Whether the packets of `held` are chained from the first one to the last one,
 * and their parts are the payloads that it has. `is_list`: the parts are whole
 * packets.
 */
static inline bool outputs_chain_is_valid(const struct outputs *outputs,
                                          const struct held *held, bool is_list)
{
    uint32_t number = held->first_number;
    uint32_t total = held->first.payload;

    if (held->packets == 0 || held->packets > outputs->received)
        return false;
    for (uint32_t left = held->packets; left != 0; left--) {
        if (number >= outputs->received)
            return false;
        total += (uint32_t)outputs->records[number].part.iov_len;
        if (left != 1)
            number = outputs->records[number].next;
    }
    return number == held->last_number && (is_list || total == held->total) &&
           outputs->records[number].next == GROVE_NO_PACKET;
}

/* Writes packet `number`, which passes, to the end of the list. */
void outputs_pass(struct outputs *outputs, const struct packet *packet,
                  uint32_t number);

/* Writes `held`, which leaves by `rule`, to the end of the list. */
void outputs_held(struct outputs *outputs, const struct policy *policy,
                  const struct held *held, enum grove_rule rule);

#endif
