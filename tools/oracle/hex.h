/* SPDX-License-Identifier: MIT */
/* Bytes as hex digits: written in lower case, read in both. */
#ifndef GROVE_TOOLS_HEX_H
#define GROVE_TOOLS_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* The hex digits of the `len` bytes, a string that the caller frees. */
char *hex_encode(const uint8_t *bytes, size_t len);

/*
 * Reads the bytes of `text` into `arena`, and sets *len to their number.
 * Returns NULL or an error; on an error nothing is set.
 */
const char *hex_decode(struct arena *arena, const char *text, uint8_t **bytes,
                       size_t *len);

#endif
