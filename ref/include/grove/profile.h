/* SPDX-License-Identifier: MIT */
/*
 * The columns and the names of profiles; SPEC.md, section 2.
 *
 * A program that only coalesces or splits packets names a profile in its
 * configuration and does not need this header. The conventions are those of
 * grove/table.h.
 */
#ifndef GROVE_PROFILE_H
#define GROVE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grove/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most columns that any version of this library has. */
#define GROVE_MAX_COLUMNS 32

/* Room for the name of any profile, with its NUL, in bytes. */
#define GROVE_PROFILE_NAME_SIZE 1024

/* A column. All that it points to is static. */
struct grove_column {
    const char *name;      /* "takes_uso" */
    const char *words;     /* what the value means, in one line */
    const char *rules;     /* ids of the rules that read it, blanks between */
    const uint16_t *known; /* the values that kernels have, increasing */
    size_t known_count;    /* their number, at least 1 */
    bool is_flag;          /* names have "no" for 0 and "yes" for 1 */
};

/* A profile: the value of each column, by the column's index. */
struct grove_profile {
    uint16_t values[GROVE_MAX_COLUMNS]; /* 0 where there is no column */
};

/* Column `index` of SPEC.md's table, from 0; NULL if there is none. */
const struct grove_column *grove_column(size_t index);

/*
 * Puts the values of the profile with this name into *profile; NULL names the
 * newest profile. Errors: GROVE_E_CONFIG_PROFILE, GROVE_E_CONFIG_COLUMN,
 * GROVE_E_CONFIG_VALUE, and GROVE_E_CONFIG_SPELLING for a name that
 * grove_profile_canonical() would change.
 */
GROVE_MUST_CHECK enum grove_error
grove_profile_values(const char *name, struct grove_profile *profile);

/*
 * Puts the value of one column into *value. Errors: those of
 * grove_profile_values(), and GROVE_E_CONFIG_COLUMN if no column has the name.
 */
GROVE_MUST_CHECK enum grove_error
grove_profile_value(const char *name, const char *column, uint16_t *value);

/*
 * Puts the name of the profile with these values into `name`. Error:
 * GROVE_E_CONFIG_VALUE if a value is not a known one of its column.
 */
GROVE_MUST_CHECK enum grove_error
grove_profile_name(const struct grove_profile *profile,
                   char name[GROVE_PROFILE_NAME_SIZE]);

/*
 * Puts the name of the profile that `name` describes into `canonical`. The
 * columns of `name` may stand in any order, repeat a value of the row before
 * them, and follow any row or alias. Errors: GROVE_E_CONFIG_PROFILE,
 * GROVE_E_CONFIG_COLUMN and GROVE_E_CONFIG_VALUE.
 */
GROVE_MUST_CHECK enum grove_error
grove_profile_canonical(const char *name,
                        char canonical[GROVE_PROFILE_NAME_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
