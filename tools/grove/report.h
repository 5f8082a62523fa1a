/* SPDX-License-Identifier: MIT */
/* The results of `grove check`, as TAP and as JSON. */
#ifndef GROVE_TOOLS_REPORT_H
#define GROVE_TOOLS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tally.h"
#include "vector_set.h"

/*
 * KNOWN: it failed and is listed as a known failure. UNANSWERED: there was no
 * answer, or it was not asked, since there was none to an earlier vector.
 */
enum outcome { PASSED, FAILED, KNOWN, SKIPPED, UNANSWERED, OUTCOMES };

/* One vector under one profile. */
struct result {
    const struct vector_member *member; /* the vector and its file */
    const struct vector *vector;
    const char *profile;
    enum outcome outcome;
    double seconds; /* time until the answer */
    bool is_judged; /* `judgement` is set, but not its `why` */
    struct judgement judgement;
    const char *why;   /* FAILED, KNOWN: a difference a line; else a reason */
    const char *issue; /* SKIPPED: a link, or NULL */
};

/* The smallest question of a group of unsafe answers, at last shrunk. */
struct smallest {
    const char *id; /* of the vector */
    struct run run;
    const char *why;    /* a line for each thing that happens */
    struct arena arena; /* holds all of it */
};

struct report {
    const char *implementation; /* name */
    const char *profile;        /* the only one that was checked, or NULL */
    enum level level;           /* that a result must reach to pass */
    size_t count;               /* of results, in the end */
    size_t reported;            /* so far */
    size_t counts[OUTCOMES];
    struct tally tally;
    bool shrunk; /* each group of the tally has its `struct smallest` */
};

/* TAP version 14, printed step by step: the head, then each result. Nothing
 * may follow a result that is UNANSWERED. */
void tap_begin(FILE *stream, size_t count);
void tap_result(FILE *stream, size_t number, const struct result *result);

/* Adds a result to the spool, as JSON. */
void json_result(FILE *spool, const struct result *result);

/*
 * Prints everything as one JSON object. False, after a complaint, if the spool
 * is not whole.
 */
bool json_report(FILE *stream, const struct report *report, FILE *spool);

#endif
