/* SPDX-License-Identifier: MIT */
/* The steps of `grove check`: choose the results, find each, report them. */
#ifndef GROVE_TOOLS_CHECK_H
#define GROVE_TOOLS_CHECK_H

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
    const struct vector *outline; /* that of `loaded`, or NULL */
    struct vector loaded;
    struct arena loaded_arena;
    struct arena arena; /* holds the results */
};

/*
 * Lists the results that are to be found: each chosen vector under each chosen
 * profile. Returns an exit status; that there are none is an error.
 */
int check_choose(struct check *check);

/* Asks for the vector of a result under its profile, and judges the answer. */
void check_result(struct check *check, struct result *result);

/* The vector of a result with its packets and answers. NULL: its file has
 * changed. */
const struct vector *check_load(struct check *check,
                                const struct result *result);

/* A printable copy of the lines, which lives as long as the results. */
const char *check_keep_lines(struct check *check, const char *lines);

/* Shrinks the smallest question of each group of unsafe answers. */
void check_shrink(struct check *check);

/*
 * Applies the list of known failures to all `count` results of one vector. A
 * vector that is listed must fail under some profile.
 */
void check_known(struct check *check, struct result *results, size_t count);

/*
 * Writes the JUnit file and the summary, when all results have been printed.
 * Returns the exit status.
 */
int check_finish(struct check *check);

#endif
