/* SPDX-License-Identifier: MIT */
/* The order and the names are those of vectors/accumulated/README.md. */
#include "accumulate.h"

#include <netinet/in.h>
#include <string.h>

#include "accumulate_packet.h"

/* In the inputs: the end of a poll. In the answers: "rejected". */
#define MARK UINT32_MAX

#define EXTENSION "\x3c\0\1\4\0\0\0\0"
enum {
    MAX_FLOWS = 12,
    MAX_PACKETS = 16 + 64,
    MAX_PAYLOAD = 255,
};

/* Bits of a packet's kind; 0 is an ordinary packet. */
enum { KIND_NEEDS_CSUM = 1, KIND_GSO = 2 };

static const struct {
    struct pattern pattern;
    uint32_t next; /* offset of the protocol field, after a virtio header */
} ips[] = {
    {PATTERN(IP4("\0")), 19},
    {PATTERN(IP4("\x40")), 19},
    {PATTERN(IP6), 16},
    {PATTERN(IP6 EXTENSION), 50},
    {PATTERN(IP6 EXTENSION EXTENSION), 58},
};

/* Offsets begin at the virtio header. */
struct flow {
    struct packet header; /* the headers of its next packet */
    bool ip4;
    uint8_t protocol;
    uint8_t gso_type;
    uint32_t l4;
    uint32_t check; /* offset of the L4 checksum */
    uint32_t size;
    uint32_t step;
};

/* A flow */

static void new_flow(struct dice *dice, uint32_t number, struct flow *flow)
{
    const uint32_t ip = draw(dice, sizeof ips / sizeof ips[0]);
    const uint32_t l4 = draw(dice, sizeof l4s / sizeof l4s[0]);
    struct packet *h = &flow->header;

    memset(flow, 0, sizeof *flow);
    h->len = GROVE_VNET_LEN;
    add_pattern(h, &ips[ip].pattern);
    flow->l4 = h->len;
    add_pattern(h, &l4s[l4]);
    flow->size = draw(dice, 64);
    flow->step = draw(dice, 2);
    flow->ip4 = ips[ip].pattern.len == 20;
    flow->protocol = l4 == 0 ? IPPROTO_UDP : IPPROTO_TCP;
    flow->check = flow->l4 + (l4 == 0 ? 6 : 16);
    flow->gso_type = flow->ip4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;
    flow->gso_type |= h->bytes[flow->l4 + 13] & GROVE_VNET_GSO_ECN;
    if (l4 == 0)
        flow->gso_type = GROVE_VNET_GSO_UDP_L4;
    h->bytes[ips[ip].next] = flow->protocol;
    h->bytes[flow->l4 + 1] = (uint8_t)number;
    h->bytes[4] = (uint8_t)flow->size;
    h->bytes[6] = (uint8_t)(flow->l4 - GROVE_VNET_LEN);
    h->bytes[8] = (uint8_t)(flow->check - flow->l4);
}

/* A packet of it */

static void advance(struct flow *flow, uint32_t size)
{
    struct packet *h = &flow->header;
    const uint32_t at = flow->l4 + 4;
    const uint32_t sequence = (get16(h, at) << 16 | get16(h, at + 2)) + size;

    put16(h, 14, get16(h, 14) + flow->step);
    put16(h, at, sequence >> 16);
    put16(h, at + 2, sequence);
}

static void put_lengths(const struct flow *flow, struct packet *packet)
{
    if (flow->ip4)
        put16(packet, 12, packet->len - 10);
    else
        put16(packet, 14, packet->len - 50);
    if (flow->protocol == IPPROTO_UDP)
        put16(packet, flow->l4 + 4, packet->len - flow->l4);
}

/* It never makes a protocol that may be a tunnel (K-2), or gso_type 3 (K-3). */
static void flip(struct dice *dice, const struct flow *flow,
                 struct packet *packet)
{
    const uint32_t at = draw(dice, flow->header.len);
    const bool outer = at == 1 || at == (flow->ip4 ? 19 : 16) || at == 50 ||
                       at == 51 || at == 58;

    packet->bytes[at] ^=
        (uint8_t)(1U << (outer ? 7 * draw(dice, 2) : draw(dice, 8)));
}

static void put_checksums(const struct flow *flow, bool complete,
                          struct packet *packet)
{
    uint32_t pseudo = flow->protocol + packet->len - flow->l4;

    if (flow->ip4)
        put16(packet, 20, ~fold(sum(packet, 10, 30)));
    pseudo += flow->ip4 ? sum(packet, 22, 30) : sum(packet, 18, 50);
    put16(packet, flow->check, fold(pseudo));
    if (complete)
        put16(packet, flow->check, ~fold(sum(packet, flow->l4, packet->len)));
}

/* Sets gso_size or a checksum to a special value. */
static void put_extreme(struct dice *dice, const struct flow *flow,
                        struct packet *packet)
{
    const uint32_t places[] = {4, 20, flow->check};
    const uint32_t at = places[draw(dice, 3)];

    put16(packet, at, draw(dice, 2) == 0 ? 0 : 0xffff);
}

/* Shortens the packet, but not its virtio header. */
static void cut(struct packet *packet, uint32_t len)
{
    packet->len = len < GROVE_VNET_LEN ? GROVE_VNET_LEN : len;
}

static struct packet next_packet(struct dice *dice, struct flow *flow,
                                 uint32_t faults)
{
    const uint32_t kind = draw(dice, 16) < faults ? draw(dice, 4) : 0;
    const bool any_size = kind & KIND_GSO || draw(dice, 16) < faults;
    const uint32_t size = any_size ? draw(dice, MAX_PAYLOAD + 1) : flow->size;
    struct packet p = flow->header;

    for (uint32_t i = 0; i < size; i++)
        p.bytes[p.len++] = (uint8_t)(128 + draw(dice, 128));
    advance(flow, size);
    p.bytes[0] = kind & KIND_NEEDS_CSUM;
    p.bytes[1] = kind & KIND_GSO ? flow->gso_type : 0;
    put_lengths(flow, &p);
    if (draw(dice, 16) < faults)
        flip(dice, flow, &p);
    put_checksums(flow, !(kind & KIND_NEEDS_CSUM), &p);
    if (draw(dice, 32) < faults)
        put_extreme(dice, flow, &p);
    if (draw(dice, 32) < faults)
        cut(&p, draw(dice, flow->header.len));
    return p;
}

/* A batch */

static struct run_input input_of(const struct packet *packet,
                                 struct arena *arena)
{
    struct run_input input = {.has_vnet = true};

    memcpy(input.vnet, packet->bytes, GROVE_VNET_LEN);
    input.len = packet->len - GROVE_VNET_LEN;
    input.packet = arena_copy(arena, packet->bytes + GROVE_VNET_LEN, input.len);
    return input;
}

/* Op gso takes only the first packet of a batch. */
static size_t fill(struct dice *dice, bool gso, struct arena *arena,
                   struct run_input *input)
{
    const uint32_t faults = gso ? 12 : draw(dice, 8);
    const uint32_t flows = 1 + draw(dice, 1 + draw(dice, MAX_FLOWS));
    struct flow flow[MAX_FLOWS];
    uint32_t packets;
    size_t inputs = 0;

    for (uint32_t i = 0; i < flows; i++)
        new_flow(dice, i, &flow[i]);
    packets = 1 + draw(dice, 16);
    packets += draw(dice, 64) == 0 ? 64 : 0;
    for (uint32_t i = 0; i < packets; i++) {
        const struct packet packet =
            next_packet(dice, &flow[draw(dice, flows)], faults);

        input[inputs++] = input_of(&packet, arena);
        if (gso)
            break;
        if (draw(dice, 32) < faults)
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

static void write_packet(FILE *stream, const struct run *run,
                         const uint8_t *vnet, const uint8_t *packet, size_t len)
{
    write32(stream, (uint32_t)len);
    fwrite(vnet, 1, run->config.vnet_len, stream);
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
            write_packet(stream, run, input->vnet, input->packet, input->len);
    }
}

/* hdr_len is a hint, which differs between kernels. Here it is always 0. */
void accumulate_answer(FILE *stream, const struct run *run,
                       const struct answer *answer)
{
    uint8_t wire[RUN_VNET_MAX];

    if (answer->kind == ANSWER_REJECTED) {
        write32(stream, MARK);
        return;
    }
    write32(stream, (uint32_t)answer->outputs);
    for (size_t i = 0; i < answer->outputs; i++) {
        struct grove_vnet vnet = answer->output[i].vnet;

        vnet.hdr_len = 0;
        grove_vnet_store_len(wire, run->config.vnet_len, &vnet);
        write_packet(stream, run, wire, answer->output[i].packet,
                     answer->output[i].len);
    }
}
