/* SPDX-License-Identifier: MIT */
/* checksum.c, checksum_ways.h: the portable sum adds each word once. */
#include "checksum_ways.h"

#include "any_sum.h"

/* The sum of 64 bits, before it is folded. */
static uint64_t unfolded;

static uint16_t keep_unfolded(uint64_t sum, struct checksum_rest rest)
{
    unfolded = checksum_add_bytes(sum, rest.data, rest.len);
    return checksum_end(sum, rest);
}

#define checksum_end keep_unfolded
#include "../checksum.c"

/*
 * Each word is added once: each has a bit of its own, and in the end each bit
 * is there. No branch depends on the values of words.
 */
void proof_checksum_words(void)
{
    uint64_t words[12];
    const uint32_t count = nondet_u32();

    ASSUME(count <= 12);
    for (uint32_t i = 0; i < 12; i++)
        words[i] = UINT64_C(1) << i;
    sum_portable((const uint8_t *)words, 8 * (size_t)count);
    PROVE(unfolded == (UINT64_C(1) << count) - 1);
    REACHES(count == 12);
    REACHES(count == 7);
}

/* The sum reads its bytes only. */
void proof_checksum_reads(void)
{
    const struct bytes bytes = any_bytes(128);

    sum_portable(bytes.at, bytes.len);
    REACHES(bytes.len == 127);
}

/* The ones'-complement sum is the plain one, less one carry out of the top. */
void proof_checksum_add(void)
{
    const uint64_t a = (uint64_t)nondet_u32() << 32 | nondet_u32();
    const uint64_t b = (uint64_t)nondet_u32() << 32 | nondet_u32();
    const unsigned __int128 plain = (unsigned __int128)a + b;
    const uint64_t sum = checksum_add(a, b);

    PROVE(sum == plain || sum == plain - UINT64_MAX);
    PROVE((sum == 0) == (a == 0 && b == 0));
    REACHES(sum == plain - UINT64_MAX && sum == UINT64_MAX);
}

/*
 * A fold takes a multiple of 65535 away: `upper` times 65536 or 2^32, each less
 * one, so that what is left has the same remainder.
 */
static uint64_t prove_fold(uint64_t sum, int bits)
{
    const uint64_t upper = sum >> bits;
    const uint64_t folded = sum - (upper << bits) + upper;

    PROVE(folded <= sum && sum - folded == (upper << bits) - upper);
    return folded;
}

/* The folds leave the remainder modulo 65535, and 65535 instead of 0. */
void proof_checksum_finish(void)
{
    const uint64_t sum = (uint64_t)nondet_u32() << 32 | nondet_u32();
    const uint16_t result = checksum_finish(sum);
    uint64_t folded = prove_fold(sum, 32);

    for (int i = 0; i < 3; i++)
        folded = prove_fold(folded, 16);
    PROVE(folded <= UINT16_MAX);
    PROVE((folded == 0) == (sum == 0));
    PROVE(result == (uint16_t)(folded << 8 | folded >> 8));
    REACHES(result == 0xffff);
    REACHES(result == 0x0100);
}

void proof_checksum_portable(void)
{
    prove_sum(sum_portable, copy_portable, 0, 31);
    prove_sum(sum_portable, copy_portable, 1, 32 + 24 + 7);
    prove_sum(sum_portable, copy_portable, 2, 96 + 1);
    REACHES(place == 90);
}
