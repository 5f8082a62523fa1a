/* SPDX-License-Identifier: MIT */
/*
 * All stages in a row, in lossless mode: packets merge, the super-packet is
 * split, and the segments are the packets.
 *
 * The lengths of a proof are constants, and so are the offsets in a packet that
 * merges. PIN() shows that a value is such a constant, and tells CBMC to use
 * it. What is known of a structure is put there before a stage fills it.
 */
#define GROVE_NO_PREDICT
#include "decide.h"
#include "grove/split.h"
#include "iovec.h"
#include "outputs.h"
#include "parse.h"
#include "proof.h"

/* Shows that `place` has this value, which is a constant. */
#define PIN(place, value)                                                      \
    do {                                                                       \
        PROVE((place) == (value));                                             \
        (place) = (value);                                                     \
    } while (0)

/* Shows it, and uses it to show what follows. */
#define STEP(condition)                                                        \
    do {                                                                       \
        PROVE(condition);                                                      \
        ASSUME(condition);                                                     \
    } while (0)

/* The harness has functions of these names, which pin what these give. */
#define input_accept accept_given
#include "../input.c"
#undef input_accept
#define segment_begin begin_segments
#include "../segment.c"
#undef segment_begin

enum { MOST = 3, LEN_MAX = 100 };

/* What the packets of a proof are like: constants. */
static struct shape {
    uint8_t version;
    uint8_t protocol;
    enum grove_link link;
    uint32_t tags;    /* VLAN tags of the link */
    uint32_t options; /* bytes of options of TCP */
    uint32_t count;
    uint32_t gso_size;
    uint32_t last; /* bytes of payload of the last packet */
    /* Offsets, which follow from these: */
    uint32_t network;
    uint32_t l4;
    uint32_t payload;
} shape;

static uint8_t given[MOST][LEN_MAX];
static uint8_t super[LEN_MAX];
static uint8_t vnet[GROVE_VNET_LEN];
static struct grove_split split;

static bool is_tcp(void)
{
    return shape.protocol == IP_PROTO_TCP;
}

static uint32_t len_of(uint32_t number)
{
    return shape.payload +
           (number + 1 == shape.count ? shape.last : shape.gso_size);
}

static uint32_t super_len(void)
{
    return shape.payload + (shape.count - 1) * shape.gso_size + shape.last;
}

/* The place of a checksum. */
static bool is_checksum(uint32_t at)
{
    const uint32_t l4 = shape.l4 + (is_tcp() ? TCP_CHECKSUM : UDP_CHECKSUM);

    return (shape.version == 4 &&
            at / 2 == (shape.network + IP4_CHECKSUM) / 2) ||
           at / 2 == l4 / 2;
}

/* The place of what differs in packets that merge. */
static bool differs_at(uint32_t at)
{
    const uint32_t in_ip = at - shape.network;
    const uint32_t in_l4 = at - shape.l4;

    if (at < shape.l4)
        return shape.version == 4 &&
               (in_ip / 2 == IP4_ID / 2 || in_ip / 2 == IP4_CHECKSUM / 2);
    return is_tcp() ? in_l4 / 4 == TCP_SEQUENCE / 4 || in_l4 == TCP_FLAGS_LOW ||
                          in_l4 / 2 == TCP_CHECKSUM / 2
                    : in_l4 / 2 == UDP_CHECKSUM / 2;
}

/* The place of a length, which the last packet may have another one of. */
static bool is_length(uint32_t at)
{
    const uint32_t in_ip =
        shape.version == 4 ? IP4_TOTAL_LENGTH : IP6_PAYLOAD_LENGTH;

    return at / 2 == (shape.network + in_ip) / 2 ||
           (!is_tcp() && at / 2 == (shape.l4 + UDP_LENGTH) / 2);
}

/* CBMC's own one would copy all of the structure that `to` is in. */
void *memcpy(void *to, const void *from, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

/* ---- Sums: of which words first, so that a solver sees what is equal ---- */

/* Of each packet: the sum of the words of a header but these that differ. */
static uint16_t ip_rest[MOST];
static uint16_t l4_rest[MOST];
/* That of the words of L4 that differ, without the checksum. */
static uint16_t l4_moving[MOST];
/* And that of the pseudo-header. */
static uint16_t l4_pseudo[MOST];

/* SPEC.md's fold(), for sums of up to 65536 words. */
static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/* ~sum, as UDP has it: 0 means that there is none. */
static uint16_t checksum_of(uint16_t sum, bool udp)
{
    const uint16_t checksum = (uint16_t)~sum;

    return checksum == 0 && udp ? 0xffff : checksum;
}

/* Part of a sum may be folded before. proof_lossless_fold() is about that. */
static bool folds(uint32_t a, uint32_t b)
{
    return fold(a + fold(b)) == fold(a + b);
}

/*
 * A checksum that is right is the one that is computed from the rest, if it has
 * the zero that is computed. proof_lossless_unique() is about that.
 */
static bool is_unique(uint32_t rest, uint32_t checksum, bool udp)
{
    return fold(rest + checksum) != 0xffff || checksum == (udp ? 0 : 0xffff) ||
           checksum == checksum_of(fold(rest), udp);
}

enum { FOLDS_MAX = 0x7ffff };

static void use_fold(uint32_t a, uint32_t b)
{
    PROVE(a <= FOLDS_MAX && b <= FOLDS_MAX);
    ASSUME(folds(a, b));
}

static void use_unique(uint32_t rest, uint32_t checksum, bool udp)
{
    PROVE(rest != 0 && rest <= FOLDS_MAX && checksum <= UINT16_MAX);
    ASSUME(is_unique(rest, checksum, udp));
}

/* In the place of sum_fold(). */
uint16_t fold_plainly(uint64_t sum)
{
    PROVE((uint32_t)sum == sum || (uint32_t)(sum >> 32) == 1);
    return fold((uint32_t)sum + (uint32_t)(sum >> 32));
}

static uint32_t word(const uint8_t *data, uint32_t at)
{
    return (uint32_t)data[at] << 8 | data[at + 1];
}

/* The sum of the words. */
static uint32_t words(const uint8_t *data, uint32_t from, uint32_t end)
{
    uint32_t sum = 0;

    for (uint32_t at = from; at < end; at += 2)
        sum += at + 1 < end ? word(data, at) : (uint32_t)data[at] << 8;
    return sum;
}

/* An IPv4 header but the identification and the checksum. */
static uint16_t ip4_rest(const uint8_t *ip)
{
    return fold(words(ip, 0, IP4_ID) + words(ip, IP4_FRAGMENT, IP4_CHECKSUM) +
                words(ip, IP4_SOURCE, IP4_HEADER));
}

/* An L4 header but sequence number, flags and checksum. */
static uint16_t l4_rest_of(const uint8_t *l4)
{
    const uint32_t header = shape.payload - shape.l4;

    if (!is_tcp())
        return fold(words(l4, 0, UDP_CHECKSUM));
    return fold(words(l4, 0, TCP_SEQUENCE) +
                words(l4, TCP_ACKNOWLEDGMENT, TCP_OFFSET_FLAGS) +
                ((uint32_t)l4[TCP_OFFSET_FLAGS] << 8) + word(l4, TCP_WINDOW) +
                words(l4, TCP_URGENT, header));
}

/* Sequence number and flags. */
static uint32_t l4_numbers(const uint8_t *l4)
{
    if (!is_tcp())
        return 0;
    return words(l4, TCP_SEQUENCE, TCP_ACKNOWLEDGMENT) + l4[TCP_FLAGS_LOW];
}

static uint32_t l4_checksum(const uint8_t *l4)
{
    return word(l4, is_tcp() ? TCP_CHECKSUM : UDP_CHECKSUM);
}

static uint16_t sum_ip4(uint32_t rest, const uint8_t *ip)
{
    return fold(rest + word(ip, IP4_ID) + word(ip, IP4_CHECKSUM));
}

/* In the place of ip4_header_sum(). */
uint16_t sum_given_ip4(struct bytes ip)
{
    for (uint32_t i = 0; i < MOST; i++)
        if (ip.at == given[i] + shape.network) {
            ip_rest[i] = ip4_rest(ip.at);
            return sum_ip4(ip_rest[i], ip.at);
        }
    PROVE(false);
    return 0;
}

/*
 * Any function of the addresses, of which the sum of their words is one. So the
 * solver sees that equal addresses have equal sums.
 */
uint16_t __CPROVER_uninterpreted_sum(uint64_t, uint64_t, uint64_t, uint64_t);

static uint64_t eight(const uint8_t *data)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < 8; i++)
        value = value << 8 | data[i];
    return value;
}

/* The sum of a pseudo-header but the length; its protocol is a constant. */
static uint16_t pseudo_rest(const uint8_t *ip)
{
    const uint8_t *at = ip + (shape.version == 4 ? IP4_SOURCE : IP6_SOURCE);

    if (shape.version == 4)
        return __CPROVER_uninterpreted_sum(eight(at), 0, 0, 0);
    return __CPROVER_uninterpreted_sum(eight(at), eight(at + 8), eight(at + 16),
                                       eight(at + 24));
}

/* In the place of ip_pseudo_sum(). */
uint16_t sum_pseudo(struct bytes network, uint8_t version, uint8_t protocol,
                    uint32_t len)
{
    const uint16_t sum = fold((uint32_t)pseudo_rest(network.at) + len);

    PROVE(version == shape.version && protocol == shape.protocol);
    for (uint32_t i = 0; i < MOST; i++)
        if (network.at == given[i] + shape.network &&
            len == len_of(i) - shape.l4)
            l4_pseudo[i] = sum;
    return sum;
}

static uint16_t sum_given_l4(uint32_t number)
{
    const uint8_t *l4 = given[number] + shape.l4;
    const uint32_t header = shape.payload - shape.l4;

    l4_rest[number] = l4_rest_of(l4);
    l4_moving[number] = fold(
        l4_numbers(l4) + fold(words(l4, header, len_of(number) - shape.l4)));
    return fold((uint32_t)l4_rest[number] + l4_moving[number] +
                l4_checksum(l4));
}

/* The packet that has the length of the segments that are prepared. */
static uint32_t prepared(void)
{
    return split.next + 1 == split.count ? split.next : 0;
}

/* The IP header of a segment. */
static uint16_t sum_own_ip(const uint8_t *ip)
{
    const uint32_t number = prepared();

    if (shape.version == 6)
        return fold(words(ip, 0, IP6_HEADER));
    for (uint32_t at = 0; at < IP4_HEADER; at++)
        if (at / 2 != IP4_ID / 2 && at / 2 != IP4_CHECKSUM / 2)
            STEP(ip[at] == given[number][shape.network + at]);
    return sum_ip4(ip_rest[number], ip);
}

/* The L4 header of a segment. */
static uint16_t sum_own_l4(const uint8_t *l4)
{
    const uint32_t number = prepared();
    const uint8_t *first = given[number] + shape.l4;

    for (uint32_t at = 0; at < shape.payload - shape.l4; at++)
        if (!differs_at(shape.l4 + at))
            STEP(l4[at] == first[at]);
    STEP(l4_rest_of(l4) == l4_rest[number]);
    STEP(l4_numbers(l4) == 0);
    STEP(l4_checksum(l4) == l4_pseudo[number]);
    return fold((uint32_t)l4_rest[number] + l4_pseudo[number]);
}

/* The sum of RFC 1071. */
static uint16_t sum_in_order(const uint8_t *data, size_t len)
{
    const uint8_t *own = split.header_bytes + split.link_len;

    for (uint32_t i = 0; i < MOST; i++)
        if (data == given[i] + shape.l4)
            return sum_given_l4(i);
    if (data == own)
        return sum_own_ip(data);
    if (data == own + split.ip_len)
        return sum_own_l4(data);
    return fold(words(data, 0, (uint32_t)len));
}

/* What packets that merge have in common. */
static uint32_t same_of(uint32_t number)
{
    return (uint32_t)l4_rest[number] + l4_pseudo[number];
}

/* The L4 checksum of a packet is right. */
static void use_right(uint32_t number)
{
    const uint32_t l4 = (uint32_t)l4_rest[number] + l4_moving[number] +
                        l4_checksum(given[number] + shape.l4);

    use_fold(l4_pseudo[number], l4);
    STEP(fold(same_of(number) + l4_moving[number] +
              l4_checksum(given[number] + shape.l4)) == 0xffff);
}

/* And those of a segment are computed: so they are those of the packet. */
static void use_computed(uint32_t number, const uint8_t *out)
{
    const uint8_t *l4 = out + shape.l4;
    const uint32_t same = same_of(number);
    const uint32_t moving =
        l4_numbers(l4) + fold(words(out, shape.payload, len_of(number)));

    STEP(l4_moving[number] == fold(moving));
    STEP(l4_checksum(l4) == checksum_of(fold(moving + fold(same)), !is_tcp()));
    use_fold(moving, same);
    use_fold(same, moving);
    STEP(fold(moving + fold(same)) == fold(same + l4_moving[number]));
    use_unique(same + l4_moving[number], l4_checksum(given[number] + shape.l4),
               !is_tcp());
    STEP(l4_checksum(l4) == l4_checksum(given[number] + shape.l4));
    if (shape.version == 6)
        return;
    STEP(word(out, shape.network + IP4_CHECKSUM) ==
         checksum_of(fold((uint32_t)ip_rest[number] +
                          word(out, shape.network + IP4_ID)),
                     false));
    use_unique((uint32_t)ip_rest[number] +
                   word(given[number], shape.network + IP4_ID),
               word(given[number], shape.network + IP4_CHECKSUM), false);
}

/* ---- What is known of a packet that merges ---- */

static void pin_input(struct input *input, const struct grove_packet *packet)
{
    PIN(input->reject, GROVE_RULE_NONE);
    PIN(input->bytes.at, packet->data);
    PIN(input->bytes.len, packet->len);
    PIN(input->network, link_len(shape.link));
    /* The type of a link is read later. */
    PIN(input->version, shape.link == GROVE_LINK_NONE ? shape.version : 0);
    PIN(input->tunnel, false);
    PIN(input->gso, (packet->vnet != NULL));
}

void input_accept(const struct profile *profile, enum grove_link link,
                  uint8_t vnet_len, const struct grove_packet *packet,
                  struct input *input)
{
    accept_given(profile, link, vnet_len, packet, input);
    pin_input(input, packet);
}

/* What parse() finds, but fields of headers. */
static void pin_packet(struct packet *packet)
{
    PIN(packet->bypass, GROVE_RULE_NONE);
    PIN(packet->flush, GROVE_RULE_NONE);
    PIN(packet->network, shape.network);
    PIN(packet->version, shape.version);
    PIN(packet->protocol, shape.protocol);
    PIN(packet->tunnel, 0);
    PIN(packet->l4, shape.l4);
    PIN(packet->payload, shape.payload);
}

static void expect_packet(struct packet *packet)
{
    packet->protocol = shape.protocol;
    packet->l4 = shape.l4;
    packet->payload = shape.payload;
}

static void pin_split(void)
{
    PIN(split.input.bytes.at, super);
    PIN(split.input.bytes.len, super_len());
    PIN(split.input.gso, true);
    PIN(split.input.vnet.flags, GROVE_VNET_F_NEEDS_CSUM);
    PIN(split.input.vnet.gso_size, shape.gso_size);
    PIN(split.input.vnet.csum_start, shape.l4);
    PIN(split.input.version, shape.version);
    PIN(split.input.network, shape.network);
    PIN(split.in_tunnel, false);
    PIN(split.protocol, shape.protocol);
    PIN(split.l4, shape.l4);
    PIN(split.payload, shape.payload);
    PIN(split.stripped, 0);
    PIN(split.count, shape.count);
    PIN(split.next, 0);
}

void segment_begin(struct grove_split *begun)
{
    PROVE(begun == &split);
    pin_split();
    begin_segments(&split);
}

/* ---- The packets ---- */

static void put_type(uint8_t *packet, uint32_t at, uint16_t type)
{
    buffer_put_be16((struct buffer){packet, LEN_MAX}, at, type);
}

/* Any packet of this shape. */
static void make(uint8_t *packet)
{
    uint8_t any[LEN_MAX];
    uint8_t *ip = packet + shape.network;

    for (uint32_t i = 0; i < LEN_MAX; i++)
        packet[i] = any[i];
    if (shape.version == 4) {
        ip[IP4_VERSION_IHL] = 0x45;
        ip[IP4_PROTOCOL] = shape.protocol;
    } else {
        ip[IP_VERSION] = (uint8_t)(0x60 | (ip[IP_VERSION] & 0x0f));
        ip[IP6_NEXT_HEADER] = shape.protocol;
    }
    if (shape.tags != 0)
        put_type(packet, ETHERNET_TYPE, ETHERNET_TYPE_TAG);
    if (shape.link != GROVE_LINK_NONE)
        put_type(packet, shape.network - ETHERNET_TYPE_LEN,
                 shape.version == 4 ? ETHERNET_TYPE_IP4 : ETHERNET_TYPE_IP6);
    if (is_tcp())
        packet[shape.l4 + TCP_OFFSET_FLAGS] =
            (uint8_t)((shape.payload - shape.l4) / 4 << 4 |
                      (any[shape.l4 + TCP_OFFSET_FLAGS] & 0x0f));
}

static struct policy lossless_policy(void)
{
    return (struct policy){
        .profile = any_profile(),
        .sum = sum_in_order,
        .link = shape.link,
        .vnet_len = GROVE_VNET_LEN,
        .tags_max = LINK_TAGS_MAX,
        .max_bytes = GROVE_DEFAULT_BYTES,
        .plain = shape.link == GROVE_LINK_NONE,
        .lossless = true,
    };
}

/* ---- Packets become a super-packet ---- */

static struct policy policy;
static struct held held;
static struct record records[MOST];
static struct grove_output output;
static struct headers headers;
static struct iovec iov[IOVECS_PER_PACKET * MOST];
static struct outputs outputs = {.records = records,
                                 .max = MOST,
                                 .list = &output,
                                 .vnets = vnet,
                                 .vnet_len = GROVE_VNET_LEN,
                                 .headers = &headers,
                                 .iov = iov};

/* Packet `number` goes to parse(); what parse() flushes does not merge. */
static void parse_given(uint32_t number, struct packet *packet)
{
    const struct grove_packet one = {given[number], len_of(number), NULL};

    make(given[number]);
    expect_packet(packet);
    parse(&policy, &one, packet);
    ASSUME(packet->bypass == GROVE_RULE_NONE);
    ASSUME(packet->flush == GROVE_RULE_NONE);
    pin_packet(packet);
    use_right(number);
}

static void hold_first(void)
{
    struct flows flows = {.max = 1, .bucket_max = 1};
    struct decision decision;

    parse_given(0, &held.first);
    decide(&policy, &flows, &held.first, NULL, &decision);
    ASSUME(decision.verdict == GROVE_HELD);
    held_begin(&held, outputs_record(&outputs, packet_payload(&held.first),
                                     decision.verdict, decision.rule));
}

/* What merges has the headers of the first one. */
static void prove_alike(uint32_t number)
{
    for (uint32_t at = 0; at < shape.payload; at++)
        if (!differs_at(at) && (!is_length(at) || len_of(number) == len_of(0)))
            STEP(given[number][at] == given[0][at]);
    if (len_of(number) == len_of(0)) {
        STEP(ip_rest[number] == ip_rest[0]);
        STEP(l4_rest[number] == l4_rest[0]);
        STEP(l4_pseudo[number] == l4_pseudo[0]);
    }
}

static bool is_of_flow(const struct packet *packet)
{
    return packet->has_key &&
           packet->key.transport == held.first.key.transport &&
           packet->key.network == held.first.key.network &&
           bytes_equal(packet_link(packet), packet_link(&held.first)) &&
           key_same_addresses(&packet->key, &held.first.key, packet->version);
}

static void merge(uint32_t number)
{
    struct flows flows = {.max = 1, .bucket_max = 1};
    struct packet packet;
    struct decision decision;

    parse_given(number, &packet);
    ASSUME(is_of_flow(&packet));
    decide(&policy, &flows, &packet, &held, &decision);
    ASSUME(decision.verdict == GROVE_MERGED);
    ASSUME(number + 1 == shape.count || decision.leaves == GROVE_RULE_NONE);
    prove_alike(number);
    outputs_record(&outputs, packet_payload(&packet), decision.verdict,
                   decision.rule);
    outputs_chain(&outputs, &held, number);
    held_append(&held, &packet, number, decision.fixed_id);
}

/* The output goes to `super`. */
static void gather(void)
{
    /* Behind tags the headers are a slice of their own. */
    const uint32_t headers_at = shape.tags != 0 ? 2 : 1;
    const uint8_t expected[GROVE_VNET_LEN] = {GROVE_VNET_F_NEEDS_CSUM,
                                              0,
                                              shape.payload,
                                              0,
                                              shape.gso_size,
                                              0,
                                              shape.l4,
                                              0,
                                              is_tcp() ? TCP_CHECKSUM
                                                       : UDP_CHECKSUM,
                                              0};

    outputs_held(&outputs, &policy, &held, GROVE_RULE_END_POLL);
    PIN(output.iovcnt, (int)(headers_at + 1 + shape.count));
    if (shape.tags != 0)
        PIN(iov[1].iov_len, shape.network);
    PIN(iov[headers_at].iov_len,
        shape.payload - (shape.tags != 0 ? shape.network : 0));
    for (uint32_t i = 0; i < shape.count; i++)
        PIN(iov[headers_at + 1 + i].iov_len, len_of(i) - shape.payload);
    PROVE(output.len == super_len());
    iovec_gather((struct buffer){super, super_len()}, &iov[1],
                 output.iovcnt - 1);
    if (shape.version == 4)
        PIN(super[shape.network + IP4_VERSION_IHL], 0x45);
    PIN(super[shape.network +
              (shape.version == 4 ? IP4_PROTOCOL : IP6_NEXT_HEADER)],
        shape.protocol);
    for (uint32_t at = ETHERNET_TYPE; at < shape.network; at++)
        PIN(super[at], given[0][at]);
    for (uint32_t i = 0; i < GROVE_VNET_LEN; i++)
        if (i != 1)
            PIN(vnet[i], expected[i]);
}

/* ---- The super-packet becomes segments ---- */

static void prove_segment(uint32_t number)
{
    static uint8_t out[LEN_MAX];
    struct grove_segment segment;

    PROVE(grove_split_next(&split, &segment));
    PROVE(segment.len == len_of(number));
    PIN(segment.iovcnt, 4);
    PIN(segment.iov[1].iov_len, shape.l4);
    PIN(segment.iov[2].iov_len, shape.payload - shape.l4);
    PIN(segment.iov[3].iov_len, len_of(number) - shape.payload);
    iovec_gather((struct buffer){out, len_of(number)}, &segment.iov[1],
                 segment.iovcnt - 1);
    for (uint32_t at = 0; at < len_of(number); at++)
        if (!is_checksum(at))
            STEP(out[at] == given[number][at]);
    use_computed(number, out);
    for (uint32_t at = 0; at < len_of(number); at++)
        PROVE(out[at] == given[number][at]);
}

/* What use_fold() uses. */
void proof_lossless_fold(void)
{
    const uint32_t a = nondet_u32();
    const uint32_t b = nondet_u32();

    ASSUME(a <= FOLDS_MAX && b <= FOLDS_MAX);
    PROVE(folds(a, b));
    REACHES(fold(a + b) == 0xffff);
}

/* What use_unique() uses. */
void proof_lossless_unique(void)
{
    const uint32_t rest = nondet_u32();
    const uint32_t checksum = nondet_u16();

    ASSUME(rest != 0 && rest <= FOLDS_MAX);
    PROVE(is_unique(rest, checksum, nondet_bool()));
    REACHES(fold(rest + checksum) == 0xffff && checksum == 0xffff);
}

/* Where the headers of packets of this shape begin. */
static void lay_out(void)
{
    shape.network = link_len(shape.link) + shape.tags * ETHERNET_TAG;
    shape.l4 = shape.network + (shape.version == 4 ? IP4_HEADER : IP6_HEADER);
    shape.payload =
        shape.l4 + (is_tcp() ? TCP_HEADER + shape.options : UDP_HEADER);
}

static void coalesce(void)
{
    policy = lossless_policy();
    hold_first();
    for (uint32_t i = 1; i < shape.count; i++)
        merge(i);
    gather();
}

static void begin_split(void)
{
    const struct grove_packet whole = {super, super_len(), vnet};
    enum grove_rule rule;

    split.profile = policy.profile;
    split.sum = sum_in_order;
    split.link = shape.link;
    split.vnet_len = GROVE_VNET_LEN;
    PROVE(grove_split_begin(&split, &whole, &rule) == GROVE_SPLIT_OK);
    pin_split();
    PIN(split.ip_len, shape.l4 - shape.network);
    PIN(split.link_len, shape.network);
}

static void prove_lossless(struct shape of)
{
    shape = of;
    lay_out();
    coalesce();
    begin_split();
    for (uint32_t i = 0; i < shape.count; i++)
        prove_segment(i);
    REACHES(!is_tcp() || held.flags == (TCP_FIN | TCP_PSH));
}

/* The last packet is shorter. */
static struct shape three(uint8_t version, uint8_t protocol)
{
    const bool tcp = protocol == IP_PROTO_TCP;

    return (struct shape){.version = version,
                          .protocol = protocol,
                          .count = MOST,
                          .gso_size = tcp ? LOSSLESS_GSO_SIZE_MIN : 4,
                          .last = tcp ? 5 : 3};
}

/* The last packet is as long as the first. */
static struct shape two(uint8_t version, uint8_t protocol)
{
    struct shape shape = three(version, protocol);

    shape.count = 2;
    shape.last = shape.gso_size;
    return shape;
}

static struct shape with_options(struct shape shape)
{
    shape.options = 12;
    return shape;
}

static struct shape with_link(struct shape shape, uint32_t tags)
{
    shape.link = GROVE_LINK_ETHERNET;
    shape.tags = tags;
    return shape;
}

void proof_lossless_ip4_tcp(void)
{
    prove_lossless(three(4, IP_PROTO_TCP));
}

void proof_lossless_two_ip4_tcp(void)
{
    prove_lossless(two(4, IP_PROTO_TCP));
}

void proof_lossless_link_ip4_tcp(void)
{
    prove_lossless(with_link(three(4, IP_PROTO_TCP), 0));
}

void proof_lossless_options_ip4_tcp(void)
{
    prove_lossless(with_options(three(4, IP_PROTO_TCP)));
}

void proof_lossless_ip4_udp(void)
{
    prove_lossless(three(4, IP_PROTO_UDP));
}

void proof_lossless_two_ip4_udp(void)
{
    prove_lossless(two(4, IP_PROTO_UDP));
}

void proof_lossless_link_ip4_udp(void)
{
    prove_lossless(with_link(three(4, IP_PROTO_UDP), 0));
}

void proof_lossless_ip6_tcp(void)
{
    prove_lossless(three(6, IP_PROTO_TCP));
}

void proof_lossless_two_ip6_tcp(void)
{
    prove_lossless(two(6, IP_PROTO_TCP));
}

void proof_lossless_link_ip6_tcp(void)
{
    prove_lossless(with_link(three(6, IP_PROTO_TCP), 0));
}

void proof_lossless_options_ip6_tcp(void)
{
    prove_lossless(with_options(three(6, IP_PROTO_TCP)));
}

void proof_lossless_ip6_udp(void)
{
    prove_lossless(three(6, IP_PROTO_UDP));
}

void proof_lossless_two_ip6_udp(void)
{
    prove_lossless(two(6, IP_PROTO_UDP));
}

void proof_lossless_link_ip6_udp(void)
{
    prove_lossless(with_link(three(6, IP_PROTO_UDP), 0));
}

void proof_lossless_tag_ip4_tcp(void)
{
    prove_lossless(with_link(three(4, IP_PROTO_TCP), 1));
}

void proof_lossless_tag_ip4_udp(void)
{
    prove_lossless(with_link(three(4, IP_PROTO_UDP), 1));
}

void proof_lossless_tag_ip6_tcp(void)
{
    prove_lossless(with_link(three(6, IP_PROTO_TCP), 1));
}

void proof_lossless_tag_ip6_udp(void)
{
    prove_lossless(with_link(three(6, IP_PROTO_UDP), 1));
}
