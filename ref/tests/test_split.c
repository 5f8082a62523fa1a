/* SPDX-License-Identifier: MIT */
/*
 * Segments against those of the tests' own splitter, each GSO rule on both
 * sides, what must come of packets that are no super-packets, and bytes of any
 * kind.
 */
#include "split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batch.h"
#include "kernel_split.h"

enum { ROUNDS = 3000, BATCHES = 300, GARBAGE = 100000 };

/* A packet with its virtio header, as the splitter takes it. */
struct super {
    struct wire wire;
    struct grove_vnet vnet;
    uint8_t header[GROVE_VNET_LEN];
};

/* Everything that a split gives. */
struct made {
    enum grove_split_result result;
    enum grove_rule rule;
    struct grove_split *split; /* until two more were made */
};

static uint32_t checksum_field(struct wire wire)
{
    return wire.l4 + (wire.protocol == TCP ? 16 : 6);
}

/* A super-packet with the sum of its pseudo-header in place. */
static struct super super_of(const struct fields *fields, uint16_t gso_size)
{
    struct super super = {.wire = wire_of(fields)};
    const struct wire wire = super.wire;

    wire_put16(wire, checksum_field(wire),
               wire_l4_sum(wire, wire.len - wire.l4, 0));
    super.vnet = (struct grove_vnet){
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = GROVE_VNET_GSO_UDP_L4,
        .hdr_len = (uint16_t)(wire.len - fields->payload_len),
        .gso_size = gso_size,
        .csum_start = (uint16_t)wire.l4,
        .csum_offset = (uint16_t)(checksum_field(wire) - wire.l4),
    };
    if (fields->protocol == TCP)
        super.vnet.gso_type =
            fields->version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;
    return super;
}

static struct grove_packet input_of(struct super *super)
{
    struct grove_packet packet = wire_input(super->wire);

    grove_vnet_store(super->header, &super->vnet);
    packet.vnet = super->header;
    return packet;
}

static struct made begin_as(const char *profile, bool csum_offload,
                            const struct grove_packet *packet)
{
    static struct grove_split *splitters[2];
    static unsigned turn;
    const struct grove_split_config config = {profile, csum_offload};
    struct grove_split **split = &splitters[turn++ % 2];
    struct made made = {.rule = GROVE_RULE_COUNT};

    grove_split_free(*split);
    assert_int_equal(grove_split_new(&config, split), GROVE_OK);
    made.split = *split;
    made.result = grove_split_begin(made.split, packet, &made.rule);
    return made;
}

static struct made begin(struct super *super, bool csum_offload)
{
    const struct grove_packet packet = input_of(super);

    return begin_as("linux-6.18", csum_offload, &packet);
}

/* A segment as the tests' own helpers read outputs. */
static struct grove_output output_of(const struct grove_segment *segment)
{
    assert_true(segment->iovcnt > 0);
    assert_true(segment->iovcnt <= GROVE_SEGMENT_IOVECS);
    assert_int_equal(segment->iov[0].iov_len, GROVE_VNET_LEN);
    return (struct grove_output){
        .iov = segment->iov, .iovcnt = segment->iovcnt, .len = segment->len};
}

static struct grove_segment next(struct made *made)
{
    struct grove_segment segment;

    assert_true(grove_split_left(made->split) > 0);
    assert_true(grove_split_next(made->split, &segment));
    return segment;
}

static void assert_over(struct made *made)
{
    struct grove_segment segment;

    assert_int_equal(grove_split_left(made->split), 0);
    assert_false(grove_split_next(made->split, &segment));
    assert_false(grove_split_next(made->split, &segment));
}

static void assert_bytes(const struct grove_segment *segment,
                         struct grove_vnet vnet, struct wire expected)
{
    const struct grove_output output = output_of(segment);
    const struct wire wire = wire_of_output(&output);
    const struct grove_vnet given = vnet_of_output(&output);

    assert_int_equal(segment->len, expected.len);
    assert_int_equal(wire.len, expected.len);
    assert_memory_equal(wire.data, expected.data, wire.len);
    assert_memory_equal(&given, &vnet, sizeof vnet);
}

/* All segments are those of the tests' own splitter. */
static void assert_split(struct super *super)
{
    const struct grove_packet packet = input_of(super);
    const struct iovec iov[] = {{super->header, GROVE_VNET_LEN},
                                {super->wire.data, super->wire.len}};
    const struct grove_output output = {
        .iov = iov, .iovcnt = 2, .len = super->wire.len};
    const uint32_t count = split_count(&output);
    struct made plain = begin_as("linux-6.18", false, &packet);
    struct made offload = begin_as("linux-6.18", true, &packet);

    assert_int_equal(plain.result, GROVE_SPLIT_OK);
    assert_int_equal(plain.rule, GROVE_RULE_NONE);
    assert_int_equal(offload.result, GROVE_SPLIT_OK);
    for (uint32_t i = 0; i < count; i++) {
        struct wire expected = split_packet(&output, i);
        struct grove_segment segment = next(&plain);

        assert_int_equal(grove_split_left(plain.split), count - i - 1);
        assert_bytes(&segment, (struct grove_vnet){0}, expected);
        expected.version = super->wire.version;
        wire_put16(expected, checksum_field(expected),
                   wire_l4_sum(expected, expected.len - expected.l4, 0));
        segment = next(&offload);
        assert_bytes(&segment,
                     (struct grove_vnet){1, 0, 0, 0, super->vnet.csum_start,
                                         super->vnet.csum_offset},
                     expected);
    }
    assert_over(&plain);
    assert_over(&offload);
}

/* What segments differ in, with numbers that wrap now and then. */
static struct fields random_fields(struct dice *dice)
{
    struct fields fields =
        fields_of(pick(dice, 2) ? 4 : 6, pick(dice, 2) ? TCP : UDP);

    fields.payload_len = 2 + pick(dice, 400);
    fields.options_len = 4 * pick(dice, 11);
    fields.flags = (uint16_t)roll(dice) & 0xfff;
    fields.id = (uint16_t)(0xfff0 + pick(dice, 0x20));
    fields.sequence = 0xffffff00 + pick(dice, 0x200);
    fields.urgent = (uint16_t)roll(dice);
    fields.payload = (uint8_t)roll(dice);
    for (int i = 0; i < 3 && fields.version == 6 && pick(dice, 2) == 0; i++)
        fields_extend(&fields, pick(dice, 2) ? DESTINATION : ROUTE, 7);
    return fields;
}

static void like_the_other_splitter(void **state)
{
    struct dice dice = {20260202};

    (void)state;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const struct fields fields = random_fields(&dice);
        const uint32_t least = (fields.payload_len + 127) / 128;
        const uint32_t most = fields.payload_len - 1;
        struct super super = super_of(
            &fields, (uint16_t)(least + pick(&dice, most - least + 1)));

        if (fields.protocol == TCP && pick(&dice, 4) == 0)
            super.vnet.gso_type |= GROVE_VNET_GSO_ECN;
        assert_split(&super);
        wires_release(NULL);
    }
}

/* Segments have the lengths and flags that the input's fields do not tell. */
static void input_lengths_are_not_read(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct super good = super_of(&fields, 60);
    struct super odd = super_of(&fields, 60);
    struct made a = begin(&good, false);
    struct made b;

    (void)state;
    wire_put16(odd.wire, 2, 7);       /* total_length */
    wire_put16(odd.wire, 10, 0x1234); /* checksum */
    b = begin(&odd, false);
    for (int i = 0; i < 2; i++) {
        const struct grove_segment first = next(&a);
        const struct grove_segment second = next(&b);
        const struct grove_output output = output_of(&first);

        assert_bytes(&second, (struct grove_vnet){0}, wire_of_output(&output));
    }
    assert_over(&a);
    assert_over(&b);
}

/* UDP's checksum is what comes of its length field, be that wrong. */
static void udp_length_is_trusted(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    struct super super = super_of(&fields, 60);
    const uint32_t field = checksum_field(super.wire);
    const uint16_t seed = wire_get16(super.wire, field);
    struct made made;
    struct grove_segment segment;
    struct grove_output output;

    (void)state;
    wire_put16(super.wire, super.wire.l4 + 4, 108 + 1);
    made = begin(&super, true);
    segment = next(&made);
    output = output_of(&segment);
    assert_int_equal(wire_get16(wire_of_output(&output), field),
                     seed - 109 + 68);
}

/* Without NEEDS_CSUM the field's content counts for nothing. */
static void tcp_without_seed(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2) {
        const struct fields fields = fields_of(version, TCP);
        struct super with = super_of(&fields, 60);
        struct super without = super_of(&fields, 60);
        struct made a = begin(&with, version == 4);
        struct made b;

        without.vnet.flags = 0;
        wire_put16(without.wire, checksum_field(without.wire), 0xbeef);
        b = begin(&without, version == 4);
        for (int i = 0; i < 2; i++) {
            const struct grove_segment first = next(&a);
            const struct grove_segment second = next(&b);
            const struct grove_output output = output_of(&first);

            assert_bytes(&second, vnet_of_output(&output),
                         wire_of_output(&output));
        }
        assert_over(&b);
    }
}

static uint16_t first_checksum(struct super *super)
{
    struct made made = begin(super, false);
    const struct grove_segment segment = next(&made);
    const struct grove_output output = output_of(&segment);

    return wire_get16(wire_of_output(&output), checksum_field(super->wire));
}

/* A seed with which the first segment's checksum is 0. */
static void zero_checksums(void **state)
{
    static const uint8_t protocols[] = {TCP, UDP};

    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct fields fields = fields_of(4, protocols[i]);
        struct super super = super_of(&fields, 60);
        const uint32_t field = checksum_field(super.wire);
        const uint32_t seed =
            (uint32_t)wire_get16(super.wire, field) + first_checksum(&super);

        wire_put16(super.wire, field,
                   (uint16_t)((seed & 0xffff) + (seed >> 16)));
        assert_int_equal(first_checksum(&super),
                         protocols[i] == TCP ? 0 : 0xffff);
    }
}

static void assert_dropped(struct super *super, enum grove_rule rule)
{
    struct made made = begin(super, false);

    assert_int_equal(made.result, GROVE_SPLIT_DROPPED);
    assert_int_equal(made.rule, rule);
    assert_over(&made);
}

static void assert_count(struct super *super, uint32_t count)
{
    struct made made = begin(super, false);

    assert_int_equal(made.result, GROVE_SPLIT_OK);
    assert_int_equal(made.rule, GROVE_RULE_NONE);
    assert_int_equal(grove_split_left(made.split), count);
}

static void fragments(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    struct super super = super_of(&fields, 60);

    (void)state;
    super.vnet.gso_type = GROVE_VNET_GSO_UDP;
    assert_dropped(&super, GROVE_RULE_GSO_FRAGMENTS);
}

/* IHL 5 and 15 are right with L4 at 20 and 60. */
static void ip4_headers(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 10);

    (void)state;
    wire_put8(super.wire, 0, 0x44);
    assert_dropped(&super, GROVE_RULE_GSO_IP4_HEADER);
    wire_put8(super.wire, 0, 0x45);
    assert_count(&super, 10);
    wire_put8(super.wire, 0, 0x4f);
    wire_put8(super.wire, 60 + 12, 0x50);
    super.vnet.csum_start = 60;
    super.vnet.gso_size = 5;
    assert_count(&super, (super.wire.len - 80 + 4) / 5);
    super.wire.len = 59;
    super.vnet = (struct grove_vnet){0, 1, 0, 10, 0, 0};
    assert_dropped(&super, GROVE_RULE_GSO_IP4_HEADER);
    super.wire.len = 60;
    assert_dropped(&super, GROVE_RULE_GSO_TCP_SHORT);
}

static void ip6_headers(void **state)
{
    struct fields fields = fields_of(6, UDP);
    struct super super;

    (void)state;
    fields_extend(&fields, DESTINATION, 1);
    super = super_of(&fields, 60);
    assert_count(&super, 2);
    wire_put8(super.wire, 41, 14); /* 120 bytes of 116 */
    assert_dropped(&super, GROVE_RULE_GSO_IP6_HEADER);
    super.wire.len = 39;
    super.vnet = (struct grove_vnet){1, 5, 0, 1, 28, 6};
    assert_dropped(&super, GROVE_RULE_GSO_IP6_HEADER);
}

/* A packet of one kind, with each gso_type. */
static void assert_type(uint8_t version, uint8_t protocol, uint8_t type)
{
    const struct fields fields = fields_of(version, protocol);
    struct super super = super_of(&fields, 50);
    const uint8_t right = super.vnet.gso_type;

    super.vnet.gso_type = type;
    super.vnet.csum_offset = type == GROVE_VNET_GSO_UDP_L4 ? 6 : 16;
    super.vnet.csum_start = 40;
    if (right != type) {
        assert_dropped(&super, GROVE_RULE_GSO_PROTOCOL);
    } else {
        super.vnet.csum_start = (uint16_t)super.wire.l4;
        assert_count(&super, 2);
    }
}

static void protocols(void **state)
{
    static const uint8_t types[] = {GROVE_VNET_GSO_TCPV4, GROVE_VNET_GSO_TCPV6,
                                    GROVE_VNET_GSO_UDP_L4};
    struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 50);

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        assert_type(4, TCP, types[i]);
        assert_type(6, TCP, types[i]);
        assert_type(4, UDP, types[i]);
        assert_type(6, UDP, types[i]);
    }
    wire_put8(super.wire, 9, 4); /* IPv4 in IPv4 */
    assert_dropped(&super, GROVE_RULE_GSO_PROTOCOL);
}

static void csum_starts(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 50);

    (void)state;
    super.vnet.csum_start = 21;
    assert_dropped(&super, GROVE_RULE_GSO_CSUM_START);
    super.vnet.csum_start = 20;
    assert_count(&super, 2);
    super.vnet.flags = 0;
    super.vnet.csum_start = 21;
    assert_count(&super, 2);
}

/* Extension headers up to `l4`, and TCP behind them; without NEEDS_CSUM. */
static struct super far_tcp(uint32_t l4)
{
    const struct fields fields = fields_of(6, TCP);
    const uint32_t len = GROVE_MAX_PACKET_LEN;
    struct super super = {.wire = {.data = wire_memory(len), .len = len},
                          .vnet = {0, GROVE_VNET_GSO_TCPV6, 0, 50, 0, 0}};
    uint32_t at = 40;

    memset(super.wire.data, 0, len);
    memcpy(super.wire.data, wire_of(&fields).data, 40);
    wire_put8(super.wire, 6, DESTINATION);
    while (at < l4) {
        const uint32_t rest = l4 - at;
        const uint32_t part = rest < 2048 ? rest : 2048;

        wire_put8(super.wire, at, part == rest ? TCP : DESTINATION);
        wire_put8(super.wire, at + 1, (uint8_t)(part / 8 - 1));
        at += part;
    }
    wire_put8(super.wire, at + 12, 0x50);
    return super;
}

static void l4_is_far(void **state)
{
    struct super super = far_tcp(65464);

    (void)state;
    assert_count(&super, 2);
    super = far_tcp(65472);
    assert_dropped(&super, GROVE_RULE_GSO_CSUM_START);
}

static void tcp_headers(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 10);

    (void)state;
    wire_put8(super.wire, 20 + 12, 0x40);
    assert_dropped(&super, GROVE_RULE_GSO_TCP_OFFSET);
    wire_put8(super.wire, 20 + 12, 0x50);
    assert_count(&super, (super.wire.len - 40 + 9) / 10);
    wire_put8(super.wire, 20 + 12, 0xf0);
    super.wire.len = 79;
    assert_dropped(&super, GROVE_RULE_GSO_TCP_OFFSET);
    super.wire.len = 80;
    assert_dropped(&super, GROVE_RULE_GSO_ONE_SEGMENT);
    super.wire.len = 90;
    assert_dropped(&super, GROVE_RULE_GSO_ONE_SEGMENT);
    super.wire.len = 91;
    assert_count(&super, 2);
    super.wire.len = 68; /* 48 bytes in all that are not IP options */
    super.vnet.flags = 0;
    wire_put8(super.wire, 0, 0x4d);
    assert_dropped(&super, GROVE_RULE_GSO_TCP_SHORT);
    super.wire.len = 72;
    wire_put8(super.wire, 52 + 12, 0x50);
    assert_dropped(&super, GROVE_RULE_GSO_ONE_SEGMENT);
}

static void one_segment_of_udp(void **state)
{
    struct fields fields = fields_of(4, UDP);
    struct super super = super_of(&fields, 60);

    (void)state;
    /* VNET-014 takes the header where UDP's is, so these are plain. */
    super.vnet.gso_size = 99;
    assert_count(&super, 2);
    super.vnet.gso_size = 100;
    assert_count(&super, 1);
}

/* The most segments that there can be, a pause after each. */
static void segments_of_one_byte(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct super super;
    struct made made;
    uint32_t payload;

    (void)state;
    fields.options_len = 0;
    fields.payload_len = 65535 - 40;
    payload = fields.payload_len;
    super = super_of(&fields, 1);
    made = begin(&super, false);
    for (uint32_t i = 0; i < payload; i++) {
        const struct grove_segment segment = next(&made);
        const uint8_t *last = segment.iov[segment.iovcnt - 1].iov_base;

        assert_int_equal(segment.len, 41);
        assert_ptr_equal(last, super.wire.data + 40 + i);
    }
    assert_over(&made);
}

/* A segment of over 65535 bytes: its length field wraps, as in Linux. */
static void segment_of_65536(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct super super;
    struct made made;
    struct grove_segment segment;
    struct grove_output output;

    (void)state;
    fields.options_len = 0;
    fields.payload_len = 65496 + 1;
    super = super_of(&fields, 65496);
    made = begin(&super, true);
    segment = next(&made);
    output = output_of(&segment);
    assert_int_equal(segment.len, 65536);
    assert_int_equal(wire_get16(wire_of_output(&output), 2), 0);
    segment = next(&made);
    assert_int_equal(segment.len, 41);
    assert_over(&made);
}

/* A packet of `len` bytes with one hop-by-hop option of this type. */
static struct super long_super(uint8_t protocol, uint32_t len, uint8_t option)
{
    struct fields fields = fields_of(6, protocol);
    const uint32_t l4_header = protocol == TCP ? 20 : 8;

    fields.options_len = 0;
    fields.payload_len = len - 48 - l4_header;
    fields_extend(&fields, HBH, option);
    return super_of(&fields, 60000);
}

static void assert_stripped(struct super *super, const char *profile,
                            uint32_t bytes)
{
    const struct grove_packet packet = input_of(super);
    struct made made = begin_as(profile, true, &packet);
    const uint32_t headers = super->vnet.hdr_len - bytes;
    struct grove_segment segment = next(&made);
    struct grove_output output = output_of(&segment);
    struct wire wire = wire_of_output(&output);

    assert_int_equal(segment.len, headers + 60000);
    assert_int_equal(wire_get16(wire, 4), segment.len - 40);
    assert_int_equal(wire.data[6], bytes == 0 ? super->wire.data[6] : TCP);
    assert_memory_equal(wire.data + 40, super->wire.data + 40 + bytes, 12);
    assert_int_equal(vnet_of_output(&output).csum_start,
                     super->vnet.csum_start - bytes);
    segment = next(&made);
    assert_int_equal(segment.len, super->wire.len - bytes - 60000);
    assert_over(&made);
}

/* What kernels before 7.0 put into super-packets of over 65536 bytes. */
static void jumbo_headers(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct super super = long_super(TCP, 65537, 0xc2);

    (void)state;
    assert_stripped(&super, "linux-6.1", 8);
    assert_stripped(&super, "linux-6.18", 8);
    assert_stripped(&super, "linux-7.2", 0);
    super = long_super(TCP, 65536, 0xc2);
    assert_stripped(&super, "linux-6.18", 0);
    super = long_super(TCP, 65537, 0xc3);
    assert_stripped(&super, "linux-6.18", 0);
    super = long_super(UDP, 65537, 0xc2);
    assert_stripped(&super, "linux-6.18", 0);
    fields.options_len = 0;
    fields.payload_len = 65537 - 68;
    fields_extend(&fields, DESTINATION, 0xc2);
    super = super_of(&fields, 60000);
    assert_stripped(&super, "linux-6.18", 0);
    fields = fields_of(6, TCP);
    fields.options_len = 0;
    fields.payload_len = 65537 - 76;
    fields_extend(&fields, HBH, 0xc2);
    fields_extend(&fields, HBH, 0xc2);
    super = super_of(&fields, 60000);
    assert_stripped(&super, "linux-6.18", 0);
}

/* Not a super-packet, and nothing to compute: it is not touched. */
static void plain_packets(void **state)
{
    const struct fields fields = fields_of(6, UDP);
    struct super super = {.wire = wire_of(&fields)};
    struct grove_packet packet = wire_input(super.wire);
    struct made made = begin_as(NULL, false, &packet);
    struct grove_segment segment = next(&made);

    (void)state;
    assert_bytes(&segment, (struct grove_vnet){0}, super.wire);
    assert_ptr_equal(segment.iov[1].iov_base, super.wire.data);
    assert_over(&made);
    /* DATA_VALID and what NEEDS_CSUM would give a meaning to are dropped. */
    super.vnet = (struct grove_vnet){2, 0, 9, 9, 9, 9};
    made = begin(&super, true);
    segment = next(&made);
    assert_bytes(&segment, (struct grove_vnet){0}, super.wire);
    assert_over(&made);
}

static void plain_checksums(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct wire right = wire_of(&fields);
    struct super super = super_of(&fields, 0);
    struct made made;
    struct grove_segment segment;

    (void)state;
    super.vnet.gso_type = GROVE_VNET_GSO_NONE;
    made = begin(&super, false);
    segment = next(&made);
    assert_bytes(&segment, (struct grove_vnet){0}, right);
    assert_int_equal(segment.iovcnt, 4);
    assert_over(&made);
    made = begin(&super, true);
    segment = next(&made);
    assert_bytes(&segment, (struct grove_vnet){1, 0, 0, 0, 20, 16}, super.wire);
    assert_int_equal(segment.iovcnt, 2);
    assert_over(&made);
}

/* The field may be anywhere from csum_start on: here it is the last. */
static void plain_checksum_at_the_end(void **state)
{
    static const uint16_t sums[][2] = {
        {0x1234, 0xedcb}, {0xffff, 0xffff}, {0, 0xffff}, {1, 0xfffe}};
    const struct fields fields = fields_of(4, 99);
    struct super super = {.wire = wire_of(&fields)};
    const uint32_t at = super.wire.len - 2;

    (void)state;
    super.vnet = (struct grove_vnet){1, 0, 0, 0, (uint16_t)at, 0};
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        struct made made;
        struct grove_segment segment;
        struct grove_output output;

        wire_put16(super.wire, at, sums[i][0]);
        made = begin(&super, false);
        segment = next(&made);
        output = output_of(&segment);
        assert_int_equal(segment.iovcnt, 3);
        assert_int_equal(segment.len, super.wire.len);
        assert_int_equal(wire_get16(wire_of_output(&output), at), sums[i][1]);
        assert_int_equal(wire_get16(super.wire, at), sums[i][0]);
    }
}

static void assert_rejected(const struct grove_packet *packet,
                            const char *profile, enum grove_rule rule)
{
    struct made made = begin_as(profile, false, packet);

    assert_int_equal(made.result, GROVE_SPLIT_REJECTED);
    assert_int_equal(made.rule, rule);
    assert_over(&made);
}

static void rejections(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 0);
    struct grove_packet packet = input_of(&super);

    (void)state;
    assert_rejected(&packet, NULL, GROVE_RULE_VNET_SIZE_ZERO);
    packet.vnet = NULL;
    packet.len = 0;
    assert_rejected(&packet, NULL, GROVE_RULE_IN_VERSION);
    packet.len = GROVE_MAX_PACKET_LEN + 1;
    assert_rejected(&packet, NULL, GROVE_RULE_IN_LENGTH);
    packet.len = super.wire.len;
    wire_put8(super.wire, 0, 0x55);
    assert_rejected(&packet, NULL, GROVE_RULE_IN_VERSION);
}

/* Each packet begins anew, whatever became of the one before. */
static void one_splitter(void **state)
{
    const struct grove_split_config config = {NULL, false};
    struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 60);
    const struct grove_packet packet = input_of(&super);
    const struct grove_packet empty = {NULL, 0, NULL};
    struct made made = {.result = GROVE_SPLIT_OK};

    (void)state;
    assert_int_equal(grove_split_new(&config, &made.split), GROVE_OK);
    assert_over(&made);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(grove_split_begin(made.split, &packet, &made.rule),
                         GROVE_SPLIT_OK);
        assert_int_equal(grove_split_left(made.split), 2);
        assert_int_equal(next(&made).len, 112);
        if (i == 0)
            continue;
        assert_int_equal(grove_split_begin(made.split, &empty, &made.rule),
                         GROVE_SPLIT_REJECTED);
        assert_over(&made);
    }
    grove_split_free(made.split);
}

/* linux-7.2 raises the size, linux-6.1 knows no UDP super-packets. */
static void profiles(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 7);
    struct grove_packet packet = input_of(&super);
    struct made made = begin_as("linux-6.18", false, &packet);

    (void)state;
    assert_int_equal(grove_split_left(made.split), 15);
    made = begin_as("linux-7.2", false, &packet);
    assert_int_equal(grove_split_left(made.split), 13);
    fields = fields_of(4, UDP);
    super = super_of(&fields, 7);
    packet = input_of(&super);
    assert_rejected(&packet, "linux-6.1", GROVE_RULE_VNET_TYPE);
}

static const struct grove_packet *packet_at(const struct batch *batch,
                                            uint32_t number)
{
    assert_true(number < batch->count);
    return &batch->inputs[number];
}

/* What one output of a lossless table consists of comes back. */
static void assert_back(const struct grove_table *table,
                        const struct batch *batch,
                        const struct grove_output *output, const char *profile)
{
    const struct wire wire = wire_of_output(output);
    struct grove_packet packet = wire_input(wire);
    uint32_t number = output->first;
    struct made made;

    packet.vnet = output->iov[0].iov_base;
    made = begin_as(profile, output->packets == 1, &packet);
    assert_int_equal(made.result, GROVE_SPLIT_OK);
    for (; number != GROVE_NO_PACKET;
         number = grove_next_packet(table, number)) {
        const struct grove_packet *given = packet_at(batch, number);
        const struct grove_segment segment = next(&made);
        const struct grove_output back = output_of(&segment);

        assert_int_equal(segment.len, given->len);
        assert_memory_equal(wire_of_output(&back).data, given->data,
                            given->len);
    }
    assert_over(&made);
}

static void undoes_lossless_mode(void **state)
{
    struct dice dice = {20260303};
    struct batch batch;

    (void)state;
    for (uint32_t i = 0; i < BATCHES; i++) {
        const char *profile = grove_profiles()[pick(&dice, 4)];
        const struct grove_config config = {
            .profile = profile,
            .mode = GROVE_MODE_LOSSLESS,
            .max_packets = BATCH_PACKETS,
        };
        struct grove_table *table;
        const struct grove_output *output;
        size_t count;

        batch_make(&batch, &dice, false);
        assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
        assert_int_equal(grove_coalesce(table, batch.inputs, batch.count),
                         GROVE_OK);
        output = grove_to_write(table, &count);
        for (size_t at = 0; at < count; at++) {
            /* A GSO packet as input leaves as it came; it is not undone. */
            if (output[at].packets > 1 ||
                vnet_of_output(&output[at]).gso_type == GROVE_VNET_GSO_NONE)
                assert_back(table, &batch, &output[at], profile);
        }
        grove_table_free(table);
        wires_release(NULL);
    }
}

/* Fields near what they must be, or anything. */
static struct grove_vnet random_vnet(struct dice *dice, uint32_t len)
{
    static const uint8_t types[] = {0, 1, 4, 5, 0x81, 0x84, 3, 5};
    static const uint16_t starts[] = {20, 40, 24, 48, 60};
    struct grove_vnet vnet = {
        .flags = (uint8_t)(pick(dice, 8) != 0),
        .gso_type = types[pick(dice, sizeof types)],
        .gso_size = (uint16_t)(1 + pick(dice, len + 2)),
        .csum_start = starts[pick(dice, 5)],
    };

    vnet.csum_offset = (vnet.gso_type & 7) == 5 ? 6 : 16;
    if (pick(dice, 4) == 0)
        vnet.gso_size = (uint16_t)(1 + pick(dice, 4));
    if (pick(dice, 16) == 0)
        vnet.csum_start = (uint16_t)pick(dice, len + 2);
    if (pick(dice, 16) == 0)
        vnet.csum_offset = (uint16_t)roll(dice);
    if (pick(dice, 16) == 0)
        vnet.hdr_len = (uint16_t)roll(dice);
    return vnet;
}

/* Bytes of an IP packet so far that they are looked at. */
static void random_bytes(struct dice *dice, struct wire wire)
{
    static const uint8_t protocol[] = {TCP, UDP, HBH, DESTINATION};
    const uint8_t version = pick(dice, 2) ? 4 : 6;

    for (uint32_t i = 0; i < wire.len; i++)
        wire.data[i] = (uint8_t)roll(dice);
    if (wire.len > 0 && pick(dice, 32) != 0)
        wire.data[0] = version == 4 ? (uint8_t)(0x44 + pick(dice, 12)) : 0x60;
    if (wire.len > 9 && pick(dice, 8) != 0)
        wire.data[version == 4 ? 9 : 6] = protocol[pick(dice, 4)];
    for (uint32_t at = 32; at < wire.len && pick(dice, 4) != 0; at += 4)
        wire.data[at] = (uint8_t)pick(dice, 256);
    if (wire.len > 41) {
        wire.data[40] = protocol[pick(dice, 4)];
        wire.data[41] = (uint8_t)pick(dice, 3);
    }
}

/* Every byte of every segment can be read, and payload is all there. */
static void assert_readable(struct made *made, const struct grove_packet *from)
{
    uint64_t payload = 0;
    const struct grove_split *split = made->split;
    const uint32_t headers = split->payload;
    const bool gso = split->input.gso;
    struct grove_segment segment;

    while (grove_split_next(made->split, &segment)) {
        const struct grove_output output = output_of(&segment);

        assert_int_equal(wire_of_output(&output).len, segment.len);
        payload += segment.len - (gso ? headers : 0);
        wires_release(NULL);
    }
    assert_int_equal(payload, from->len - (gso ? headers : 0));
    assert_over(made);
}

static void garbage(void **state)
{
    struct dice dice = {20260404};
    uint64_t results[3] = {0};
    uint64_t rules[GROVE_RULE_COUNT] = {0};

    (void)state;
    for (uint32_t i = 0; i < GARBAGE; i++) {
        struct wire wire = {.len = pick(&dice, 160)};
        uint8_t header[GROVE_VNET_LEN];
        struct grove_vnet vnet = random_vnet(&dice, wire.len);
        struct grove_packet packet;
        struct made made;

        wire.data = malloc(wire.len == 0 ? 1 : wire.len);
        assert_non_null(wire.data);
        random_bytes(&dice, wire);
        grove_vnet_store(header, &vnet);
        packet = wire_input(wire);
        packet.vnet = header;
        made = begin_as(grove_profiles()[pick(&dice, 4)], pick(&dice, 2) == 0,
                        &packet);
        results[made.result]++;
        rules[made.rule]++;
        if (made.result == GROVE_SPLIT_OK)
            assert_readable(&made, &packet);
        else
            assert_over(&made);
        free(wire.data);
    }
    for (int i = 0; i < 3; i++)
        assert_true(results[i] > GARBAGE / 100);
    for (int i = GROVE_RULE_GSO_FRAGMENTS; i <= GROVE_RULE_GSO_ONE_SEGMENT; i++)
        assert_true(rules[i] > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_the_other_splitter),
        cmocka_unit_test_teardown(input_lengths_are_not_read, wires_release),
        cmocka_unit_test_teardown(udp_length_is_trusted, wires_release),
        cmocka_unit_test_teardown(tcp_without_seed, wires_release),
        cmocka_unit_test_teardown(zero_checksums, wires_release),
        cmocka_unit_test_teardown(fragments, wires_release),
        cmocka_unit_test_teardown(ip4_headers, wires_release),
        cmocka_unit_test_teardown(ip6_headers, wires_release),
        cmocka_unit_test_teardown(protocols, wires_release),
        cmocka_unit_test_teardown(csum_starts, wires_release),
        cmocka_unit_test_teardown(l4_is_far, wires_release),
        cmocka_unit_test_teardown(tcp_headers, wires_release),
        cmocka_unit_test_teardown(one_segment_of_udp, wires_release),
        cmocka_unit_test_teardown(segments_of_one_byte, wires_release),
        cmocka_unit_test_teardown(segment_of_65536, wires_release),
        cmocka_unit_test_teardown(jumbo_headers, wires_release),
        cmocka_unit_test_teardown(plain_packets, wires_release),
        cmocka_unit_test_teardown(plain_checksums, wires_release),
        cmocka_unit_test_teardown(plain_checksum_at_the_end, wires_release),
        cmocka_unit_test_teardown(rejections, wires_release),
        cmocka_unit_test_teardown(one_splitter, wires_release),
        cmocka_unit_test_teardown(profiles, wires_release),
        cmocka_unit_test(undoes_lossless_mode),
        cmocka_unit_test(garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
