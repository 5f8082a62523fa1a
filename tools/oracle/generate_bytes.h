/* SPDX-License-Identifier: MIT */
/* Faults of a packet that are made in its bytes. */
#ifndef GROVE_TOOLS_GENERATE_BYTES_H
#define GROVE_TOOLS_GENERATE_BYTES_H

#include "generate_flow.h"
#include "grove/vnet.h"

/*
 * Changes some bytes of `draft`, which was built from `fields`: a length, a
 * checksum, the end, or any bit. `fields` is updated, so that the flow
 * continues behind the changed packet.
 */
void bytes_spoil(struct dice *dice, struct draft *draft, struct flow *flow,
                 struct draft_fields *fields);

/*
 * May make a virtio header for `draft`, right or nearly right, and change the
 * draft to match it. False: there is no header.
 */
bool vnet_make(struct dice *dice, struct draft *draft,
               const struct draft_fields *fields, struct grove_vnet *vnet);

#endif
