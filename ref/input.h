/* SPDX-License-Identifier: MIT */
/*
 * What a TUN takes of a packet that is written to it; SPEC.md, "The virtio
 * header". The receive step and the split both begin with it.
 */
#ifndef GROVE_INPUT_H
#define GROVE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "grove/rule.h"
#include "grove/table.h"
#include "grove/vnet.h"
#include "profile.h"

struct input {
    struct bytes bytes;     /* the packet, in the caller's memory */
    struct bytes network;   /* of it, from the IP header on to the end */
    struct grove_vnet vnet; /* as accepted; if rejected, as it came */
    enum grove_rule reject; /* why the kernel's write fails, or NONE */
    enum grove_rule change; /* why vnet is not as it came, or NONE */
    bool gso;               /* a GSO packet, by the accepted vnet */
    uint8_t version;        /* 4 or 6, unless rejected */
};

/*
 * Whether a TUN of this profile takes `packet`, and as what. An accepted vnet
 * has no GSO fields unless the packet is a GSO packet, and no checksum fields
 * without NEEDS_CSUM. A rejected packet may leave anything in `input` but
 * `reject`.
 */
void input_accept(const struct profile *profile,
                  const struct grove_packet *packet, struct input *input);

#endif
