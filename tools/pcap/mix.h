/* SPDX-License-Identifier: MIT */
/* A hash that grows by numbers; not one that resists an attacker. */
#ifndef GROVE_TOOLS_MIX_H
#define GROVE_TOOLS_MIX_H

#include "../../ref/bytes.h"

static inline uint64_t mix(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * 0x9e3779b97f4a7c15U;
    return hash ^ hash >> 32;
}

/* Adds the `len` bytes of the view at `at`. */
static inline uint64_t mix_bytes(uint64_t hash, struct bytes view, uint32_t at,
                                 uint32_t len)
{
    for (; len >= 4; at += 4, len -= 4)
        hash = mix(hash, bytes_be32(view, at));
    for (; len > 0; at++, len--)
        hash = mix(hash, bytes_u8(view, at));
    return hash;
}

#endif
