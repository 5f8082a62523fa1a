/* SPDX-License-Identifier: MIT */
/* A file in memory, for readers that take the path of a file. */
#ifndef GROVE_FUZZ_MEMORY_FILE_H
#define GROVE_FUZZ_MEMORY_FILE_H

#include <stddef.h>

/* Its path, after memory_file_make(). */
extern char memory_file_path[32];

/* Makes the file, once in a program. The program ends if that fails. */
void memory_file_make(void);

/* Replaces what is in it by these bytes. The same for a failure. */
void memory_file_write(const void *bytes, size_t len);

#endif
