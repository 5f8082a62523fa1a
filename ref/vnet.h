/* SPDX-License-Identifier: MIT */
/* What a TUN makes of the virtio_net_hdr of a packet; SPEC.md, "VNET". */
#ifndef GROVE_VNET_PRIVATE_H
#define GROVE_VNET_PRIVATE_H

#include <stdbool.h>

#include "bytes.h"
#include "grove/rule.h"
#include "grove/vnet.h"
#include "profile.h"

/*
 * The kernel keeps csum_start in 16 bits, less one value, and counts it from
 * 64 bytes before the packet; VNET-016.
 */
#define VNET_CSUM_START_MAX (0xfffe - 64)

static inline bool vnet_needs_csum(const struct grove_vnet *vnet)
{
    return (vnet->flags & GROVE_VNET_F_NEEDS_CSUM) != 0;
}

/* gso_type without the ECN bit. */
static inline uint8_t vnet_type(const struct grove_vnet *vnet)
{
    return vnet->gso_type & (uint8_t)~GROVE_VNET_GSO_ECN;
}

struct vnet_result {
    enum grove_rule refused; /* the write fails with EINVAL */
    enum grove_rule changed; /* the header was not taken as it stands */
};

/*
 * Whether a TUN takes `packet` with this header. If so `vnet` becomes what the
 * kernel remembers of it: no GSO fields unless it is a GSO packet, no checksum
 * fields without NEEDS_CSUM. Otherwise `vnet` is unchanged.
 */
struct vnet_result vnet_accept(const struct profile *profile,
                               struct bytes packet, struct grove_vnet *vnet);

#endif
