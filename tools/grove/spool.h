/* SPDX-License-Identifier: MIT */
/* Text that waits in a temporary file until what stands before it is known. */
#ifndef GROVE_TOOLS_SPOOL_H
#define GROVE_TOOLS_SPOOL_H

#include <stdbool.h>
#include <stdio.h>

/* An empty file without a name. NULL, after a complaint, on failure. */
FILE *spool_open(void);

/* Ends writing; reading begins. False, after a complaint, if not all of it
 * could be written. */
bool spool_rewind(FILE *spool);

/*
 * Copies the next `len` bytes of the spool to `stream`, which keeps an error of
 * its own. False, after a complaint, if they cannot be read.
 */
bool spool_copy(FILE *spool, size_t len, FILE *stream);

#endif
