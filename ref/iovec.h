/* SPDX-License-Identifier: MIT */
/* From packet bytes to what writev(2) takes. */
#ifndef GROVE_IOVEC_H
#define GROVE_IOVEC_H

#include <sys/uio.h>

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

#endif
