/* SPDX-License-Identifier: MIT */
/* From packet bytes to what writev(2) takes, and back. */
#ifndef GROVE_IOVEC_PRIVATE_H
#define GROVE_IOVEC_PRIVATE_H

#include "grove/iovec.h"

#include "bytes.h"

/* iovecs point at memory that writev(2) only reads. */
static inline struct iovec iovec_of(struct bytes bytes)
{
    union {
        const uint8_t *from;
        void *to;
    } pointer = {bytes.at};

    return (struct iovec){pointer.to, bytes.len};
}

/* Copies the slices to the start of `out`, which has room for all. */
static inline void iovec_gather(struct buffer out, const struct iovec *iov,
                                int count)
{
    for (int i = 0; i < count; i++) {
        const struct bytes slice = {(const uint8_t *)iov[i].iov_base,
                                    (uint32_t)iov[i].iov_len};

        buffer_copy(out, slice);
        out = buffer_from(out, slice.len);
    }
}

#endif
