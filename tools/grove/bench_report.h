/* SPDX-License-Identifier: MIT */
/* What the measures say, for people and for programs. */
#ifndef GROVE_TOOLS_GROVE_BENCH_REPORT_H
#define GROVE_TOOLS_GROVE_BENCH_REPORT_H

#include "bench_measure.h"

/* To stdout: a row for each workload, and the goals. */
void report_table(const struct result *result);

/* To stdout: everything as one JSON object. */
void report_json(const struct result *result);

#endif
