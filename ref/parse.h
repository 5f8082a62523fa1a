/* SPDX-License-Identifier: MIT */
/*
 * From bytes to struct packet; SPEC.md, "The packet by itself", "IP", "TCP and
 * UDP", "The flow".
 */
#ifndef GROVE_PARSE_H
#define GROVE_PARSE_H

#include "input.h"
#include "packet.h"
#include "policy.h"

/*
 * Fills `packet`. Checks every rule that needs only the packet, in SPEC's
 * order. Stops at the first rule that rejects the packet or makes it bypass.
 */
void parse(const struct policy *policy, const struct grove_packet *given,
           struct packet *packet);

#endif
