/* SPDX-License-Identifier: MIT */
/*
 * What stands before the IP header of a packet, and between two IP headers: the
 * link and the tunnels. Both are part of the configuration, since a host
 * coalesces only the tunnels that end at it. The conventions are those of
 * grove/table.h.
 */
#ifndef GROVE_LAYER_H
#define GROVE_LAYER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a packet begins with. */
enum grove_link {
    GROVE_LINK_NONE = 0, /* the IP header, as at a TUN device */
    GROVE_LINK_ETHERNET  /* the destination address, as at a TAP device */
};

enum grove_tunnel_protocol {
    GROVE_TUNNEL_IPIP = 1,  /* IPv4 or IPv6 in IPv4 or IPv6: 4 and 41 */
    GROVE_TUNNEL_GRE,       /* 47 */
    GROVE_TUNNEL_VXLAN,     /* over UDP, as the next two */
    GROVE_TUNNEL_VXLAN_GPE, /* VXLAN with the protocol that is inside */
    GROVE_TUNNEL_GENEVE,
    GROVE_TUNNEL_PPPOE /* behind its Ethernet type, 0x8864 */
};

/*
 * A tunnel that ends at the host. PPPoE is looked into as Linux 7.2 does with
 * its module pppoe: behind the link's VLAN tags, and inside of other tunnels.
 */
struct grove_tunnel {
    enum grove_tunnel_protocol protocol;
    uint16_t port; /* destination port of UDP; 0: the tunnel is not over UDP */
};

/* The most tunnels of a configuration. */
#define GROVE_MAX_TUNNELS 8

#ifdef __cplusplus
}
#endif

#endif
