/* SPDX-License-Identifier: MIT */
/* What goes wrong with a packet after its bytes were made. */
#ifndef GROVE_TOOLS_GENERATE_BYTES_H
#define GROVE_TOOLS_GENERATE_BYTES_H

#include "generate_flow.h"
#include "grove/vnet.h"

/*
 * Spoils some bytes of `draft`, made of `fields`: a length, a checksum, the
 * end, any bit. What the flow goes on from is kept in step.
 */
void bytes_spoil(struct dice *dice, struct draft *draft, struct flow *flow,
                 struct draft_fields *fields);

/*
 * Perhaps a virtio header for `draft`, right or nearly so, and the draft as the
 * header says it is. False: it has none.
 */
bool vnet_make(struct dice *dice, struct draft *draft,
               const struct draft_fields *fields, struct grove_vnet *vnet);

#endif
