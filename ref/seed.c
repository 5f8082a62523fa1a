/* SPDX-License-Identifier: MIT */
/* The only file that may call the operating system. */
#include "seed.h"

#ifdef __has_include
#if defined(__linux__) && __has_include(<sys/random.h>)
#define SEED_HAVE_GETRANDOM 1
#endif
#endif

#ifdef SEED_HAVE_GETRANDOM
#include <sys/random.h>
#endif

uint64_t seed_draw(const void *memory)
{
#ifdef SEED_HAVE_GETRANDOM
    uint64_t seed;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (int)sizeof seed)
        return seed;
#endif
    return (uint64_t)(uintptr_t)memory;
}
