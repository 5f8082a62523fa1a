/* SPDX-License-Identifier: MIT */
/*
 * The steps of `grove check`: choose the results of a vector, find each, report
 * it. Only what one vector needs is in memory, save what is told at the end.
 */
#ifndef GROVE_TOOLS_CHECK_H
#define GROVE_TOOLS_CHECK_H

#include "junit.h"
#include "known.h"
#include "report.h"
#include "row_answer.h"

struct check_options {
    const char *command; /* of --exec, or NULL */
    bool kernel;
    const char *profile; /* NULL: all that the implementation has */
    const char *tag;     /* NULL: all vectors */
    bool has_op;         /* false: all ops */
    enum run_op op;
    bool has_level; /* false: what the adapter claims, or else exact */
    enum level level;
    const char *known_failures;
    const char *junit;
    bool json;
    int timeout_ms;
    char **paths; /* NULL-terminated */
};

struct check {
    struct check_options options;
    struct implementation implementation;
    struct strings profiles; /* to check; empty: all profiles of a vector */
    struct vector_set set;
    struct known_failures known;
    struct report report;
    struct answer answer;
    struct row_answer row;
    struct judge judge;
    FILE *spool; /* with --json: of the results */
    struct junit junit;
    const char *unanswered;    /* the question that had no answer, or NULL */
    struct arena vector_arena; /* holds the vector and its results */
    struct arena arena;
};

/*
 * Counts the results that are to be found: each chosen vector under each chosen
 * profile. Returns an exit status; that there are none is an error.
 */
int check_count(struct check *check);

/*
 * The profiles under which the vector is to be checked, in `vector_arena`; none
 * if it is not chosen. The vector needs no packets and answers.
 */
struct strings check_choose(struct check *check, const struct vector *vector);

/* Asks for the vector of a result under its profile, and judges the answer. */
void check_result(struct check *check, struct result *result);

/* Keeps a failed result as the smallest question of the group. */
void check_keep(struct check *check, struct tally_group *group,
                const struct result *result, const struct run *run);

/* Shrinks the smallest question of each group of unsafe answers. */
void check_shrink(struct check *check);

/* Frees what check_keep() has kept. */
void check_forget(struct check *check);

/*
 * Applies the list of known failures to all `count` results of one vector. A
 * vector that is listed must fail under some profile.
 */
void check_known(struct check *check, struct result *results, size_t count);

/* Reports a result, when those before it have been reported. */
void check_report(struct check *check, const struct result *result);

/*
 * Writes the JSON object or table, the JUnit file and the summary, when all
 * results have been reported. Returns the exit status.
 */
int check_finish(struct check *check);

#endif
