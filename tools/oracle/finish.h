/* SPDX-License-Identifier: MIT */
/*
 * What receivers get of packets. A kernel finishes a packet before it delivers
 * it: it splits a super-packet, and completes a checksum. The reference does
 * this here, as the kernel of a profile would.
 */
#ifndef GROVE_TOOLS_FINISH_H
#define GROVE_TOOLS_FINISH_H

#include "run.h"

/*
 * Addresses, protocol and ports. What the packet does not have is zero: without
 * ports, and in a fragment, the protocol is zero, too.
 */
struct flow_key {
    uint64_t outside; /* a hash of the link and the tunnel; 0: there is none */
    uint8_t version;
    uint8_t protocol;
    uint8_t addresses[32];
    uint8_t ports[4];
    uint8_t unused[2]; /* zero, so that memcmp() compares keys */
};

/*
 * A packet that a receiver gets. Its flow is that of the packet that it was
 * made of, since a split may write a checksum over the ports of a segment.
 */
struct finished {
    struct flow_key flow;
    size_t of;     /* the number of that packet; the caller counts */
    size_t number; /* its own place in the list */
    size_t ip;     /* where its innermost IP header begins; 0: there is none */
    struct run_output output;
};

/* All zero is an empty list. Its data is in the arena of the caller. */
struct finished_list {
    struct finished *at;
    size_t count;
    size_t room;
};

struct finisher {
    struct implementation reference;
    struct answer part; /* the answer to the last question */
};

void finisher_open(struct finisher *finisher);
void finisher_close(struct finisher *finisher);

/*
 * The segments that a kernel makes of a packet of the run. They are valid until
 * the next call. ANSWER_REJECTED: it refuses the packet; none: it drops it.
 */
const struct answer *finish_split(struct finisher *finisher,
                                  const struct run *asked,
                                  const struct run_input *input);

/*
 * Appends what receivers get of packet `number` of the run. A packet without a
 * virtio header stays as it is, unless it is refused or dropped. Returns what
 * finish_split() gives.
 */
const struct answer *finish(struct finisher *finisher, const struct run *asked,
                            const struct run_input *input, size_t number,
                            struct finished_list *list, struct arena *arena);

/* The packet and virtio header of an output, to be written to a device. */
struct run_input finish_input(const struct run *run,
                              const struct run_output *output);

#endif
