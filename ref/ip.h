/* SPDX-License-Identifier: MIT */
/*
 * The offsets of the headers of an IP packet, and the sums of their words. A
 * `network` is a view from the IP header on. Offsets here count from its start.
 */
#ifndef GROVE_IP_H
#define GROVE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "grove/checksum.h"
#include "header.h"

struct ip_headers {
    bool fixed;          /* the IPv4 (20) or IPv6 (40) header is there */
    bool whole;          /* IPv4 options or IPv6 extension headers are, too */
    uint8_t protocol;    /* what follows these headers, if whole */
    uint32_t l4;         /* offset of the bytes that follow, if whole */
    uint32_t extensions; /* number of IPv6 extension headers */
};

/* What the walks below say about the bytes of `network`. */
static inline bool ip_headers_is_valid(struct bytes network, uint8_t version,
                                       const struct ip_headers *ip)
{
    const uint32_t header = version == 4 ? IP4_HEADER : IP6_HEADER;
    const bool known = version == 4 || version == 6;

    return ip->fixed == (known && network.len >= header) &&
           (!ip->whole ||
            (ip->fixed && ip->l4 >= header && ip->l4 <= network.len &&
             (version == 4 ? ip->l4 % 4 == 0 && ip->l4 <= IP4_HEADER_MAX
                           : ip->l4 % EXTENSION_UNIT == 0)));
}

/* The IP version that the first byte says; 0: there is none. */
static inline uint8_t ip_version(struct bytes network)
{
    return network.len == 0 ? 0 : bytes_u8(network, IP_VERSION) >> 4;
}

/*
 * Walks IPv4 options and the IPv6 extension headers that Linux skips
 * (hop-by-hop, routing, destination options). Checks nothing but lengths. The
 * `version` is 4 or 6 by what stands before; with another one nothing is there.
 */
struct ip_headers ip_walk(struct bytes network, uint8_t version);

/*
 * The walk of Linux's flow dissector, for VNET-007. It passes at most 16
 * extension headers. It also passes a fragment header, and ends after it.
 */
struct ip_headers ip_dissect(struct bytes network, uint8_t version);

/*
 * The offset at which a probe expects the L4 header, for GSO-009. It passes at
 * most 16 extension headers, and keeps the length of the packet in 16 bits. The
 * headers must be whole.
 */
uint32_t ip_probe(struct bytes network, uint8_t version);

/*
 * Adds 16-bit words of a ones'-complement sum; SPEC's fold(). A number and its
 * halves in the other order are added. The sum of the halves is then in the
 * upper half, and so is the carry of the lower one.
 */
static inline uint16_t sum_fold(uint64_t sum)
{
    const uint64_t words = sum + (sum << 32 | sum >> 32);
    const uint32_t word = (uint32_t)(words >> 32);

    return (uint16_t)((word + (word << 16 | word >> 16)) >> 16);
}

/* Sum of the words of an IPv4 header without options; folded, not inverted. */
uint16_t ip4_header_sum(struct bytes network);

/*
 * Ones'-complement sum of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1) for
 * `len` bytes of L4; folded, not inverted, never 0.
 */
uint16_t ip_pseudo_sum(struct bytes network, uint8_t version, uint8_t protocol,
                       uint32_t len);

/* Whether the checksum of `l4` is right, given the sum of its pseudo-header. */
static inline bool ip_l4_adds_up(grove_sum_fn *sum, uint16_t pseudo_sum,
                                 struct bytes l4)
{
    return sum_fold((uint64_t)sum(l4.at, l4.len) + pseudo_sum) == 0xffff;
}

/* Whether the checksum of `l4`, which is the rest of `network`, is right. */
bool ip_l4_is_right(grove_sum_fn *sum, struct bytes network, uint8_t version,
                    uint8_t protocol, struct bytes l4);

#endif
