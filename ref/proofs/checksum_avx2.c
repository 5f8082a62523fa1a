/* SPDX-License-Identifier: MIT */
/* checksum_avx2.c with models of its instructions. */
#define GROVE_HAVE_AVX2 1
#include "../checksum_avx2.c"
#include "any_sum.h"

/* Turns of four vectors, of one, and a tail: none, one or two of each. */
void proof_checksum_avx2(void)
{
    prove_sum(checksum_avx2, copy_avx2, 0, 63);
    prove_sum(checksum_avx2, copy_avx2, 0, 64);
    prove_sum(checksum_avx2, copy_avx2, 1, 128 + 31);
    prove_sum(checksum_avx2, copy_avx2, 2, 256 + 64 + 7);
    REACHES(place == 200);
}
