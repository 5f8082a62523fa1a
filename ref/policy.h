/* SPDX-License-Identifier: MIT */
/* The part of a table's configuration that the stages read. */
#ifndef GROVE_POLICY_H
#define GROVE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "grove/checksum.h"
#include "link.h"
#include "profile.h"
#include "tunnels.h"

struct policy {
    struct profile profile;
    grove_sum_fn *sum;
    enum grove_link link;
    uint8_t vnet_len;  /* of virtio headers, in bytes */
    uint8_t tags_max;  /* so many VLAN tags are passed */
    bool plain;        /* neither a link nor a tunnel */
    bool lossless;     /* SPEC.md, "Lossless mode" */
    bool no_udp;       /* GRO-UDP-003 */
    bool csum_trusted; /* L4 checksums were verified before */
    struct tunnels tunnels;
};

#endif
