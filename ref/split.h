/* SPDX-License-Identifier: MIT */
/* What a splitter consists of; made by setup.c. */
#ifndef GROVE_SPLIT_PRIVATE_H
#define GROVE_SPLIT_PRIVATE_H

#include "grove/checksum.h"
#include "grove/split.h"
#include "header.h"
#include "input.h"
#include "profile.h"

/* The most VLAN tags of a super-packet. */
enum { SPLIT_TAGS_MAX = 7 };

/* The longest header of a link, with tags. */
enum { SPLIT_LINK_MAX = LINK_HEADER_MAX + SPLIT_TAGS_MAX * ETHERNET_TAG };

/*
 * The headers around the inner IP header of a super-packet in a tunnel. As in
 * struct grove_split, offsets count from the first byte of the packet.
 */
struct split_outer {
    uint32_t network; /* offset of the outer IP header */
    uint32_t l4;      /* offset of the outer UDP header */
    uint32_t ip_len;  /* as in struct grove_split */
    uint16_t id;      /* IPv4: of the first segment */
    uint16_t part;    /* the received UDP checksum minus its length */
    uint8_t version;
    bool checksum; /* UDP has one */
    /* Written by segment.c, as in struct grove_split: */
    uint16_t ip_sum;
    uint16_t udp_sum; /* to the inner IP header */
    uint16_t l4_part; /* what the inner L4 checksum begins with */
    uint8_t ip_bytes[SPLIT_LINK_MAX + IP4_HEADER_MAX];
    uint8_t udp_bytes[UDP_HEADER];
};

/*
 * grove_split_begin() in split.c writes all fields for which no other writer is
 * named. Offsets are as in struct packet. The fields after `next` have a
 * meaning for GSO packets only.
 */
struct grove_split {
    struct profile profile; /* written by setup.c */
    grove_sum_fn *sum;      /* likewise */
    grove_copy_fn *copy;    /* likewise */
    enum grove_link link;   /* likewise */
    bool csum_offload;      /* likewise */
    uint8_t vnet_len;       /* likewise */
    struct input input;
    uint32_t count;    /* of segments; 0 unless the result is OK */
    uint32_t next;     /* the number of the next one; written by segment.c */
    uint32_t l4;       /* offset of the TCP or UDP header */
    uint32_t payload;  /* offset of what follows it */
    uint32_t stripped; /* bytes behind the IPv6 header to leave out */
    uint32_t sequence; /* TCP: of the first segment */
    uint16_t id;       /* IPv4: of the first segment */
    uint16_t part;     /* the received checksum field minus its length */
    uint8_t protocol;  /* IP_PROTO_TCP or IP_PROTO_UDP */
    uint8_t flags;     /* TCP: the received flags from FIN to CWR */
    bool in_tunnel;    /* the IP header is that of the inner packet */
    struct split_outer outer; /* if in_tunnel */
    /* Written by segment.c: */
    uint32_t link_len; /* of the link's header before the IP header */
    uint32_t ip_len;   /* of the IPv4 header, or of that of IPv6 alone */
    uint16_t ip_sum;   /* of what segments of the same length share */
    uint16_t l4_sum;
    /* The headers of the segment given last; written by segment.c. */
    uint8_t vnet_bytes[GROVE_VNET_LEN_MAX];
    uint8_t header_bytes[SPLIT_LINK_MAX + IP4_HEADER_MAX + TCP_HEADER_MAX];
};

/* From the IP header on to the end of the packet. */
static inline struct bytes split_network(const struct grove_split *split)
{
    return input_network(&split->input);
}

/* From the TCP or UDP header on to the end of the packet. */
static inline struct bytes split_l4(const struct grove_split *split)
{
    return bytes_from(split->input.bytes, split->l4);
}

/* The length of the IP header with options or extension headers. */
static inline uint32_t split_ip_len(const struct grove_split *split)
{
    return split->l4 - split->input.network;
}

/* The number of segments of so many bytes of payload. */
static inline uint32_t split_count(uint32_t payload, uint32_t gso_size)
{
    return (payload + gso_size - 1) / gso_size;
}

/* The length of an IP header as segment.c writes it, with IPv4 options. */
static inline uint32_t split_written(uint8_t version, uint32_t ip_len)
{
    return version == 4 ? ip_len : (uint32_t)IP6_HEADER;
}

/* Whether IPv4 options or IPv6 extension headers are whole. */
static inline bool split_ip_is_valid(uint8_t version, uint32_t ip_len)
{
    return version == 4 ? ip_len >= IP4_HEADER && ip_len <= IP4_HEADER_MAX
                        : ip_len >= IP6_HEADER;
}

/* Whether the headers around the IP header are before it. */
static inline bool split_outer_is_valid(const struct grove_split *split)
{
    const struct split_outer *outer = &split->outer;

    if (!split->in_tunnel)
        return split->input.network <= SPLIT_LINK_MAX;
    return outer->network <= SPLIT_LINK_MAX && outer->network <= outer->l4 &&
           split_ip_is_valid(outer->version, outer->l4 - outer->network) &&
           outer->l4 <= split->input.network;
}

/* Whether the headers of a GSO packet are whole. */
static inline bool split_headers_is_valid(const struct grove_split *split)
{
    const bool v4 = split->input.version == 4;
    const bool tcp = split->protocol == IP_PROTO_TCP;
    const uint32_t header = split->payload - split->l4;
    const uint32_t ip_len = split_ip_len(split);

    if (!split_outer_is_valid(split) || split->l4 < split->input.network ||
        !split_ip_is_valid(split->input.version, ip_len) ||
        split->payload < split->l4 || split->payload > split->input.bytes.len)
        return false;
    if (split->stripped != 0 && (v4 || split->stripped != JUMBO_HEADER ||
                                 ip_len != IP6_HEADER + JUMBO_HEADER))
        return false;
    return tcp ? header >= TCP_HEADER && header <= TCP_HEADER_MAX
               : split->protocol == IP_PROTO_UDP && header == UDP_HEADER;
}

/* What segment_begin() makes of what grove_split_begin() found. */
static inline bool split_is_prepared(const struct grove_split *split)
{
    const struct split_outer *outer = &split->outer;

    if (split->count == 0 || !split->input.gso)
        return true;
    return split->ip_len ==
               split_written(split->input.version, split_ip_len(split)) &&
           split->link_len == (split->in_tunnel ? 0 : split->input.network) &&
           (!split->in_tunnel ||
            outer->ip_len ==
                split_written(outer->version, outer->l4 - outer->network));
}

/* What grove_split_begin() makes and grove_split_next() keeps. */
static inline bool split_is_valid(const struct grove_split *split)
{
    const uint32_t gso_size = split->input.vnet.gso_size;
    uint32_t payload;

    if (split->next > split->count)
        return false;
    if (split->count == 0)
        return true;
    if (split->input.reject != GROVE_RULE_NONE ||
        !input_is_valid(&split->input))
        return false;
    if (!split->input.gso)
        return split->count == 1;
    payload = split->input.bytes.len - split->payload;
    return split_headers_is_valid(split) && payload > gso_size &&
           split->count == split_count(payload, gso_size);
}

/* Copies the headers of the super-packet; segments are made from them. */
void segment_begin(struct grove_split *split);

#endif
