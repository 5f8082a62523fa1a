/* SPDX-License-Identifier: MIT */
/*
 * Models of the instructions of NEON that ref/ uses, as Arm's documentation of
 * its intrinsics describes them. ref/tests/test_intrinsics.c compares each with
 * the processor.
 */
#ifndef GROVE_PROOF_ARM_NEON_H
#define GROVE_PROOF_ARM_NEON_H

#include "vector.h"

typedef struct {
    uint32_t lane[4];
} model_vector;

static inline model_vector model_vld1q_u8(const uint8_t *from)
{
    model_vector to;

    for (size_t i = 0; i < 4; i++)
        to.lane[i] = lane_load(from + 4 * i);
    return to;
}

static inline void model_vst1q_u8(uint8_t *to, model_vector from)
{
    for (size_t i = 0; i < 4; i++)
        lane_store(to + 4 * i, from.lane[i]);
}

/* The same bytes as a vector of another type. */
static inline model_vector model_reinterpret(model_vector a)
{
    return a;
}

static inline model_vector model_vdupq_n_u32(uint32_t value)
{
    const model_vector to = {{value, value, value, value}};

    return to;
}

static inline model_vector model_vdupq_n_u16(uint16_t value)
{
    return model_vdupq_n_u32((uint32_t)value * 0x10001);
}

/* Adds the sum of both halves of a lane to it. */
static inline model_vector model_vpadalq_u16(model_vector sum, model_vector a)
{
    for (size_t i = 0; i < 4; i++)
        sum.lane[i] +=
            (uint32_t)lane_half(a.lane[i], 0) + lane_half(a.lane[i], 1);
    return sum;
}

static inline uint64_t model_vaddlvq_u32(model_vector a)
{
    return (uint64_t)a.lane[0] + a.lane[1] + a.lane[2] + a.lane[3];
}

/* Adds the products of the four bytes of a lane to it. */
static inline model_vector model_vdotq_u32(model_vector sum, model_vector a,
                                           model_vector b)
{
    for (size_t i = 0; i < 4; i++)
        for (int at = 0; at < 32; at += 8)
            sum.lane[i] += (a.lane[i] >> at & 0xff) * (b.lane[i] >> at & 0xff);
    return sum;
}

/* ---- The names in ref/ ---- */

#ifndef GROVE_TEST_INTRINSICS
typedef model_vector uint8x16_t;
typedef model_vector uint16x8_t;
typedef model_vector uint32x4_t;
#define vld1q_u8             model_vld1q_u8
#define vst1q_u8             model_vst1q_u8
#define vreinterpretq_u16_u8 model_reinterpret
#define vreinterpretq_u8_u16 model_reinterpret
#define vdupq_n_u32          model_vdupq_n_u32
#define vdupq_n_u16          model_vdupq_n_u16
#define vpadalq_u16          model_vpadalq_u16
#define vaddlvq_u32          model_vaddlvq_u32
#define vdotq_u32            model_vdotq_u32
#endif

#endif
