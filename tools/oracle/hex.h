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
 * Reads the bytes of the `digits` characters at `text` into `arena`, and sets
 * *len to the number of bytes. Returns NULL or an error; on an error nothing is
 * set.
 */
const char *hex_decode(struct arena *arena, const char *text, size_t digits,
                       uint8_t **bytes, size_t *len);

#endif
