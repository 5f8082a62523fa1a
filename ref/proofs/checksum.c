/* SPDX-License-Identifier: MIT */
/* checksum.c, checksum_ways.h: the portable sum adds each word once. */
#include "checksum_ways.h"

#include "proof.h"

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
