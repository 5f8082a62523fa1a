/* SPDX-License-Identifier: MIT */
/* Where SPEC.md differs from a kernel on purpose: its section 13. */
#ifndef GROVE_TOOLS_DEVIATION_H
#define GROVE_TOOLS_DEVIATION_H

#include <stddef.h>
#include <stdint.h>

enum deviation {
    DEVIATION_NONE,
    DEVIATION_TUNNEL, /* K-2: a kernel looks into the packet */
    DEVIATION_LENGTH, /* a kernel takes a packet of this length */
    DEVIATION_COUNT
};

/* "K-2", "GRO-IN-002"; static. */
const char *deviation_id(enum deviation deviation);

/* "a kernel looks into them"; static. */
const char *deviation_words(enum deviation deviation);

/* Whether kernels may treat a packet in another way than SPEC.md says. */
enum deviation deviation_of(const uint8_t *packet, size_t len);

#endif
