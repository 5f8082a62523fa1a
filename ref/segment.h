/* SPDX-License-Identifier: MIT */
/* Writing the headers of segments; SPEC.md, "Split". */
#ifndef GROVE_SEGMENT_H
#define GROVE_SEGMENT_H

#include "bytes.h"
#include "grove/split.h"

static inline struct bytes segment_input(const struct grove_split *split)
{
    return (struct bytes){split->data, split->len};
}

/* Copies the headers of the super-packet that `split` was planned for. */
void segment_begin(struct grove_split *split);

#endif
