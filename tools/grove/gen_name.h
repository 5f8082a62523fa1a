/* SPDX-License-Identifier: MIT */
/* Names of vectors, made of the names of files. */
#ifndef GROVE_TOOLS_GEN_NAME_H
#define GROVE_TOOLS_GEN_NAME_H

#include <stddef.h>

#include "arena.h"

/* The most characters that an id takes of the name of a file. */
#define GEN_STEM_MAX 64

/*
 * The base name without its extension as a part of an id: in lower case, with
 * "-" in place of all that an id cannot have. "capture" if nothing is left.
 */
const char *gen_stem(const char *path, struct arena *arena);

/*
 * The stems of `count` files. A file whose stem is taken gets a number behind
 * it, so that all are different.
 */
const char *const *gen_stems(char *const *paths, size_t count,
                             struct arena *arena);

/* The base name as JSON can hold it: other bytes become "?". */
const char *gen_label(const char *path, struct arena *arena);

#endif
