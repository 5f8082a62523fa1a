/* SPDX-License-Identifier: MIT */
/* Bytes as hex digits: written in lower case, read in both. */
#ifndef GROVE_TOOLS_HEX_H
#define GROVE_TOOLS_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* The digits of the `len` bytes: a string to free(), as many are short-lived.
 */
char *hex_encode(const uint8_t *bytes, size_t len);

/*
 * The bytes of `text` into `arena`, their number into *len. NULL: what is wrong
 * with it; on an error nothing is set.
 */
const char *hex_decode(struct arena *arena, const char *text, uint8_t **bytes,
                       size_t *len);

#endif
