/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum (RFC 1071) over any bytes, by the fastest way that
 * this processor has.
 */
#ifndef GROVE_CHECKSUM_H
#define GROVE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A way to sum: the ones'-complement sum of the `len` bytes at `data`, read as
 * big-endian 16-bit words (an odd last byte is the high half of a word), in
 * host order, folded to 16 bits and not inverted. 0 only if every byte is 0.
 * `data` needs no alignment and may be NULL if `len` is 0.
 */
typedef uint16_t grove_sum_fn(const uint8_t *data, size_t len);

/* A way to sum and what it is called. */
struct grove_sum {
    const char *name; /* "portable", "avx2", "neon" */
    grove_sum_fn *sum;
};

/*
 * The ways that this processor can run, "portable" first and the fastest
 * last; their number goes to *count. Static; safe from any thread.
 */
const struct grove_sum *grove_sums(size_t *count);

/* The fastest of grove_sums(). */
grove_sum_fn *grove_sum_fastest(void);

#ifdef __cplusplus
}
#endif

#endif
