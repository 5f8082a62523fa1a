/* SPDX-License-Identifier: MIT */
/* The link types whose headers are made of many optional parts. */
#ifndef GROVE_TOOLS_WIRELESS_H
#define GROVE_TOOLS_WIRELESS_H

#include "link.h"

/* Each function is as link_read(). */

/* 802.11: data frames without encryption. */
bool read_80211(struct bytes frame, struct link_packet *packet);

/* The same behind a header of radiotap. */
bool read_radiotap(struct bytes frame, struct link_packet *packet);

/*
 * The same behind a header of Prism or AVS, which has its length in the second
 * word, in either byte order.
 */
bool read_headed(struct bytes frame, struct link_packet *packet);

#endif
