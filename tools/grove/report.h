/* SPDX-License-Identifier: MIT */
/* The results of `grove check`, for machines: TAP and JSON. */
#ifndef GROVE_TOOLS_REPORT_H
#define GROVE_TOOLS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "vector_set.h"

/* KNOWN failed, as it is known to. */
enum outcome { PASSED, FAILED, KNOWN, SKIPPED, OUTCOMES };

/* One vector under one profile. */
struct result {
    const struct vector_member *member; /* its file */
    const struct vector *vector;
    const char *profile;
    const struct answer *expected;
    enum outcome outcome;
    double seconds;  /* that the answer took */
    const char *why; /* FAILED, KNOWN: a difference a line; SKIPPED: one line */
    const char *issue; /* SKIPPED: a link, or NULL */
};

struct report {
    const char *implementation; /* its name */
    struct result *results;
    size_t count;
    size_t counts[OUTCOMES];
};

/* TAP version 14, as it goes on: the head, then each result by its number. */
void tap_begin(FILE *stream, size_t count);
void tap_result(FILE *stream, size_t number, const struct result *result);

/* One JSON object. */
void json_report(FILE *stream, const struct report *report);

#endif
