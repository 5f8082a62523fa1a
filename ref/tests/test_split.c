/* SPDX-License-Identifier: MIT */
/* Each GSO rule on both sides, and bytes of any kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "batch.h"
#include "rule.h"
#include "splits.h"

enum { GARBAGE = 100000 };

/* A profile with GSO-009. */
#define PROBES "linux-6.18:probes_tcp=yes"

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
    super.vnet = (struct grove_vnet){0, 1, 0, 10, 0, 0, 0, 0};
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
    super.vnet = (struct grove_vnet){1, 5, 0, 1, 28, 6, 0, 0};
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

/* Extension headers up to `l4`, and TCP after them; without NEEDS_CSUM. */
static struct super far_tcp(uint32_t l4)
{
    const struct fields fields = fields_of(6, TCP);
    const uint32_t len = GROVE_MAX_PACKET_LEN;
    struct super super = {
        .wire = {.data = wire_memory(len), .len = len},
        .vnet = {.gso_type = GROVE_VNET_GSO_TCPV6, .gso_size = 50}};
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

static void assert_probe(struct super *super, enum grove_rule rule)
{
    const struct grove_packet packet = input_of(super);

    assert_int_equal(begin_as(PROBES, false, &packet).rule, rule);
    assert_int_equal(begin(super, false).rule, GROVE_RULE_NONE);
}

/* From 65536 bytes on, the probe begins at the length mod 2^16. */
static void probe_of_length(void **state)
{
    struct super super = far_tcp(48);

    (void)state;
    assert_int_equal(super.wire.len, 65536 + 39);
    assert_probe(&super, GROVE_RULE_GSO_PROBE);
    wire_put8(super.wire, 39 + 12, 0x4f);
    assert_probe(&super, GROVE_RULE_GSO_PROBE);
    wire_put8(super.wire, 39 + 12, 0x50);
    assert_probe(&super, GROVE_RULE_NONE);
    super.wire.len = 65536;
    assert_probe(&super, GROVE_RULE_GSO_PROBE);
    super.wire.len = 65535;
    assert_probe(&super, GROVE_RULE_NONE);
}

/* The probe passes 16 of these extension headers of 8 bytes. */
static void probe_of_extensions(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct super super;

    (void)state;
    for (int i = 0; i < 16; i++)
        fields_extend(&fields, DESTINATION, 0);
    fields.sequence = 0;
    super = super_of(&fields, 10);
    super.vnet.flags = 0;
    assert_probe(&super, GROVE_RULE_NONE);
    fields_extend(&fields, DESTINATION, 0);
    super = super_of(&fields, 10);
    assert_probe(&super, GROVE_RULE_NONE);
    super.vnet.flags = 0;
    assert_probe(&super, GROVE_RULE_GSO_PROBE);
    wire_put8(super.wire, 40 + 16 * 8 + 12, 0x50);
    assert_probe(&super, GROVE_RULE_NONE);
}

static void one_segment_of_udp(void **state)
{
    struct fields fields = fields_of(4, UDP);
    struct super super = super_of(&fields, 60);

    (void)state;
    /* VNET-014 subtracts the UDP header: one segment is a plain packet. */
    super.vnet.gso_size = 99;
    assert_count(&super, 2);
    super.vnet.gso_size = 100;
    assert_count(&super, 1);
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

/* A packet does not depend on the result of the one before. */
static void one_splitter(void **state)
{
    const struct grove_split_config config = {.profile = NULL};
    struct fields fields = fields_of(4, TCP);
    struct super super = super_of(&fields, 60);
    const struct grove_packet packet = input_of(&super);
    const struct grove_packet empty = {NULL, 0, NULL, 0};
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

/* linux-7.2 raises gso_size; linux-6.1 knows no UDP super-packets. */
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

/* The bytes of an IP packet that are read. */
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
    uint64_t rules[RULE_LIMIT] = {0};
    enum grove_rule rule;

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
        made = begin_with(
            &(struct grove_split_config){
                .profile = pick_profile(&dice),
                .csum_offload = pick(&dice, 2) == 0,
                .link =
                    pick(&dice, 2) == 0 ? GROVE_LINK_ETHERNET : GROVE_LINK_NONE,
            },
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
    for (rule = GROVE_RULE_GSO_FRAGMENTS; rule != GROVE_RULE_GSO_PROBE;
         rule = grove_rule_next(rule))
        /* Headers here tell of no tunnel; test_segment.c has some. */
        assert_true(rules[rule] > 0 || rule == GROVE_RULE_GSO_TUNNEL_HEADER);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(fragments, wires_release),
        cmocka_unit_test_teardown(ip4_headers, wires_release),
        cmocka_unit_test_teardown(ip6_headers, wires_release),
        cmocka_unit_test_teardown(protocols, wires_release),
        cmocka_unit_test_teardown(csum_starts, wires_release),
        cmocka_unit_test_teardown(l4_is_far, wires_release),
        cmocka_unit_test_teardown(tcp_headers, wires_release),
        cmocka_unit_test_teardown(probe_of_length, wires_release),
        cmocka_unit_test_teardown(probe_of_extensions, wires_release),
        cmocka_unit_test_teardown(one_segment_of_udp, wires_release),
        cmocka_unit_test_teardown(rejections, wires_release),
        cmocka_unit_test_teardown(one_splitter, wires_release),
        cmocka_unit_test_teardown(profiles, wires_release),
        cmocka_unit_test(garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
