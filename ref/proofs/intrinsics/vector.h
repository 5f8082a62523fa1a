/* SPDX-License-Identifier: MIT */
/*
 * What the models of AVX2, AVX-512 and NEON share: a vector is an array of
 * lanes of 32 bits, the lowest first, on a little-endian processor.
 */
#ifndef GROVE_PROOF_VECTOR_H
#define GROVE_PROOF_VECTOR_H

#include <stddef.h>
#include <stdint.h>

/* The low or the high 16 bits of a lane. */
static inline uint16_t lane_half(uint32_t lane, int half)
{
    return (uint16_t)(lane >> 16 * half);
}

/* The same as a signed number. */
static inline int32_t lane_signed(uint32_t lane, int half)
{
    return (int32_t)lane_half(lane, half) -
           ((lane_half(lane, half) & 0x8000) != 0 ? 0x10000 : 0);
}

/* Lanes `at` and `at` + 1 as a number of 64 bits. */
static inline uint64_t lanes_pair(const uint32_t *lanes, size_t at)
{
    return (uint64_t)lanes[at + 1] << 32 | lanes[at];
}

/* A lane in memory. */
static inline uint32_t lane_load(const uint8_t *from)
{
    return (uint32_t)from[3] << 24 | (uint32_t)from[2] << 16 |
           (uint32_t)from[1] << 8 | from[0];
}

static inline void lane_store(uint8_t *to, uint32_t lane)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(lane >> 8 * i);
}

static inline void lanes_set_pair(uint32_t *lanes, size_t at, uint64_t value)
{
    lanes[at] = (uint32_t)value;
    lanes[at + 1] = (uint32_t)(value >> 32);
}

#endif
