/* SPDX-License-Identifier: MIT */
/* bytes.h: no access reaches beyond its view. */
#include "proof.h"

/* Each view that fits its own view is made, and the reads are inside. */
void proof_bytes_views(void)
{
    const struct bytes view = any_bytes(UINT32_MAX);
    const uint32_t offset = nondet_u32();
    const uint32_t len = nondet_u32();

    ASSUME(bytes_have(view, offset, len));
    const struct bytes part = bytes_slice(view, offset, len);
    PROVE(part.len == len && bytes_is_valid(part));
    PROVE(len == 0 || __CPROVER_r_ok(part.at, len));
    PROVE(bytes_from(view, offset).len == view.len - offset);
    REACHES(len > 100000);
    REACHES(len == 0);
}

/* The numbers are those of their bytes, in the order of the network. */
void proof_bytes_reads(void)
{
    const struct bytes view = any_bytes(UINT32_MAX);
    const uint32_t at = nondet_u32();

    ASSUME(bytes_have(view, at, 8));
    const uint32_t high = bytes_be16(view, at);
    const uint32_t low = bytes_be16(view, at + 2);
    const uint64_t word = bytes_word(view, at);

    PROVE(high == (bytes_u8(view, at) << 8 | bytes_u8(view, at + 1)));
    PROVE(bytes_be32(view, at) == (high << 16 | low));
    PROVE((uint8_t)word == bytes_u8(view, at)); /* on a little-endian CPU */
    REACHES(high == 0x4500);
}

/* What is put into a buffer is read from it, and nothing else changes. */
void proof_bytes_writes(void)
{
    const struct bytes any = any_bytes(UINT32_MAX);
    const struct buffer out = {(uint8_t *)any.at, any.len};
    const struct bytes view = {out.at, out.len};
    const uint32_t at = nondet_u32();
    const uint32_t other = nondet_u32();
    const uint32_t value = nondet_u32();

    ASSUME(bytes_have(view, at, 4) && bytes_have(view, other, 1));
    const uint8_t before = bytes_u8(view, other);

    buffer_put_be32(out, at, value);
    PROVE(bytes_be32(view, at) == value);
    PROVE(other - at < 4 || bytes_u8(view, other) == before);
    buffer_put_u8(out, at, (uint8_t)value);
    PROVE(bytes_u8(view, at) == (uint8_t)value);
    REACHES(other - at >= 4);
}

/* The comparison stays inside both views. */
void proof_bytes_equal_reads(void)
{
    const struct bytes a = any_bytes(UINT32_MAX - 8);
    const struct bytes b = any_bytes(UINT32_MAX - 8);
    const bool equal = bytes_equal(a, b);

    PROVE(!equal || a.len == b.len);
    REACHES(equal && a.len > 1000);
    REACHES(!equal && a.len == b.len);
}

/* Views are equal if and only if no byte differs. */
void proof_bytes_equal(void)
{
    const struct bytes a = any_bytes(40);
    const struct bytes b = any_bytes(40);
    const bool equal = bytes_equal(a, b);
    bool differ = a.len != b.len;

    for (uint32_t i = 0; i < 40; i++)
        if (!differ && i < a.len)
            differ = bytes_u8(a, i) != bytes_u8(b, i);
    PROVE(equal == !differ);
    REACHES(equal && a.len == 40);
    REACHES(!equal && a.len == b.len);
}
