/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <err.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The size of the first chunk. Each one is twice as large as the one before. */
#define CHUNK_MIN ((size_t)1 << 12)
#define CHUNK_MAX ((size_t)1 << 20)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static void add_chunk(struct arena *arena, size_t need)
{
    struct arena_chunk *chunk;
    size_t size = CHUNK_MIN;

    if (arena->chunks != NULL)
        size = 2 * arena->chunks->size;
    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    if (size < need)
        size = need;
    chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL)
        err(70, "memory");
    chunk->size = size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->used = 0;
}

static void *take(struct arena *arena, size_t count, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t need;
    void *memory;

    if (__builtin_mul_overflow(count, size, &need) || need > SIZE_MAX / 2)
        errx(70, "memory: %zu objects of %zu bytes", count, size);
    need = (need + align - 1) / align * align;
    if (arena->chunks == NULL || arena->chunks->size - arena->used < need)
        add_chunk(arena, need);
    memory = arena->chunks->bytes + arena->used;
    arena->used += need;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    return memset(take(arena, count, size), 0, count * size);
}

void *arena_bytes(struct arena *arena, size_t len)
{
    return take(arena, 1, len);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
    void *copy = take(arena, 1, len);

    if (len != 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *text;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        errx(70, "format: %s", format);
    text = arena_alloc(arena, 1, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

static void free_after(struct arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;

        free(chunk);
        chunk = next;
    }
}

void arena_reset(struct arena *arena)
{
    if (arena->chunks != NULL) {
        free_after(arena->chunks->next);
        arena->chunks->next = NULL;
    }
    arena->used = 0;
}

void arena_free(struct arena *arena)
{
    free_after(arena->chunks);
    *arena = (struct arena){0};
}
