/* SPDX-License-Identifier: MIT */
/* The tests that every mutator passes, whatever it knows (mutate.h). */
#ifndef GROVE_FUZZ_TESTS_MUTATOR_CASES_H
#define GROVE_FUZZ_TESTS_MUTATOR_CASES_H

/* It takes any bytes and stays in its room. The state is a string of the bytes
 * to draw from; NULL is all there are. */
void stays_in_room(void **state);

/* The same seed makes the same of the same. */
void is_repeatable(void **state);

#endif
