/* SPDX-License-Identifier: MIT */
/*
 * Accepts or rejects a packet as a TUN does when it is written to; SPEC.md,
 * "The virtio header". The receive step and the split both begin with this.
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
    struct grove_vnet vnet; /* as accepted; if rejected, as received */
    bool gso;               /* a GSO packet, by the accepted vnet */
    uint8_t version;        /* 4 or 6, unless rejected */
    enum grove_rule reject; /* why the kernel's write fails, or NONE */
    enum grove_rule change; /* why vnet is not as received, or NONE */
};

/* Offset of the IP header: the first layer of a TUN packet is IP. */
enum { INPUT_NETWORK = 0 };

/* The packet from its IP header on. */
static inline struct bytes input_network(const struct input *input)
{
    return bytes_from(input->bytes, input->network);
}

/*
 * Checks whether a TUN of this profile accepts `packet`, and fills `input`. The
 * GSO fields of an accepted vnet are 0 unless the packet is a GSO packet. Its
 * checksum fields are 0 without NEEDS_CSUM. After a rejection only
 * `input->reject` and `input->change` are valid.
 */
void input_accept(const struct profile *profile,
                  const struct grove_packet *packet, struct input *input);

#endif
