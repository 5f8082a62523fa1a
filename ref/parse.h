/* SPDX-License-Identifier: MIT */
/* From bytes to struct packet: SPEC.md, "VNET" to "the packet by itself". */
#ifndef GROVE_PARSE_H
#define GROVE_PARSE_H

#include "grove/table.h"
#include "packet.h"

/*
 * Fills `packet` from what the caller gave. Reads every rule that concerns the
 * packet alone, in the kernel's order, and stops at the first that makes it
 * reject or bypass. Returns a rule that changed the virtio header, or NONE.
 */
enum grove_rule parse(const struct policy *policy,
                      const struct grove_packet *input, struct packet *packet);

#endif
