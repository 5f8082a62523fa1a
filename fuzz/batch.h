/* SPDX-License-Identifier: MIT */
/*
 * Checks of everything that leaves the table. They use a separate model, which
 * builds a super-packet from the packets that it should contain.
 */
#ifndef GROVE_FUZZ_BATCH_H
#define GROVE_FUZZ_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grove/split.h"
#include "grove/table.h"
#include "run.h"

/* Whether packets have a link or tunnels, which the model does not know. */
bool batch_has_layers(const struct run_config *config);

/* Its iovecs are not empty. Their number and total length are right. */
void batch_check_bounds(const struct grove_output *output,
                        const struct run_config *config);

/* For one packet: it is that of the caller, and its virtio header is right. */
void batch_check_single(const struct grove_output *output,
                        const struct grove_packet *packet,
                        const struct run_config *config);

/* The output's bytes in one piece, which is valid until the next call. */
const uint8_t *batch_gather(const struct grove_output *output);

/* For several packets with layers: the output ends with their payloads. */
void batch_check_payloads(const struct grove_output *output,
                          const struct grove_table *table,
                          const struct grove_packet *packets,
                          const struct run_config *config);

/*
 * For several packets without layers: they may be merged, and the output is
 * their super-packet. Returns its bytes in one piece, which is valid until the
 * next call.
 */
const uint8_t *batch_check_merged(const struct grove_output *output,
                                  const struct grove_table *table,
                                  const struct grove_packet *packets,
                                  const char *profile,
                                  const struct run_config *config);

/*
 * For a list of several packets, each of which is an output: they may be in
 * one. `output` is the first of them.
 */
void batch_check_list(const struct grove_output *output,
                      const struct grove_packet *packets, const char *profile);

/*
 * Begins to split an output, whose bytes are given. The profile's splitter must
 * accept it and give one segment for each packet of the output. Returns the
 * splitter, which the next call uses again.
 */
struct grove_split *batch_split(const char *profile,
                                const struct run_config *config,
                                const struct grove_output *output,
                                const uint8_t *bytes);

/* True if the rule lets a packet pass the table unchanged (SPEC.md, 1). */
bool batch_bypasses(enum grove_rule rule);

/*
 * True if two packets of one poll must leave in the same order: they have the
 * same flow, or in lossless mode may have.
 */
bool batch_in_order(const struct grove_packet *a, const struct grove_packet *b,
                    bool lossless);

#endif
