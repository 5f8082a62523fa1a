/* SPDX-License-Identifier: MIT */
/*
 * The virtio_net_hdr (virtio 1.2, 5.1.6) that stands before every packet on a
 * TUN opened with IFF_VNET_HDR. Its first 10 bytes are the same in all lengths.
 */
#ifndef GROVE_VNET_H
#define GROVE_VNET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Size in bytes of the header on the wire: the usual one, as a TUN has it. */
#define GROVE_VNET_LEN 10

/* With num_buffers, which nothing here reads, and which is written as 0. */
#define GROVE_VNET_BUFFERS_LEN 12

/* With the fields of tunnels, as Linux 6.17 has it; the others are not read. */
#define GROVE_VNET_TUNNEL_LEN 24

/* The longest one. */
#define GROVE_VNET_LEN_MAX 24

/* Bits of `flags`. */
#define GROVE_VNET_F_NEEDS_CSUM  1
#define GROVE_VNET_F_DATA_VALID  2
#define GROVE_VNET_F_TUNNEL_CSUM 8 /* of a tunnel: UDP has a checksum */

/* Values of `gso_type`; the ECN bit may be added to the TCP ones. */
#define GROVE_VNET_GSO_NONE   0
#define GROVE_VNET_GSO_TCPV4  1
#define GROVE_VNET_GSO_UDP    3
#define GROVE_VNET_GSO_TCPV6  4
#define GROVE_VNET_GSO_UDP_L4 5
#define GROVE_VNET_GSO_ECN    0x80

/* Bits of `gso_type`: in a tunnel over UDP, over this IP version. */
#define GROVE_VNET_GSO_TUNNEL4 0x20
#define GROVE_VNET_GSO_TUNNEL6 0x40

/* The header's fields in host order. All lengths are in bytes. */
struct grove_vnet {
    uint8_t flags;
    uint8_t gso_type;
    uint16_t hdr_len;     /* from the packet's first byte to L4's end; a hint */
    uint16_t gso_size;    /* payload of every segment but the last */
    uint16_t csum_start;  /* from the packet's first byte */
    uint16_t csum_offset; /* of the checksum field, from csum_start */
    /* Of a tunnel over UDP, if its bit is set; from the packet's first byte: */
    uint16_t outer_th_offset; /* of the outer UDP header */
    uint16_t inner_nh_offset; /* of the inner IP header */
};

/*
 * Decodes `wire`, little-endian as virtio 1.x has it. The offsets of a tunnel
 * become 0. Cannot fail.
 */
void grove_vnet_load(struct grove_vnet *vnet,
                     const uint8_t wire[GROVE_VNET_LEN]);

/* Encodes `vnet` into `wire`. Cannot fail. */
void grove_vnet_store(uint8_t wire[GROVE_VNET_LEN],
                      const struct grove_vnet *vnet);

/*
 * As grove_vnet_load() and grove_vnet_store(), for a header of `len` bytes: a
 * vnet_len of the configuration. Bytes that no field has become 0.
 */
void grove_vnet_load_len(struct grove_vnet *vnet, const uint8_t *wire,
                         size_t len);
void grove_vnet_store_len(uint8_t *wire, size_t len,
                          const struct grove_vnet *vnet);

/*
 * Mends the header of a frame of `len` bytes that was read from a TAP
 * (TAP-001): a kernel leaves the outermost VLAN tag out of the two offsets of a
 * tunnel. The header becomes what a splitter takes, and what may be written to
 * a TAP. It stays as it is if the frame does not show that the tag is left out.
 * Then it may still be one that is rejected. Cannot fail.
 */
void grove_vnet_count_tag(uint8_t wire[GROVE_VNET_TUNNEL_LEN],
                          const uint8_t *frame, size_t len);

#ifdef __cplusplus
}
#endif

#endif
