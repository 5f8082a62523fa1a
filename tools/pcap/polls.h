/* SPDX-License-Identifier: MIT */
/*
 * A capture cut into polls: what a NIC's driver would have handed to GRO in one
 * go. A poll ends where no packet of its interface came for a while, or when it
 * is full. Interfaces have polls of their own, which may overlap in time.
 */
#ifndef GROVE_TOOLS_POLLS_H
#define GROVE_TOOLS_POLLS_H

#include "arena.h"
#include "capture.h"
#include "lanes.h"

/* The most packets of a poll: Linux's NAPI_POLL_WEIGHT. */
#define POLL_MAX LANES_MAX

/* Nanoseconds without a packet that end a poll, unless told otherwise. */
#define POLL_GAP 200000

/* Polls that grow at a time. The oldest one ends when there is one more. */
#define POLLS_OPEN 64

struct poll {
    const struct timed_packet *packets; /* of one lane of one interface */
    size_t count;
};

/* A poll that may still grow, with the packets of all lanes. */
struct open_poll {
    struct arena arena; /* holds the bytes of the packets */
    struct timed_packet packets[POLL_MAX];
    size_t count;
};

struct polls {
    struct capture_file *file;
    int64_t gap; /* nanoseconds */
    struct open_poll *open[POLLS_OPEN];
    struct open_poll *ready;  /* its lanes are handed out; NULL: none */
    struct lanes lanes;       /* of `ready` */
    size_t lane;              /* the next one to hand out */
    size_t handed;            /* packets of `ready` before it */
    struct timed_packet next; /* a packet that waits for room */
    bool has_next;
    bool ended;
    char why[CAPTURE_WHY]; /* what capture_file_next() said at the end */
};

/* Begins to read the capture, which must be open until polls_end(). */
void polls_begin(struct polls *polls, struct capture_file *file, int64_t gap);

/*
 * The next poll, valid until the next call. After the last one: false, and
 * `why` as of capture_file_next().
 */
bool polls_next(struct polls *polls, struct poll *poll, char why[CAPTURE_WHY]);

void polls_end(struct polls *polls);

/*
 * Reads an argument of --gap, in microseconds, into nanoseconds. False if it
 * is not a number or too large.
 */
bool poll_gap(const char *text, int64_t *gap);

#endif
