/* SPDX-License-Identifier: MIT */
/* What a TUN makes of the virtio_net_hdr of a packet; SPEC.md, "VNET". */
#ifndef GROVE_VNET_PRIVATE_H
#define GROVE_VNET_PRIVATE_H

#include "bytes.h"
#include "grove/rule.h"
#include "grove/vnet.h"
#include "profile.h"

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
