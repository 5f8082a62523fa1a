/* SPDX-License-Identifier: MIT */
/*
 * checksum_avx512.c with models of its instructions. Where a line of the cache
 * begins is given, since it is another place for each address.
 */
#define GROVE_HAVE_AVX512 1
#include "../checksum_avx512.c"
#include "any_sum.h"

static size_t given_before;

/* In the place of before_in_line(). */
size_t before_given(const uint8_t *at)
{
    (void)at;
    return given_before;
}

/* So many bytes, of whose first line `before` bytes are not theirs. */
static void prove_lines(size_t before, size_t len)
{
    given_before = before;
    prove_sum(checksum_avx512, copy_avx512, 1, len);
}

/* A tail; a first part and a last one, and lines between them, or none. */
void proof_checksum_avx512(void)
{
    prove_lines(0, 63);
    prove_lines(0, 64);
    prove_lines(2, 62 + 64 + 64 + 1);
    REACHES(place == 100);
}

/* A turn of four lines. */
void proof_checksum_avx512_turn(void)
{
    prove_lines(60, 4 + 256 + 64 + 33);
    REACHES(place == 200);
}
