/* SPDX-License-Identifier: MIT */
/* The headers between an EtherType, a protocol of PPP or an LLC and IP. */
#ifndef GROVE_TOOLS_ETHERTYPE_H
#define GROVE_TOOLS_ETHERTYPE_H

#include "link.h"

/*
 * Each function finds the packet behind the header at offset `at`. False:
 * there is none.
 */

/* IP of this version; 0: of any. */
bool ip_at(struct bytes frame, uint32_t at, uint32_t version,
           struct link_packet *packet);

/* What an EtherType announces, or the length of 802.3 in its place. */
bool ethertype_at(struct bytes frame, uint16_t type, uint32_t at,
                  struct link_packet *packet);

/* The LLC header of 802.2, in most cases with SNAP. */
bool llc_at(struct bytes frame, uint32_t at, struct link_packet *packet);

/* PPP, with or without the address and control field of HDLC. */
bool ppp_at(struct bytes frame, uint32_t at, struct link_packet *packet);

/* PPPoE from its version on. */
bool pppoe_at(struct bytes frame, uint32_t at, struct link_packet *packet);

/* A stack of MPLS labels. */
bool mpls_at(struct bytes frame, uint32_t at, struct link_packet *packet);

#endif
