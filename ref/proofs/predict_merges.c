/* SPDX-License-Identifier: MIT */
/*
 * predict.c, predict_layers.c: what they find, parse() and decide() merge, and
 * nothing leaves.
 *
 * The headers up to the options of TCP have constant lengths, so that only
 * these bytes are there: nothing else is read. PIN() shows that a value is what
 * it must be, and tells CBMC to use it.
 */
#include "input.h"
#include "proof.h"

/* The harness has a function of this name. */
#define input_accept accept_any
#include "../input.c"
#undef input_accept
#include "../decide.c"
#include "../flows.c"
#include "../held.c"
#include "../ip.c"
#include "../parse.c"
#include "../predict.c"
#include "../predict_layers.c"
#include "../tunnels.c"
#include "../vnet.c"

/* Shows it, and uses it to show what follows. */
#define STEP(condition)                                                        \
    do {                                                                       \
        PROVE(condition);                                                      \
        ASSUME(condition);                                                     \
    } while (0)

/* Shows that `place` has this value, which is used from then on. */
#define PIN(place, value)                                                      \
    do {                                                                       \
        PROVE((place) == (value));                                             \
        (place) = (value);                                                     \
    } while (0)

enum { HEADERS_MAX = ETHERNET_HEADER + IP6_HEADER + TCP_HEADER_MAX };

/* What the packets of a proof are like: constants. */
static struct {
    enum grove_link link;
    uint8_t version;
    uint8_t protocol;
    uint32_t network;
    uint32_t l4;
} shape;

/* The headers of the first packet of the held one, and of the next packet. */
static uint8_t was[HEADERS_MAX];
static uint8_t is[HEADERS_MAX];
static struct held held;

/* How much more the identification must be. */
static uint32_t step_of(void)
{
    return (held.fixed_id & FIXED_ID) != 0 ? 0 : held.packets;
}

/* ---- Models ---- */

/*
 * Of the first packet, which may have had any virtio header: any valid result,
 * as the proof "input" shows.
 */
void input_accept(const struct profile *profile, enum grove_link link,
                  uint8_t vnet_len, const struct grove_packet *packet,
                  struct input *input)
{
    struct input any;

    if (packet->data == is) {
        accept_any(profile, link, vnet_len, packet, input);
        return;
    }
    *input = any;
    input->bytes = (struct bytes){packet->data, (uint32_t)packet->len};
    input->network = shape.network;
    input->version = link == GROVE_LINK_NONE ? shape.version : 0;
    input->reject = GROVE_RULE_NONE;
    ASSUME(input_is_valid(input));
}

/* In the place of flows_hash_bytes(): any hash. */
uint32_t any_hash(const struct flows *flows, struct bytes ip, bool lossless,
                  struct flow_key *key)
{
    (void)flows;
    (void)ip;
    (void)lossless;
    (void)key;
    return nondet_u32();
}

/* In the place of flows_probe(): the held one, or none. */
struct held *any_probe(const struct flows *flows, uint32_t hash)
{
    (void)flows;
    (void)hash;
    return nondet_bool() ? &held : NULL;
}

/* In the place of ip4_header_sum(): any one, but what predict-sum shows. */
uint16_t any_header_sum(struct bytes network)
{
    static uint16_t before;
    const struct twin ip = {{is + shape.network, IP4_HEADER},
                            {was + shape.network, IP4_HEADER}};
    const uint16_t sum = nondet_u16();

    PROVE(network.at == ip.is.at || network.at == ip.was.at);
    if (network.at == ip.was.at)
        before = sum;
    else
        ASSUME(sum == before || !follows_ip4(ip, 0, step_of()));
    return sum;
}

/* In the place of ip_l4_is_right(): predict() does not look at it. */
bool is_right(grove_sum_fn *sum, struct bytes network, uint8_t version,
              uint8_t protocol, struct bytes l4)
{
    (void)sum;
    (void)network;
    (void)version;
    (void)protocol;
    (void)l4;
    return true;
}

/* Whether both have the same header of the link. */
static bool same_link(void)
{
    bool same = true;

    for (uint32_t at = 0; at < ETHERNET_HEADER; at++)
        same = same && is[at] == was[at];
    return same;
}

/*
 * In the place of bytes_equal(): about the header of a link the right answer,
 * about options any one, which stays.
 */
bool same_answer(struct bytes a, struct bytes b)
{
    static struct bytes options;
    static bool answer;

    if (a.len != b.len || a.len == 0)
        return a.len == b.len;
    if (a.len == ETHERNET_HEADER) {
        PROVE((a.at == is && b.at == was) || (a.at == was && b.at == is));
        return same_link();
    }
    if (options.len == 0) {
        options = a;
        answer = nondet_bool();
    }
    PROVE(a.at == options.at && a.len == options.len);
    PROVE(b.at - was == a.at - is);
    return answer;
}

/* ---- The held one ---- */

/* Any bytes. */
static void make_any(uint8_t *headers)
{
    uint8_t any[HEADERS_MAX];

    for (uint32_t at = 0; at < HEADERS_MAX; at++)
        headers[at] = any[at];
}

/* The headers of any packet of this shape. */
static void make_first(void)
{
    uint8_t *ip = was + shape.network;

    make_any(was);
    if (shape.version == 4) {
        ip[IP4_VERSION_IHL] = 0x45;
        ip[IP4_PROTOCOL] = shape.protocol;
    } else {
        ip[IP6_NEXT_HEADER] = shape.protocol;
        if (shape.link == GROVE_LINK_NONE)
            ip[IP_VERSION] = (uint8_t)(0x60 | (ip[IP_VERSION] & 0x0f));
    }
    if (shape.link != GROVE_LINK_NONE)
        buffer_put_be16((struct buffer){was, ETHERNET_HEADER}, ETHERNET_TYPE,
                        shape.version == 4 ? ETHERNET_TYPE_IP4
                                           : ETHERNET_TYPE_IP6);
}

/* It is held. */
static void hold_first(const struct policy *policy)
{
    const struct grove_packet given = {was, nondet_u32(), NULL, nondet_u32()};
    struct flows flows;
    struct decision decision;

    make_first();
    ASSUME(given.len <= GROVE_MAX_PACKET_LEN);
    parse(policy, &given, &held.first);
    decide(policy, &flows, &held.first, NULL, &decision);
    ASSUME(decision.verdict == GROVE_HELD);
    PIN(held.first.bypass, GROVE_RULE_NONE);
    PIN(held.first.flush, GROVE_RULE_NONE);
    PIN(held.first.network, shape.network);
    PIN(held.first.version, shape.version);
    PIN(held.first.protocol, shape.protocol);
    PIN(held.first.tunnel, 0);
    PIN(held.first.l4, shape.l4);
}

/*
 * And any number of packets behind it. Only lists set fixed_id before the
 * first merge, and GRO-LL-007 keeps identifications that stay from merging.
 */
static void hold_any(const struct policy *policy)
{
    struct held any;

    hold_first(policy);
    held_begin(&held, 0);
    if (nondet_bool())
        return;
    held.packets = any.packets;
    held.total = any.total;
    held.next_sequence = any.next_sequence;
    held.fixed_id = any.fixed_id;
    ASSUME(held.packets >= 2 && held_is_valid(&held));
    ASSUME(!policy->lossless || (held.fixed_id & FIXED_ID) == 0);
}

/* ---- The next packet ---- */

/* The place of what differs, and of options. */
static bool differs_at(uint32_t at)
{
    const uint32_t in_ip = at - shape.network;
    const uint32_t in_l4 = at - shape.l4;

    if (at < shape.l4)
        return shape.version == 4 &&
               (in_ip / 2 == IP4_ID / 2 || in_ip / 2 == IP4_CHECKSUM / 2);
    if (shape.protocol == IP_PROTO_UDP)
        return in_l4 / 2 == UDP_CHECKSUM / 2 || in_l4 >= UDP_HEADER;
    return in_l4 / 4 == TCP_SEQUENCE / 4 || in_l4 / 2 == TCP_CHECKSUM / 2 ||
           in_l4 / 2 == TCP_URGENT / 2 || in_l4 >= TCP_HEADER;
}

/* Whether the stages merge it, and how. */
static void prove_merged(const struct policy *policy,
                         const struct grove_packet *given)
{
    struct flows flows;
    struct packet packet;
    struct decision decision;

    for (uint32_t at = 0; at < HEADERS_MAX; at++)
        if (!differs_at(at))
            PIN(is[at], was[at]);
    parse(policy, given, &packet);
    PIN(packet.bypass, GROVE_RULE_NONE);
    PIN(packet.flush, GROVE_RULE_NONE);
    PROVE(packet.has_key && same_flow(&held.first, &packet));
    PIN(packet.version, shape.version);
    PIN(packet.protocol, shape.protocol);
    PIN(packet.tunnel, 0);
    PIN(packet.l4, shape.l4);
    PIN(packet.payload, held.first.payload);
    decide(policy, &flows, &packet, &held, &decision);
    PROVE(decision.verdict == GROVE_MERGED);
    PROVE(decision.rule == GROVE_RULE_NONE);
    PROVE(decision.leaves == GROVE_RULE_NONE);
    PROVE(decision.fixed_id == held.fixed_id);
    PROVE((packet.flags & (TCP_FIN | TCP_PSH)) == 0);
    PROVE(packet_payload_len(&packet) == held.gso_size);
}

static void prove_predicted(void)
{
    const struct policy policy = any_policy();
    struct flows flows = {.spare = &held, .oldest = &held};
    uint8_t vnet[GROVE_VNET_TUNNEL_LEN];
    const struct grove_packet given = {
        is, nondet_u32(), nondet_bool() ? vnet : NULL, nondet_u32()};
    uint32_t hash = 0;

    make_any(is);
    ASSUME(policy.link == shape.link && !policy.fraglist);
    hold_any(&policy);
    flows.recent = nondet_bool() ? &held : NULL;
    if (predict(&policy, &flows, &given, &hash) == NULL)
        return;
    prove_merged(&policy, &given);
    REACHES(held.packets == 1 && policy.lossless);
    REACHES(held.packets == 20 && given.len == 1500 && policy.hash);
}

static void prove_shape(enum grove_link link, uint8_t version, uint8_t protocol)
{
    shape.link = link;
    shape.version = version;
    shape.protocol = protocol;
    shape.network = link_len(link);
    shape.l4 = shape.network + (version == 4 ? IP4_HEADER : IP6_HEADER);
    prove_predicted();
}

void proof_predict_ip4_tcp(void)
{
    prove_shape(GROVE_LINK_NONE, 4, IP_PROTO_TCP);
}

void proof_predict_ip4_udp(void)
{
    prove_shape(GROVE_LINK_NONE, 4, IP_PROTO_UDP);
}

void proof_predict_ip6_tcp(void)
{
    prove_shape(GROVE_LINK_NONE, 6, IP_PROTO_TCP);
}

void proof_predict_ip6_udp(void)
{
    prove_shape(GROVE_LINK_NONE, 6, IP_PROTO_UDP);
}

/* Behind Ethernet. */
void proof_predict_link_ip4_tcp(void)
{
    prove_shape(GROVE_LINK_ETHERNET, 4, IP_PROTO_TCP);
}

void proof_predict_link_ip4_udp(void)
{
    prove_shape(GROVE_LINK_ETHERNET, 4, IP_PROTO_UDP);
}

void proof_predict_link_ip6_tcp(void)
{
    prove_shape(GROVE_LINK_ETHERNET, 6, IP_PROTO_TCP);
}

void proof_predict_link_ip6_udp(void)
{
    prove_shape(GROVE_LINK_ETHERNET, 6, IP_PROTO_UDP);
}

/*
 * In the place of ip4_header_sum(): the plain sum, which is the same number by
 * ip-weights. The words that differ come last.
 */
uint16_t sum_of_words(struct bytes ip)
{
    uint32_t sum = 0;

    for (uint32_t at = 0; at < IP4_HEADER; at += 2)
        if (at != IP4_ID && at != IP4_CHECKSUM)
            sum += bytes_be16(ip, at);
    sum += (uint32_t)bytes_be16(ip, IP4_ID) + bytes_be16(ip, IP4_CHECKSUM);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t)((sum & UINT16_MAX) + (sum >> 16));
}

/*
 * The header of the next IPv4 packet has the sum of the one before: what its
 * identification is more, its checksum is less.
 */
void proof_predict_sum(void)
{
    const struct twin ip = {{is, IP4_HEADER}, {was, IP4_HEADER}};
    const uint32_t more = nondet_u32();
    const uint64_t low = (uint16_t)more;

    make_any(is);
    make_any(was);
    ASSUME(follows_ip4(ip, 0, more));
    for (uint32_t at = 0; at < IP4_HEADER; at += 2)
        if (at != IP4_ID && at != IP4_CHECKSUM)
            STEP(bytes_be16(ip.is, at) == bytes_be16(ip.was, at));
    STEP(bytes_be16(ip.is, IP4_ID) == bytes_be16(ip.was, IP4_ID) + low);
    STEP(bytes_be16(ip.was, IP4_CHECKSUM) ==
         bytes_be16(ip.is, IP4_CHECKSUM) + low);
    PROVE(ip4_header_sum(ip.is) == ip4_header_sum(ip.was));
    REACHES(ip4_header_sum(ip.was) == 0xffff && low == 7);
}
