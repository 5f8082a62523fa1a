/* SPDX-License-Identifier: MIT */
/* The results of `grove check` as JUnit XML, which forges display. */
#ifndef GROVE_TOOLS_JUNIT_H
#define GROVE_TOOLS_JUNIT_H

#include <stdbool.h>

#include "report.h"

/*
 * Writes a file with a testsuite for each vector file, and a testcase for each
 * vector under each profile. Returns false and sets errno if that fails.
 */
bool junit_report(const char *path, const struct report *report);

#endif
