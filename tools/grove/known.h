/* SPDX-License-Identifier: MIT */
/* The list of known failures: vectors that an implementation fails. */
#ifndef GROVE_TOOLS_KNOWN_H
#define GROVE_TOOLS_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "vector_set.h"

struct known_failure {
    const char *id; /* of a vector */
    size_t line;    /* of the file, from 1 */
    bool exists;    /* known_failures_resolve() found the vector */
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
 * Reads the file at `path`, which has the id of a vector on each line; "#"
 * begins a comment. Returns NULL or a message of one line, which is owned by
 * the list.
 */
const char *known_failures_read(struct known_failures *known, const char *path);

/* Finds the vectors of all entries. An id that no vector has is an error. */
const char *known_failures_resolve(struct known_failures *known,
                                   const struct vector_set *set);

/* The entry of this id; NULL if it is not listed. */
struct known_failure *known_failure(const struct known_failures *known,
                                    const char *id);

/* Frees all memory. */
void known_failures_free(struct known_failures *known);

#endif
