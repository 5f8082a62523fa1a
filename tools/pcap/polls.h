/* SPDX-License-Identifier: MIT */
/*
 * A capture cut into polls: what a NIC's driver would have handed to GRO in one
 * go. A poll ends where no packet came for a while, or when it is full.
 */
#ifndef GROVE_TOOLS_POLLS_H
#define GROVE_TOOLS_POLLS_H

#include "arena.h"
#include "capture.h"

/* The most packets of a poll: Linux's NAPI_POLL_WEIGHT. */
#define POLL_MAX 64

/* Nanoseconds without a packet that end a poll, unless told otherwise. */
#define POLL_GAP 200000

struct poll {
    const struct timed_packet *packets; /* in an arena */
    size_t count;
};

struct polls {
    struct capture_file *file;
    int64_t gap; /* nanoseconds */
    struct arena next_arena;
    struct timed_packet next; /* the first packet of the next poll */
    bool has_next;
};

/* Begins to read the capture, which must be open until polls_end(). */
void polls_begin(struct polls *polls, struct capture_file *file, int64_t gap);

/*
 * The next poll, in `arena`. False at the end of the file, with `why` empty,
 * and where it is broken.
 */
bool polls_next(struct polls *polls, struct arena *arena, struct poll *poll,
                char why[CAPTURE_WHY]);

void polls_end(struct polls *polls);

/*
 * Reads an argument of --gap, in microseconds, into nanoseconds. False if it
 * is not a number or too large.
 */
bool poll_gap(const char *text, int64_t *gap);

#endif
