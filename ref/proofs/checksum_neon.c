/* SPDX-License-Identifier: MIT */
/* checksum_neon.c with models of its instructions. */
#define GROVE_HAVE_NEON    1
#define GROVE_HAVE_DOTPROD 1
#include "../checksum_neon.c"
#include "any_sum.h"

/* Turns of four vectors, of one, and a tail: none, one or two of each. */
void proof_checksum_neon(void)
{
    prove_sum(checksum_neon, copy_neon, 0, 15);
    prove_sum(checksum_neon, copy_neon, 0, 16);
    prove_sum(checksum_neon, copy_neon, 1, 64 + 16 + 7);
    prove_sum(checksum_neon, copy_neon, 2, 128 + 32 + 1);
    REACHES(place == 100);
}

/* Turns of two vectors by dot products and four by pairs, and those above. */
void proof_checksum_dotprod(void)
{
    prove_sum(checksum_dotprod, copy_dotprod, 0, 95);
    prove_sum(checksum_dotprod, copy_dotprod, 0, 96);
    prove_sum(checksum_dotprod, copy_dotprod, 1, 192 + 64 + 16 + 7);
    REACHES(place == 200);
}
