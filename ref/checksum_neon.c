/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum, 16 bytes per instruction, for 64-bit ARM. NEON is part
 * of that architecture. Its dot product is not, and is checked at run time.
 *
 * An instruction of NEON adds adjacent 16-bit words to 32-bit lanes. Many
 * processors run one of them in a cycle, and two dot products. A dot product
 * sums bytes, so that a vector needs two: one for the low bytes and one for the
 * high bytes of its words. Neither is faster alone. The second way uses both,
 * at a ratio that keeps both kinds of units busy. By the models of llvm-mca 19
 * a cycle then has 24 instead of 16 bytes on Neoverse N1 and N2, and 48 instead
 * of 32 on V2. No processor was measured.
 *
 * It reads packet memory directly, and never outside [data, data + len).
 */
#include "checksum_ways.h"

#ifdef GROVE_HAVE_NEON

#include <arm_neon.h>

#define VECTOR 16

/*
 * The most bytes at once. Each vector adds two words, at most 131070, to a
 * 32-bit lane, so that 32768 vectors cannot overflow it.
 */
#define CHUNK (32768 * (size_t)VECTOR)

/* Adds adjacent words of the vector at `data` to the lanes. */
static inline uint32x4_t add_pairs(uint32x4_t lanes, const uint8_t *data)
{
    return vpadalq_u16(lanes, vreinterpretq_u16_u8(vld1q_u8(data)));
}

/* The sum of `len` bytes, a multiple of VECTOR and at most CHUNK. */
typedef uint64_t sum_fn(const uint8_t *data, size_t len);

static inline uint64_t sum_pairs(const uint8_t *data, size_t len)
{
    const uint32x4_t zero = vdupq_n_u32(0);
    uint32x4_t a = zero;
    uint32x4_t b = zero;
    uint32x4_t c = zero;
    uint32x4_t d = zero;

    for (; len >= 4 * (size_t)VECTOR; len -= 4 * (size_t)VECTOR) {
        a = add_pairs(a, data);
        b = add_pairs(b, data + VECTOR);
        c = add_pairs(c, data + 2 * (size_t)VECTOR);
        d = add_pairs(d, data + 3 * (size_t)VECTOR);
        data += 4 * (size_t)VECTOR;
    }
    for (; len != 0; data += VECTOR, len -= VECTOR)
        a = add_pairs(a, data);
    return vaddlvq_u32(a) + vaddlvq_u32(b) + vaddlvq_u32(c) + vaddlvq_u32(d);
}

static inline uint16_t sum_chunks(const uint8_t *data, size_t len, sum_fn *add)
{
    uint64_t sum = 0;

    while (len >= VECTOR) {
        const size_t take = len < CHUNK ? len - len % VECTOR : CHUNK;

        sum = checksum_add(sum, add(data, take));
        data += take;
        len -= take;
    }
    return checksum_finish(checksum_add_bytes(sum, data, len));
}

uint16_t checksum_neon(const uint8_t *data, size_t len)
{
    return sum_chunks(data, len, sum_pairs);
}

#ifdef GROVE_HAVE_DOTPROD

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

/* Vectors per turn: two by dot products, and four by pairs. */
#define TURN (6 * (size_t)VECTOR)

/* Of a turn: the low bytes and the high bytes of the words of two vectors. */
struct halves {
    uint32x4_t low[2];
    uint32x4_t high[2];
};

DOTPROD static inline uint64_t sum_both(const uint8_t *data, size_t len)
{
    const uint8x16_t low = vreinterpretq_u8_u16(vdupq_n_u16(0x0001));
    const uint8x16_t high = vreinterpretq_u8_u16(vdupq_n_u16(0x0100));
    const uint32x4_t zero = vdupq_n_u32(0);
    struct halves sum = {{zero, zero}, {zero, zero}};
    uint32x4_t pairs[4] = {zero, zero, zero, zero};

    for (; len >= TURN; data += TURN, len -= TURN) {
        const uint8x16_t one = vld1q_u8(data);
        const uint8x16_t two = vld1q_u8(data + VECTOR);

        sum.low[0] = vdotq_u32(sum.low[0], one, low);
        sum.high[0] = vdotq_u32(sum.high[0], one, high);
        sum.low[1] = vdotq_u32(sum.low[1], two, low);
        sum.high[1] = vdotq_u32(sum.high[1], two, high);
        for (size_t i = 0; i < 4; i++)
            pairs[i] = add_pairs(pairs[i], data + (2 + i) * VECTOR);
    }
    return vaddlvq_u32(sum.low[0]) + vaddlvq_u32(sum.low[1]) +
           ((vaddlvq_u32(sum.high[0]) + vaddlvq_u32(sum.high[1])) << 8) +
           vaddlvq_u32(pairs[0]) + vaddlvq_u32(pairs[1]) +
           vaddlvq_u32(pairs[2]) + vaddlvq_u32(pairs[3]) + sum_pairs(data, len);
}

DOTPROD uint16_t checksum_dotprod(const uint8_t *data, size_t len)
{
    return sum_chunks(data, len, sum_both);
}

#endif

#endif
