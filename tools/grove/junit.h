/* SPDX-License-Identifier: MIT */
/* The results of `grove check` as JUnit XML, which forges show. */
#ifndef GROVE_TOOLS_JUNIT_H
#define GROVE_TOOLS_JUNIT_H

#include <stdbool.h>

#include "report.h"

/*
 * A file with a testsuite for each vector file, and a testcase for each vector
 * under each profile. False, with errno, if it cannot be written.
 */
bool junit_report(const char *path, const struct report *report);

#endif
