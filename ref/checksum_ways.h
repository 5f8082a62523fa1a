/* SPDX-License-Identifier: MIT */
/*
 * What all ways to sum share. Words are added in memory order. RFC 1071 (2.B)
 * allows this: checksum_finish() swaps the bytes of the result, where the
 * processor is little-endian, instead of the bytes of each word. Each way has
 * one function for sums with and without a copy. It is compiled once for each.
 *
 * These files read packet memory directly and not through bytes.h, because the
 * loads are nearly all of the work. None reads outside [data, data + len).
 */
#ifndef GROVE_CHECKSUM_WAYS_H
#define GROVE_CHECKSUM_WAYS_H

#include <stdbool.h>
#include <string.h>

#include "grove/checksum.h"

#if defined(__x86_64__) || defined(__i386__)
#define GROVE_HAVE_AVX2   1
#define GROVE_HAVE_AVX512 1
grove_sum_fn checksum_avx2;
grove_copy_fn copy_avx2;
grove_sum_fn checksum_avx512;
grove_copy_fn copy_avx512;
#endif

/* A big-endian ARM loads lanes in another order and uses the portable way. */
#if defined(__aarch64__) && defined(__ARM_NEON) && defined(__AARCH64EL__)
#define GROVE_HAVE_NEON 1
grove_sum_fn checksum_neon;
grove_copy_fn copy_neon;
/* clang 16 is the first that compiles one function for other processors. */
#if defined(__linux__) && __STDC_HOSTED__ &&                                   \
    (!defined(__clang__) || __clang_major__ >= 16)
#define GROVE_HAVE_DOTPROD 1
grove_sum_fn checksum_dotprod;
grove_copy_fn copy_dotprod;
#endif
#endif

/* For functions whose caller knows whether they copy: clang would not inline.
 */
#define CHECKSUM_INLINE static inline __attribute__((always_inline))

/* On a line of the cache: other code does not change how fast it is. */
#define CHECKSUM_ALIGNED __attribute__((aligned(64)))

/* What is left to sum, and to copy if it `copies`, which is a constant. */
struct checksum_rest {
    const uint8_t *data;
    uint8_t *to;
    size_t len;
    bool copies;
};

/* GCOVR_EXCL_BR_START: `copies` is a constant, since all is inlined twice. */
/* Goes on behind `len` bytes. */
CHECKSUM_INLINE void checksum_pass(struct checksum_rest *rest, size_t len)
{
    rest->data += len;
    if (rest->copies)
        rest->to += len;
    rest->len -= len;
}

/* GCOVR_EXCL_BR_STOP */

/* The ones'-complement sum: a carry out of the top comes in at the bottom. */
static inline uint64_t checksum_add(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word);
}

/* Eight bytes in memory order. */
static inline uint64_t checksum_load(const uint8_t *data)
{
    uint64_t word;

    memcpy(&word, data, sizeof word);
    return word;
}

/*
 * Adds the `len` bytes at `data` to `sum`. The number of bytes summed before
 * must be even. The last, shorter words are loaded as the first bytes of a
 * longer word in memory order: otherwise the two bytes of a 16-bit word would
 * swap.
 */
static inline uint64_t checksum_add_bytes(uint64_t sum, const uint8_t *data,
                                          size_t len)
{
    for (; len >= 8; data += 8, len -= 8)
        sum = checksum_add(sum, checksum_load(data));
    if (len >= 4) {
        uint32_t word;

        memcpy(&word, data, sizeof word);
        sum = checksum_add(sum, word);
        data += 4;
        len -= 4;
    }
    if (len >= 2) {
        uint16_t word;

        memcpy(&word, data, sizeof word);
        sum = checksum_add(sum, word);
        data += 2;
        len -= 2;
    }
    if (len == 1) {
        uint16_t word = 0;

        memcpy(&word, data, 1);
        sum = checksum_add(sum, word);
    }
    return sum;
}

/* Folds to 16 bits and reads the two bytes as big-endian. */
static inline uint16_t checksum_finish(uint64_t sum)
{
    uint16_t word;
    uint8_t half[2];

    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16); /* at most 18 bits */
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    word = (uint16_t)sum;
    memcpy(half, &word, sizeof half);
    return (uint16_t)((uint32_t)half[0] << 8 | half[1]);
}

/* GCOVR_EXCL_BR_START: `copies` is a constant, since all is inlined twice. */
/* Adds the rest, which is short, copies it, and finishes. */
CHECKSUM_INLINE uint16_t checksum_end(uint64_t sum, struct checksum_rest rest)
{
    if (rest.copies && rest.len != 0)
        memcpy(rest.to, rest.data, rest.len);
    return checksum_finish(checksum_add_bytes(sum, rest.data, rest.len));
}
/* GCOVR_EXCL_BR_STOP */

#endif
