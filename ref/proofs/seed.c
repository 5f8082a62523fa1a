/* SPDX-License-Identifier: MIT */
/* seed.c: what the kernel does not fill is not used. */
#include <stddef.h>
#include <sys/types.h>

static ssize_t any_getrandom(void *to, size_t size, unsigned flags);
#define getrandom any_getrandom
#include "../seed.c"
#undef getrandom

#include "proof.h"

static uint64_t drawn;
static ssize_t filled;

/* getrandom(2): fills some of the bytes, or fails. */
static ssize_t any_getrandom(void *to, size_t size, unsigned flags)
{
    uint64_t any;
    ssize_t len;

    PROVE(size == sizeof drawn && __CPROVER_w_ok(to, size));
    PROVE(flags == GRND_NONBLOCK);
    ASSUME(len >= -1 && len <= (ssize_t)size);
    *(uint64_t *)to = drawn = any;
    filled = len;
    return len;
}

void proof_seed(void)
{
    uint8_t memory;
    const uint64_t seed = seed_draw(&memory);

    PROVE(seed == (filled == sizeof drawn ? drawn : (uintptr_t)&memory));
    REACHES(filled == sizeof drawn);
    REACHES(filled == -1);
    REACHES(filled == 3);
}
