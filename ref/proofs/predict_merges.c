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

enum {
    LINK_MAX = ETHERNET_HEADER + ETHERNET_TAG,
    TUNNEL_MAX = IP4_HEADER + UDP_HEADER + VXLAN_HEADER + ETHERNET_HEADER,
    HEADERS_MAX = LINK_MAX + TUNNEL_MAX + IP6_HEADER + TCP_HEADER_MAX,
    PORT = 4789 /* of the tunnel */
};

/* What the packets of a proof are like: constants. */
static struct shape {
    enum grove_link link;
    uint32_t tags;  /* VLAN tags of the link */
    uint8_t tunnel; /* over IPv4, or 0 */
    uint8_t version;
    uint8_t protocol;
    /* Offsets, which follow from these: */
    uint32_t outermost; /* of the first IP header */
    uint32_t own;       /* of the tunnel's header */
    uint32_t inside;    /* of what follows it */
    uint32_t network;
    uint32_t l4;
} shape;

/* The headers of the first packet of the held one, and of the next packet. */
static uint8_t was[HEADERS_MAX];
static uint8_t is[HEADERS_MAX];
static struct held held;

static bool has_tunnel(void)
{
    return shape.tunnel != 0;
}

/* Whether the tunnel has a UDP header. */
static bool over_udp(void)
{
    return shape.tunnel >= GROVE_TUNNEL_VXLAN;
}

/* Of the first IP header. */
static uint8_t outermost_version(void)
{
    return has_tunnel() ? 4 : shape.version;
}

/* Whether the IP header at `at` is an outer one. */
static bool is_outer(uint32_t at)
{
    return has_tunnel() && at == shape.outermost;
}

/* How much more the identification of the IP header at `at` must be. */
static uint32_t step_of(uint32_t at)
{
    const uint8_t fixed = is_outer(at) ? FIXED_OUTER_ID : FIXED_ID;

    return (held.fixed_id & fixed) != 0 ? 0 : held.packets;
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
    input->network = link_len(shape.link);
    input->version = link == GROVE_LINK_NONE ? outermost_version() : 0;
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

/* Where it begins in the headers of one of the packets. */
static uint32_t offset_of(struct bytes part)
{
    return (uint32_t)__CPROVER_POINTER_OFFSET(part.at);
}

/* Whether it is of the next packet, or of the first one of the held one. */
static bool is_next(struct bytes part)
{
    const bool next = __CPROVER_same_object(part.at, is);

    PROVE(next || __CPROVER_same_object(part.at, was));
    return next;
}

/* In the place of ip4_header_sum(): any one, but what predict-sum shows. */
uint16_t any_header_sum(struct bytes ip)
{
    static uint16_t before[2];
    const struct twin all = {{is, HEADERS_MAX}, {was, HEADERS_MAX}};
    const uint32_t at = offset_of(ip);
    const uint16_t sum = nondet_u16();
    uint16_t *of = &before[is_outer(at)];

    PROVE(at == shape.network || is_outer(at));
    if (!is_next(ip))
        *of = sum;
    else
        ASSUME(sum == *of || !follows_ip4(all, at, step_of(at)));
    return sum;
}

/*
 * In the place of ip_l4_is_right(): predict() does not look at the checksum of
 * the packet, but at that of a tunnel, which may be wrong.
 */
bool is_right(grove_sum_fn *sum, struct bytes network, uint8_t version,
              uint8_t protocol, struct bytes l4)
{
    (void)sum;
    (void)version;
    (void)protocol;
    (void)l4;
    return !is_outer(offset_of(network)) || nondet_bool();
}

/* Whether both have the same bytes there, before the TCP or UDP header. */
static bool same_headers(uint32_t from, uint32_t len)
{
    bool same = true;

    for (uint32_t at = 0; at < HEADERS_MAX; at++)
        same = same && (at < from || at >= from + len || is[at] == was[at]);
    return same;
}

/*
 * In the place of bytes_equal(): about headers the right answer, about options
 * any one, which stays.
 */
bool same_answer(struct bytes a, struct bytes b)
{
    static struct bytes options;
    static bool answer;

    if (a.len != b.len || a.len == 0)
        return a.len == b.len;
    PROVE(is_next(a) != is_next(b) && offset_of(a) == offset_of(b));
    if (offset_of(a) < shape.l4)
        return same_headers(offset_of(a), a.len);
    if (options.len == 0) {
        options = a;
        answer = nondet_bool();
    }
    PROVE(offset_of(a) == offset_of(options) && a.len == options.len);
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

static void put(uint32_t at, uint16_t value)
{
    buffer_put_be16((struct buffer){was, HEADERS_MAX}, at, value);
}

/* The IP header at `at` is followed by this protocol. */
static void make_ip(uint32_t at, uint8_t version, uint8_t protocol)
{
    uint8_t *ip = was + at;

    if (version == 4) {
        ip[IP4_VERSION_IHL] = 0x45;
        ip[IP4_PROTOCOL] = protocol;
    } else {
        ip[IP6_NEXT_HEADER] = protocol;
        if (at == 0)
            ip[IP_VERSION] = (uint8_t)(0x60 | (ip[IP_VERSION] & 0x0f));
    }
}

/* An Ethernet header, with tags, ends at `end`. */
static void make_ethernet(uint32_t end, uint32_t tags, uint8_t version)
{
    put(end - ETHERNET_TYPE_LEN,
        version == 4 ? ETHERNET_TYPE_IP4 : ETHERNET_TYPE_IP6);
    if (tags != 0)
        put(end - ETHERNET_TAG - ETHERNET_TYPE_LEN, ETHERNET_TYPE_TAG);
}

/* The headers of a tunnel over IPv4. */
static void make_tunnel(void)
{
    const bool v4 = shape.version == 4;

    make_ip(shape.outermost, 4,
            over_udp()                         ? IP_PROTO_UDP
            : shape.tunnel == GROVE_TUNNEL_GRE ? IP_PROTO_GRE
            : v4                               ? IP_PROTO_IP4
                                               : IP_PROTO_IP6);
    if (over_udp())
        put(shape.own - UDP_HEADER + L4_DESTINATION_PORT, PORT);
    if (shape.tunnel == GROVE_TUNNEL_GRE) {
        put(shape.own + GRE_FLAGS, 0);
        put(shape.own + GRE_TYPE, v4 ? ETHERNET_TYPE_IP4 : ETHERNET_TYPE_IP6);
    }
    if (shape.inside != shape.network)
        make_ethernet(shape.network, 0, shape.version);
}

/* The headers of any packet of this shape. */
static void make_first(void)
{
    make_any(was);
    make_ip(shape.network, shape.version, shape.protocol);
    if (has_tunnel())
        make_tunnel();
    if (shape.link != GROVE_LINK_NONE)
        make_ethernet(shape.outermost, shape.tags, outermost_version());
}

/* Where its headers are. */
static void pin_packet(struct packet *packet)
{
    PIN(packet->bypass, GROVE_RULE_NONE);
    PIN(packet->flush, GROVE_RULE_NONE);
    PIN(packet->input.network, shape.outermost);
    PIN(packet->network, shape.network);
    PIN(packet->version, shape.version);
    PIN(packet->protocol, shape.protocol);
    PIN(packet->tunnel, shape.tunnel);
    PIN(packet->l4, shape.l4);
    PIN(packet->pppoe, 0);
    if (!has_tunnel())
        return;
    PIN(packet->input.version, outermost_version());
    PIN(packet->outer.l4, shape.outermost + IP4_HEADER);
    PIN(packet->outer.own, shape.own);
    PIN(packet->outer.inside, shape.inside);
    PIN(packet->outer.pppoe, 0);
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
    pin_packet(&held.first);
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
    ASSUME(!policy->lossless || held.fixed_id == 0);
    ASSUME(has_tunnel() || (held.fixed_id & FIXED_OUTER_ID) == 0);
}

/* ---- The next packet ---- */

/* The place of what differs in an IPv4 header. */
static bool differs_in_ip4(uint32_t in_ip)
{
    return in_ip / 2 == IP4_ID / 2 || in_ip / 2 == IP4_CHECKSUM / 2;
}

/* The place of what differs, and of options. */
static bool differs_at(uint32_t at)
{
    const uint32_t in_l4 = at - shape.l4;
    const uint32_t in_udp = at - (shape.own - UDP_HEADER);

    if (at < shape.l4)
        return (shape.version == 4 && differs_in_ip4(at - shape.network)) ||
               (has_tunnel() && differs_in_ip4(at - shape.outermost)) ||
               (over_udp() && in_udp / 2 == UDP_CHECKSUM / 2);
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
    pin_packet(&packet);
    PROVE(packet.has_key && same_flow(&held.first, &packet));
    PIN(packet.payload, held.first.payload);
    decide(policy, &flows, &packet, &held, &decision);
    PROVE(decision.verdict == GROVE_MERGED);
    PROVE(decision.rule == GROVE_RULE_NONE);
    PROVE(decision.leaves == GROVE_RULE_NONE);
    PROVE(decision.fixed_id == held.fixed_id);
    PROVE((packet.flags & (TCP_FIN | TCP_PSH)) == 0);
    PROVE(packet_payload_len(&packet) == held.gso_size);
}

/* Any policy that looks into the tunnel. */
static struct policy tunnel_policy(void)
{
    struct policy policy = any_policy();

    if (!has_tunnel())
        return policy;
    policy.tunnels.count = 1;
    policy.tunnels.list[0] = (struct grove_tunnel){
        (enum grove_tunnel_protocol)shape.tunnel, over_udp() ? PORT : 0};
    policy.max_bytes = GROVE_DEFAULT_BYTES;
    policy.plain = false;
    ASSUME(policy_is_valid(&policy));
    return policy;
}

static void prove_predicted(void)
{
    const struct policy policy = tunnel_policy();
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
    /* Lossless mode has no tunnels but those over UDP. */
    REACHES(held.packets == 1 &&
            policy.lossless == (!has_tunnel() || over_udp()));
    REACHES(held.packets == 20 && given.len == 1500 && policy.hash);
}

/* Where the headers begin. */
static void lay_out(void)
{
    shape.outermost = link_len(shape.link) + shape.tags * ETHERNET_TAG;
    shape.network = shape.outermost;
    if (has_tunnel()) {
        shape.own =
            shape.outermost + IP4_HEADER + (over_udp() ? UDP_HEADER : 0);
        shape.inside =
            shape.own + (over_udp()                         ? VXLAN_HEADER
                         : shape.tunnel == GROVE_TUNNEL_GRE ? GRE_HEADER
                                                            : 0);
        shape.network = shape.inside + (over_udp() ? ETHERNET_HEADER : 0);
    }
    shape.l4 = shape.network + (shape.version == 4 ? IP4_HEADER : IP6_HEADER);
}

static void prove_shape(struct shape of)
{
    shape = of;
    lay_out();
    prove_predicted();
}

static struct shape plain(uint8_t version, uint8_t protocol)
{
    return (struct shape){.version = version, .protocol = protocol};
}

static struct shape with_link(struct shape of, uint32_t tags)
{
    of.link = GROVE_LINK_ETHERNET;
    of.tags = tags;
    return of;
}

static struct shape in_tunnel(struct shape of, uint8_t tunnel)
{
    of.tunnel = tunnel;
    return of;
}

void proof_predict_ip4_tcp(void)
{
    prove_shape(plain(4, IP_PROTO_TCP));
}

void proof_predict_link_ip4_tcp(void)
{
    prove_shape(with_link(plain(4, IP_PROTO_TCP), 0));
}

void proof_predict_tag_ip4_tcp(void)
{
    prove_shape(with_link(plain(4, IP_PROTO_TCP), 1));
}

void proof_predict_ipip_ip4_tcp(void)
{
    prove_shape(in_tunnel(plain(4, IP_PROTO_TCP), GROVE_TUNNEL_IPIP));
}

void proof_predict_gre_ip4_tcp(void)
{
    prove_shape(in_tunnel(plain(4, IP_PROTO_TCP), GROVE_TUNNEL_GRE));
}

void proof_predict_vxlan_ip4_tcp(void)
{
    prove_shape(
        in_tunnel(with_link(plain(4, IP_PROTO_TCP), 0), GROVE_TUNNEL_VXLAN));
}

void proof_predict_ip4_udp(void)
{
    prove_shape(plain(4, IP_PROTO_UDP));
}

void proof_predict_link_ip4_udp(void)
{
    prove_shape(with_link(plain(4, IP_PROTO_UDP), 0));
}

void proof_predict_tag_ip4_udp(void)
{
    prove_shape(with_link(plain(4, IP_PROTO_UDP), 1));
}

void proof_predict_ipip_ip4_udp(void)
{
    prove_shape(in_tunnel(plain(4, IP_PROTO_UDP), GROVE_TUNNEL_IPIP));
}

void proof_predict_gre_ip4_udp(void)
{
    prove_shape(in_tunnel(plain(4, IP_PROTO_UDP), GROVE_TUNNEL_GRE));
}

void proof_predict_vxlan_ip4_udp(void)
{
    prove_shape(
        in_tunnel(with_link(plain(4, IP_PROTO_UDP), 0), GROVE_TUNNEL_VXLAN));
}

void proof_predict_ip6_tcp(void)
{
    prove_shape(plain(6, IP_PROTO_TCP));
}

void proof_predict_link_ip6_tcp(void)
{
    prove_shape(with_link(plain(6, IP_PROTO_TCP), 0));
}

void proof_predict_tag_ip6_tcp(void)
{
    prove_shape(with_link(plain(6, IP_PROTO_TCP), 1));
}

void proof_predict_ipip_ip6_tcp(void)
{
    prove_shape(in_tunnel(plain(6, IP_PROTO_TCP), GROVE_TUNNEL_IPIP));
}

void proof_predict_gre_ip6_tcp(void)
{
    prove_shape(in_tunnel(plain(6, IP_PROTO_TCP), GROVE_TUNNEL_GRE));
}

void proof_predict_vxlan_ip6_tcp(void)
{
    prove_shape(
        in_tunnel(with_link(plain(6, IP_PROTO_TCP), 0), GROVE_TUNNEL_VXLAN));
}

void proof_predict_ip6_udp(void)
{
    prove_shape(plain(6, IP_PROTO_UDP));
}

void proof_predict_link_ip6_udp(void)
{
    prove_shape(with_link(plain(6, IP_PROTO_UDP), 0));
}

void proof_predict_tag_ip6_udp(void)
{
    prove_shape(with_link(plain(6, IP_PROTO_UDP), 1));
}

void proof_predict_ipip_ip6_udp(void)
{
    prove_shape(in_tunnel(plain(6, IP_PROTO_UDP), GROVE_TUNNEL_IPIP));
}

void proof_predict_gre_ip6_udp(void)
{
    prove_shape(in_tunnel(plain(6, IP_PROTO_UDP), GROVE_TUNNEL_GRE));
}

void proof_predict_vxlan_ip6_udp(void)
{
    prove_shape(
        in_tunnel(with_link(plain(6, IP_PROTO_UDP), 0), GROVE_TUNNEL_VXLAN));
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
