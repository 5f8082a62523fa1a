/* SPDX-License-Identifier: MIT */
/*
 * The results of `grove check` as JUnit XML. The totals stand before the cases,
 * so the cases wait in a spool.
 */
#ifndef GROVE_TOOLS_JUNIT_H
#define GROVE_TOOLS_JUNIT_H

#include "report.h"

struct junit_totals {
    size_t counts[OUTCOMES];
    double seconds;
};

/* The results of one vector file. */
struct junit_suite {
    const struct vector_member *member;
    struct junit_totals totals;
    size_t len; /* bytes of its cases in the spool */
};

/* All zero is one that is not open. */
struct junit {
    FILE *spool;
    struct junit_suite *suites; /* in the order of the spool */
    size_t count;
    struct arena arena; /* holds the suites */
};

/*
 * Opens it for at most so many suites. False, after a complaint, on failure;
 * close it anyway.
 */
bool junit_open(struct junit *junit, size_t suites);
void junit_close(struct junit *junit);

/* Adds a result. The results of a vector file come one after another. */
void junit_result(struct junit *junit, const struct result *result);

/* Writes all results to the file at `path`. False, after a complaint. */
bool junit_report(struct junit *junit, const char *implementation,
                  const char *path);

#endif
