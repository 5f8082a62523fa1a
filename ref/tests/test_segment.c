/* SPDX-License-Identifier: MIT */
/*
 * Segments against those of the tests' own splitter, and what must come of
 * packets that are no super-packets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "batch.h"
#include "kernel_split.h"
#include "splits.h"

enum { ROUNDS = 3000, BATCHES = 300 };
/* All segments are those of the tests' own splitter. */
static void assert_split(struct super *super)
{
    const struct grove_packet packet = input_of(super);
    const struct iovec iov[] = {{super->header, GROVE_VNET_LEN},
                                {super->wire.data, super->wire.len}};
    const struct grove_output output = {
        .iov = iov, .iovcnt = 2, .len = super->wire.len};
    const uint32_t count = segments_of_output(&output);
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
                                         super->vnet.csum_offset, 0, 0},
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

/* ---- super-packets in tunnels ---- */

/* A super-packet in VXLAN, in Ethernet, and where its parts are. */
struct tunnel {
    uint8_t bytes[2000];
    uint32_t len;
    uint32_t udp;      /* offset of the outer UDP header */
    uint32_t inner_nh; /* of the inner IP header */
    bool v4;           /* the outer IP header */
    uint8_t vnet[GROVE_VNET_TUNNEL_LEN];
};

/* Headers of random bytes, but for what the splitter needs. */
static void put_around(struct tunnel *tunnel, const struct super *super,
                       struct dice *dice)
{
    const uint32_t options = tunnel->v4 ? 4 * pick(dice, 11) : 0;
    const uint32_t between = 8 + pick(dice, 80);

    tunnel->udp = 14 + (tunnel->v4 ? 20 + options : 40);
    tunnel->inner_nh = tunnel->udp + between;
    tunnel->len = tunnel->inner_nh + super->wire.len;
    for (uint32_t i = 0; i < tunnel->inner_nh; i++)
        tunnel->bytes[i] = (uint8_t)roll(dice);
    memcpy(tunnel->bytes + tunnel->inner_nh, super->wire.data, super->wire.len);
    memcpy(tunnel->bytes + 12, tunnel->v4 ? "\x08\0" : "\x86\xdd", 2);
    tunnel->bytes[14] = (uint8_t)(tunnel->v4 ? 0x45 + options / 4 : 0x60);
    tunnel->bytes[14 + (tunnel->v4 ? 9 : 6)] = 17;
}

static struct tunnel tunnel_of(struct super *super, bool checksum,
                               struct dice *dice)
{
    struct tunnel tunnel = {.v4 = pick(dice, 2) == 0};
    struct grove_vnet vnet = super->vnet;

    put_around(&tunnel, super, dice);
    vnet.flags |= checksum ? GROVE_VNET_F_TUNNEL_CSUM : 0;
    vnet.gso_type |=
        tunnel.v4 ? GROVE_VNET_GSO_TUNNEL4 : GROVE_VNET_GSO_TUNNEL6;
    vnet.hdr_len = 0;
    vnet.csum_start = (uint16_t)(vnet.csum_start + tunnel.inner_nh);
    vnet.outer_th_offset = (uint16_t)tunnel.udp;
    vnet.inner_nh_offset = (uint16_t)tunnel.inner_nh;
    grove_vnet_store_len(tunnel.vnet, sizeof tunnel.vnet, &vnet);
    return tunnel;
}

static uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* Of whole words; `bytes` may be odd. */
static uint32_t sum_of_words(const uint8_t *bytes, uint32_t len)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < len; i++)
        sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* Segment `number` has the right outer headers, and nothing else changed. */
static void assert_outer(const struct tunnel *tunnel, const uint8_t *bytes,
                         uint32_t len, uint32_t number)
{
    const uint8_t *was = tunnel->bytes;
    uint8_t expected[200];

    assert_true(tunnel->inner_nh <= sizeof expected);
    memcpy(expected, was, tunnel->inner_nh);
    if (tunnel->v4) {
        const uint32_t id = get16(was + 18) + number;

        assert_int_equal(get16(bytes + 16), len - 14);
        assert_int_equal(get16(bytes + 18), id & 0xffff);
        assert_int_equal(sum_of_words(bytes + 14, tunnel->udp - 14), 0xffff);
        memcpy(expected + 16, bytes + 16, 4);
        memcpy(expected + 24, bytes + 24, 2);
    } else {
        assert_int_equal(get16(bytes + 18), len - 54);
        memcpy(expected + 18, bytes + 18, 2);
    }
    assert_int_equal(get16(bytes + tunnel->udp + 4), len - tunnel->udp);
    memcpy(expected + tunnel->udp + 4, bytes + tunnel->udp + 4, 2);
    if ((tunnel->vnet[0] & GROVE_VNET_F_TUNNEL_CSUM) != 0)
        memcpy(expected + tunnel->udp + 6, bytes + tunnel->udp + 6, 2);
    assert_memory_equal(bytes, expected, tunnel->inner_nh);
}

/*
 * The outer checksum is that of the bytes, if the inner header is at an even
 * place. The seed stands for the pseudo-header of the whole super-packet.
 */
static void assert_outer_sum(const struct tunnel *tunnel, const uint8_t *bytes,
                             uint32_t len)
{
    const uint8_t *udp = bytes + tunnel->udp;
    const uint32_t new = len - tunnel->udp;
    const uint32_t old = tunnel->len - tunnel->udp;
    uint32_t sum = sum_of_words(udp, new);

    if ((tunnel->inner_nh - tunnel->udp) % 2 != 0 ||
        (tunnel->vnet[0] & GROVE_VNET_F_TUNNEL_CSUM) == 0)
        return;
    sum += get16(tunnel->bytes + tunnel->udp + 6) + 0xffff - old % 0xffff + new;
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal(sum, 0xffff);
    assert_int_not_equal(get16(udp + 6), 0);
}

/* All bytes of it but the virtio header. */
static uint32_t gather(const struct grove_segment *segment, uint8_t *to)
{
    uint32_t len = 0;

    for (int i = 1; i < segment->iovcnt; i++) {
        memcpy(to + len, segment->iov[i].iov_base, segment->iov[i].iov_len);
        len += (uint32_t)segment->iov[i].iov_len;
    }
    assert_int_equal(len, segment->len);
    return len;
}

/* Inside the tunnel are the segments of the super-packet itself. */
static void assert_tunnel_split(const struct tunnel *tunnel,
                                struct super *super)
{
    static const struct grove_split_config config = {
        .profile = "linux-6.18",
        .link = GROVE_LINK_ETHERNET,
        .vnet_len = GROVE_VNET_TUNNEL_LEN};
    const struct grove_packet packet = {tunnel->bytes, tunnel->len,
                                        tunnel->vnet, 0};
    static uint8_t bytes[2000];
    static uint8_t copy[2000];
    struct made inner = begin(super, false);
    struct made outer = begin_with(&config, &packet);
    struct grove_segment segment;

    assert_int_equal(outer.result, GROVE_SPLIT_OK);
    for (uint32_t i = 0; grove_split_next(inner.split, &segment); i++) {
        const uint32_t inner_len = gather(&segment, copy);
        const uint32_t len = tunnel->inner_nh + inner_len;
        struct grove_split before = *outer.split;

        assert_true(grove_split_next(outer.split, &segment));
        assert_int_equal(segment.iov[0].iov_len, GROVE_VNET_TUNNEL_LEN);
        assert_int_equal(gather(&segment, bytes), len);
        assert_memory_equal(bytes + tunnel->inner_nh, copy, inner_len);
        assert_int_equal(grove_split_copy(&before, copy, len, NULL), len);
        assert_memory_equal(bytes, copy, len);
        assert_outer(tunnel, bytes, len, i);
        assert_outer_sum(tunnel, bytes, len);
    }
    assert_int_equal(grove_split_left(outer.split), 0);
}

static void in_tunnels(void **state)
{
    struct dice dice = {20261129};

    (void)state;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const struct fields fields = random_fields(&dice);
        const uint32_t least = (fields.payload_len + 127) / 128;
        const uint32_t most = fields.payload_len - 1;
        struct super super = super_of(
            &fields, (uint16_t)(least + pick(&dice, most - least + 1)));
        struct tunnel tunnel = tunnel_of(&super, pick(&dice, 2) == 0, &dice);

        assert_tunnel_split(&tunnel, &super);
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
    super.vnet = (struct grove_vnet){2, 0, 9, 9, 9, 9, 0, 0};
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
    assert_bytes(&segment, (struct grove_vnet){1, 0, 0, 0, 20, 16, 0, 0},
                 super.wire);
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
    super.vnet = (struct grove_vnet){1, 0, 0, 0, (uint16_t)at, 0, 0, 0};
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
        const char *profile = pick_profile(&dice);
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_the_other_splitter),
        cmocka_unit_test(in_tunnels),
        cmocka_unit_test_teardown(input_lengths_are_not_read, wires_release),
        cmocka_unit_test_teardown(udp_length_is_trusted, wires_release),
        cmocka_unit_test_teardown(tcp_without_seed, wires_release),
        cmocka_unit_test_teardown(zero_checksums, wires_release),
        cmocka_unit_test_teardown(segments_of_one_byte, wires_release),
        cmocka_unit_test_teardown(segment_of_65536, wires_release),
        cmocka_unit_test_teardown(jumbo_headers, wires_release),
        cmocka_unit_test_teardown(plain_packets, wires_release),
        cmocka_unit_test_teardown(plain_checksums, wires_release),
        cmocka_unit_test_teardown(plain_checksum_at_the_end, wires_release),
        cmocka_unit_test(undoes_lossless_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
