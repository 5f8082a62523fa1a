/* SPDX-License-Identifier: MIT */
/*
 * Header prediction: whether a header is the next one after those of a held
 * super-packet, for predict.c and predict_layers.c.
 *
 * Nothing is prepared for it. The headers are compared with those of the first
 * packet of the held super-packet. Since that one is held, the rules about a
 * packet by itself apply neither to it nor to a packet with the same headers.
 * What may differ is the identification, the sequence number and the checksums.
 */
#ifndef GROVE_FOLLOWS_H
#define GROVE_FOLLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "decide.h"
#include "flatten.h"
#include "flows.h"
#include "header.h"
#include "held.h"
#include "policy.h"

/* The packet and the first packet of the held one, or the same part of both. */
struct twin {
    struct bytes is;
    struct bytes was;
};

/* The `len` bytes of both from `offset` on; both must have them. */
static inline struct twin twin_slice(struct twin of, uint32_t offset,
                                     uint32_t len)
{
    return (struct twin){bytes_slice(of.is, offset, len),
                         bytes_slice(of.was, offset, len)};
}

/* The packet, which is as long as the first packet of `held`, and that one. */
static inline struct twin twin_of(struct bytes packet, const struct held *held)
{
    return (struct twin){packet, {held->first.input.bytes.at, packet.len}};
}

static inline bool same_2(struct twin twin, uint32_t offset)
{
    return bytes_be16(twin.is, offset) == bytes_be16(twin.was, offset);
}

static inline bool same_4(struct twin twin, uint32_t offset)
{
    return bytes_be32(twin.is, offset) == bytes_be32(twin.was, offset);
}

static inline bool same_8(struct twin twin, uint32_t offset)
{
    return bytes_word(twin.is, offset) == bytes_word(twin.was, offset);
}

/*
 * The identification counts up by `step`, and the header checksum down, so that
 * the sum of both, and of the header, stays. What is between them is equal.
 * Neither may wrap: then the checksum would be another one.
 */
static inline bool counts_ip4(struct twin ip, uint32_t step)
{
    const uint64_t more = (uint16_t)step;
    const uint64_t is = bytes_be64(ip.is, IP4_ID);
    const uint64_t was = bytes_be64(ip.was, IP4_ID);

    /* GRO-IP4-002, GRO-IP4-004, GRO-IP4-007, GRO-IP4-008, GRO-IP4-010 */
    return is - was == (more << 48) - more &&
           /* GRO-IP4-011, GRO-LL-007 */
           is >= was &&
           /* GRO-IP4-005, GRO-LL-002 */
           (uint16_t)is <= (uint16_t)was;
}

static inline bool follows_ip4(struct twin all, uint32_t at, uint32_t step)
{
    const struct twin ip = twin_slice(all, at, IP4_HEADER);

    /* GRO-KEY-001; GRO-IP4-003, GRO-IP4-006, GRO-IP4-009 */
    return same_8(ip, IP4_SOURCE) && same_4(ip, IP4_VERSION_IHL) &&
           counts_ip4(ip, step);
}

static inline bool follows_ip6(struct twin all, uint32_t at)
{
    const struct twin ip = twin_slice(all, at, IP6_HEADER);

    /* GRO-KEY-001 */
    return same_8(ip, IP6_DESTINATION + 8) && same_8(ip, IP6_DESTINATION) &&
           same_8(ip, IP6_SOURCE + 8) && same_8(ip, IP6_SOURCE) &&
           /* GRO-KEY-002, GRO-IP6-002, GRO-IP6-005, GRO-IP6-006 */
           same_8(ip, IP6_VERSION_CLASS_LABEL);
}

/* Whether both have the same bytes from `from` up to `end`. */
static inline bool same_bytes(struct twin all, uint32_t from, uint32_t end)
{
    const struct twin part = twin_slice(all, from, end - from);

    return bytes_equal(part.is, part.was);
}

/* Whether a split gives the TCP header back. */
static inline bool keeps_tcp(struct twin tcp, const struct held *held)
{
    /* GRO-LL-003 */
    return bytes_be16(tcp.is, TCP_CHECKSUM) != 0xffff &&
           /* GRO-LL-008 */
           same_2(tcp, TCP_URGENT) &&
           /* GRO-LL-010 */
           held->gso_size >= LOSSLESS_GSO_SIZE_MIN;
}

FLATTEN_PART static inline bool follows_tcp(struct twin all, uint32_t l4,
                                            const struct held *held,
                                            const struct policy *policy)
{
    const struct twin tcp = twin_slice(all, l4, TCP_HEADER);

    /* GRO-TCP-011, GRO-KEY-001 */
    return bytes_be32(tcp.is, TCP_SEQUENCE) == held->next_sequence &&
           same_4(tcp, L4_PORTS) &&
           /* GRO-TCP-003, GRO-TCP-005, GRO-TCP-006, GRO-TCP-007, GRO-END-001 */
           same_8(tcp, TCP_ACKNOWLEDGMENT) &&
           /* GRO-TCP-004, GRO-LL-009 */
           (bytes_be16(tcp.is, TCP_OFFSET_FLAGS) & TCP_CWR) == 0 &&
           (!policy->lossless || keeps_tcp(tcp, held)) &&
           /* GRO-TCP-008 */
           same_bytes(all, l4 + TCP_HEADER, held->first.payload);
}

static inline bool follows_udp(struct twin all, uint32_t l4,
                               const struct held *held,
                               const struct policy *policy)
{
    const struct twin udp = twin_slice(all, l4, UDP_HEADER);

    /* GRO-KEY-001, GRO-UDP-005 */
    return same_4(udp, L4_PORTS) && same_2(udp, UDP_LENGTH) &&
           /* GRO-UDP-004 */
           bytes_be16(udp.is, UDP_CHECKSUM) != 0 &&
           /* GRO-END-004 would make it leave. */
           held->packets + 1 < policy->profile.max_udp_segments;
}

FLATTEN_PART static inline bool follows_l4(struct twin all, uint32_t l4,
                                           const struct held *held,
                                           const struct policy *policy)
{
    return held->first.protocol == IP_PROTO_TCP
               ? follows_tcp(all, l4, held, policy)
               : follows_udp(all, l4, held, policy);
}

/*
 * Whether all headers from the IP header at `at` on are those of the packet
 * after those of `held`.
 */
FLATTEN_PART static inline bool follows_ip(struct twin all, uint32_t at,
                                           const struct held *held,
                                           const struct policy *policy)
{
    const uint32_t step = (held->fixed_id & FIXED_ID) != 0 ? 0 : held->packets;

    if (held->first.version == 4)
        return follows_ip4(all, at, step) &&
               follows_l4(all, at + IP4_HEADER, held, policy);
    /* Extension headers go the long way. */
    return held->first.l4 == at + IP6_HEADER && follows_ip6(all, at) &&
           follows_l4(all, at + IP6_HEADER, held, policy);
}

/* Whether the length is that of the first packet, and there is room. */
static inline bool follows_len(const struct policy *policy, struct bytes packet,
                               const struct held *held)
{
    const struct input *first = &held->first.input;
    const uint32_t total =
        held->total - link_len(policy->link) + held->gso_size;

    /* GRO-TCP-009, GRO-TCP-010, GRO-UDP-006; GRO-END-003 would make it leave */
    return packet.len == first->bytes.len &&
           /* GRO-LIM-001, GRO-LIM-002, GRO-LIM-003 */
           (total <= GROVE_DEFAULT_BYTES ||
            decide_may_grow(policy, held, total));
}

/* Whether the length, the last address and the ports are those of `held`. */
static inline bool may_follow(struct bytes packet, const struct held *held)
{
    return packet.len == held->first.input.bytes.len &&
           same_8(twin_of(packet, held), held->first.l4 - 4);
}

/*
 * The held one that was touched last, or the one behind it, if the packet may
 * follow it; or NULL. Packets of a flow often come one behind the other, and
 * those of several flows in turns.
 */
static inline struct held *follows_near(const struct flows *flows,
                                        struct bytes packet)
{
    struct held *held = flows->recent;

    if (held == NULL || may_follow(packet, held))
        return held;
    held = flows_next(flows, held);
    return may_follow(packet, held) ? held : NULL;
}

#endif
