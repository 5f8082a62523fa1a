/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum in portable C, and the choice among the ways that the
 * processor can run.
 */
#include "checksum_ways.h"

#ifdef GROVE_HAVE_DOTPROD
#include <sys/auxv.h>
#endif

/* Bytes per turn: four sums whose carries do not depend on each other. */
#define BLOCK 32

/* GCOVR_EXCL_BR_START: `copies` is a constant, since all is inlined twice. */
/* The word at `at`, which is also copied. */
CHECKSUM_INLINE uint64_t take_word(const struct checksum_rest *rest, size_t at)
{
    const uint64_t word = checksum_load(rest->data + at);

    if (rest->copies)
        memcpy(rest->to + at, &word, sizeof word);
    return word;
}

CHECKSUM_INLINE uint16_t take_portable(struct checksum_rest rest)
{
    uint64_t a = 0;
    uint64_t b = 0;
    uint64_t c = 0;
    uint64_t d = 0;

    for (; rest.len >= BLOCK; checksum_pass(&rest, BLOCK)) {
        a = checksum_add(a, take_word(&rest, 0));
        b = checksum_add(b, take_word(&rest, 8));
        c = checksum_add(c, take_word(&rest, 16));
        d = checksum_add(d, take_word(&rest, 24));
    }
    a = checksum_add(checksum_add(a, b), checksum_add(c, d));
    return checksum_end(a, rest);
}

/* GCOVR_EXCL_BR_STOP */

static uint16_t sum_portable(const uint8_t *data, size_t len)
{
    return take_portable((struct checksum_rest){data, NULL, len, false});
}

static uint16_t copy_portable(uint8_t *to, const uint8_t *data, size_t len)
{
    return take_portable((struct checksum_rest){data, to, len, true});
}

/* The slowest first. Every processor has the first one. */
static const struct grove_sum ways[] = {
    {"portable", sum_portable, copy_portable},
#ifdef GROVE_HAVE_AVX2
    {"avx2", checksum_avx2, copy_avx2},
#endif
#ifdef GROVE_HAVE_AVX512
    {"avx512", checksum_avx512, copy_avx512},
#endif
#ifdef GROVE_HAVE_NEON
    {"neon", checksum_neon, copy_neon},
#endif
#ifdef GROVE_HAVE_DOTPROD
    {"dotprod", checksum_dotprod, copy_dotprod},
#endif
};

/*
 * How many of `ways`, from the first on, this processor can run. AVX-512 is
 * used where VBMI2 is there, too: processors with VNNI and without VBMI2 run
 * slower for a while after a multiplication of 512 bits.
 */
static size_t runnable(void)
{
#ifdef GROVE_HAVE_AVX512
    /* GCOVR_EXCL_BR_START: a machine gives only one of the answers. */
    const int avx512 = __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512vbmi2") &&
                       __builtin_cpu_supports("avx512vnni");

    return avx512 ? 3 : __builtin_cpu_supports("avx2") ? 2 : 1;
    /* GCOVR_EXCL_BR_STOP */
#elif defined(GROVE_HAVE_DOTPROD)
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0 ? 3 : 2;
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

grove_copy_fn *grove_copy_fastest(void)
{
    return ways[runnable() - 1].copy;
}
