/* SPDX-License-Identifier: MIT */
/* The levels that answers reached, as comments of TAP and as JSON. */
#ifndef GROVE_TOOLS_LEVEL_REPORT_H
#define GROVE_TOOLS_LEVEL_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "report.h"

/*
 * Prints two lines, which begin with `prefix`: levels and kinds by number, and
 * how much is merged beside Linux.
 */
void level_lines(FILE *stream, const char *prefix, const struct tally *tally);

/*
 * Prints the table: levels and kinds by number, and the kinds by field and
 * rule, each with its smallest question. Each line begins with "# ".
 */
void level_table(FILE *stream, const struct report *report);

/* Adds the same as members. */
void level_members(json_t *object, const struct report *report);

#endif
