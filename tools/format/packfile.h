/* SPDX-License-Identifier: MIT */
/* Writes text to a file that appears completely or not at all. */
#ifndef GROVE_TOOLS_PACKFILE_H
#define GROVE_TOOLS_PACKFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <zlib.h>

#include "outfile.h"

/* A file whose name ends in ".gz" is packed as by `gzip --best --no-name`. */
struct packfile {
    struct outfile out;
    gzFile packed; /* NULL: it is not packed */
};

/* Each function returns false, with errno, on failure, and then it is gone. */
bool packfile_open(struct packfile *file, const char *path);
bool packfile_write(struct packfile *file, const char *text, size_t len);
bool packfile_commit(struct packfile *file);

/* Removes the new file. */
void packfile_abandon(struct packfile *file);

#endif
