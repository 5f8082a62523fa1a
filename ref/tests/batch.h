/* SPDX-License-Identifier: MIT */
/*
 * Random batches of a few flows whose packets follow each other, now and then
 * with one thing about them changed.
 */
#ifndef GROVE_TEST_BATCH_H
#define GROVE_TEST_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "packets.h"

enum { BATCH_FLOWS = 6, BATCH_PACKETS = 130 };

struct batch {
    struct fields next[BATCH_FLOWS]; /* what would merge */
    uint32_t flows;
    uint32_t calm; /* one packet in so many is changed, or in thrice so many */
    struct grove_packet inputs[BATCH_PACKETS];
    uint32_t flow[BATCH_PACKETS]; /* of inputs */
    uint8_t vnets[BATCH_PACKETS][GROVE_VNET_LEN];
    uint32_t count;
};

/*
 * Makes a batch; its bytes are freed by wires_release(). If `valid`, every
 * checksum is right and was computed by the sender.
 */
void batch_make(struct batch *batch, struct dice *dice, bool valid);

/* The name of a profile of random values, until the next call. */
const char *pick_profile(struct dice *dice);

#endif
