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
    uint32_t network;       /* offset of the IP header */
    struct grove_vnet vnet; /* as accepted; if rejected, as it came */
    bool gso;               /* a GSO packet, by the accepted vnet */
    uint8_t version;        /* 4 or 6, unless rejected */
    enum grove_rule reject; /* why the kernel's write fails, or NONE */
    enum grove_rule change; /* why vnet is not as it came, or NONE */
};

/* The packet from its IP header on. */
static inline struct bytes input_network(const struct input *input)
{
    return bytes_from(input->bytes, input->network);
}

/*
 * Whether a TUN of this profile takes `packet`, and as what. An accepted vnet
 * has no GSO fields unless the packet is a GSO packet, and no checksum fields
 * without NEEDS_CSUM. A rejected packet may leave anything in `input` but
 * `reject`.
 */
void input_accept(const struct profile *profile,
                  const struct grove_packet *packet, struct input *input);

#endif
