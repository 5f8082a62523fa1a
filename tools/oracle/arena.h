/* SPDX-License-Identifier: MIT */
/* Memory that is given back all at once. Running out ends the program. */
#ifndef GROVE_TOOLS_ARENA_H
#define GROVE_TOOLS_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
    struct arena_chunk *chunks;
    size_t used; /* bytes of the first chunk */
};

/* `count` zeroed objects of `size` bytes, aligned as by malloc(). */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of the `len` bytes at `bytes`. */
void *arena_copy(struct arena *arena, const void *bytes, size_t len);

/* A string made as by printf(). */
__attribute__((format(printf, 2, 3))) char *
arena_printf(struct arena *arena, const char *format, ...);

/* Forgets everything, keeps the memory for use again. */
void arena_reset(struct arena *arena);

/* Gives all memory back; the arena is empty again. */
void arena_free(struct arena *arena);

#endif
