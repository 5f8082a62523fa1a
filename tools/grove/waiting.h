/* SPDX-License-Identifier: MIT */
/*
 * Frames that wait for what stands before them in the capture. A poll is told
 * when it ends, and frames without a packet are read before that.
 */
#ifndef GROVE_TOOLS_WAITING_H
#define GROVE_TOOLS_WAITING_H

#include "capture.h"
#include "column.h"

struct waiting_frame {
    struct left_out_frame frame;
    const char *interface; /* its name, the caller's */
    size_t at;             /* its bytes are there */
};

/* In the order of their numbers. All zero is an empty list. */
struct waiting {
    struct waiting_frame *frames;
    size_t first; /* those before it were taken */
    size_t count;
    size_t room;
    struct column bytes;
};

/* Adds a frame, with a copy of its bytes. */
void waiting_add(struct waiting *waiting, const struct left_out_frame *frame,
                 const char *interface);

/* Whether so many frames wait that the first one should be taken. */
bool waiting_is_full(const struct waiting *waiting);

/*
 * Takes the first frame if its number is less than `before`. It is valid until
 * the next call for the list. NULL: there is none.
 */
const struct waiting_frame *waiting_take(struct waiting *waiting,
                                         uint64_t before);

/* Frees all memory; the list is empty then. */
void waiting_free(struct waiting *waiting);

#endif
