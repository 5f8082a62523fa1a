/* SPDX-License-Identifier: MIT */
/* What the fields of a virtio_net_hdr mean; SPEC.md, "The virtio header". */
#ifndef GROVE_VNET_PRIVATE_H
#define GROVE_VNET_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "grove/vnet.h"

/*
 * VNET-016: a kernel stores csum_start, counted from 64 bytes before the
 * packet, in 16 bits, and reserves the value 0xffff.
 */
#define VNET_CSUM_START_MAX (0xfffe - 64)

/* Whether the GROVE_VNET_LEN bytes at `wire` say nothing. NULL: they do. */
static inline bool vnet_is_zero(const uint8_t *wire)
{
    uint64_t head;
    uint16_t tail;

    if (wire == NULL)
        return true;
    memcpy(&head, wire, sizeof head);
    memcpy(&tail, wire + sizeof head, sizeof tail);
    return (head | tail) == 0;
}

/* Whether a header has so many bytes. */
static inline bool vnet_len_exists(size_t len)
{
    return len == GROVE_VNET_LEN || len == GROVE_VNET_BUFFERS_LEN ||
           len == GROVE_VNET_TUNNEL_LEN;
}

/* The bytes behind those that every header has. */
static inline void vnet_zero_rest(uint8_t *wire, size_t len)
{
    if (len > GROVE_VNET_LEN)
        memset(wire + GROVE_VNET_LEN, 0, len - GROVE_VNET_LEN);
}

/* Writes a header of `len` bytes to `wire` that has only flags. */
static inline void vnet_store_flags(uint8_t *wire, size_t len, uint8_t flags)
{
    memset(wire, 0, GROVE_VNET_LEN);
    vnet_zero_rest(wire, len);
    wire[0] = flags;
}

static inline bool vnet_needs_csum(const struct grove_vnet *vnet)
{
    return (vnet->flags & GROVE_VNET_F_NEEDS_CSUM) != 0;
}

/* The bits of gso_type that tell of a tunnel. */
static inline uint8_t vnet_tunnel(const struct grove_vnet *vnet)
{
    return vnet->gso_type & (GROVE_VNET_GSO_TUNNEL4 | GROVE_VNET_GSO_TUNNEL6);
}

/* gso_type without the ECN bit and the bits of tunnels. */
static inline uint8_t vnet_type(const struct grove_vnet *vnet)
{
    return vnet->gso_type &
           (uint8_t) ~(GROVE_VNET_GSO_ECN | GROVE_VNET_GSO_TUNNEL4 |
                       GROVE_VNET_GSO_TUNNEL6);
}

/* Whether a value of vnet_type() is one of TCP. */
static inline bool vnet_type_is_tcp(uint8_t type)
{
    return type == GROVE_VNET_GSO_TCPV4 || type == GROVE_VNET_GSO_TCPV6;
}

#endif
