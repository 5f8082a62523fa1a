/* SPDX-License-Identifier: MIT */
/*
 * Memory in pieces, each of its exact size: with AddressSanitizer the byte
 * after a piece, and those before it, cannot be touched. As exact as a malloc()
 * of each piece, and many times faster.
 */
#ifndef GROVE_FUZZ_GUARD_H
#define GROVE_FUZZ_GUARD_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that a piece of `len` takes at most. */
#define GUARD_ROOM(len) ((len) + (size_t)48)

struct guard {
    uint8_t *bytes;
    size_t size;
    size_t used;
};

/* Takes `size` bytes of the heap, for good. Running out ends the program. */
void guard_make(struct guard *guard, size_t size);

/* Gives them back. */
void guard_free(struct guard *guard);

/*
 * A piece of `len` bytes, aligned as by malloc(); its content is of no meaning.
 * There must be room for it.
 */
uint8_t *guard_take(struct guard *guard, size_t len);

/* A piece that nothing has been written to, as MemorySanitizer sees it. */
uint8_t *guard_take_unset(struct guard *guard, size_t len);

/* A piece that is a copy. */
uint8_t *guard_copy(struct guard *guard, const void *bytes, size_t len);

/* Forgets all pieces: none of them can be touched any more. */
void guard_reset(struct guard *guard);

#endif
