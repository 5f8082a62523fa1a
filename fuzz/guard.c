/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define UNSET_MEMORY_REGION(at, size) __msan_allocated_memory(at, size)
#else
#define UNSET_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum { ALIGNMENT = 16, GAP = 32 };

void guard_make(struct guard *guard, size_t size)
{
    *guard = (struct guard){.bytes = malloc(size), .size = size, .used = GAP};
    if (guard->bytes == NULL)
        err(70, "memory");
    ASAN_POISON_MEMORY_REGION(guard->bytes, guard->size);
}

void guard_free(struct guard *guard)
{
    ASAN_UNPOISON_MEMORY_REGION(guard->bytes, guard->size);
    free(guard->bytes);
    *guard = (struct guard){0};
}

uint8_t *guard_take(struct guard *guard, size_t len)
{
    uint8_t *piece = guard->bytes + guard->used;
    const size_t end = (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + GAP;

    CHECK(end <= guard->size - guard->used, "no room for %zu bytes", len);
    guard->used += end;
    ASAN_UNPOISON_MEMORY_REGION(piece, len);
    return piece;
}

uint8_t *guard_take_unset(struct guard *guard, size_t len)
{
    uint8_t *piece = guard_take(guard, len);

    memset(piece, 0xa5, len);
    UNSET_MEMORY_REGION(piece, len);
    return piece;
}

uint8_t *guard_copy(struct guard *guard, const void *bytes, size_t len)
{
    uint8_t *piece = guard_take(guard, len);

    if (len != 0)
        memcpy(piece, bytes, len);
    return piece;
}

void guard_reset(struct guard *guard)
{
    ASAN_POISON_MEMORY_REGION(guard->bytes, guard->used);
    guard->used = GAP;
}
