/* SPDX-License-Identifier: MIT */
/* The results of `grove bench`, as a table and as JSON. */
#ifndef GROVE_TOOLS_GROVE_BENCH_REPORT_H
#define GROVE_TOOLS_GROVE_BENCH_REPORT_H

#include "bench_measure.h"

/* Prints a row for each workload, and the goals, on stdout. */
void report_table(const struct result *result);

/* Prints everything on stdout as one JSON object. */
void report_json(const struct result *result);

#endif
