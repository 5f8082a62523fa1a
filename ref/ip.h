/* SPDX-License-Identifier: MIT */
/* Where the headers of an IP packet lie; reads lengths, checks nothing else. */
#ifndef GROVE_IP_H
#define GROVE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

struct ip_headers {
    bool fixed;          /* the IPv4 (20) or IPv6 (40) header is there */
    bool whole;          /* and so are IPv4 options or IPv6 extension headers */
    uint8_t version;     /* the first nibble; 0 if the packet is empty */
    uint8_t protocol;    /* of what follows the headers, if whole */
    uint32_t l4;         /* offset of it, if whole */
    uint32_t extensions; /* how many IPv6 extension headers lie before it */
};

/*
 * Walks IPv4 options and the IPv6 extension headers that Linux skips
 * (hop-by-hop, routing, destination options; GRO-IP6-003).
 */
struct ip_headers ip_walk(struct bytes packet);

/*
 * As far as Linux's flow dissector goes (VNET-007): through 16 extension
 * headers, and through a fragment header, behind which it stops.
 */
struct ip_headers ip_dissect(struct bytes packet);

#endif
