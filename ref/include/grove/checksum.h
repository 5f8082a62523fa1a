/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum (RFC 1071) of any bytes, by the fastest implementation
 * that this processor can run.
 */
#ifndef GROVE_CHECKSUM_H
#define GROVE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An implementation of the sum. It returns the ones'-complement sum of the
 * `len` bytes at `data` as big-endian 16-bit words, in host order, folded to 16
 * bits and not inverted. An odd last byte is the high half of a word. The sum
 * is 0 only if every byte is 0. `data` needs no alignment, and may be NULL if
 * `len` is 0.
 */
typedef uint16_t grove_sum_fn(const uint8_t *data, size_t len);

/*
 * An implementation of the sum that also copies the bytes to `to`, in one pass.
 * It returns what a grove_sum_fn does. The bytes at `to` and at `data` must not
 * overlap; neither needs alignment.
 */
typedef uint16_t grove_copy_fn(uint8_t *to, const uint8_t *data, size_t len);

/* An implementation of both, and its name. */
struct grove_sum {
    const char *name; /* "portable", "avx2", "avx512", "neon", "dotprod" */
    grove_sum_fn *sum;
    grove_copy_fn *copy;
};

/*
 * The implementations that this processor can run, "portable" first and the
 * fastest last. Their number goes to *count. The array is static.
 */
const struct grove_sum *grove_sums(size_t *count);

/* The fastest of grove_sums(). */
grove_sum_fn *grove_sum_fastest(void);
grove_copy_fn *grove_copy_fastest(void);

#ifdef __cplusplus
}
#endif

#endif
