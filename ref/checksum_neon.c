/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum, 16 bytes per instruction, for 64-bit ARM. NEON is part
 * of that architecture, so there is no check at run time.
 *
 * It reads packet memory directly, and never outside [data, data + len).
 */
#include "checksum_ways.h"

#ifdef GROVE_HAVE_NEON

#include <arm_neon.h>

/* Two vectors per turn, in two sums that do not depend on each other. */
#define VECTOR 16
#define STRIDE (2 * VECTOR)

/*
 * The most bytes at once. Each vector adds two words, at most 131070, to a
 * 32-bit lane of its sum, so that 32768 vectors cannot overflow it.
 */
#define CHUNK (32768 * (size_t)STRIDE)

/* Adds adjacent words of the vector at `data` to the lanes. */
static inline uint32x4_t add_pairs(uint32x4_t lanes, const uint8_t *data)
{
    return vpadalq_u16(lanes, vreinterpretq_u16_u8(vld1q_u8(data)));
}

/* The sum of `len` bytes, a multiple of STRIDE and at most CHUNK. */
static inline uint64_t sum_blocks(const uint8_t *data, size_t len)
{
    uint32x4_t a = vdupq_n_u32(0);
    uint32x4_t b = vdupq_n_u32(0);

    for (; len != 0; data += STRIDE, len -= STRIDE) {
        a = add_pairs(a, data);
        b = add_pairs(b, data + VECTOR);
    }
    return vaddlvq_u32(a) + vaddlvq_u32(b);
}

uint16_t checksum_neon(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;

    while (len >= STRIDE) {
        size_t take = len < CHUNK ? len - len % STRIDE : CHUNK;

        sum = checksum_add(sum, sum_blocks(data, take));
        data += take;
        len -= take;
    }
    return checksum_finish(checksum_add_bytes(sum, data, len));
}

#endif
