/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kernel_tests.h"

int kernel_tests_run(struct implementation *kernel,
                     const struct CMUnitTest *tests, size_t count)
{
    char release[64];
    char why[256];
    int failed;

    if (!kernel_open(kernel, why)) {
        fprintf(stderr, "SKIP: the kernel cannot be asked: %s\n", why);
        return 77;
    }
    if (kernel_profile(release) != NULL)
        kernel_set_profile(kernel, kernel_profile(release));
    failed = _cmocka_run_group_tests("kernel", tests, count, NULL, NULL);
    implementation_close(kernel);
    return failed;
}
