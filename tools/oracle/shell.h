/* SPDX-License-Identifier: MIT */
/*
 * The headers outside of a draft: of the link, and of tunnels. They are built
 * from their fields, with right lengths and checksums.
 */
#ifndef GROVE_TOOLS_SHELL_H
#define GROVE_TOOLS_SHELL_H

#include "draft.h"
#include "grove/layer.h"

enum { SHELL_TAGS = 16, SHELL_TUNNELS = 2 };

/* The header of PPPoE, behind an Ethernet type. */
struct shell_pppoe {
    bool there;
    uint16_t code; /* version, type and code */
    uint16_t session;
    uint16_t length_by; /* is added to its length, mod 2^16 */
    uint16_t protocol;  /* of PPP; 0: the one of what follows */
};

/* An Ethernet header, VLAN tags and PPPoE. */
struct shell_frame {
    uint8_t addresses[12]; /* destination, source */
    uint8_t tags;          /* number of VLAN tags */
    uint16_t tpid[SHELL_TAGS];
    uint16_t tci[SHELL_TAGS];
    uint16_t type; /* 0: the one of what follows */
    struct shell_pppoe pppoe;
};

/* One tunnel's headers, from its IP header on. */
struct shell_tunnel {
    enum grove_tunnel_protocol protocol;
    struct draft_fields ip; /* and the ports of UDP */
    bool same_id;           /* the packets of a flow have one identification */
    bool zero_checksum;     /* of UDP */
    uint16_t flags;  /* GRE: all; GENEVE: behind the version; VXLAN: first */
    uint16_t type;   /* 0: the one of what follows */
    uint32_t number; /* GRE: the key; VXLAN, GENEVE: the word of the VNI */
    uint8_t options; /* GENEVE: length in words of 4 bytes */
    uint8_t fill;    /* of the options */
    bool framed;     /* Ethernet is inside */
    struct shell_frame frame; /* PPPoE may be inside without it */
};

struct shell {
    bool framed; /* the link is Ethernet */
    bool padded; /* frames have 60 bytes at least */
    struct shell_frame frame;
    uint32_t tunnels;
    struct shell_tunnel tunnel[SHELL_TUNNELS]; /* the outermost first */
};

/*
 * Puts `inner`, an IP packet of this version, into the shell: `draft` becomes
 * the packet, with the offsets of the inner L4 header and payload. Returns the
 * length of the shell's headers. A packet that would be longer than a draft
 * can be is cut.
 */
uint32_t shell_build(struct draft *draft, const struct shell *shell,
                     const struct draft *inner, uint8_t version);

/* Offsets of the shell's parts in a draft that was built, for faults. */
struct shell_at {
    uint32_t ip[SHELL_TUNNELS];
    uint32_t l4[SHELL_TUNNELS];        /* of what is behind the IP header */
    uint32_t pppoe[SHELL_TUNNELS + 1]; /* of the link and of each; or 0 */
};

struct shell_at shell_find(const struct shell *shell, uint8_t version);

/* Computes the lengths and checksums of tunnel `number` again. */
void shell_mend(struct draft *draft, const struct shell *shell,
                const struct shell_at *at, uint32_t number);

#endif
