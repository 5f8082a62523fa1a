/* SPDX-License-Identifier: MIT */
/*
 * Memory in pieces of exact sizes. AddressSanitizer reports an access to the
 * bytes before or after a piece. This is as exact as a malloc() of each piece,
 * and many times faster.
 */
#ifndef GROVE_FUZZ_GUARD_H
#define GROVE_FUZZ_GUARD_H

#include <stddef.h>
#include <stdint.h>

/* The most bytes that a piece of `len` bytes needs. */
#define GUARD_ROOM(len) ((len) + (size_t)48)

struct guard {
    uint8_t *bytes;
    size_t size;
    size_t used;
};

/* Allocates `size` bytes for ever. The program ends if memory runs out. */
void guard_make(struct guard *guard, size_t size);

/* Frees them. */
void guard_free(struct guard *guard);

/*
 * A piece of `len` bytes, aligned as by malloc(), with any content. There must
 * be room for it.
 */
uint8_t *guard_take(struct guard *guard, size_t len);

/* A piece that MemorySanitizer treats as uninitialized. */
uint8_t *guard_take_unset(struct guard *guard, size_t len);

/* A piece with a copy of the bytes. */
uint8_t *guard_copy(struct guard *guard, const void *bytes, size_t len);

/* Releases all pieces. An access to one of them is reported then. */
void guard_reset(struct guard *guard);

#endif
