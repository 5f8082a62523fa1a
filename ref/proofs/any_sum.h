/* SPDX-License-Identifier: MIT */
/*
 * A way to sum adds each byte once, with the weight that RFC 1071 gives it. All
 * ways are linear: only their additions touch words, and no branch depends on
 * them. So what holds for one byte of any value in each place, where all others
 * are 0, holds for all bytes; ref/SOUNDNESS.md has the argument.
 */
#ifndef GROVE_PROOF_ANY_SUM_H
#define GROVE_PROOF_ANY_SUM_H

#include "grove/checksum.h"
#include "proof.h"

enum { MOST_BYTES = 640 };

/* Where the last byte was. */
static size_t place;

/* Sums and copies `len` bytes from `offset` on; both are constants. */
static void prove_sum(grove_sum_fn *sum, grove_copy_fn *copy, size_t offset,
                      size_t len)
{
    static uint8_t memory[MOST_BYTES];
    static uint8_t copied[MOST_BYTES];
    const size_t at = nondet_u16() % 512;
    const uint8_t value = (uint8_t)nondet_u16();
    uint8_t *bytes = memory + offset;
    uint8_t *to = copied + offset;
    uint16_t plain = 0;

    for (size_t i = 0; i < len; i++) {
        bytes[i] = i == at ? value : 0;
        to[i] = 0xff;
    }
    if (at < len)
        plain = (uint16_t)(at % 2 == 0 ? value << 8 : value);
    PROVE(sum(bytes, len) == plain);
    PROVE(copy(to, bytes, len) == plain);
    for (size_t i = 0; i < len; i++)
        PROVE(to[i] == bytes[i]);
    for (size_t i = 0; i < len; i++)
        bytes[i] = 0xff;
    /* The sum is 0 if and only if all bytes are. */
    PROVE(sum(bytes, len) == (len % 2 == 0 && len != 0 ? 0xffff
                              : len == 0               ? 0
                                                       : 0xff00));
    place = at;
}

#endif
