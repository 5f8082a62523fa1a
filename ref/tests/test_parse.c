/* SPDX-License-Identifier: MIT */
/* The results of parsing, and each rule that needs only the packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "packets.h"
#include "parse.h"
#include "tables.h"

static struct policy policy_of(const char *profile)
{
    return (struct policy){
        .profile = profile_named(profile),
        .sum = grove_sum_fastest(),
        .vnet_len = GROVE_VNET_LEN,
        .max_bytes = GROVE_DEFAULT_BYTES,
    };
}

static struct packet parsed_by(struct policy policy, struct wire wire)
{
    const struct grove_packet given = wire_input(wire);
    struct packet packet;

    parse(&policy, &given, &packet);
    return packet;
}

static struct packet parsed(struct wire wire)
{
    return parsed_by(policy_of("linux-6.18"), wire);
}

static struct packet parsed_fields(struct fields fields)
{
    return parsed(wire_of(&fields));
}

static struct packet parsed_with_vnet(struct policy policy, struct wire wire,
                                      struct grove_vnet vnet)
{
    uint8_t header[GROVE_VNET_LEN];
    struct grove_packet given = wire_input(wire);
    struct packet packet;

    grove_vnet_store(header, &vnet);
    given.vnet = header;
    parse(&policy, &given, &packet);
    return packet;
}

static void assert_good(const struct packet *packet)
{
    assert_int_equal(packet->input.reject, GROVE_RULE_NONE);
    assert_int_equal(packet->bypass, GROVE_RULE_NONE);
    assert_int_equal(packet->flush, GROVE_RULE_NONE);
    assert_true(packet->has_addresses);
    assert_true(packet->has_key);
    assert_true(packet->verified);
    assert_false(packet->input.gso);
}

/* The packet passes by this rule; whether its flow and checksum are known. */
static void assert_bypass(struct packet packet, enum grove_rule rule,
                          bool has_key, bool verified)
{
    assert_int_equal(packet.input.reject, GROVE_RULE_NONE);
    assert_int_equal(packet.bypass, rule);
    assert_int_equal(packet.has_key, has_key);
    assert_int_equal(packet.verified, verified);
}

static void assert_flush(struct packet packet, enum grove_rule rule)
{
    assert_int_equal(packet.input.reject, GROVE_RULE_NONE);
    assert_int_equal(packet.bypass, GROVE_RULE_NONE);
    assert_int_equal(packet.flush, rule);
    assert_true(packet.has_key);
    /* A flushed packet is not verified. */
    assert_false(packet.verified);
}

static void fields_of_tcp4(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct packet packet;

    (void)state;
    fields.flags = ACK | PSH | AE;
    packet = parsed_fields(fields);
    assert_good(&packet);
    assert_int_equal(packet.version, 4);
    assert_int_equal(packet.protocol, TCP);
    assert_int_equal(packet.l4, 20);
    assert_int_equal(packet.payload, 52);
    assert_int_equal(packet.ip.hop, 64);
    assert_int_equal(packet.ip.traffic_class, 0x28);
    assert_int_equal(packet.ip.id, 1000);
    assert_true(packet.ip.df);
    assert_int_equal(packet.sequence, 1000000);
    assert_int_equal(packet.acknowledgment, 77);
    assert_int_equal(packet.flags, 0x118);
    assert_int_equal(packet.window, 501);
    fields.fragment = 0;
    assert_false(parsed_fields(fields).ip.df);
}

static void fields_of_udp6(void **state)
{
    struct fields fields = fields_of(6, UDP);
    struct packet packet;

    (void)state;
    fields_extend(&fields, ROUTE, 3);
    packet = parsed_fields(fields);
    assert_good(&packet);
    assert_int_equal(packet.version, 6);
    assert_int_equal(packet.protocol, UDP);
    assert_int_equal(packet.l4, 48);
    assert_int_equal(packet.payload, 56);
    assert_int_equal(packet.ip.hop, 64);
    assert_int_equal(packet.ip.traffic_class, 0x28);
    assert_int_equal(packet_version_label(&packet), 0x60054321);
    assert_int_equal(packet_next_header(&packet), ROUTE);
}

/* A key of IPv4 has only the first word of `addresses`. */
static bool same_key(struct packet a, struct packet b)
{
    return a.key.transport == b.key.transport &&
           a.key.network == b.key.network &&
           key_same_addresses(&a.key, &b.key, key_version(&a.key));
}

/* Each change of GRO-KEY-001 and GRO-KEY-002 makes another flow. */
static void keys_of_ip4(void **state)
{
    struct fields fields[6];
    struct packet packets[6];

    (void)state;
    for (size_t i = 0; i < 6; i++)
        fields[i] = fields_of(4, TCP);
    fields[1].source[3]++;
    fields[2].destination[0]++;
    fields[3].source_port++;
    fields[4].destination_port++;
    fields[5].protocol = UDP;
    for (size_t i = 0; i < 6; i++) {
        packets[i] = parsed_fields(fields[i]);
        for (size_t j = 0; j < i; j++)
            assert_false(same_key(packets[i], packets[j]));
    }
    fields[0] = fields_next(fields[0]);
    fields[0].hop--;
    fields[0].traffic_class++;
    fields[0].fragment = 0;
    assert_true(same_key(parsed_fields(fields[0]), packets[0]));
}

static void keys_of_ip6(void **state)
{
    struct fields fields[6];
    struct packet packets[6];

    (void)state;
    for (size_t i = 0; i < 6; i++)
        fields[i] = fields_of(6, UDP);
    fields[1].source[15]++;
    fields[2].source[7]++;
    fields[3].destination[15]++;
    fields[4].destination[0]++;
    fields[5].destination_port++;
    for (size_t i = 0; i < 6; i++) {
        packets[i] = parsed_fields(fields[i]);
        for (size_t j = 0; j < i; j++)
            assert_false(same_key(packets[i], packets[j]));
    }
    fields[0].traffic_class++;
    fields[0].hop++;
    assert_true(same_key(parsed_fields(fields[0]), packets[0]));
}

/* Flow label and extension headers are in the key in linux mode only. */
static void keys_of_ip6_by_mode(void **state)
{
    struct policy lossless = policy_of("linux-6.18");
    struct fields fields[5];

    (void)state;
    lossless.lossless = true;
    for (size_t i = 0; i < 5; i++)
        fields[i] = fields_of(6, TCP);
    fields[1].flow_label++;
    fields_extend(&fields[2], HBH, 0);
    fields_extend(&fields[3], ROUTE, 0);
    fields_extend(&fields[4], HBH, 0);
    fields_extend(&fields[4], DESTINATION, 0);
    for (size_t i = 1; i < 5; i++) {
        const struct packet linux = parsed_fields(fields[i]);
        const struct packet ours = parsed_by(lossless, wire_of(&fields[i]));

        for (size_t j = 0; j < i; j++) {
            const struct packet other =
                parsed_by(lossless, wire_of(&fields[j]));

            assert_false(same_key(linux, parsed_fields(fields[j])));
            assert_true(same_key(ours, other));
        }
    }
}

/* The IP version is in the key, also where Linux ignores it (SPEC.md, K-1). */
static void keys_of_both_versions(void **state)
{
    const struct fields ip4 = fields_of(4, TCP);
    struct fields ip6 = ip4;
    struct policy lossless = policy_of("linux-6.18");
    struct packet a;
    struct packet b;

    (void)state;
    lossless.lossless = true;
    fields_alias(&ip6);
    a = parsed_by(lossless, wire_of(&ip4));
    b = parsed_by(lossless, wire_of(&ip6));
    assert_true(a.key.addresses[0] == b.key.addresses[0]);
    assert_false(same_key(a, b));
}

static void rejected(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct packet packet = parsed(wire_sized(&fields, 0));

    (void)state;
    assert_int_equal(packet.input.reject, GROVE_RULE_IN_VERSION);
    assert_false(packet.has_addresses);
}

static void ip4_short(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct packet packet = parsed(wire_sized(&fields, 19));

    (void)state;
    assert_bypass(packet, GROVE_RULE_IP4_SHORT, false, false);
    assert_false(packet.has_addresses);
}

static void ip4_protocol(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct packet packet;

    (void)state;
    for (unsigned protocol = 0; protocol < 256; protocol++) {
        fields.protocol = (uint8_t)protocol;
        packet = parsed_fields(fields);
        if (protocol != TCP && protocol != UDP) {
            assert_bypass(packet, GROVE_RULE_IP4_PROTOCOL, false, false);
            assert_true(packet.has_addresses);
        } else {
            assert_int_equal(packet.bypass, GROVE_RULE_NONE);
        }
    }
}

static void ip4_options(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put8(wire, 0, 0x46);
    wire_mend(wire);
    assert_bypass(parsed(wire), GROVE_RULE_IP4_OPTIONS, false, false);
    assert_true(parsed(wire).has_addresses);
    wire_put8(wire, 0, 0x44);
    assert_bypass(parsed(wire), GROVE_RULE_IP4_OPTIONS, false, false);
}

static void ip4_fragments(void **state)
{
    static const uint16_t fragments[] = {MF, MF | DF, 1, 0x1000, 0x1fff};
    struct fields fields = fields_of(4, UDP);

    (void)state;
    for (size_t i = 0; i < sizeof fragments / sizeof fragments[0]; i++) {
        fields.fragment = fragments[i];
        assert_bypass(parsed_fields(fields), GROVE_RULE_IP4_FRAGMENT, false,
                      false);
    }
}

static void ip4_checksum(void **state)
{
    const struct fields fields = fields_of(4, UDP);

    (void)state;
    for (uint32_t offset = 1; offset < 20; offset++) {
        struct wire wire = wire_of(&fields);

        if (offset == 6 || offset == 7 || offset == 9)
            continue; /* the fragment and the protocol have their own rules */
        wire_put8(wire, offset, (uint8_t)(wire.data[offset] ^ 0x10));
        assert_bypass(parsed(wire), GROVE_RULE_IP4_CHECKSUM, false, false);
    }
}

/* Both zeros of the arithmetic are right. */
static void ip4_odd_checksum(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct wire wire = wire_of(&fields);
    struct packet packet;

    (void)state;
    wire_odd_ip_checksum(wire);
    packet = parsed(wire);
    assert_good(&packet);
    assert_int_equal(wire_get16(wire, 10), 0xffff);
    wire_put16(wire, 10, 0);
    packet = parsed(wire);
    assert_good(&packet);
}

static void ip4_flushes(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put16(wire, 2, (uint16_t)(wire.len + 1));
    wire_mend(wire);
    assert_flush(parsed(wire), GROVE_RULE_IP4_LENGTH);
    wire_put16(wire, 6, RESERVED);
    wire_mend(wire);
    assert_flush(parsed(wire), GROVE_RULE_IP4_LENGTH);
    wire_put16(wire, 2, (uint16_t)wire.len);
    wire_mend(wire);
    assert_flush(parsed(wire), GROVE_RULE_IP4_RESERVED);
}

/* The length is compared in 16 bits, as Linux does. */
static void ip4_length_over_65535(void **state)
{
    struct fields fields = fields_of(4, TCP);

    (void)state;
    fields.payload_len = 65536 - 52;
    assert_int_equal(parsed_fields(fields).flush, GROVE_RULE_NONE);
}

static void ip6_short(void **state)
{
    const struct fields fields = fields_of(6, TCP);
    const struct packet packet = parsed(wire_sized(&fields, 39));

    (void)state;
    assert_bypass(packet, GROVE_RULE_IP6_SHORT, false, false);
    assert_false(packet.has_addresses);
}

static void ip6_length(void **state)
{
    const struct fields fields = fields_of(6, UDP);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put16(wire, 4, (uint16_t)(wire.len - 41));
    assert_flush(parsed(wire), GROVE_RULE_IP6_LENGTH);
    wire_put16(wire, 4, 0);
    assert_flush(parsed(wire), GROVE_RULE_IP6_LENGTH);
}

static void ip6_extensions(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct wire wire;

    (void)state;
    fields_extend(&fields, HBH, 0);
    wire = wire_of(&fields);
    assert_bypass(parsed(wire_sized(&fields, 47)), GROVE_RULE_IP6_EXTENSION,
                  false, false);
    wire_put8(wire, 40, 44);
    assert_bypass(parsed(wire), GROVE_RULE_IP6_PROTOCOL, false, false);
    assert_true(parsed(wire).has_addresses);
    wire_put8(wire, 6, 59);
    assert_bypass(parsed(wire), GROVE_RULE_IP6_PROTOCOL, false, false);
}

static void tcp_checksum(void **state)
{
    const struct fields fields = fields_of(6, TCP);
    struct wire wire = wire_of(&fields);
    struct policy trusted = policy_of("linux-6.18");
    struct packet packet;

    (void)state;
    trusted.csum_trusted = true;
    wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
    assert_bypass(parsed(wire), GROVE_RULE_TCP_CHECKSUM, true, false);
    packet = parsed_by(trusted, wire);
    assert_good(&packet);
    wire_mend(wire);
    wire_odd_l4_checksum(wire);
    packet = parsed(wire);
    assert_good(&packet);
    assert_int_equal(wire_get16(wire, 56), 0xffff);
}

/* Cut packets have a wrong length, which is checked before the checksum. */
static void tcp_short(void **state)
{
    const struct fields fields = fields_of(4, TCP);

    (void)state;
    for (uint32_t len = 20; len <= 40; len++) {
        const struct packet packet = parsed(wire_sized(&fields, len));
        const enum grove_rule rule =
            len < 40 ? GROVE_RULE_TCP_SHORT : GROVE_RULE_TCP_OFFSET;

        assert_bypass(packet, rule, len >= 24, false);
        assert_int_equal(packet.flush, GROVE_RULE_IP4_LENGTH);
    }
}

static void tcp_offset(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct wire wire;

    (void)state;
    fields.payload_len = 8;
    wire = wire_of(&fields); /* 40 bytes of TCP */
    for (unsigned words = 0; words < 16; words++) {
        struct packet packet;

        wire_put16(wire, 32, (uint16_t)(words << 12 | ACK));
        wire_mend(wire);
        packet = parsed(wire);
        if (words < 5 || words > 10) {
            assert_bypass(packet, GROVE_RULE_TCP_OFFSET, true, true);
        } else {
            assert_good(&packet);
            assert_int_equal(packet.payload, 20 + 4 * words);
        }
    }
}

static void udp_short(void **state)
{
    const struct fields fields = fields_of(6, UDP);

    (void)state;
    for (uint32_t len = 40; len < 48; len++) {
        struct packet packet = parsed(wire_sized(&fields, len));

        assert_bypass(packet, GROVE_RULE_UDP_SHORT, len >= 44, false);
        assert_int_equal(packet.flush, GROVE_RULE_IP6_LENGTH);
    }
}

static void udp_checksum(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put16(wire, 26, (uint16_t)(wire_get16(wire, 26) ^ 1));
    assert_bypass(parsed(wire), GROVE_RULE_UDP_CHECKSUM, true, false);
    wire_put16(wire, 26, 0);
    assert_bypass(parsed(wire), GROVE_RULE_UDP_NO_CHECKSUM, true, true);
    wire_odd_l4_checksum(wire);
    assert_int_equal(parsed(wire).bypass, GROVE_RULE_NONE);
}

/* The checksum of a flushed packet is not verified. */
static void flushed_is_not_verified(void **state)
{
    const struct fields udp = fields_of(6, UDP);
    const struct fields tcp = fields_of(6, TCP);
    struct wire wire = wire_of(&udp);

    (void)state;
    wire_put16(wire, 4, 7);
    wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
    assert_flush(parsed(wire), GROVE_RULE_IP6_LENGTH);
    wire_put16(wire, 46, 0);
    assert_bypass(parsed(wire), GROVE_RULE_UDP_NO_CHECKSUM, true, false);
    wire = wire_of(&tcp);
    wire_put16(wire, 4, 7);
    wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
    assert_flush(parsed(wire), GROVE_RULE_IP6_LENGTH);
}

static void udp_off(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    struct wire wire = wire_of(&fields);
    struct policy policy = policy_of("linux-6.18");

    (void)state;
    policy.no_udp = true;
    assert_bypass(parsed_by(policy, wire), GROVE_RULE_UDP_OFF, true, true);
    wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
    assert_bypass(parsed_by(policy, wire), GROVE_RULE_UDP_CHECKSUM, true,
                  false);
}

static void udp_length(void **state)
{
    struct fields fields = fields_of(4, UDP);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put16(wire, 24, 107);
    wire_mend(wire);
    assert_bypass(parsed(wire), GROVE_RULE_UDP_LENGTH, true, true);
    wire_put16(wire, 24, 109);
    wire_mend(wire);
    assert_bypass(parsed(wire), GROVE_RULE_UDP_LENGTH, true, true);
    fields.payload_len = 0;
    assert_bypass(parsed_fields(fields), GROVE_RULE_UDP_LENGTH, true, true);
    fields.payload_len = 1;
    assert_int_equal(parsed_fields(fields).bypass, GROVE_RULE_NONE);
}

/* A checksum that is not computed yet: csum_start at the L4 header or after it.
 */
static void needs_csum(void **state)
{
    static const uint8_t protocols[] = {TCP, UDP};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct fields fields = fields_of(4, protocols[i]);
        const struct policy policy = policy_of("linux-6.1");
        struct wire wire = wire_of(&fields);
        struct grove_vnet vnet = {1, 0, 0, 0, 20, 6, 0, 0};
        struct packet packet;

        wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
        packet = parsed_with_vnet(policy, wire, vnet);
        assert_bypass(packet, GROVE_RULE_NONE, true, false);
        assert_int_equal(packet.input.vnet.csum_start, 20);
        vnet.csum_start = 19;
        packet = parsed_with_vnet(policy, wire, vnet);
        assert_bypass(
            packet, i == 0 ? GROVE_RULE_TCP_CHECKSUM : GROVE_RULE_UDP_CHECKSUM,
            true, false);
    }
}

static void virtio_headers(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct wire wire = wire_of(&fields);
    const struct policy policy = policy_of("linux-7.2");
    struct packet packet;

    (void)state;
    packet = parsed_with_vnet(policy, wire, (struct grove_vnet){0});
    assert_good(&packet);
    packet = parsed_with_vnet(policy, wire,
                              (struct grove_vnet){1, 1, 0, 50, 20, 16, 0, 0});
    assert_flush(packet, GROVE_RULE_IN_GSO);
    assert_true(packet.input.gso);
    packet = parsed_with_vnet(policy, wire,
                              (struct grove_vnet){1, 2, 0, 50, 20, 16, 0, 0});
    assert_int_equal(packet.input.reject, GROVE_RULE_VNET_TYPE);
    assert_false(packet.has_addresses);
}

/* The packet's rule is the first one that flushes it. */
static void gso_of_wrong_length(void **state)
{
    const struct fields fields = fields_of(6, TCP);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put16(wire, 4, 0);
    assert_flush(
        parsed_with_vnet(policy_of("linux-6.18"), wire,
                         (struct grove_vnet){1, 4, 0, 50, 40, 16, 0, 0}),
        GROVE_RULE_IN_GSO);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(fields_of_tcp4, wires_release),
        cmocka_unit_test_teardown(fields_of_udp6, wires_release),
        cmocka_unit_test_teardown(keys_of_ip4, wires_release),
        cmocka_unit_test_teardown(keys_of_ip6, wires_release),
        cmocka_unit_test_teardown(keys_of_ip6_by_mode, wires_release),
        cmocka_unit_test_teardown(keys_of_both_versions, wires_release),
        cmocka_unit_test_teardown(rejected, wires_release),
        cmocka_unit_test_teardown(ip4_short, wires_release),
        cmocka_unit_test_teardown(ip4_protocol, wires_release),
        cmocka_unit_test_teardown(ip4_options, wires_release),
        cmocka_unit_test_teardown(ip4_fragments, wires_release),
        cmocka_unit_test_teardown(ip4_checksum, wires_release),
        cmocka_unit_test_teardown(ip4_odd_checksum, wires_release),
        cmocka_unit_test_teardown(ip4_flushes, wires_release),
        cmocka_unit_test_teardown(ip4_length_over_65535, wires_release),
        cmocka_unit_test_teardown(ip6_short, wires_release),
        cmocka_unit_test_teardown(ip6_length, wires_release),
        cmocka_unit_test_teardown(ip6_extensions, wires_release),
        cmocka_unit_test_teardown(tcp_checksum, wires_release),
        cmocka_unit_test_teardown(tcp_short, wires_release),
        cmocka_unit_test_teardown(tcp_offset, wires_release),
        cmocka_unit_test_teardown(udp_short, wires_release),
        cmocka_unit_test_teardown(udp_checksum, wires_release),
        cmocka_unit_test_teardown(flushed_is_not_verified, wires_release),
        cmocka_unit_test_teardown(udp_off, wires_release),
        cmocka_unit_test_teardown(udp_length, wires_release),
        cmocka_unit_test_teardown(needs_csum, wires_release),
        cmocka_unit_test_teardown(virtio_headers, wires_release),
        cmocka_unit_test_teardown(gso_of_wrong_length, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
