/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum in portable C, and the choice among the ways that the
 * processor can run.
 */
#include "checksum_ways.h"

/* Bytes per turn: four sums whose carries do not depend on each other. */
#define BLOCK 32

static uint16_t sum_portable(const uint8_t *data, size_t len)
{
    uint64_t a = 0;
    uint64_t b = 0;
    uint64_t c = 0;
    uint64_t d = 0;

    for (; len >= BLOCK; data += BLOCK, len -= BLOCK) {
        a = checksum_add(a, checksum_load(data));
        b = checksum_add(b, checksum_load(data + 8));
        c = checksum_add(c, checksum_load(data + 16));
        d = checksum_add(d, checksum_load(data + 24));
    }
    a = checksum_add(checksum_add(a, b), checksum_add(c, d));
    return checksum_finish(checksum_add_bytes(a, data, len));
}

/* The slowest first. Every processor has the first one. */
static const struct grove_sum ways[] = {
    {"portable", sum_portable},
#ifdef GROVE_HAVE_AVX2
    {"avx2", checksum_avx2},
#endif
#ifdef GROVE_HAVE_NEON
    {"neon", checksum_neon},
#endif
};

/* How many of `ways`, from the first on, this processor can run. */
static size_t runnable(void)
{
#ifdef GROVE_HAVE_AVX2
    /* A machine gives only one of the two answers. */
    return __builtin_cpu_supports("avx2") ? 2 : 1; /* GCOVR_EXCL_BR_LINE */
#else
    return sizeof ways / sizeof ways[0];
#endif
}

const struct grove_sum *grove_sums(size_t *count)
{
    *count = runnable();
    return ways;
}

grove_sum_fn *grove_sum_fastest(void)
{
    return ways[runnable() - 1].sum;
}
