/* SPDX-License-Identifier: MIT */
/*
 * The start of the unit tests that ask the live kernel.
 */
#ifndef GROVE_TEST_KERNEL_TESTS_H
#define GROVE_TEST_KERNEL_TESTS_H

#include <stddef.h>

#include "run.h"

struct CMUnitTest;

/*
 * Opens `kernel`, runs `count` tests and closes it. Returns the exit status of
 * the program: 0 if all tests passed, or 77, with a message, if the kernel
 * cannot be asked.
 */
int kernel_tests_run(struct implementation *kernel,
                     const struct CMUnitTest *tests, size_t count);

#endif
