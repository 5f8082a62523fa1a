/* SPDX-License-Identifier: MIT */
/*
 * The tunnels that end at the host, and their own headers; SPEC.md, "Tunnels".
 * A kind of tunnel is a row of tunnels.c.
 */
#ifndef GROVE_TUNNELS_H
#define GROVE_TUNNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "grove/layer.h"
#include "grove/rule.h"

/* The tunnels of a configuration. All zero: there is none. */
struct tunnels {
    uint32_t count;
    struct grove_tunnel list[GROVE_MAX_TUNNELS];
};

/* A tunnel's own header, behind that of IP or UDP. */
struct tunnel_header {
    uint32_t len;
    uint32_t key_len; /* so many bytes of it are in the key */
    uint16_t type;    /* the Ethernet type of what is inside */
    bool has_sum;     /* of all from this header on; it must be right */
};

/* Whether there is such a tunnel, with a port or without one. */
static inline bool tunnel_is_valid(const struct grove_tunnel *tunnel)
{
    if ((int)tunnel->protocol < GROVE_TUNNEL_IPIP ||
        (int)tunnel->protocol > GROVE_TUNNEL_PPPOE)
        return false;
    return (tunnel->port != 0) == (tunnel->protocol >= GROVE_TUNNEL_VXLAN &&
                                   tunnel->protocol <= GROVE_TUNNEL_GENEVE);
}

/* What tunnels_copy() makes. */
static inline bool tunnels_is_valid(const struct tunnels *tunnels)
{
    if (tunnels->count > GROVE_MAX_TUNNELS)
        return false;
    for (uint32_t i = 0; i < tunnels->count; i++)
        if (!tunnel_is_valid(&tunnels->list[i]))
            return false;
    return true;
}

/* Whether all of them are over UDP: these have a port. */
static inline bool tunnels_are_over_udp(const struct tunnels *tunnels)
{
    for (uint32_t i = 0; i < tunnels->count; i++)
        if (tunnels->list[i].port == 0)
            return false;
    return true;
}

/* What tunnels_read() gives, unless the packet bypasses. */
static inline bool tunnel_header_is_valid(struct bytes own,
                                          const struct tunnel_header *header)
{
    return header->len <= own.len && header->key_len <= header->len &&
           header->key_len % 2 == 0;
}

/* Copies the list; false: it has a tunnel that is not covered. */
bool tunnels_copy(struct tunnels *tunnels, const struct grove_tunnel *list,
                  uint32_t count);

/* Whether PPPoE is among them. */
bool tunnels_have_pppoe(const struct tunnels *tunnels);

/* The tunnel whose header follows an IP header with this protocol; 0: none. */
uint8_t tunnels_by_protocol(const struct tunnels *tunnels, uint8_t protocol);

/* The tunnel over UDP with this destination port; 0: there is none. */
uint8_t tunnels_by_port(const struct tunnels *tunnels, uint16_t port);

/*
 * Reads the header of a tunnel, which is not 0, at the start of `own`. The IP
 * header before it has this protocol. Returns why the packet bypasses, or NONE.
 */
enum grove_rule tunnels_read(uint8_t tunnel, uint8_t protocol, struct bytes own,
                             struct tunnel_header *header);

/*
 * The most Ethernet headers inside of a tunnel, and VLAN tags before and inside
 * of it; or the most tags without a tunnel, for 0. A kernel nests so many.
 */
uint32_t tunnels_frames_max(uint8_t tunnel);

#endif
