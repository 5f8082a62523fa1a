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

#define VECTOR ((size_t)16)

/*
 * The most bytes at once. Each vector adds two words, at most 131070, to a
 * 32-bit lane, so that 32768 vectors cannot overflow it.
 */
#define CHUNK (32768 * VECTOR)

/* The vector at `at`, which is also copied. */
CHECKSUM_INLINE uint8x16_t take_vector(const struct checksum_rest *rest,
                                       size_t at)
{
    const uint8x16_t vector = vld1q_u8(rest->data + at);

    if (rest->copies)
        vst1q_u8(rest->to + at, vector);
    return vector;
}

/* Adds adjacent words of the vector at `at` to the lanes. */
CHECKSUM_INLINE uint32x4_t add_pairs(uint32x4_t lanes,
                                     const struct checksum_rest *rest,
                                     size_t at)
{
    return vpadalq_u16(lanes, vreinterpretq_u16_u8(take_vector(rest, at)));
}

/* The sum of whole vectors, at most CHUNK bytes. */
typedef uint64_t take_fn(struct checksum_rest rest);

CHECKSUM_INLINE uint64_t take_pairs(struct checksum_rest rest)
{
    const uint32x4_t zero = vdupq_n_u32(0);
    uint32x4_t a = zero;
    uint32x4_t b = zero;
    uint32x4_t c = zero;
    uint32x4_t d = zero;

    for (; rest.len >= 4 * VECTOR; checksum_pass(&rest, 4 * VECTOR)) {
        a = add_pairs(a, &rest, 0);
        b = add_pairs(b, &rest, VECTOR);
        c = add_pairs(c, &rest, 2 * VECTOR);
        d = add_pairs(d, &rest, 3 * VECTOR);
    }
    for (; rest.len != 0; checksum_pass(&rest, VECTOR))
        a = add_pairs(a, &rest, 0);
    return vaddlvq_u32(a) + vaddlvq_u32(b) + vaddlvq_u32(c) + vaddlvq_u32(d);
}

CHECKSUM_INLINE uint16_t take_chunks(struct checksum_rest rest, take_fn *take)
{
    uint64_t sum = 0;

    while (rest.len >= VECTOR) {
        const size_t len =
            rest.len < CHUNK ? rest.len - rest.len % VECTOR : CHUNK;

        sum = checksum_add(sum, take((struct checksum_rest){rest.data, rest.to,
                                                            len, rest.copies}));
        checksum_pass(&rest, len);
    }
    return checksum_end(sum, rest);
}

uint16_t checksum_neon(const uint8_t *data, size_t len)
{
    return take_chunks((struct checksum_rest){data, NULL, len, false},
                       take_pairs);
}

uint16_t copy_neon(uint8_t *to, const uint8_t *data, size_t len)
{
    return take_chunks((struct checksum_rest){data, to, len, true}, take_pairs);
}

#ifdef GROVE_HAVE_DOTPROD

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

/* Vectors per turn: two by dot products, and four by pairs. */
#define TURN (6 * VECTOR)

/* Of a turn: the low bytes and the high bytes of the words of two vectors. */
struct halves {
    uint32x4_t low[2];
    uint32x4_t high[2];
};

DOTPROD CHECKSUM_INLINE uint64_t take_both(struct checksum_rest rest)
{
    const uint8x16_t low = vreinterpretq_u8_u16(vdupq_n_u16(0x0001));
    const uint8x16_t high = vreinterpretq_u8_u16(vdupq_n_u16(0x0100));
    const uint32x4_t zero = vdupq_n_u32(0);
    struct halves sum = {{zero, zero}, {zero, zero}};
    uint32x4_t pairs[4] = {zero, zero, zero, zero};

    for (; rest.len >= TURN; checksum_pass(&rest, TURN)) {
        const uint8x16_t one = take_vector(&rest, 0);
        const uint8x16_t two = take_vector(&rest, VECTOR);

        sum.low[0] = vdotq_u32(sum.low[0], one, low);
        sum.high[0] = vdotq_u32(sum.high[0], one, high);
        sum.low[1] = vdotq_u32(sum.low[1], two, low);
        sum.high[1] = vdotq_u32(sum.high[1], two, high);
        for (size_t i = 0; i < 4; i++)
            pairs[i] = add_pairs(pairs[i], &rest, (2 + i) * VECTOR);
    }
    return vaddlvq_u32(sum.low[0]) + vaddlvq_u32(sum.low[1]) +
           ((vaddlvq_u32(sum.high[0]) + vaddlvq_u32(sum.high[1])) << 8) +
           vaddlvq_u32(pairs[0]) + vaddlvq_u32(pairs[1]) +
           vaddlvq_u32(pairs[2]) + vaddlvq_u32(pairs[3]) + take_pairs(rest);
}

DOTPROD uint16_t checksum_dotprod(const uint8_t *data, size_t len)
{
    return take_chunks((struct checksum_rest){data, NULL, len, false},
                       take_both);
}

DOTPROD uint16_t copy_dotprod(uint8_t *to, const uint8_t *data, size_t len)
{
    return take_chunks((struct checksum_rest){data, to, len, true}, take_both);
}

#endif

#endif
