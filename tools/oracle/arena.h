/* SPDX-License-Identifier: MIT */
/* Memory that is freed all at once. The program ends if memory runs out. */
#ifndef GROVE_TOOLS_ARENA_H
#define GROVE_TOOLS_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
    struct arena_chunk *chunks;
    size_t used; /* bytes in use of the first chunk */
};

/* `count` zeroed objects of `size` bytes, aligned as by malloc(). */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* `len` bytes that the caller fills: they hold anything. */
void *arena_bytes(struct arena *arena, size_t len);

/* A copy of the `len` bytes at `bytes`. */
void *arena_copy(struct arena *arena, const void *bytes, size_t len);

/* A string, formatted as by printf(). */
__attribute__((format(printf, 2, 3))) char *
arena_printf(struct arena *arena, const char *format, ...);

/* Releases all objects and keeps the memory for new ones. */
void arena_reset(struct arena *arena);

/* Frees all memory; the arena is empty then. */
void arena_free(struct arena *arena);

#endif
