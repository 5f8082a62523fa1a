/* SPDX-License-Identifier: MIT */
/*
 * What holds for everything that leaves the table, by a model of its own: it
 * makes a super-packet anew of the packets that are said to be in it.
 */
#ifndef GROVE_FUZZ_BATCH_H
#define GROVE_FUZZ_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grove/split.h"
#include "grove/table.h"

/* The longest packet that a table may make of several. */
#define BATCH_MERGED_MAX 65535

/* Its iovecs are not empty, as many as promised, and of its length. */
void batch_check_bounds(const struct grove_output *output);

/* One packet: it is the caller's, and its header is sound. */
void batch_check_single(const struct grove_output *output,
                        const struct grove_packet *packet, bool csum_trusted);

/*
 * Several packets: they fit each other, and the output is what they make.
 * Returns its bytes in one piece, which holds until the next call.
 */
const uint8_t *batch_check_merged(const struct grove_output *output,
                                  const struct grove_table *table,
                                  const struct grove_packet *packets,
                                  const char *profile, bool csum_trusted);

/*
 * Begins to split what left, whose bytes are given. The profile's splitter
 * takes it, and gives as many segments as the output says that there are
 * packets. Returns the splitter, which is used again by the next call.
 */
struct grove_split *batch_split(const char *profile,
                                const struct grove_output *output,
                                const uint8_t *bytes);

/* Whether the rule lets a packet pass the table untouched (SPEC.md, 1). */
bool batch_bypasses(enum grove_rule rule);

/*
 * Whether the order of two packets that came in one poll must be kept if both
 * leave: they are of one flow, or in lossless mode may be.
 */
bool batch_in_order(const struct grove_packet *a, const struct grove_packet *b,
                    bool lossless);

#endif
