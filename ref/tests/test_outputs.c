/* SPDX-License-Identifier: MIT */
/* What is written for a packet that leaves, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outputs.h"
#include "packets.h"
#include "parse.h"
#include "tables.h"

/* Outputs in memory of exactly their size. */
static struct outputs outputs_of(uint32_t max)
{
    struct outputs outputs = {
        .records = malloc(max * sizeof *outputs.records),
        .max = max,
        .list = malloc(max * sizeof *outputs.list),
        .vnets = malloc((size_t)max * GROVE_VNET_LEN),
        .kept_vnets = malloc((size_t)max * GROVE_VNET_LEN),
        .vnet_len = GROVE_VNET_LEN,
        .headers = malloc(max * sizeof *outputs.headers),
        .jumbos = malloc(max * sizeof *outputs.jumbos),
        .iov = malloc((size_t)max * IOVECS_PER_PACKET * sizeof *outputs.iov),
    };

    assert_non_null(outputs.records);
    assert_non_null(outputs.list);
    assert_non_null(outputs.vnets);
    assert_non_null(outputs.kept_vnets);
    assert_non_null(outputs.headers);
    assert_non_null(outputs.jumbos);
    assert_non_null(outputs.iov);
    return outputs;
}

static void outputs_free(struct outputs *outputs)
{
    free(outputs->records);
    free(outputs->list);
    free(outputs->vnets);
    free(outputs->kept_vnets);
    free(outputs->headers);
    free(outputs->jumbos);
    free(outputs->iov);
}

static struct policy policy_of(const char *profile)
{
    return (struct policy){
        .profile = profile_named(profile),
        .sum = grove_sum_fastest(),
        .vnet_len = GROVE_VNET_LEN,
        .max_bytes = GROVE_DEFAULT_BYTES,
    };
}

static struct packet parsed(struct wire wire)
{
    const struct policy policy = policy_of(NULL);
    const struct grove_packet given = wire_input(wire);
    struct packet packet;

    parse(&policy, &given, &packet);
    return packet;
}

static void assert_vnet(const struct grove_output *output,
                        struct grove_vnet expected)
{
    const struct grove_vnet vnet = vnet_of_output(output);

    assert_int_equal(vnet.flags, expected.flags);
    assert_int_equal(vnet.gso_type, expected.gso_type);
    assert_int_equal(vnet.hdr_len, expected.hdr_len);
    assert_int_equal(vnet.gso_size, expected.gso_size);
    assert_int_equal(vnet.csum_start, expected.csum_start);
    assert_int_equal(vnet.csum_offset, expected.csum_offset);
}

static void assert_bytes(const struct grove_output *output, struct wire wire)
{
    const struct wire got = wire_of_output(output);

    assert_int_equal(got.len, wire.len);
    assert_memory_equal(got.data, wire.data, wire.len);
}

/* GRO-OUT-001: the caller's own memory; DATA_VALID if there is no flag. */
static void passed(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct wire wire = wire_of(&fields);
    struct packet packet = parsed(wire);
    struct outputs outputs = outputs_of(3);

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        packet.verified = i != 1;
        packet.input.vnet = i == 2
                                ? (struct grove_vnet){1, 4, 7, 8, 9, 10, 0, 0}
                                : (struct grove_vnet){0};
        assert_int_equal(outputs_record(&outputs, (struct bytes){NULL, 0},
                                        GROVE_PASSED, GROVE_RULE_TCP_SHORT),
                         i);
        outputs_pass(&outputs, &packet, i);
        assert_int_equal(outputs.list[i].first, i);
        assert_int_equal(outputs.list[i].packets, 1);
        assert_int_equal(outputs.list[i].rule, GROVE_RULE_NONE);
        assert_int_equal(outputs.list[i].iovcnt, 2);
        assert_ptr_equal(outputs.list[i].iov[1].iov_base, wire.data);
        assert_bytes(&outputs.list[i], wire);
        assert_int_equal(outputs.records[i].next, GROVE_NO_PACKET);
        assert_int_equal(outputs.records[i].verdict, GROVE_PASSED);
        assert_int_equal(outputs.records[i].rule, GROVE_RULE_TCP_SHORT);
    }
    assert_int_equal(outputs.count, 3);
    assert_vnet(&outputs.list[0], (struct grove_vnet){2, 0, 0, 0, 0, 0, 0, 0});
    assert_vnet(&outputs.list[1], (struct grove_vnet){0});
    assert_vnet(&outputs.list[2], (struct grove_vnet){1, 4, 7, 8, 9, 10, 0, 0});
    outputs_free(&outputs);
}

static void hold(struct outputs *outputs, struct held *held)
{
    held_begin(held, outputs_record(outputs, packet_payload(&held->first),
                                    GROVE_HELD, GROVE_RULE_NONE));
}

static void append(struct outputs *outputs, struct held *held,
                   const struct packet *packet)
{
    const uint32_t number = outputs_record(outputs, packet_payload(packet),
                                           GROVE_MERGED, GROVE_RULE_NONE);

    outputs_chain(outputs, held, number);
    held_append(held, packet, number, false);
}

/* Holds `first`, merges `next` `times`, and completes under `profile`. */
static void build(struct outputs *outputs, struct fields first,
                  struct fields next, uint32_t times, const char *profile)
{
    const struct policy policy = policy_of(profile);
    struct held held = {.first = parsed(wire_of(&first))};

    hold(outputs, &held);
    for (uint32_t i = 0; i < times; i++) {
        const struct packet packet = parsed(wire_of(&next));

        append(outputs, &held, &packet);
        next = fields_next(next);
    }
    outputs_held(outputs, &policy, &held, GROVE_RULE_END_POLL);
}

static void held_alone(void **state)
{
    const struct fields fields = fields_of(6, UDP);
    struct outputs outputs = outputs_of(1);

    (void)state;
    build(&outputs, fields, fields, 0, NULL);
    assert_int_equal(outputs.list[0].rule, GROVE_RULE_END_POLL);
    assert_bytes(&outputs.list[0], wire_of(&fields));
    assert_vnet(&outputs.list[0], (struct grove_vnet){2, 0, 0, 0, 0, 0, 0, 0});
    outputs_free(&outputs);
}

/* Each packet names the next one of its super-packet. */
static void chain(void **state)
{
    const struct fields first = fields_of(4, TCP);
    struct outputs outputs = outputs_of(3);

    (void)state;
    build(&outputs, first, fields_next(first), 2, NULL);
    assert_int_equal(outputs.records[0].next, 1);
    assert_int_equal(outputs.records[1].next, 2);
    assert_int_equal(outputs.records[2].next, GROVE_NO_PACKET);
    assert_int_equal(outputs.list[0].packets, 3);
    assert_int_equal(outputs.list[0].iovcnt, 5);
    outputs_free(&outputs);
}

/* GRO-OUT-016: each packet of a list, and its own virtio header. */
static void list(void **state)
{
    struct policy policy = policy_of(NULL);
    struct fields fields = fields_of(6, TCP);
    struct outputs outputs = outputs_of(3);
    struct wire wire[3];
    struct held held;

    (void)state;
    policy.fraglist = true;
    for (uint32_t i = 0; i < 3; i++) {
        struct packet packet;
        uint32_t number;

        wire[i] = wire_of(&fields);
        packet = parsed(wire[i]);
        packet.input.vnet = (struct grove_vnet){
            .flags = GROVE_VNET_F_NEEDS_CSUM, .csum_start = (uint16_t)(40 + i)};
        number =
            outputs_record(&outputs, packet.input.bytes,
                           i == 0 ? GROVE_HELD : GROVE_MERGED, GROVE_RULE_NONE);
        if (i == 0) {
            held.first = packet;
            held_begin(&held, number);
        } else {
            outputs_chain(&outputs, &held, number);
            held_append(&held, &packet, number, 0);
        }
        outputs_keep_vnet(&outputs, &packet, number);
        fields = fields_next(fields);
    }
    outputs_held(&outputs, &policy, &held, GROVE_RULE_END_POLL);
    assert_int_equal(outputs.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(outputs.list[i].first, i);
        assert_bytes(&outputs.list[i], wire[i]);
        assert_vnet(&outputs.list[i],
                    (struct grove_vnet){.flags = GROVE_VNET_F_NEEDS_CSUM,
                                        .csum_start = (uint16_t)(40 + i)});
    }
    outputs_free(&outputs);
}

/*
 * The same packets as one, built by the test: the first one's fields, all of
 * the payload, and the sum of the pseudo-header where the checksum was.
 */
static struct wire expected_super(struct fields first, struct fields next,
                                  uint32_t times)
{
    struct wire wire;

    if (first.protocol == TCP)
        first.flags |= next.flags & (FIN | PSH);
    first.payload_len += times * next.payload_len;
    wire = wire_of(&first);
    wire_put16(wire, wire.l4 + (first.protocol == TCP ? 16 : 6),
               wire_l4_sum(wire, wire.len - wire.l4, 0));
    return wire;
}

static void assert_super(struct fields first, struct fields next,
                         const char *profile, struct grove_vnet vnet)
{
    struct outputs outputs = outputs_of(5);

    build(&outputs, first, next, 4, profile);
    assert_int_equal(outputs.list[0].packets, 5);
    assert_bytes(&outputs.list[0], expected_super(first, next, 4));
    assert_vnet(&outputs.list[0], vnet);
    outputs_free(&outputs);
}

static void super_packets(void **state)
{
    struct fields tcp4 = fields_of(4, TCP);
    struct fields tcp6 = fields_of(6, TCP);
    const struct fields udp4 = fields_of(4, UDP);
    struct fields udp6 = fields_of(6, UDP);

    (void)state;
    tcp4.flags |= AE | 0x600;
    fields_extend(&tcp6, HBH, 1);
    fields_extend(&tcp6, DESTINATION, 2);
    fields_extend(&udp6, ROUTE, 3);
    assert_super(tcp4, fields_next(tcp4), NULL,
                 (struct grove_vnet){1, 1, 52, 100, 20, 16, 0, 0});
    assert_super(tcp6, fields_next(tcp6), NULL,
                 (struct grove_vnet){1, 4, 88, 100, 56, 16, 0, 0});
    assert_super(udp4, fields_next(udp4), NULL,
                 (struct grove_vnet){1, 5, 28, 100, 20, 6, 0, 0});
    assert_super(udp6, fields_next(udp6), NULL,
                 (struct grove_vnet){1, 5, 56, 100, 48, 6, 0, 0});
}

/* Options of every length, so every place where the payload can begin. */
static void lengths_of_options(void **state)
{
    struct fields fields = fields_of(4, TCP);

    (void)state;
    for (fields.options_len = 0; fields.options_len <= 40;
         fields.options_len += 4)
        assert_super(fields, fields_next(fields), NULL,
                     (struct grove_vnet){1, 1,
                                         (uint16_t)(40 + fields.options_len),
                                         100, 20, 16, 0, 0});
}

/* Of the flags of later packets only FIN and PSH are kept. */
static void flags_of_later_packets(void **state)
{
    const struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);

    (void)state;
    for (uint16_t flags = 0; flags < 0x1000; flags++) {
        if ((flags & 0x57) != 0 && flags != 0xfff)
            continue; /* a sample will do */
        next.flags = flags;
        assert_super(first, next, NULL,
                     (struct grove_vnet){1, 1, 52, 100, 20, 16, 0, 0});
    }
}

/* Some profiles show CWR as the ECN bit, on TCP only. */
static void ecn_bit(void **state)
{
    struct fields fields = fields_of(4, TCP);

    (void)state;
    for (const char *const *name = grove_profiles(); *name != NULL; name++) {
        const uint8_t type = profile_named(*name).shows_cwr ? 0x81 : 1;

        fields.flags = ACK | CWR;
        assert_super(fields, fields_next(fields), *name,
                     (struct grove_vnet){1, type, 52, 100, 20, 16, 0, 0});
        fields.flags = ACK | ECE;
        assert_super(fields, fields_next(fields), *name,
                     (struct grove_vnet){1, 1, 52, 100, 20, 16, 0, 0});
    }
}

/*
 * Every identification, so every checksum: updating it gives what computing
 * it gives, for the zero that a sender computes.
 */
static void ip4_checksums(void **state)
{
    struct fields fields = fields_of(4, UDP);

    (void)state;
    fields.payload_len = 1;
    for (uint32_t id = 0; id < 65536; id++) {
        fields.id = (uint16_t)id;
        assert_super(fields, fields_next(fields), NULL,
                     (struct grove_vnet){1, 5, 28, 1, 20, 6, 0, 0});
        wires_release(NULL);
    }
}

static uint16_t super_ip4_checksum(struct wire first)
{
    const struct policy policy = policy_of(NULL);
    struct outputs outputs = outputs_of(2);
    struct held held = {.first = parsed(first)};
    struct wire wire;

    hold(&outputs, &held);
    append(&outputs, &held, &held.first);
    outputs_held(&outputs, &policy, &held, GROVE_RULE_END_POLL);
    wire = wire_of_output(&outputs.list[0]);
    outputs_free(&outputs);
    return wire_get16(wire, 10);
}

/* RFC 1624: 0xffff and 0 in the first header give the same result. */
static void odd_ip4_checksum(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    const struct wire wire = wire_of(&fields);
    uint16_t odd;

    (void)state;
    wire_odd_ip_checksum(wire);
    odd = super_ip4_checksum(wire);
    wire_put16(wire, 10, 0);
    assert_int_equal(odd, super_ip4_checksum(wire));
    assert_int_equal(odd, 0xffff - 100);
}

/* The super-packet of two packets with so much payload. */
static struct wire big_super(struct fields first, uint32_t one, uint32_t two,
                             const char *profile, struct grove_vnet expected)
{
    struct outputs outputs = outputs_of(2);
    struct fields next;
    struct wire wire;

    first.payload_len = one;
    next = fields_next(first);
    next.payload_len = two;
    build(&outputs, first, next, 1, profile);
    assert_vnet(&outputs.list[0], expected);
    wire = wire_of_output(&outputs.list[0]);
    assert_int_equal(outputs.list[0].len, wire.len);
    outputs_free(&outputs);
    wire.l4 = expected.csum_start;
    wire.version = first.version;
    wire.protocol = first.protocol;
    return wire;
}

/* GRO-OUT-013: a total length of 16 bits, or 0. */
static void big_ip4(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct grove_vnet vnet = {1, 1, 52, 40000, 20, 16, 0, 0};
    struct wire wire;

    (void)state;
    wire = big_super(fields, 40000, 25483, "linux-7.2", vnet);
    assert_int_equal(wire.len, 65535);
    assert_int_equal(wire_get16(wire, 2), 65535);
    wire = big_super(fields, 40000, 25484, "linux-7.2", vnet);
    assert_int_equal(wire.len, 65536);
    assert_int_equal(wire_get16(wire, 2), 0);
    assert_int_equal(wire_l4_sum(wire, wire.len - 20, 0), wire_get16(wire, 36));
}

/* GRO-OUT-014: the payload length, or 0. */
static void big_ip6(void **state)
{
    const struct fields fields = fields_of(6, TCP);
    const struct grove_vnet vnet = {1, 4, 72, 40000, 40, 16, 0, 0};
    struct wire wire;

    (void)state;
    wire = big_super(fields, 40000, 25503, "linux-6.18", vnet);
    assert_int_equal(wire.len, 65575);
    assert_int_equal(wire_get16(wire, 4), 65535);
    wire = big_super(fields, 40000, 25504, "linux-7.2", vnet);
    assert_int_equal(wire.len, 65576);
    assert_int_equal(wire_get16(wire, 4), 0);
    assert_int_equal(wire_get16(wire, 6), 6 << 8 | 64);
}

/* GRO-OUT-015: between the IPv6 header and what followed it. */
static void jumbo_header(void **state)
{
    struct fields fields = fields_of(6, TCP);
    const struct grove_vnet alone = {1, 4, 80, 40000, 48, 16, 0, 0};
    const struct grove_vnet extended = {1, 4, 88, 40000, 56, 16, 0, 0};
    struct wire wire;

    (void)state;
    wire = big_super(fields, 40000, 25504, "linux-6.18", alone);
    assert_int_equal(wire.len, 65576 + 8);
    assert_int_equal(wire_get16(wire, 4), 0);
    assert_int_equal(wire_get16(wire, 6), 64);
    assert_int_equal(wire_get32(wire, 40), 0x0600c204);
    assert_int_equal(wire_get32(wire, 44), 65576 + 8 - 40);
    assert_int_equal(wire_l4_sum(wire, wire.len - 48, 0),
                     wire_get16(wire, 48 + 16));
    fields_extend(&fields, DESTINATION, 7);
    wire = big_super(fields, 40000, 40000, "linux-6.18", extended);
    assert_int_equal(wire_get32(wire, 40), 0x3c00c204);
    assert_int_equal(wire_get32(wire, 44), wire.len - 40);
    assert_int_equal(wire_get32(wire, 48), 0x06000707);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(passed, wires_release),
        cmocka_unit_test_teardown(held_alone, wires_release),
        cmocka_unit_test_teardown(list, wires_release),
        cmocka_unit_test_teardown(chain, wires_release),
        cmocka_unit_test_teardown(super_packets, wires_release),
        cmocka_unit_test_teardown(lengths_of_options, wires_release),
        cmocka_unit_test_teardown(flags_of_later_packets, wires_release),
        cmocka_unit_test_teardown(ecn_bit, wires_release),
        cmocka_unit_test_teardown(ip4_checksums, wires_release),
        cmocka_unit_test_teardown(odd_ip4_checksum, wires_release),
        cmocka_unit_test_teardown(big_ip4, wires_release),
        cmocka_unit_test_teardown(big_ip6, wires_release),
        cmocka_unit_test_teardown(jumbo_header, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
