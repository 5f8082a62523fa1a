/* SPDX-License-Identifier: MIT */
/* The vectors by which profiles are told apart. */
#ifndef GROVE_TOOLS_DECIDING_H
#define GROVE_TOOLS_DECIDING_H

#include "run.h"

/* A vector of vectors/rules/. */
struct deciding {
    const char *id;
    const char *columns; /* whose values it tells apart, blanks between */
    const char *read;    /* on which its answer depends, likewise */
    struct run run;      /* the profile is NULL */
};

/* Vector `number`, from 0, with its input in `arena`; false if none is. */
bool deciding_vector(size_t number, struct arena *arena,
                     struct deciding *vector);

/* Whether a list of columns, with blanks between, has this one. */
bool deciding_lists(const char *columns, const char *column);

#endif
