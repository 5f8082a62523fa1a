/* SPDX-License-Identifier: MIT */
/* In the order, and with the names, of vectors/accumulated/README.md. */
#include "accumulate.h"

#include <string.h>

#include "dice.h"

/* For accumulate_input() the end of a poll; for the answer "rejected". */
#define MARK UINT32_MAX

#define IP4_ADDRESSES "\x0a\0\0\1\x0a\0\0\2"
#define IP6_ADDRESSES                                                          \
    "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
#define EXTENSION(next) next "\0\1\4\0\0\0\0"
#define TCP_HEADER(offset, flags)                                              \
    "\x1f\0\0\x50\xff\xff\xff\x80\x12\x34\x56\x78" offset flags                \
    "\x43\x21\0\0\0\0"

enum {
    MAX_FLOWS = 12,
    MAX_PACKETS = 16 + 64,
    MAX_HEADER = 40 + 2 * 8 + 32,
    MAX_PACKET = MAX_HEADER + 255 + 8,
    TCP = 6,
    UDP = 17,
};

/* LAZY is a SUPER whose checksum was computed. */
enum kind { PLAIN, CSUM, SUPER, LAZY };

enum fault { NONE, FLIP, FLAGS, SIZE, CUT, PAD, ZERO, VNET };

struct pattern {
    const char *bytes;
    uint32_t len;
    uint32_t next; /* offset of the protocol */
};

#define PATTERN(bytes, next)                                                   \
    {                                                                          \
        bytes, sizeof(bytes) - 1, next                                         \
    }

/* The protocol is written into them. */
static const struct pattern ips[] = {
    PATTERN("\x45\2\0\0\xff\xfd\0\0\x40\0\0\0" IP4_ADDRESSES, 9),
    PATTERN("\x45\2\0\0\xff\xfd\x40\0\x40\0\0\0" IP4_ADDRESSES, 9),
    PATTERN("\x60\x21\x23\x45\0\0\0\x40" IP6_ADDRESSES, 6),
    PATTERN("\x60\x21\x23\x45\0\0\0\x40" IP6_ADDRESSES EXTENSION("\0"), 40),
    PATTERN("\x60\x21\x23\x45\0\0\x3c\x40" IP6_ADDRESSES EXTENSION("\x2b")
                EXTENSION("\0"),
            48),
};

static const struct pattern udp = PATTERN("\x1f\0\0\x50\0\0\0\0", 0);
static const struct pattern tcp = PATTERN(TCP_HEADER("\x50", "\x10"), 0);
static const struct pattern tcp_options =
    PATTERN(TCP_HEADER("\x80", "\x10") "\1\1\x08\x0a\0\0\0\1\0\0\0\2", 0);
static const struct pattern tcp_cwr = PATTERN(TCP_HEADER("\x50", "\x90"), 0);

struct packet {
    uint8_t bytes[MAX_PACKET];
    uint32_t len;
};

struct flow {
    struct packet header; /* of its next packet */
    bool ip4;
    bool tcp;
    uint32_t l4;
    uint32_t check; /* offset of the L4 checksum */
    uint32_t size;
    uint32_t step;
};

/* Numbers, at random */

static uint32_t draw(struct dice *dice, uint32_t n)
{
    /* n comes from tables. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
    return (uint32_t)(roll(dice) % n);
}

#define ANY(dice, list) ((list)[draw(dice, sizeof(list) / sizeof((list)[0]))])

/* Bytes; writing beyond the end changes nothing */

static uint32_t get16(const struct packet *packet, uint32_t at)
{
    return (uint32_t)packet->bytes[at] << 8 | packet->bytes[at + 1];
}

static void put16(struct packet *packet, uint32_t at, uint32_t value)
{
    if (at + 2 > packet->len)
        return;
    packet->bytes[at] = (uint8_t)(value >> 8);
    packet->bytes[at + 1] = (uint8_t)value;
}

/* Lengths fit in 16 bits, so the sum does in 32. */
static uint32_t sum(const struct packet *packet, uint32_t from, uint32_t to)
{
    uint32_t s = 0;

    for (uint32_t i = from; i < to; i++)
        s += (i - from) % 2 == 0 ? (uint32_t)packet->bytes[i] << 8
                                 : packet->bytes[i];
    return s;
}

static uint32_t fold(uint32_t x)
{
    while (x > 0xffff)
        x = (x & 0xffff) + (x >> 16);
    return x;
}

/* A flow */

static void add_pattern(struct packet *packet, const struct pattern *from)
{
    memcpy(packet->bytes + packet->len, from->bytes, from->len);
    packet->len += from->len;
}

static void new_flow(struct dice *dice, uint32_t number, struct flow *flow)
{
    static const struct pattern *const l4s[] = {
        &udp, &udp,         &udp,         &tcp,         &tcp,
        &tcp, &tcp_options, &tcp_options, &tcp_options, &tcp_cwr};
    static const uint32_t sizes[] = {8, 64};
    static const uint32_t steps[] = {1, 1, 1, 0};
    const struct pattern *ip = &ANY(dice, ips);
    const struct pattern *l4 = ANY(dice, l4s);
    struct packet *header = &flow->header;

    memset(flow, 0, sizeof *flow);
    flow->ip4 = ip->len == 20;
    flow->tcp = l4->len > 8;
    flow->l4 = ip->len;
    flow->check = flow->l4 + (flow->tcp ? 16 : 6);
    add_pattern(header, ip);
    add_pattern(header, l4);
    header->bytes[ip->next] = flow->tcp ? TCP : UDP;
    header->bytes[flow->l4 + 1] = (uint8_t)number;
    flow->size = 1 + draw(dice, ANY(dice, sizes));
    flow->step = ANY(dice, steps);
}

static void advance(struct flow *flow, uint32_t size)
{
    struct packet *header = &flow->header;
    const uint32_t at = flow->l4 + 4;
    uint32_t sequence;

    if (flow->ip4)
        put16(header, 4, get16(header, 4) + flow->step);
    if (!flow->tcp)
        return;
    sequence = (get16(header, at) << 16 | get16(header, at + 2)) + size;
    put16(header, at, sequence >> 16);
    put16(header, at + 2, sequence);
}

/* A packet of it */

static struct packet next_packet(struct dice *dice, struct flow *flow,
                                 uint32_t size)
{
    struct packet packet = flow->header;
    const uint32_t fill = draw(dice, 128);

    for (uint32_t i = 0; i < size; i++)
        packet.bytes[packet.len++] = (uint8_t)(128 + (fill + i) % 128);
    advance(flow, size);
    return packet;
}

static void put_lengths(const struct flow *flow, struct packet *packet)
{
    if (flow->ip4)
        put16(packet, 2, packet->len);
    else
        put16(packet, 4, packet->len - 40);
    if (!flow->tcp)
        put16(packet, flow->l4 + 4, packet->len - flow->l4);
}

static void put_checksums(const struct flow *flow, bool complete,
                          struct packet *packet)
{
    uint32_t s = flow->tcp ? TCP : UDP;

    if (flow->ip4 && packet->len >= 20) {
        put16(packet, 10, 0);
        put16(packet, 10, ~fold(sum(packet, 0, 20)));
    }
    if (packet->len < flow->check + 2)
        return;
    put16(packet, flow->check, 0);
    s += packet->len - flow->l4;
    s += flow->ip4 ? sum(packet, 12, 20) : sum(packet, 8, 40);
    if (complete)
        s = 0xffff - fold(s + sum(packet, flow->l4, packet->len));
    if (complete && !flow->tcp && s == 0)
        s = 0xffff;
    put16(packet, flow->check, fold(s));
}

/* Another type of header might be a tunnel (K-2): of that it is bit 0. */
static void flip(struct dice *dice, const struct flow *flow, uint32_t at,
                 struct packet *packet)
{
    uint32_t bit = draw(dice, 8);

    if (flow->ip4 ? at == 9 : at == 6 || at == 40 || at == 41 || at == 48)
        bit = 0;
    if (at < packet->len)
        packet->bytes[at] ^= (uint8_t)(1U << bit);
}

/* Moves a checksum into another field, so that 0 and 0xffff are right. */
static void zero(struct dice *dice, const struct flow *flow,
                 struct packet *packet)
{
    const bool ip = draw(dice, 2) == 0;
    const uint32_t to = ip ? 4 : flow->l4;
    const uint32_t from = ip ? 10 : flow->check;

    put16(packet, to, fold(get16(packet, to) + get16(packet, from)));
    put16(packet, from, draw(dice, 2) == 0 ? 0 : 0xffff);
}

static void cut(struct packet *packet, uint32_t len)
{
    if (len < packet->len)
        packet->len = len;
}

static void damage(struct dice *dice, const struct flow *flow, enum fault fault,
                   struct packet *packet)
{
    if (fault == FLIP)
        flip(dice, flow, draw(dice, flow->header.len), packet);
    if (fault == FLAGS)
        flip(dice, flow, flow->l4 + 13, packet);
    if (fault == ZERO)
        zero(dice, flow, packet);
    if (fault == CUT)
        cut(packet, draw(dice, flow->l4 + 32));
    if (fault == PAD)
        for (uint32_t left = 1 + draw(dice, 8); left > 0; left--)
            packet->bytes[packet->len++] = 0;
}

/* Its virtio header, as five 16-bit words, the first one two fields */

static uint32_t gso_type(const struct flow *flow)
{
    if (!flow->tcp)
        return GROVE_VNET_GSO_UDP_L4;
    return (flow->ip4 ? 1U : 4U) +
           (flow->header.bytes[flow->l4 + 13] & (uint32_t)GROVE_VNET_GSO_ECN);
}

static void spoil_words(struct dice *dice, uint32_t word[5])
{
    const uint32_t i = draw(dice, 5);
    const uint32_t flipped = word[i] ^ 1U << draw(dice, 16);
    const uint32_t values[] = {0, 0xffff, flipped, flipped};

    word[i] = ANY(dice, values);
    /* gso_type UDP is what no kernel can be asked (K-3). */
    if ((word[0] >> 8) % 128 == GROVE_VNET_GSO_UDP)
        word[0] ^= 0x100;
}

static void make_vnet(struct dice *dice, const struct flow *flow,
                      enum kind kind, enum fault fault,
                      uint8_t vnet[GROVE_VNET_LEN])
{
    uint32_t word[5] = {0};

    if (kind == CSUM || kind == SUPER) {
        word[0] = GROVE_VNET_F_NEEDS_CSUM;
        word[1] = flow->header.len;
        word[3] = flow->l4;
        word[4] = flow->check - flow->l4;
    }
    if (kind == SUPER || kind == LAZY) {
        word[0] += gso_type(flow) << 8;
        word[2] = flow->size;
    }
    if (fault == VNET)
        spoil_words(dice, word);
    for (size_t i = 0; i < 5; i++) {
        vnet[2 * i] = (uint8_t)word[i];
        vnet[2 * i + 1] = (uint8_t)(word[i] >> 8);
    }
}

static struct run_input packet(struct dice *dice, struct flow *flow,
                               enum kind kind, enum fault fault,
                               struct arena *arena)
{
    const bool super = kind == SUPER || kind == LAZY;
    const bool complete = kind == PLAIN || kind == LAZY;
    const uint32_t size = super           ? draw(dice, 256)
                          : fault == SIZE ? draw(dice, 2 * flow->size)
                                          : flow->size;
    struct packet made = next_packet(dice, flow, size);
    const uint32_t when = draw(dice, 3);
    struct run_input input = {.has_vnet = true};

    if (when == 0)
        damage(dice, flow, fault, &made);
    put_lengths(flow, &made);
    if (when == 1)
        damage(dice, flow, fault, &made);
    put_checksums(flow, complete, &made);
    if (when == 2)
        damage(dice, flow, fault, &made);
    make_vnet(dice, flow, kind, fault, input.vnet);
    input.packet = arena_copy(arena, made.bytes, made.len);
    input.len = made.len;
    return input;
}

/* A batch */

static enum fault any_fault(struct dice *dice)
{
    static const enum fault faults[] = {FLIP,  FLIP, FLIP, FLIP, FLIP, FLIP,
                                        FLAGS, SIZE, CUT,  CUT,  CUT,  PAD,
                                        ZERO,  VNET, VNET, VNET};

    return ANY(dice, faults);
}

static size_t fill(struct dice *dice, bool gso, struct arena *arena,
                   struct run_input *input)
{
    static const uint8_t more[] = {0, 0, 1, 2, MAX_FLOWS - 1};
    static const enum kind kinds[] = {CSUM, SUPER, SUPER, LAZY};
    const uint32_t faults = gso ? 6 : draw(dice, 4); /* in 8 packets */
    const uint32_t flows = gso ? 1 : 1U + ANY(dice, more);
    struct flow flow[MAX_FLOWS];
    uint32_t packets = 1;
    size_t inputs = 0;

    for (uint32_t i = 0; i < flows; i++)
        new_flow(dice, i, &flow[i]);
    if (!gso) {
        packets += draw(dice, 16);
        packets += draw(dice, 64) == 0 ? 64 : 0;
    }
    for (uint32_t i = 0; i < packets; i++) {
        struct flow *of = &flow[draw(dice, flows)];
        const enum fault fault =
            draw(dice, 8) < faults ? any_fault(dice) : NONE;
        const bool odd = gso || fault == VNET || draw(dice, 16) < faults;

        input[inputs++] =
            packet(dice, of, odd ? ANY(dice, kinds) : PLAIN, fault, arena);
        if (!gso && draw(dice, 16) < faults)
            input[inputs++].flush = true;
    }
    return inputs;
}

void accumulate_batch(enum run_op op, uint64_t number, struct arena *arena,
                      struct run *run)
{
    struct dice dice = {number};
    struct run_input *input =
        arena_alloc(arena, (size_t)2 * MAX_PACKETS, sizeof *input);

    *run =
        (struct run){.op = op, .config = run_config_default(), .input = input};
    run->inputs = fill(&dice, op == RUN_GSO, arena, input);
}

/* The stream, little-endian */

static void write32(FILE *stream, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        putc((int)(value >> 8 * i & 0xff), stream);
}

static void write_packet(FILE *stream, const uint8_t vnet[GROVE_VNET_LEN],
                         const uint8_t *packet, size_t len)
{
    write32(stream, (uint32_t)len);
    fwrite(vnet, 1, GROVE_VNET_LEN, stream);
    fwrite(packet, 1, len, stream);
}

void accumulate_input(FILE *stream, const struct run *run)
{
    write32(stream, (uint32_t)run->inputs);
    for (size_t i = 0; i < run->inputs; i++) {
        const struct run_input *input = &run->input[i];

        if (input->flush)
            write32(stream, MARK);
        else
            write_packet(stream, input->vnet, input->packet, input->len);
    }
}

/* hdr_len is a hint that kernels do not agree on: it is 0 here. */
void accumulate_answer(FILE *stream, const struct answer *answer)
{
    uint8_t wire[GROVE_VNET_LEN];

    if (answer->kind == ANSWER_REJECTED) {
        write32(stream, MARK);
        return;
    }
    write32(stream, (uint32_t)answer->outputs);
    for (size_t i = 0; i < answer->outputs; i++) {
        struct grove_vnet vnet = answer->output[i].vnet;

        vnet.hdr_len = 0;
        grove_vnet_store(wire, &vnet);
        write_packet(stream, wire, answer->output[i].packet,
                     answer->output[i].len);
    }
}
