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
#include "header.h"
#include "link.h"
#include "profile.h"
#include "rule.h"
#include "vnet.h"

struct input {
    struct bytes bytes;     /* the packet, in the caller's memory */
    uint32_t network;       /* offset of the IP header, or of VLAN tags */
    uint32_t unread;        /* bytes of the virtio header behind its fields */
    struct grove_vnet vnet; /* as accepted; if rejected, as received */
    bool tunnel;            /* the accepted vnet told of a tunnel */
    bool gso;               /* a GSO packet, by the accepted vnet */
    uint8_t version;        /* of IP; another than 4 or 6: it is not IP */
    enum grove_rule reject; /* why the kernel's write fails, or NONE */
    enum grove_rule change; /* why vnet is not as received, or NONE */
};

/* Whether the packet is IPv4 or IPv6, as without a link every one is. */
static inline bool input_is_ip(const struct input *input)
{
    return input->version == 4 || input->version == 6;
}

/* The packet from its IP header on. */
static inline struct bytes input_network(const struct input *input)
{
    return bytes_from(input->bytes, input->network);
}

/* Whether the checksum and L4 fields of an accepted vnet are in the packet. */
static inline bool input_csum_is_valid(const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;
    const uint32_t after = (uint32_t)vnet->csum_offset + 2;

    if (!vnet_needs_csum(vnet))
        return vnet->csum_start == 0 && vnet->csum_offset == 0;
    return vnet->csum_start <= VNET_CSUM_START_MAX &&
           vnet->csum_start + after <= input->bytes.len;
}

/* Whether the headers of the tunnel that it tells of are in the packet. */
static inline bool input_tunnel_is_valid(const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;

    if (vnet_tunnel(vnet) == 0)
        return !input->tunnel || !input->gso;
    return input->tunnel && vnet->inner_nh_offset >= UDP_HEADER &&
           vnet->csum_start >= vnet->inner_nh_offset + IP4_HEADER;
}

/* What a GSO packet's vnet holds to. */
static inline bool input_gso_is_valid(const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;
    const uint8_t type = vnet_type(vnet);
    const bool tcp = vnet_type_is_tcp(type);
    const bool udp = type == GROVE_VNET_GSO_UDP_L4;

    if (vnet->gso_size == 0 || !(tcp || udp || type == GROVE_VNET_GSO_UDP) ||
        (udp && !vnet_needs_csum(vnet)))
        return false;
    if (!vnet_needs_csum(vnet) || type == GROVE_VNET_GSO_UDP)
        return true;
    return vnet->csum_offset == (tcp ? TCP_CHECKSUM : UDP_CHECKSUM) &&
           (uint32_t)vnet->csum_start + (tcp ? TCP_HEADER : UDP_HEADER) <=
               input->bytes.len;
}

/* What input_accept() gives. */
static inline bool input_is_valid(const struct input *input)
{
    if (!rule_is_valid(input->reject) || !rule_is_valid(input->change))
        return false;
    if (input->reject != GROVE_RULE_NONE)
        return true;
    return bytes_is_valid(input->bytes) && input->network <= input->bytes.len &&
           input->bytes.len != 0 && input->bytes.len <= GROVE_MAX_PACKET_LEN &&
           (input->network != 0 || input_is_ip(input)) &&
           input->gso == (input->vnet.gso_type != GROVE_VNET_GSO_NONE) &&
           input_tunnel_is_valid(input) &&
           (!input->tunnel || vnet_needs_csum(&input->vnet)) &&
           input_csum_is_valid(input) &&
           (!input->gso || input_gso_is_valid(input));
}

/*
 * Passes up to `most` VLAN tags behind the header of the link: `network` and
 * `version` are then those of what is behind them. What is behind more tags is
 * not IP. Returns their number.
 */
static inline uint8_t input_pass_tags(struct input *input, uint32_t most)
{
    const uint32_t tags = link_tags(input->bytes, input->network, most);

    input->network += ETHERNET_TAG * tags;
    input->version =
        link_type_version(link_type_before(input->bytes, input->network));
    return (uint8_t)tags;
}

/*
 * Checks whether a TUN or, by its `link`, a TAP of this profile accepts
 * `packet`, whose virtio header has `vnet_len` bytes, and fills `input`. The
 * GSO fields of an accepted vnet are 0 unless the packet is a GSO packet. Its
 * checksum fields are 0 without NEEDS_CSUM. After a rejection only
 * `input->reject` and `input->change` are valid.
 */
void input_accept(const struct profile *profile, enum grove_link link,
                  uint8_t vnet_len, const struct grove_packet *packet,
                  struct input *input);

/*
 * Why a device would not take an accepted packet with the header that it has
 * now, or NONE.
 */
enum grove_rule input_check_again(const struct input *input);

#endif
