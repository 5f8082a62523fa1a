/* SPDX-License-Identifier: MIT */
/* "Batches with layers" of vectors/accumulated/README.md, in its order. */
#include "accumulate.h"

#include <netinet/in.h>

#include "accumulate_packet.h"

#define OUTER_PORT "\xc0\0"
#define UDP(port)  OUTER_PORT port "\0\0\0\0"

/* The length of a link header with two tags, in bytes. */
enum { LINK_MAX = 22 };

enum { MAX_FLOWS = 4, MAX_PACKETS = 24, NO_TUNNEL = 3 };

static const struct pattern addresses = PATTERN("\2\0\0\0\0\2\2\0\0\0\0\1");
static const struct pattern service_tag = PATTERN("\x88\xa8\0\x64");
static const struct pattern customer_tag = PATTERN("\x81\0\0\x65");
static const struct pattern type_ip4 = PATTERN("\x08\0");
static const struct pattern type_ip6 = PATTERN("\x86\xdd");

static const struct pattern ips[] = {
    PATTERN(IP4("\0")),
    PATTERN(IP4("\x40")),
    PATTERN(IP6),
};

#define ETHERNET "\2\0\0\0\0\4\2\0\0\0\0\3"

/* A tunnel with IPv4 inside, and with IPv6 inside. */
static const struct {
    uint8_t protocol;
    struct pattern pattern;
} tunnels[][2] = {
    {{IPPROTO_IPIP, PATTERN("")}, {IPPROTO_IPV6, PATTERN("")}},
    {{IPPROTO_GRE, PATTERN("\x20\0\x08\0\0\0\0\x2a")},
     {IPPROTO_GRE, PATTERN("\x20\0\x86\xdd\0\0\0\x2a")}},
    {{IPPROTO_UDP,
      PATTERN(UDP("\x12\xb5") "\x08\0\0\0\0\0\x2a\0" ETHERNET "\x08\0")},
     {IPPROTO_UDP,
      PATTERN(UDP("\x12\xb5") "\x08\0\0\0\0\0\x2a\0" ETHERNET "\x86\xdd")}},
    {{IPPROTO_UDP, PATTERN(UDP("\x12\xb6") "\x0c\0\0\1\0\0\x2a\0")},
     {IPPROTO_UDP, PATTERN(UDP("\x12\xb6") "\x0c\0\0\2\0\0\x2a\0")}},
    {{IPPROTO_UDP,
      PATTERN(UDP("\x17\xc1") "\0\0\x65\x58\0\0\x2a\0" ETHERNET "\x08\0")},
     {IPPROTO_UDP,
      PATTERN(UDP("\x17\xc1") "\0\0\x65\x58\0\0\x2a\0" ETHERNET "\x86\xdd")}},
};

/* An IP header and what it carries; offsets in the frame. */
struct level {
    bool ip4;
    uint8_t protocol;
    uint32_t ip;
    uint32_t l4;
    uint32_t check; /* of the L4 checksum; 0: it has none */
};

struct flow {
    struct packet header; /* the headers of its next packet */
    struct level level[2];
    uint32_t levels;
    uint32_t size;
    uint32_t step;
};

/* A flow */

static struct level *add_ip(struct flow *flow, uint32_t ip)
{
    struct level *level = &flow->level[flow->levels++];

    level->ip4 = ip < 2;
    level->ip = flow->header.len;
    add_pattern(&flow->header, &ips[ip]);
    level->l4 = flow->header.len;
    return level;
}

static void put_protocol(struct flow *flow, struct level *level,
                         uint8_t protocol)
{
    level->protocol = protocol;
    flow->header.bytes[level->ip + (level->ip4 ? 9 : 6)] = protocol;
}

static void add_link(struct flow *flow, uint32_t tags, bool ip4)
{
    add_pattern(&flow->header, &addresses);
    if (tags == 2)
        add_pattern(&flow->header, &service_tag);
    if (tags > 0)
        add_pattern(&flow->header, &customer_tag);
    add_pattern(&flow->header, ip4 ? &type_ip4 : &type_ip6);
}

static void add_l4(struct dice *dice, uint32_t number, struct flow *flow,
                   struct level *level)
{
    static const uint32_t without_cwr[] = {0, 1, 3};
    const uint32_t l4 = without_cwr[draw(dice, 3)];

    add_pattern(&flow->header, &l4s[l4]);
    put_protocol(flow, level, l4 == 0 ? IPPROTO_UDP : IPPROTO_TCP);
    level->check = level->l4 + (l4 == 0 ? 6 : 16);
    flow->header.bytes[level->l4 + 1] = (uint8_t)number;
}

static void new_flow(struct dice *dice, uint32_t number, struct flow *flow)
{
    const uint32_t tunnel = draw(dice, 8);
    const uint32_t outer = draw(dice, 3);
    const uint32_t inner = draw(dice, 3);
    const uint32_t choice = draw(dice, 3);
    const bool over_udp = tunnel > NO_TUNNEL + 1;
    struct level *level;

    memset(flow, 0, sizeof *flow);
    flow->size = 12 + draw(dice, 64);
    flow->step = over_udp ? 1 : draw(dice, 2);
    add_link(flow, over_udp ? 0 : choice, outer < 2);
    level = add_ip(flow, outer);
    if (tunnel >= NO_TUNNEL) {
        put_protocol(flow, level,
                     tunnels[tunnel - NO_TUNNEL][inner == 2].protocol);
        add_pattern(&flow->header,
                    &tunnels[tunnel - NO_TUNNEL][inner == 2].pattern);
        level->check = over_udp && choice > 0 ? level->l4 + 6 : 0;
        level = add_ip(flow, inner);
    }
    add_l4(dice, number, flow, level);
}

/* A packet of it */

static void advance(struct flow *flow, uint32_t size)
{
    struct packet *h = &flow->header;
    const uint32_t at = flow->level[flow->levels - 1].l4 + 4;
    const uint32_t sequence = (get16(h, at) << 16 | get16(h, at + 2)) + size;

    for (uint32_t i = 0; i < flow->levels; i++)
        if (flow->level[i].ip4)
            put16(h, flow->level[i].ip + 4,
                  get16(h, flow->level[i].ip + 4) + flow->step);
    put16(h, at, sequence >> 16);
    put16(h, at + 2, sequence);
}

static void put_lengths(const struct level *level, struct packet *packet)
{
    if (level->ip4)
        put16(packet, level->ip + 2, packet->len - level->ip);
    else
        put16(packet, level->ip + 4, packet->len - level->l4);
    if (level->protocol == IPPROTO_UDP)
        put16(packet, level->l4 + 4, packet->len - level->l4);
}

static void put_checksums(const struct level *level, struct packet *packet)
{
    const uint32_t ip = level->ip;
    uint32_t pseudo = level->protocol + packet->len - level->l4;

    if (level->ip4)
        put16(packet, ip + 10, ~fold(sum(packet, ip, ip + 20)));
    if (level->check == 0)
        return;
    pseudo += sum(packet, ip + (level->ip4 ? 12 : 8), level->l4);
    put16(packet, level->check, fold(pseudo));
    put16(packet, level->check, ~fold(sum(packet, level->l4, packet->len)));
}

static void flip(struct dice *dice, uint32_t headers, struct packet *packet)
{
    const uint32_t at = draw(dice, headers);

    packet->bytes[at] ^= (uint8_t)(1U << draw(dice, 8));
}

static struct packet next_packet(struct dice *dice, struct flow *flow,
                                 uint32_t faults)
{
    const bool any_size = draw(dice, 16) < faults;
    const uint32_t size = any_size ? 12 + draw(dice, 244) : flow->size;
    struct packet p = flow->header;

    for (uint32_t i = 0; i < size; i++)
        p.bytes[p.len++] = (uint8_t)(128 + draw(dice, 128));
    advance(flow, size);
    for (uint32_t i = 0; i < flow->levels; i++)
        put_lengths(&flow->level[i], &p);
    if (draw(dice, 16) < faults)
        flip(dice, flow->header.len, &p);
    for (uint32_t i = flow->levels; i > 0; i--)
        put_checksums(&flow->level[i - 1], &p);
    if (draw(dice, 32) < faults)
        put16(&p, flow->level[flow->levels - 1].check, 0xffff * draw(dice, 2));
    if (draw(dice, 32) < faults)
        p.len = LINK_MAX + draw(dice, flow->header.len - LINK_MAX);
    return p;
}

/* A batch */

static void add_tunnel(struct run_config *config,
                       enum grove_tunnel_protocol protocol, uint16_t port)
{
    config->tunnels[config->tunnel_count++] =
        (struct grove_tunnel){.protocol = protocol, .port = port};
}

static struct run_config layered(const char *profile, bool lossless)
{
    struct run_config config = run_config_default();

    config.link = GROVE_LINK_ETHERNET;
    config.lossless = lossless;
    if (profile_value(profile, "takes_tunnels") != 0)
        config.vnet_len = GROVE_VNET_TUNNEL_LEN;
    if (!lossless) {
        add_tunnel(&config, GROVE_TUNNEL_IPIP, 0);
        add_tunnel(&config, GROVE_TUNNEL_GRE, 0);
    }
    add_tunnel(&config, GROVE_TUNNEL_VXLAN, 4789);
    add_tunnel(&config, GROVE_TUNNEL_VXLAN_GPE, 4790);
    add_tunnel(&config, GROVE_TUNNEL_GENEVE, 6081);
    return config;
}

void accumulate_layered_batch(const char *profile, bool lossless,
                              uint64_t number, struct arena *arena,
                              struct run *run)
{
    struct dice dice = {.state = number};
    const uint32_t faults = draw(&dice, 4);
    const uint32_t flows = 1 + draw(&dice, MAX_FLOWS);
    struct run_input *input =
        arena_alloc(arena, (size_t)2 * MAX_PACKETS, sizeof *input);
    struct flow flow[MAX_FLOWS];
    uint32_t packets;

    *run = (struct run){.op = RUN_GRO,
                        .profile = profile,
                        .config = layered(profile, lossless),
                        .input = input};
    for (uint32_t i = 0; i < flows; i++)
        new_flow(&dice, i, &flow[i]);
    packets = 1 + draw(&dice, MAX_PACKETS);
    for (uint32_t i = 0; i < packets; i++) {
        const struct packet p =
            next_packet(&dice, &flow[draw(&dice, flows)], faults);

        input[run->inputs++] =
            (struct run_input){.has_vnet = true,
                               .packet = arena_copy(arena, p.bytes, p.len),
                               .len = p.len};
        if (draw(&dice, 64) < faults)
            input[run->inputs++] = (struct run_input){.flush = true};
    }
}
