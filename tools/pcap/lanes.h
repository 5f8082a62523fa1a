/* SPDX-License-Identifier: MIT */
/*
 * A kernel compares the link-layer header and the VLAN tag, too, when it looks
 * for the flow of a packet. A table here knows packets from the IP header on:
 * packets that only their link headers keep apart go into different lanes, and
 * each lane is coalesced on its own.
 */
#ifndef GROVE_TOOLS_LANES_H
#define GROVE_TOOLS_LANES_H

#include "capture.h"

/* The most packets that can be divided at a time. */
#define LANES_MAX 64

/* How packets were divided: lane i has the next size[i] packets. */
struct lanes {
    size_t count;
    size_t size[LANES_MAX];
};

/*
 * Sorts the packets by lane; within a lane the order stays. In most cases there
 * is one lane. Packets of two keys may share one, if their flows differ.
 */
void lanes_divide(struct lanes *lanes, struct timed_packet *packets,
                  size_t count);

#endif
