/* SPDX-License-Identifier: MIT */
/*
 * A short parse() for usual packets, with which most super-packets begin. It is
 * a part of header prediction and decides nothing; predict.c says more.
 */
#ifndef GROVE_PARSE_USUAL_H
#define GROVE_PARSE_USUAL_H

#include <stdbool.h>

#include "packet.h"
#include "policy.h"

/*
 * Whether the packet in `bytes` is usual: nothing is in its headers for which
 * it bypasses or is flushed, but for a wrong L4 checksum. `packet` has its key,
 * as predict() found it; then it has no virtio header, link, tunnel, hash and
 * extension headers. Fills the rest of a usual packet; of others, any part.
 */
#ifdef GROVE_NO_PREDICT
static inline bool parse_usual(const struct policy *policy, struct bytes bytes,
                               struct packet *packet)
{
    (void)policy;
    (void)bytes;
    (void)packet;
    return false;
}
#else
bool parse_usual(const struct policy *policy, struct bytes bytes,
                 struct packet *packet);
#endif

#endif
