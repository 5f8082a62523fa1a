/* SPDX-License-Identifier: MIT */
/* The packets that grove_tun_probe() writes. */
#ifndef GROVE_TUN_SAMPLE_H
#define GROVE_TUN_SAMPLE_H

#include <stdbool.h>

#include "bytes.h"
#include "grove/vnet.h"

/* What a packet is. */
struct tun_recipe {
    uint8_t version;   /* 4 or 6 */
    uint8_t protocol;  /* IP_PROTO_TCP or IP_PROTO_UDP */
    uint16_t options;  /* bytes of TCP options: 0, or 12 with timestamps */
    uint16_t flags;    /* of TCP */
    uint8_t gso_type;  /* GROVE_VNET_GSO_NONE: no super-packet */
    uint16_t gso_size; /* in bytes */
    uint16_t payload;  /* in bytes */
    uint8_t first;     /* byte of the payload */
    uint8_t tunnel;    /* VXLAN over this IP version; 0: none, and no link */
};

/* The most checksums of a packet: of L4, of inner IPv4, and an outer one. */
enum { TUN_SAMPLE_CHECKSUMS = 3 };

/*
 * A packet whose L4 checksum is not complete: the header says NEEDS_CSUM. A
 * tunnel is VXLAN between two Ethernet headers. Over IPv6 its UDP header has a
 * checksum, which is not complete either; over IPv4 it has none.
 */
struct tun_sample {
    struct grove_vnet vnet;
    struct bytes packet;
    uint32_t payload;                         /* offset of it */
    uint32_t checksums[TUN_SAMPLE_CHECKSUMS]; /* offsets of them */
    uint32_t checksum_count;
};

/* The most bytes of a packet that tun_sample_make() makes. */
enum { TUN_SAMPLE_MAX = 4096 };

/* Makes the packet in `room` of TUN_SAMPLE_MAX bytes. */
struct tun_sample tun_sample_make(struct buffer room,
                                  const struct tun_recipe *recipe);

/* Completes the L4 checksum of the packet, which is in `room`. */
void tun_sample_complete(struct buffer room, struct tun_sample *sample);

#endif
