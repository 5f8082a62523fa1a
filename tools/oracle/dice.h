/* SPDX-License-Identifier: MIT */
/* Random numbers for generators, mutators, tests and benchmarks. */
#ifndef GROVE_TOOLS_DICE_H
#define GROVE_TOOLS_DICE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * splitmix64: small, and the same numbers on every machine. The documented
 * generator of accumulated batches (vectors/accumulated/README.md) uses it, so
 * that the hashes fix roll().
 */
struct dice {
    uint64_t state;
};

static inline uint64_t roll(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to n - 1. */
static inline uint32_t pick(struct dice *dice, uint32_t n)
{
    return (uint32_t)((roll(dice) >> 32) * n >> 32);
}

static inline bool one_in(struct dice *dice, uint32_t n)
{
    return pick(dice, n) == 0;
}

#endif
