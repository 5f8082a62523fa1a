/* SPDX-License-Identifier: MIT */
/* The vector files that a command line names. */
#ifndef GROVE_TOOLS_VECTOR_SET_H
#define GROVE_TOOLS_VECTOR_SET_H

#include <stddef.h>

#include "vector.h"

/* A file of the set. */
struct vector_member {
    const char *path;
    struct vector_file file;
};

/* All zero is an empty set. */
struct vector_set {
    struct vector_member **members;
    size_t count;
    size_t room;
    bool outlines; /* of large files only outlines are kept: vector.h */
    struct arena arena;
};

/*
 * Reads the file at `path`, or every vector file below the folder at `path`,
 * in order of their names: *.json and *.json.gz save *.schema.json and other
 * JSON. NULL, or one line on what is wrong, which lives in the set.
 */
const char *vector_set_add(struct vector_set *set, const char *path);

/* Frees all memory. */
void vector_set_free(struct vector_set *set);

#endif
