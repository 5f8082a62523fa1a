/* SPDX-License-Identifier: MIT */
/*
 * The layers of a packet: the link header, VLAN tags, and the headers of the
 * tunnels that end at the host, down to the innermost IP header. Like
 * layout.h, it is a second opinion, and knows no rule.
 */
#ifndef GROVE_TOOLS_LAYERS_H
#define GROVE_TOOLS_LAYERS_H

#include "layout.h"
#include "run.h"

enum layer_kind {
    LAYER_ETHERNET,
    LAYER_TAG, /* VLAN: the TCI, and the type of what follows */
    LAYER_IP,  /* with IPv6 extension headers */
    LAYER_UDP, /* of a tunnel */
    LAYER_VXLAN,
    LAYER_GENEVE,
    LAYER_GRE,
    LAYER_PPPOE /* with the protocol of PPP */
};

/* Offset and length in bytes. */
struct layer {
    enum layer_kind kind;
    uint32_t at;
    uint32_t len;
};

/* So many are walked over. */
#define LAYERS_MAX 40

struct layers {
    struct layer layer[LAYERS_MAX];
    unsigned count;
    bool has_ip;
    uint32_t ip; /* offset of the innermost IP header, if there is one */
};

/*
 * Nothing outside of the packet is read, and a layer that does not fit is none.
 * The tunnels are those of the configuration.
 */
struct layers layers_of(const struct run_config *config, const uint8_t *packet,
                        size_t len);

/* The same as if PPPoE was among the tunnels. */
struct layers layers_with_pppoe(const struct run_config *config,
                                const uint8_t *packet, size_t len);

/* The number of layers of this kind. */
unsigned layers_count(const struct layers *layers, enum layer_kind kind);

/* Whether there is one of this kind. */
bool layers_have(const struct layers *layers, enum layer_kind kind);

#endif
