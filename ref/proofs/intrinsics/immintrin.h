/* SPDX-License-Identifier: MIT */
/*
 * Models of the instructions of AVX2 and AVX-512 that ref/ uses, as Intel's
 * Intrinsics Guide describes them. ref/tests/test_intrinsics.c compares each
 * with the processor.
 */
#ifndef GROVE_PROOF_IMMINTRIN_H
#define GROVE_PROOF_IMMINTRIN_H

#include "vector.h"

typedef struct {
    uint32_t lane[4];
} model_m128i;

typedef struct {
    uint32_t lane[8];
} model_m256i;

typedef struct {
    uint32_t lane[16];
} model_m512i;

/* For each lane of a vector of so many bits. */
#define EACH_LANE(bits) for (size_t i = 0; i < (bits) / 32; i++)
#define EACH_PAIR(bits) for (size_t i = 0; i < (bits) / 32; i += 2)

/* ---- Loads and stores ---- */

static inline model_m256i model_mm256_loadu_si256(const model_m256i *from)
{
    model_m256i to;

    EACH_LANE(256)
    to.lane[i] = lane_load((const uint8_t *)from + 4 * (size_t)i);
    return to;
}

static inline void model_mm256_storeu_si256(model_m256i *to, model_m256i from)
{
    EACH_LANE(256)
    lane_store((uint8_t *)to + 4 * (size_t)i, from.lane[i]);
}

static inline void model_mm_storeu_si128(model_m128i *to, model_m128i from)
{
    EACH_LANE(128)
    lane_store((uint8_t *)to + 4 * (size_t)i, from.lane[i]);
}

static inline model_m512i model_mm512_loadu_si512(const void *from)
{
    model_m512i to;

    EACH_LANE(512)
    to.lane[i] = lane_load((const uint8_t *)from + 4 * (size_t)i);
    return to;
}

static inline void model_mm512_storeu_si512(void *to, model_m512i from)
{
    EACH_LANE(512)
    lane_store((uint8_t *)to + 4 * (size_t)i, from.lane[i]);
}

/* Bytes whose bit of the mask is 0 are neither read nor written. */
static inline model_m512i model_mm512_maskz_loadu_epi8(uint64_t mask,
                                                       const void *from)
{
    model_m512i to = {{0}};

    for (size_t i = 0; i < 64; i++)
        if ((mask >> i & 1) != 0)
            to.lane[i / 4] |= (uint32_t)((const uint8_t *)from)[i] << i % 4 * 8;
    return to;
}

static inline void model_mm512_mask_storeu_epi8(void *to, uint64_t mask,
                                                model_m512i from)
{
    for (size_t i = 0; i < 64; i++)
        if ((mask >> i & 1) != 0)
            ((uint8_t *)to)[i] = (uint8_t)(from.lane[i / 4] >> i % 4 * 8);
}

/* ---- Numbers into vectors, parts of vectors ---- */

static inline model_m256i model_mm256_set1_epi16(short value)
{
    model_m256i to;

    EACH_LANE(256)
    to.lane[i] = (uint32_t)(uint16_t)value * 0x10001;
    return to;
}

static inline model_m256i model_mm256_set1_epi32(int value)
{
    model_m256i to;

    EACH_LANE(256)
    to.lane[i] = (uint32_t)value;
    return to;
}

static inline model_m256i model_mm256_set1_epi64x(long long value)
{
    model_m256i to;

    EACH_PAIR(256)
    lanes_set_pair(to.lane, i, (uint64_t)value);
    return to;
}

static inline model_m256i model_mm256_setzero_si256(void)
{
    return model_mm256_set1_epi32(0);
}

static inline model_m512i model_mm512_set1_epi16(short value)
{
    model_m512i to;

    EACH_LANE(512)
    to.lane[i] = (uint32_t)(uint16_t)value * 0x10001;
    return to;
}

static inline model_m512i model_mm512_setzero_si512(void)
{
    return model_mm512_set1_epi16(0);
}

static inline model_m128i model_mm256_extracti128_si256(model_m256i a,
                                                        size_t part)
{
    model_m128i to;

    EACH_LANE(128)
    to.lane[i] = a.lane[4 * part + i];
    return to;
}

static inline model_m128i model_mm256_castsi256_si128(model_m256i a)
{
    return model_mm256_extracti128_si256(a, 0);
}

static inline model_m256i model_mm512_extracti64x4_epi64(model_m512i a,
                                                         size_t part)
{
    model_m256i to;

    EACH_LANE(256)
    to.lane[i] = a.lane[8 * part + i];
    return to;
}

static inline model_m256i model_mm512_castsi512_si256(model_m512i a)
{
    return model_mm512_extracti64x4_epi64(a, 0);
}

static inline int model_mm_cvtsi128_si32(model_m128i a)
{
    return (int)a.lane[0];
}

/* ---- Arithmetic ---- */

static inline model_m128i model_mm_add_epi32(model_m128i a, model_m128i b)
{
    EACH_LANE(128)
    a.lane[i] += b.lane[i];
    return a;
}

static inline model_m128i model_mm_add_epi64(model_m128i a, model_m128i b)
{
    EACH_PAIR(128)
    lanes_set_pair(a.lane, i, lanes_pair(a.lane, i) + lanes_pair(b.lane, i));
    return a;
}

static inline model_m256i model_mm256_add_epi32(model_m256i a, model_m256i b)
{
    EACH_LANE(256)
    a.lane[i] += b.lane[i];
    return a;
}

static inline model_m256i model_mm256_add_epi64(model_m256i a, model_m256i b)
{
    EACH_PAIR(256)
    lanes_set_pair(a.lane, i, lanes_pair(a.lane, i) + lanes_pair(b.lane, i));
    return a;
}

static inline model_m512i model_mm512_add_epi32(model_m512i a, model_m512i b)
{
    EACH_LANE(512)
    a.lane[i] += b.lane[i];
    return a;
}

static inline model_m256i model_mm256_and_si256(model_m256i a, model_m256i b)
{
    EACH_LANE(256)
    a.lane[i] &= b.lane[i];
    return a;
}

static inline model_m256i model_mm256_xor_si256(model_m256i a, model_m256i b)
{
    EACH_LANE(256)
    a.lane[i] ^= b.lane[i];
    return a;
}

static inline model_m512i model_mm512_xor_si512(model_m512i a, model_m512i b)
{
    EACH_LANE(512)
    a.lane[i] ^= b.lane[i];
    return a;
}

static inline model_m256i model_mm256_srli_epi64(model_m256i a, int count)
{
    EACH_PAIR(256)
    lanes_set_pair(a.lane, i, lanes_pair(a.lane, i) >> count);
    return a;
}

/* By so many bytes, a multiple of those of a lane. */
static inline model_m128i model_mm_srli_si128(model_m128i a, size_t count)
{
    model_m128i to;

    EACH_LANE(128)
    to.lane[i] = i + count / 4 < 4 ? a.lane[i + count / 4] : 0;
    return to;
}

/* The sum of the products of both halves of two lanes, modulo 2^32. */
static inline uint32_t model_dot(uint32_t a, uint32_t b)
{
    return (uint32_t)(lane_signed(a, 0) * lane_signed(b, 0)) +
           (uint32_t)(lane_signed(a, 1) * lane_signed(b, 1));
}

static inline model_m256i model_mm256_madd_epi16(model_m256i a, model_m256i b)
{
    EACH_LANE(256)
    a.lane[i] = model_dot(a.lane[i], b.lane[i]);
    return a;
}

static inline model_m512i model_mm512_dpwssd_epi32(model_m512i sum,
                                                   model_m512i a, model_m512i b)
{
    EACH_LANE(512)
    sum.lane[i] += model_dot(a.lane[i], b.lane[i]);
    return sum;
}

/* ---- The names in ref/ ---- */

#ifndef GROVE_TEST_INTRINSICS
typedef model_m128i __m128i;
typedef model_m256i __m256i;
typedef model_m512i __m512i;
typedef uint64_t __mmask64;
#define _mm256_loadu_si256        model_mm256_loadu_si256
#define _mm256_storeu_si256       model_mm256_storeu_si256
#define _mm_storeu_si128          model_mm_storeu_si128
#define _mm512_loadu_si512        model_mm512_loadu_si512
#define _mm512_storeu_si512       model_mm512_storeu_si512
#define _mm512_maskz_loadu_epi8   model_mm512_maskz_loadu_epi8
#define _mm512_mask_storeu_epi8   model_mm512_mask_storeu_epi8
#define _mm256_set1_epi16         model_mm256_set1_epi16
#define _mm256_set1_epi32         model_mm256_set1_epi32
#define _mm256_set1_epi64x        model_mm256_set1_epi64x
#define _mm256_setzero_si256      model_mm256_setzero_si256
#define _mm512_set1_epi16         model_mm512_set1_epi16
#define _mm512_setzero_si512      model_mm512_setzero_si512
#define _mm256_extracti128_si256  model_mm256_extracti128_si256
#define _mm256_castsi256_si128    model_mm256_castsi256_si128
#define _mm512_extracti64x4_epi64 model_mm512_extracti64x4_epi64
#define _mm512_castsi512_si256    model_mm512_castsi512_si256
#define _mm_cvtsi128_si32         model_mm_cvtsi128_si32
#define _mm_add_epi32             model_mm_add_epi32
#define _mm_add_epi64             model_mm_add_epi64
#define _mm256_add_epi32          model_mm256_add_epi32
#define _mm256_add_epi64          model_mm256_add_epi64
#define _mm512_add_epi32          model_mm512_add_epi32
#define _mm256_and_si256          model_mm256_and_si256
#define _mm256_xor_si256          model_mm256_xor_si256
#define _mm512_xor_si512          model_mm512_xor_si512
#define _mm256_srli_epi64         model_mm256_srli_epi64
#define _mm_srli_si128            model_mm_srli_si128
#define _mm256_madd_epi16         model_mm256_madd_epi16
#define _mm512_dpwssd_epi32       model_mm512_dpwssd_epi32
#endif

#endif
