/* SPDX-License-Identifier: MIT */
/*
 * Packet bytes, and the only code that indexes them. A view never reaches
 * beyond its packet. A read outside a view is a bug of the caller: a build with
 * assertions stops, and a build without them reads zero.
 */
#ifndef GROVE_BYTES_H
#define GROVE_BYTES_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Read-only bytes of a packet. `at` may be NULL if `len` is 0. */
struct bytes {
    const uint8_t *at;
    uint32_t len;
};

/* What every view holds to. */
static inline bool bytes_is_valid(struct bytes view)
{
    return view.at != NULL || view.len == 0;
}

/* Whether `view` has `len` bytes from `offset` on. */
static inline bool bytes_have(struct bytes view, uint32_t offset, uint32_t len)
{
    return (uint64_t)offset + len <= view.len;
}

/* The `len` bytes of `view` from `offset` on; empty if it has fewer. */
static inline struct bytes bytes_slice(struct bytes view, uint32_t offset,
                                       uint32_t len)
{
    assert(bytes_have(view, offset, len));
    if (!bytes_have(view, offset, len) || len == 0)
        return (struct bytes){NULL, 0};
    return (struct bytes){view.at + offset, len};
}

/* The first `len` bytes of `view`. */
static inline struct bytes bytes_first(struct bytes view, uint32_t len)
{
    return bytes_slice(view, 0, len);
}

/* All of `view` from `offset` on. */
static inline struct bytes bytes_from(struct bytes view, uint32_t offset)
{
    assert(offset <= view.len);
    if (offset >= view.len)
        return (struct bytes){NULL, 0};
    return (struct bytes){view.at + offset, view.len - offset};
}

static inline uint8_t bytes_u8(struct bytes view, uint32_t offset)
{
    assert(bytes_have(view, offset, 1));
    return bytes_have(view, offset, 1) ? view.at[offset] : 0;
}

/* Big-endian, as the network has it. */
static inline uint16_t bytes_be16(struct bytes view, uint32_t offset)
{
    uint8_t b[2];

    assert(bytes_have(view, offset, sizeof b));
    if (!bytes_have(view, offset, sizeof b))
        return 0;
    memcpy(b, view.at + offset, sizeof b);
    return (uint16_t)((uint32_t)b[0] << 8 | b[1]);
}

static inline uint32_t bytes_be32(struct bytes view, uint32_t offset)
{
    uint8_t b[4];

    assert(bytes_have(view, offset, sizeof b));
    if (!bytes_have(view, offset, sizeof b))
        return 0;
    memcpy(b, view.at + offset, sizeof b);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static inline uint64_t bytes_be64(struct bytes view, uint32_t offset)
{
    uint8_t b[8];

    assert(bytes_have(view, offset, sizeof b));
    if (!bytes_have(view, offset, sizeof b))
        return 0;
    memcpy(b, view.at + offset, sizeof b);
    return (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 |
           (uint64_t)b[3] << 32 | (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 |
           (uint64_t)b[6] << 8 | b[7];
}

/* Eight bytes in host order, for comparing and hashing only. */
static inline uint64_t bytes_word(struct bytes view, uint32_t offset)
{
    uint64_t word;

    assert(bytes_have(view, offset, sizeof word));
    if (!bytes_have(view, offset, sizeof word))
        return 0;
    memcpy(&word, view.at + offset, sizeof word);
    return word;
}

/* Mostly compares a few words, for which calling memcmp() would be slower. */
static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    uint32_t at = 0;

    if (a.len != b.len)
        return false;
    if (a.len < 8)
        return a.len == 0 || memcmp(a.at, b.at, a.len) == 0;
    for (; at < a.len - 8; at += 8)
        if (bytes_word(a, at) != bytes_word(b, at))
            return false;
    return bytes_word(a, a.len - 8) == bytes_word(b, a.len - 8);
}

/* The library's own memory, where a header is rewritten. */
struct buffer {
    uint8_t *at;
    uint32_t len;
};

/* All of `out` from `offset` on. */
static inline struct buffer buffer_from(struct buffer out, uint32_t offset)
{
    assert(offset <= out.len);
    if (offset >= out.len)
        return (struct buffer){NULL, 0};
    return (struct buffer){out.at + offset, out.len - offset};
}

/* Copies `view` to the start of `out`, which has room for it. */
static inline void buffer_copy(struct buffer out, struct bytes view)
{
    assert(view.len <= out.len);
    if (view.len != 0 && view.len <= out.len)
        memcpy(out.at, view.at, view.len);
}

static inline void buffer_put_u8(struct buffer out, uint32_t offset,
                                 uint8_t value)
{
    assert(offset < out.len);
    if (offset < out.len)
        out.at[offset] = value;
}

static inline void buffer_put_be16(struct buffer out, uint32_t offset,
                                   uint16_t value)
{
    assert(offset < out.len && out.len - offset >= 2);
    if (offset < out.len && out.len - offset >= 2) {
        out.at[offset] = (uint8_t)(value >> 8);
        out.at[offset + 1] = (uint8_t)value;
    }
}

static inline void buffer_put_be32(struct buffer out, uint32_t offset,
                                   uint32_t value)
{
    buffer_put_be16(out, offset, (uint16_t)(value >> 16));
    buffer_put_be16(out, offset + 2, (uint16_t)value);
}

#endif
