/* SPDX-License-Identifier: MIT */
/* What came of a packet, compared with what should have come of it. */
#ifndef GROVE_TUN_COMPARE_H
#define GROVE_TUN_COMPARE_H

#include <stddef.h>

#include "bytes.h"
#include "grove/tun.h"
#include "tun/sample.h"

/* More than any packet of the probe should give. */
enum { TUN_BURST_MAX = 80 };

/* Packets, in order. */
struct tun_burst {
    struct buffer room; /* memory that is free for more */
    size_t count;
    struct bytes packets[TUN_BURST_MAX];
};

/*
 * Adds a packet that lies in `room`, or forgets it if there are too many: the
 * burst then differs from every expected one.
 */
void tun_burst_add(struct tun_burst *burst, struct bytes packet);

/*
 * Compares what came of `sample`. Sets symptom, segment, offset, expected and
 * seen of *finding; the symptom is GROVE_TUN_SYMPTOM_NONE if all is well.
 */
void tun_compare(const struct tun_sample *sample,
                 const struct tun_burst *expected, const struct tun_burst *seen,
                 struct grove_tun_finding *finding);

#endif
