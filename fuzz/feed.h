/* SPDX-License-Identifier: MIT */
/* A batch on its way through a table, in memory that is watched. */
#ifndef GROVE_FUZZ_FEED_H
#define GROVE_FUZZ_FEED_H

#include "grove/table.h"
#include "input.h"

/* All zero until feed_make(). */
struct feed {
    struct input input;
    struct guard guard; /* of what is not the input's */
    uint32_t packets;
    struct grove_packet packet[INPUT_ENTRIES];
    const uint8_t *copy[INPUT_ENTRIES]; /* of its bytes, before */
    uint32_t poll_of[INPUT_ENTRIES];
    struct grove_table *table;
};

/* Takes the memory; once. */
void feed_make(struct feed *feed);

/* Reads the batch: run and packets. The run may be changed afterwards. */
void feed_read(struct feed *feed, const uint8_t *data, size_t size);

/*
 * Makes a table as the run has it, which takes all packets and flushes it after
 * each poll. Nothing may be held then.
 */
void feed_table(struct feed *feed);

/* No packet was written to. */
void feed_check_unmodified(const struct feed *feed);

#endif
