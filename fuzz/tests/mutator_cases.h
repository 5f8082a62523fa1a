/* SPDX-License-Identifier: MIT */
/* The tests for every mutator of mutate.h. */
#ifndef GROVE_FUZZ_TESTS_MUTATOR_CASES_H
#define GROVE_FUZZ_TESTS_MUTATOR_CASES_H

/*
 * It accepts any bytes and stays within its room. The state is a string of the
 * bytes to pick from; NULL stands for all bytes.
 */
void stays_in_room(void **state);

/* The same input and seed give the same result. */
void is_repeatable(void **state);

#endif
