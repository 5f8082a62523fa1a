/* SPDX-License-Identifier: MIT */
#include "waiting.h"

#include <err.h>
#include <stdlib.h>

/* The most bytes of frames that wait. */
#define WAITING_MAX ((size_t)1 << 20)

void waiting_add(struct waiting *waiting, const struct left_out_frame *frame,
                 const char *interface)
{
    if (waiting->count == waiting->room) {
        waiting->room = waiting->room == 0 ? 64 : 2 * waiting->room;
        waiting->frames = reallocarray(waiting->frames, waiting->room,
                                       sizeof *waiting->frames);
        if (waiting->frames == NULL)
            err(70, "memory");
    }
    waiting->frames[waiting->count++] = (struct waiting_frame){
        .frame = *frame, .interface = interface, .at = waiting->bytes.len};
    column_add(&waiting->bytes, frame->data, frame->len);
}

bool waiting_is_full(const struct waiting *waiting)
{
    return waiting->bytes.len + waiting->count * sizeof(struct waiting_frame) >
           WAITING_MAX;
}

const struct waiting_frame *waiting_take(struct waiting *waiting,
                                         uint64_t before)
{
    struct waiting_frame *first;

    if (waiting->first == waiting->count) {
        waiting->first = waiting->count = 0;
        waiting->bytes.len = 0;
        return NULL;
    }
    first = &waiting->frames[waiting->first];
    if (first->frame.number >= before)
        return NULL;
    first->frame.data = waiting->bytes.bytes + first->at;
    waiting->first++;
    return first;
}

void waiting_free(struct waiting *waiting)
{
    column_free(&waiting->bytes);
    free(waiting->frames);
    *waiting = (struct waiting){.frames = NULL};
}
