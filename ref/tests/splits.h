/* SPDX-License-Identifier: MIT */
/* Super-packets for tests of the splitter, and what it makes of them. */
#ifndef GROVE_TEST_SPLITS_H
#define GROVE_TEST_SPLITS_H

#include "packets.h"
#include "split.h"

/* A packet with its virtio header, as the splitter takes it. */
struct super {
    struct wire wire;
    struct grove_vnet vnet;
    uint8_t header[GROVE_VNET_LEN];
};

/* Everything that a split gives. */
struct made {
    enum grove_split_result result;
    enum grove_rule rule;
    struct grove_split *split; /* until two more were made */
};

/* The offset of the L4 checksum. */
uint32_t checksum_field(struct wire wire);

/* A super-packet with the sum of its pseudo-header in place. */
struct super super_of(const struct fields *fields, uint16_t gso_size);

/* As the splitter takes it, while `super` lives. */
struct grove_packet input_of(struct super *super);

/* Begins to split the packet. */
struct made begin_as(const char *profile, bool csum_offload,
                     const struct grove_packet *packet);

/* The same with a link. */
struct made begin_with(const struct grove_split_config *config,
                       const struct grove_packet *packet);

/* The same as linux-6.18. */
struct made begin(struct super *super, bool csum_offload);

/* A segment as the tests' own helpers read outputs. */
struct grove_output output_of(const struct grove_segment *segment);

/* The next segment, which there is. Its copy is the same. */
struct grove_segment next(struct made *made);

/* There is no segment left. */
void assert_over(struct made *made);

/* The segment has this virtio header and these bytes. */
void assert_bytes(const struct grove_segment *segment, struct grove_vnet vnet,
                  struct wire expected);

#endif
