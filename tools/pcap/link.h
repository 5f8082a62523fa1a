/* SPDX-License-Identifier: MIT */
/* Takes the link layer off a frame. */
#ifndef GROVE_TOOLS_LINK_H
#define GROVE_TOOLS_LINK_H

#include <stdbool.h>

#include "../../ref/bytes.h"

/* Whether frames of this DLT_* of libpcap can be taken apart. */
bool link_known(int type);

/*
 * The IP packet in `frame` goes to *ip, with all that follows it: a NIC's
 * driver hands the padding of a short Ethernet frame to GRO, which rules on it.
 * False if there is no IP packet, or its version is not what the link says.
 */
bool link_packet(int type, struct bytes frame, struct bytes *ip);

#endif
