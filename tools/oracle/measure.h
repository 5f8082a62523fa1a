/* SPDX-License-Identifier: MIT */
/*
 * Finds the profile of an implementation by its answers to a few vectors, which
 * tell the values of each column apart (deciding.def).
 */
#ifndef GROVE_TOOLS_MEASURE_H
#define GROVE_TOOLS_MEASURE_H

#include "grove/profile.h"
#include "run.h"

/* How a column was found. The strings live as long as the measurement. */
struct measured_column {
    const char *vector; /* the id of the one that decided; NULL: none did */
    const char *reason; /* if none did: why one could not be asked, or NULL */
};

/* A vector whose answer no profile explains. */
struct misfit {
    const char *vector; /* its id */
    const char *why;    /* the differences from the nearest profile, lines */
};

/* All zero, and released by measured_free(). */
struct measured {
    char name[GROVE_PROFILE_NAME_SIZE]; /* of the profile */
    struct grove_profile profile;
    struct measured_column columns[GROVE_MAX_COLUMNS];
    struct misfit *misfits;
    size_t misfit_count;
    const char *failure; /* what stopped the measurement; NULL: nothing */
    struct arena arena;
};

/*
 * Asks `implementation` under the profile `asked`, which may be NULL for the
 * live kernel. A column that no answer decides gets its value from the named
 * row that is nearest to the others. Returns false, with `failure` set, if the
 * implementation failed.
 */
bool measure(struct measured *measured, struct implementation *implementation,
             const char *asked);

/*
 * Opens the live kernel as kernel_open() does, finds its profile, and sets it.
 * If `failure` is set, the kernel is open, but gives no answer.
 */
bool measure_kernel(struct measured *measured, struct implementation *kernel,
                    char why[256]);

void measured_free(struct measured *measured);

#endif
