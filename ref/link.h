/* SPDX-License-Identifier: MIT */
/* What stands before the network header; SPEC.md, "The link". */
#ifndef GROVE_LINK_H
#define GROVE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "grove/layer.h"
#include "header.h"

/* The length of the longest header of a link. */
enum { LINK_HEADER_MAX = ETHERNET_HEADER };

/*
 * The most VLAN tags that are passed, and the length with them. The last of
 * them may be PPPoE instead.
 */
enum { LINK_TAGS_MAX = 13 };
enum {
    LINK_WITH_TAGS_MAX =
        LINK_HEADER_MAX + (LINK_TAGS_MAX - 1) * ETHERNET_TAG + PPPOE_HEADER
};

/* Whether there is such a link. */
static inline bool link_exists(enum grove_link link)
{
    return link == GROVE_LINK_NONE || link == GROVE_LINK_ETHERNET;
}

/* The length of its header. */
static inline uint32_t link_len(enum grove_link link)
{
    return link == GROVE_LINK_NONE ? 0 : ETHERNET_HEADER;
}

/* The IP version of an Ethernet type; 0: it is neither IPv4 nor IPv6. */
static inline uint8_t link_type_version(uint16_t type)
{
    if (type == ETHERNET_TYPE_IP4)
        return 4;
    return type == ETHERNET_TYPE_IP6 ? 6 : 0;
}

static inline bool link_type_is_tag(uint16_t type)
{
    return type == ETHERNET_TYPE_TAG || type == ETHERNET_TYPE_SERVICE_TAG;
}

/* The type that stands before offset `at`. */
static inline uint16_t link_type_before(struct bytes packet, uint32_t at)
{
    return bytes_be16(packet, at - ETHERNET_TYPE_LEN);
}

/*
 * The number of VLAN tags at offset `at`, where the header of a link ends;
 * `most` at most.
 */
static inline uint32_t link_tags(struct bytes packet, uint32_t at,
                                 uint32_t most)
{
    uint32_t tags = 0;

    while (tags < most && link_type_is_tag(link_type_before(packet, at)) &&
           bytes_have(packet, at, ETHERNET_TAG)) {
        at += ETHERNET_TAG;
        tags++;
    }
    return tags;
}

#endif
