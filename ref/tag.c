/* SPDX-License-Identifier: MIT */
/*
 * A VLAN tag that a kernel leaves out of the offsets of a tunnel; SPEC.md, "At
 * a TUN or TAP device".
 */
#include "grove/table.h"
#include "grove/vnet.h"
#include "ip.h"
#include "link.h"
#include "split.h"
#include "vnet.h"

/* The offset of the UDP header behind VLAN tags and IP; 0: there is none. */
static uint32_t find_tagged_udp(struct bytes frame)
{
    const uint32_t tags = link_tags(frame, ETHERNET_HEADER, SPLIT_TAGS_MAX);
    const uint32_t network = ETHERNET_HEADER + tags * ETHERNET_TAG;
    const struct ip_headers ip =
        ip_walk(bytes_from(frame, network),
                link_type_version(link_type_before(frame, network)));

    return tags != 0 && ip.whole && ip.protocol == IP_PROTO_UDP
               ? network + ip.l4
               : 0;
}

void grove_vnet_count_tag(uint8_t wire[GROVE_VNET_TUNNEL_LEN],
                          const uint8_t *frame, size_t len)
{
    const struct bytes bytes = {frame, (uint32_t)len};
    struct grove_vnet vnet;

    grove_vnet_load_len(&vnet, wire, GROVE_VNET_TUNNEL_LEN);
    if (vnet_tunnel(&vnet) == 0 || len < ETHERNET_HEADER ||
        len > GROVE_MAX_PACKET_LEN)
        return;
    /* TAP-001: the outer UDP header is 4 bytes behind outer_th_offset. */
    if ((uint32_t)vnet.outer_th_offset + ETHERNET_TAG != find_tagged_udp(bytes))
        return;
    vnet.outer_th_offset = (uint16_t)(vnet.outer_th_offset + ETHERNET_TAG);
    vnet.inner_nh_offset = (uint16_t)(vnet.inner_nh_offset + ETHERNET_TAG);
    grove_vnet_store_len(wire, GROVE_VNET_TUNNEL_LEN, &vnet);
}
