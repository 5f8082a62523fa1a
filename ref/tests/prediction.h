/* SPDX-License-Identifier: MIT */
/*
 * Header prediction against the stages, for tests, fuzzing and mutants: what
 * predict(), parse_usual() and decide_begins() say of a packet, and what
 * parse() and decide() say.
 */
#ifndef GROVE_TEST_PREDICTION_H
#define GROVE_TEST_PREDICTION_H

#include <stdint.h>

#include "grove/table.h"

struct flows;
struct held;
struct policy;

/* What packets are predicted in. */
enum prediction_layers { WITHOUT_LAYERS, WITH_LINK, IN_TUNNEL, LAYERS_COUNT };

/* How many packets were predicted, by version and protocol, and others. */
struct prediction_counts {
    uint64_t predicted[LAYERS_COUNT][2][2]; /* [layers][IPv6][UDP] */
    uint64_t others;
};

/* As predict(), which is meant by NULL; a test has faulty ones. */
typedef struct held *predict_fn(const struct policy *policy,
                                const struct flows *flows,
                                const struct grove_packet *given,
                                uint32_t *hash);

/*
 * What is wrong with the prediction for `given` and what `table` holds, as a
 * static string; NULL: nothing. The prediction must accept a packet if and only
 * if the stages would merge it and let the super-packet stay, and the packet
 * has none of the few properties that go the long way. With fraglist nothing is
 * predicted, and there is no hash. There is one only if no held one has it.
 * Then the packet is usual if it neither bypasses nor is flushed. Both ways to
 * parse a usual packet agree, and so do both ways to decide whether it begins a
 * super-packet. Changes the counts and the spare memory of the table.
 */
const char *prediction_wrong(predict_fn *predictor,
                             const struct grove_table *table,
                             const struct grove_packet *given,
                             struct prediction_counts *counts);

#endif
