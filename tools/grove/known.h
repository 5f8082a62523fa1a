/* SPDX-License-Identifier: MIT */
/* The vectors that an implementation is known to fail, as a file lists them. */
#ifndef GROVE_TOOLS_KNOWN_H
#define GROVE_TOOLS_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "vector_set.h"

struct known_failure {
    const char *id; /* of a vector */
    size_t line;    /* of the file, from 1 */
    bool exists;    /* known_failures_resolve() has met the vector */
};

/* All zero is an empty list. */
struct known_failures {
    const char *path;
    struct known_failure *at; /* by id */
    size_t count;
    size_t room;
    struct arena arena;
};

/*
 * Reads the file at `path`: the id of a vector a line, and "#" begins a
 * comment. NULL, or one line on what is wrong, which lives in the list.
 */
const char *known_failures_read(struct known_failures *known, const char *path);

/* The same of an id that no vector of the set has. */
const char *known_failures_resolve(struct known_failures *known,
                                   const struct vector_set *set);

/* The entry of this id; NULL if it is not listed. */
struct known_failure *known_failure(const struct known_failures *known,
                                    const char *id);

/* Gives all memory back. */
void known_failures_free(struct known_failures *known);

#endif
