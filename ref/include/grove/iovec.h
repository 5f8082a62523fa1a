/* SPDX-License-Identifier: MIT */
/*
 * struct iovec: a slice of memory, as writev(2) takes it. A system without
 * <sys/uio.h> gets the same structure here.
 */
#ifndef GROVE_IOVEC_H
#define GROVE_IOVEC_H

#ifdef __has_include
#if !__has_include(<sys/uio.h>)
#define GROVE_OWN_IOVEC 1
#endif
#endif

#ifdef GROVE_OWN_IOVEC

#include <stddef.h>

struct iovec {
    void *iov_base; /* the first byte */
    size_t iov_len; /* in bytes */
};

#else
#include <sys/uio.h>
#endif

#endif
