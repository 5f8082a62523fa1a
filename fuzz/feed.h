/* SPDX-License-Identifier: MIT */
/* A batch that passes through a table, in guarded memory. */
#ifndef GROVE_FUZZ_FEED_H
#define GROVE_FUZZ_FEED_H

#include "grove/table.h"
#include "input.h"

/* All zero until feed_make(). */
struct feed {
    struct input input;
    struct guard guard; /* holds all memory but that of the input */
    uint32_t packets;
    struct grove_packet packet[INPUT_ENTRIES];
    const uint8_t *copy[INPUT_ENTRIES]; /* copies of the packets' bytes */
    uint32_t poll_of[INPUT_ENTRIES];
    struct grove_table *table;
};

/* Allocates the memory; to be called once. */
void feed_make(struct feed *feed);

/* Reads the batch into the run and the packets. The run may then be changed. */
void feed_read(struct feed *feed, const uint8_t *data, size_t size);

/* Makes a table with the configuration of the run, which holds nothing. */
void feed_begin(struct feed *feed);

/*
 * Makes a table with the configuration of the run, passes all packets to it and
 * flushes it after each poll. It must hold nothing then.
 */
void feed_table(struct feed *feed);

/* Checks that no packet was changed. */
void feed_check_unmodified(const struct feed *feed);

#endif
