/* SPDX-License-Identifier: MIT */
/* Finds the IP packet in a frame, and what its link headers say about it. */
#ifndef GROVE_TOOLS_LINK_H
#define GROVE_TOOLS_LINK_H

#include <stdbool.h>

#include "frame.h"

/* What link headers say. Lengths and offsets are in bytes. */
struct link_packet {
    uint32_t at;        /* the offset of the IP header in the frame */
    uint32_t end;       /* it ends there at the latest: a header says so */
    uint32_t trailer;   /* behind the packet, on the wire: an FCS */
    uint64_t key;       /* a hash of addresses, VLAN tags and so on: packets
                         * with different keys are of different flows */
    uint32_t interface; /* the number that a header tells, or 0 */
    struct bytes name;  /* the same as a name; empty if it is not told */
    enum direction direction;
};

/* A type of link: a row of a table. */
struct link;

/* The row for this LINKTYPE_* or DLT_* of libpcap; NULL: none. */
const struct link *link_find(int type);

/*
 * False if there is no IP packet in the captured bytes of the frame, or its
 * version is not what the link says.
 */
bool link_read(const struct link *link, struct bytes frame,
               struct link_packet *packet);

/* Whether the frame, captured whole, ends with the FCS of Ethernet. */
bool link_ends_with_fcs(const struct link *link, struct bytes frame);

#endif
