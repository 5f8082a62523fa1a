/* SPDX-License-Identifier: MIT */
/* What the rewritten sources ask: whether one of their mutants is wanted. */
#ifndef GROVE_MUTANT_H
#define GROVE_MUTANT_H

#include <stdbool.h>
#include <stdint.h>

/* Mutants are numbered from 1. 0: the sources as they are. */
extern uint32_t grove_mutant;

/* Steps so far, and how many are too many: no clock ends an endless loop. */
extern uint64_t grove_steps;
extern uint64_t grove_most_steps;

/* How many mutants there are, and the first one of each one's place. */
extern const uint32_t grove_mutant_count;
extern const uint32_t grove_first_of[];

/* Whether a place, by the number of its first mutant, was reached. */
extern bool grove_reached[];

_Noreturn void grove_endless(void);

/* What is wrong with header prediction, or NULL; only in some programs. */
__attribute__((weak)) const char *grove_play(void);

/* Whether the mutant of the `count` of this place from `first` on. */
static inline bool grove_mutants(uint32_t first, uint32_t count)
{
    grove_reached[first] = true;
    if (++grove_steps > grove_most_steps)
        grove_endless();
    return grove_mutant - first < count;
}

#endif
