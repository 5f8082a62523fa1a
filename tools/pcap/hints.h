/* SPDX-License-Identifier: MIT */
/*
 * What makes a capture differ from what was on the wire, and how to capture
 * better.
 */
#ifndef GROVE_TOOLS_HINTS_H
#define GROVE_TOOLS_HINTS_H

#include "capture.h"
#include "deviation.h"

/* What was found in the packets of a capture. */
struct findings {
    uint64_t wrong; /* packets whose TCP or UDP checksum is wrong */
    uint64_t left;  /* of these: the sender left it to the hardware */
    struct {
        uint64_t packets;
        uint64_t frame; /* the first of them */
    } deviations[DEVIATION_COUNT];
};

/* Notes a packet whose checksum is wrong. */
void findings_add_wrong(struct findings *findings, const uint8_t *packet,
                        size_t len);

/* Notes the packet of this frame, if there is a deviation. */
void findings_add_deviation(struct findings *findings, enum deviation deviation,
                            uint64_t frame);

/*
 * Whether the checksum field holds the sum of the pseudo-header alone, as a
 * host leaves it to its NIC.
 */
bool checksum_is_left(const uint8_t *packet, size_t len);

/* One line each, which says what is wrong and what helps. */
struct hints {
    size_t count;
    char line[8][256];
};

void hints_make(struct hints *hints, const struct frame_counts *frames,
                const struct findings *findings);

/* Each in a line with two spaces before it. */
void hints_print(FILE *stream, const struct hints *hints);

#endif
