/* SPDX-License-Identifier: MIT */
/*
 * A model of bytes.h, for code that is safe whatever bytes it reads: each read
 * must be inside its view and gives any value, and another one when it is
 * repeated. Only the IP version and the protocol of IPv4 stay. A harness
 * includes this before the code.
 */
#ifndef GROVE_PROOF_BYTES_MODEL_H
#define GROVE_PROOF_BYTES_MODEL_H

#include "header.h"
#include "proof.h"

/* The bytes that stay, and where the packet begins. */
static const uint8_t *packet_start;
static uint8_t version_byte;
static uint8_t protocol_byte;

static inline struct bytes any_packet_bytes(void)
{
    const struct bytes bytes = any_bytes(GROVE_MAX_PACKET_LEN);

    packet_start = bytes.at;
    version_byte = (uint8_t)nondet_u16();
    protocol_byte = (uint8_t)nondet_u16();
    return bytes;
}

/* Whether the IP header begins there, with or without a link before it. */
static inline bool begins_network(struct bytes view)
{
    const size_t at = __CPROVER_POINTER_OFFSET(view.at);

    return __CPROVER_same_object(view.at, packet_start) &&
           (at == 0 || at == ETHERNET_HEADER);
}

static inline uint8_t any_u8(struct bytes view, uint32_t offset)
{
    PROVE(bytes_have(view, offset, 1));
    PROVE(__CPROVER_r_ok(view.at + offset, 1));
    if (view.at == packet_start && offset == IP_VERSION)
        return version_byte;
    if (begins_network(view) && offset == IP4_PROTOCOL)
        return protocol_byte;
    return (uint8_t)nondet_u16();
}

static inline uint16_t any_be16(struct bytes view, uint32_t offset)
{
    PROVE(bytes_have(view, offset, 2));
    PROVE(__CPROVER_r_ok(view.at + offset, 2));
    return nondet_u16();
}

static inline uint32_t any_be32(struct bytes view, uint32_t offset)
{
    PROVE(bytes_have(view, offset, 4));
    PROVE(__CPROVER_r_ok(view.at + offset, 4));
    return nondet_u32();
}

static inline uint64_t any_word(struct bytes view, uint32_t offset)
{
    PROVE(bytes_have(view, offset, 8));
    PROVE(__CPROVER_r_ok(view.at + offset, 8));
    return (uint64_t)nondet_u32() << 32 | nondet_u32();
}

/* Bytes are written where there is room for them. */
static inline void any_buffer_copy(struct buffer out, struct bytes view)
{
    PROVE(view.len <= out.len);
    PROVE(view.len == 0 || __CPROVER_r_ok(view.at, view.len));
    PROVE(view.len == 0 || __CPROVER_w_ok(out.at, view.len));
}

static inline void any_put_u8(struct buffer out, uint32_t offset, uint8_t value)
{
    (void)value;
    PROVE(offset < out.len && __CPROVER_w_ok(out.at + offset, 1));
}

static inline void any_put_be16(struct buffer out, uint32_t offset,
                                uint16_t value)
{
    (void)value;
    PROVE(offset < out.len && out.len - offset >= 2);
    PROVE(__CPROVER_w_ok(out.at + offset, 2));
}

static inline void any_put_be32(struct buffer out, uint32_t offset,
                                uint32_t value)
{
    any_put_be16(out, offset, (uint16_t)(value >> 16));
    any_put_be16(out, offset + 2, (uint16_t)value);
}

#define bytes_u8        any_u8
#define bytes_be16      any_be16
#define bytes_be32      any_be32
#define bytes_word      any_word
#define bytes_equal     any_equal
#define buffer_copy     any_buffer_copy
#define buffer_put_u8   any_put_u8
#define buffer_put_be16 any_put_be16
#define buffer_put_be32 any_put_be32

#endif
