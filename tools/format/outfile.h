/* SPDX-License-Identifier: MIT */
/* Files that appear completely or not at all. */
#ifndef GROVE_TOOLS_OUTFILE_H
#define GROVE_TOOLS_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

struct outfile {
    FILE *stream;
    const char *path; /* the caller's */
    char *temporary;  /* the file beside it; NULL: `path` is not a plain file */
};

/* Opens `out` for writing to `path`. Returns false, with errno, on failure. */
bool outfile_open(struct outfile *out, const char *path);

/*
 * Puts the file in its place. False, with errno, if not all of it could be
 * written; then the old file at `path` is unchanged. Closes `out` in any case.
 */
bool outfile_commit(struct outfile *out);

/* Removes the new file and closes `out`. Always returns false; keeps errno. */
bool outfile_abandon(struct outfile *out);

#endif
