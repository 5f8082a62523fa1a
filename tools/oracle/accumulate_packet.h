/* SPDX-License-Identifier: MIT */
/* What both generators of vectors/accumulated/README.md make packets of. */
#ifndef GROVE_TOOLS_ACCUMULATE_PACKET_H
#define GROVE_TOOLS_ACCUMULATE_PACKET_H

#include <stdint.h>
#include <string.h>

#include "dice.h"

#define IP4(flags) "\x45\2\0\0\xff\xfd" flags "\0\x40\0\0\0\x0a\0\0\1\x0a\0\0\2"
#define IP6                                                                    \
    "\x60\x21\x23\x45\0\0\x3c\x40"                                             \
    "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
#define PORTS "\x1f\0\0\x50"
#define TCP_HEADER(offset, flags)                                              \
    PORTS "\xff\xff\xff\x80\x12\x34\x56\x78" offset flags "\x43\x21\0\0\0\0"

enum { MAX_PACKET = 512 };

struct packet {
    uint8_t bytes[MAX_PACKET];
    uint32_t len;
};

struct pattern {
    const char *bytes;
    uint32_t len;
};

#define PATTERN(bytes)                                                         \
    {                                                                          \
        bytes, sizeof(bytes) - 1                                               \
    }

static const struct pattern l4s[] = {
    PATTERN(PORTS "\0\0\0\0"),
    PATTERN(TCP_HEADER("\x50", "\x10")),
    PATTERN(TCP_HEADER("\x50", "\x90")),
    PATTERN(TCP_HEADER("\x80", "\x10") "\1\1\x08\x0a\0\0\0\1\0\0\0\2"),
};

static inline uint32_t draw(struct dice *dice, uint32_t n)
{
    /* vectors/accumulated/README.md defines the remainder; pick() differs. */
    /* No caller passes 0. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
    return (uint32_t)(roll(dice) % n);
}

static inline uint32_t get16(const struct packet *packet, uint32_t at)
{
    return (uint32_t)packet->bytes[at] << 8 | packet->bytes[at + 1];
}

static inline void put16(struct packet *packet, uint32_t at, uint32_t value)
{
    packet->bytes[at] = (uint8_t)(value >> 8);
    packet->bytes[at + 1] = (uint8_t)value;
}

/* The packets are short, so that the sum fits in 32 bits. */
static inline uint32_t sum(const struct packet *packet, uint32_t from,
                           uint32_t to)
{
    uint32_t s = 0;

    for (uint32_t i = from; i < to; i++)
        s += (i - from) % 2 == 0 ? (uint32_t)packet->bytes[i] << 8
                                 : packet->bytes[i];
    return s;
}

static inline uint32_t fold(uint32_t x)
{
    while (x > 0xffff)
        x = (x & 0xffff) + (x >> 16);
    return x;
}

static inline void add_pattern(struct packet *packet,
                               const struct pattern *from)
{
    memcpy(packet->bytes + packet->len, from->bytes, from->len);
    packet->len += from->len;
}

#endif
