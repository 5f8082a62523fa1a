/* SPDX-License-Identifier: MIT */
/* The receive step: fates, eviction, and the order in which packets leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tables.h"

/* The end of a poll: the order is the age of the first packet, despite merges.
 */
static void order_of_the_flush(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});

    (void)state;
    receive(table, flow(1));
    receive(table, flow(2));
    receive(table, flow(3));
    receive(table, fields_next(flow(2)));
    receive(table, fields_next(flow(1)));
    assert_int_equal(grove_held(table), 5);
    grove_flush(table);
    assert_int_equal(grove_held(table), 0);
    ASSERT_ORDER(table, 0, 1, 2);
    assert_int_equal(rule_of_output(table, 1), GROVE_RULE_END_POLL);
    assert_int_equal(grove_next_packet(table, 0), 4);
    assert_int_equal(grove_next_packet(table, 4), GROVE_NO_PACKET);
    assert_int_equal(grove_next_packet(table, 1), 3);
    assert_int_equal(grove_next_packet(table, 2), GROVE_NO_PACKET);
    assert_int_equal(grove_next_packet(table, 5), GROVE_NO_PACKET);
    assert_fate(table, 0, GROVE_HELD, GROVE_RULE_NONE);
    assert_fate(table, 3, GROVE_MERGED, GROVE_RULE_NONE);
    grove_table_free(table);
}

/* A packet that ends a super-packet leaves before the packets after it. */
static void order_within_a_flow(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});
    struct fields fields = fields_of(4, TCP);

    (void)state;
    receive(table, flow(1));
    receive(table, fields);
    fields = fields_next(fields);
    fields.payload_len = 0;
    receive(table, fields);
    ASSERT_ORDER(table, 1, 2);
    assert_int_equal(rule_of_output(table, 0), GROVE_RULE_END_MISMATCH);
    assert_int_equal(rule_of_output(table, 1), GROVE_RULE_NONE);
    assert_fate(table, 2, GROVE_PASSED, GROVE_RULE_TCP_EMPTY);
    grove_flush(table);
    ASSERT_ORDER(table, 1, 2, 0);
    grove_table_free(table);
}

/* GRO-IP4-011: the identification of packet 65537 is that of the second one. */
static void identification_of_65537(void **state)
{
    const struct grove_config config = {.max_packets = 65539,
                                        .max_bytes = 70000};
    struct grove_table *table = table_of(&config);
    struct fields fields = fields_of(4, TCP);
    struct wire wire;

    (void)state;
    fields.options_len = 0;
    fields.payload_len = 1;
    for (uint32_t i = 0; i < 65537; i++, fields = fields_next(fields))
        receive(table, fields);
    wire = wire_of(&fields);
    wire_put8(wire, 9, TCP - 1);
    receive_wire(table, wire);
    receive(table, fields);
    assert_fate(table, 65537, GROVE_PASSED, GROVE_RULE_IP4_PROTOCOL);
    assert_fate(table, 65538, GROVE_MERGED, GROVE_RULE_NONE);
    grove_table_free(table);
}

/* A super-packet that a merge ends leaves at once; its flow can begin again. */
static void merge_that_ends(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});
    struct fields fields = fields_of(4, TCP);

    (void)state;
    receive(table, fields);
    fields = fields_next(fields);
    fields.flags |= PSH;
    receive(table, fields);
    ASSERT_ORDER(table, 0);
    assert_int_equal(rule_of_output(table, 0), GROVE_RULE_END_FLAGS);
    assert_int_equal(grove_held(table), 0);
    fields = fields_next(fields);
    fields.flags = ACK;
    receive(table, fields);
    assert_fate(table, 2, GROVE_HELD, GROVE_RULE_NONE);
    grove_flush(table);
    ASSERT_ORDER(table, 0, 2);
    grove_table_free(table);
}

/* The packet has another TTL: it does not merge with the first. */
static struct fields detour(struct fields fields)
{
    fields.hop--;
    return fields;
}

static void eviction(void **state)
{
    const struct grove_config config = {.max_flows = 2};
    struct grove_table *table = table_of(&config);

    (void)state;
    receive(table, flow(1));
    receive(table, flow(2));
    receive(table, fields_next(flow(1)));
    receive(table, flow(3));
    ASSERT_ORDER(table, 0);
    assert_int_equal(rule_of_output(table, 0), GROVE_RULE_END_EVICTED);
    /* A packet that replaces the held one of its flow evicts nothing. */
    receive(table, detour(flow(2)));
    receive(table, detour(flow(3)));
    grove_flush(table);
    ASSERT_ORDER(table, 0, 1, 3, 4, 5);
    grove_table_free(table);
}

/* A full bucket, and others that are not. They leave in the order of numbers.
 */
static void buckets(void **state)
{
    const struct grove_config config = {.max_flows = 2, .hash = true};
    struct grove_table *table = table_of(&config);

    (void)state;
    receive_hash(table, flow(1), 7);
    receive_hash(table, flow(2), 15);
    receive_hash(table, flow(3), 8);
    receive_hash(table, flow(4), 3);
    receive_hash(table, fields_next(flow(1)), 7);
    receive_hash(table, flow(5), 7);
    ASSERT_ORDER(table, 0);
    assert_int_equal(rule_of_output(table, 0), GROVE_RULE_END_EVICTED);
    receive_hash(table, fields_next(flow(2)), 7);
    ASSERT_ORDER(table, 0, 1);
    assert_int_equal(grove_held(table), 4);
    grove_flush(table);
    ASSERT_ORDER(table, 0, 1, 2, 3, 5, 6);
    assert_fate(table, 4, GROVE_MERGED, GROVE_RULE_NONE);
    assert_fate(table, 6, GROVE_HELD, GROVE_RULE_NONE);
    grove_table_free(table);
}

/* Without config.hash it is not read. */
static void hashes_that_are_not_read(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});

    (void)state;
    receive_hash(table, flow(1), 7);
    receive_hash(table, flow(2), 0);
    receive_hash(table, fields_next(flow(1)), 8);
    grove_flush(table);
    ASSERT_ORDER(table, 0, 1);
    assert_fate(table, 2, GROVE_MERGED, GROVE_RULE_NONE);
    grove_table_free(table);
}

static void one_flow(void **state)
{
    const struct grove_config config = {.max_flows = 1};
    struct grove_table *table = table_of(&config);

    (void)state;
    receive(table, flow(1));
    receive(table, flow(2));
    receive(table, fields_next(flow(2)));
    receive(table, flow(1));
    receive(table, detour(flow(1)));
    ASSERT_ORDER(table, 0, 1, 3);
    assert_int_equal(rule_of_output(table, 1), GROVE_RULE_END_EVICTED);
    assert_int_equal(rule_of_output(table, 2), GROVE_RULE_END_MISMATCH);
    assert_int_equal(grove_held(table), 1);
    grove_flush(table);
    ASSERT_ORDER(table, 0, 1, 3, 4);
    grove_table_free(table);
}

/* As many flows as a table can hold; each is found again. */
static void most_flows(void **state)
{
    const struct grove_config config = {
        .max_flows = GROVE_MAX_FLOWS,
        .max_packets = 2 * GROVE_MAX_FLOWS + 1,
        .seed = 99,
    };
    struct grove_table *table = table_of(&config);
    struct fields fields = fields_of(4, UDP);
    size_t count;

    (void)state;
    fields.payload_len = 1;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < GROVE_MAX_FLOWS; i++) {
            fields.source_port = (uint16_t)i;
            receive(table, fields);
        }
        fields.id++;
    }
    grove_to_write(table, &count);
    assert_int_equal(count, 0);
    fields.version = 6;
    receive(table, fields);
    ASSERT_ORDER(table, 0);
    grove_flush(table);
    grove_to_write(table, &count);
    assert_int_equal(count, GROVE_MAX_FLOWS + 1);
    for (uint32_t i = 0; i < GROVE_MAX_FLOWS; i++)
        assert_int_equal(grove_next_packet(table, i), GROVE_MAX_FLOWS + i);
    grove_table_free(table);
}

/* A rejected packet is in no output, and does not disturb later packets. */
static void rejected(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});
    const struct fields fields = flow(2);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put8(wire, 0, 0x55);
    receive(table, fields);
    receive_wire(table, wire);
    receive(table, fields_next(fields));
    assert_fate(table, 1, GROVE_REJECTED, GROVE_RULE_IN_VERSION);
    assert_fate(table, 2, GROVE_MERGED, GROVE_RULE_NONE);
    grove_flush(table);
    ASSERT_ORDER(table, 0);
    assert_int_equal(grove_received(table), 3);
    grove_table_free(table);
}

/*
 * Each packet of a list leaves by itself, and tells how many more are of it.
 * Prediction keeps out of it.
 */
static void list(void **state)
{
    const struct grove_config config = {.fraglist = true, .no_udp = true};
    struct grove_table *table = table_of(&config);
    struct fields fields = flow(1);
    const struct grove_output *outputs;
    size_t count;

    (void)state;
    receive(table, fields);
    receive(table, flow(2));
    for (uint32_t i = 0; i < 3; i++) {
        fields = fields_next(fields);
        receive(table, fields);
        assert_fate(table, 2 + i, GROVE_MERGED, GROVE_RULE_NONE);
    }
    assert_int_equal(grove_held(table), 5);
    grove_flush(table);
    ASSERT_ORDER(table, 0, 2, 3, 4, 1);
    outputs = grove_to_write(table, &count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(outputs[i].packets, 1);
        assert_int_equal(outputs[i].iovcnt, 2);
        assert_int_equal(outputs[i].rule, GROVE_RULE_END_POLL);
        assert_int_equal(vnet_of_output(&outputs[i]).flags,
                         GROVE_VNET_F_DATA_VALID);
    }
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(outputs[i].rest, 3 - i);
        assert_int_equal(grove_next_packet(table, i), GROVE_NO_PACKET);
    }
    assert_int_equal(outputs[4].rest, 0);
    grove_table_free(table);
}

/* A datagram passes beside the list of its flow, which goes on. */
static void beside(void **state)
{
    const struct grove_config config = {.fraglist = true};
    struct grove_table *table = table_of(&config);
    const struct fields fields = fields_next(flow(2));
    struct fields flushed = fields;

    (void)state;
    receive(table, flow(2));
    flushed.fragment |= RESERVED;
    receive(table, flushed);
    assert_fate(table, 1, GROVE_PASSED, GROVE_RULE_IP4_RESERVED);
    ASSERT_ORDER(table, 1);
    receive(table, fields);
    grove_flush(table);
    ASSERT_ORDER(table, 1, 0, 2);
    grove_table_free(table);
}

/* The rules use the configuration. */
static void no_udp(void **state)
{
    const struct grove_config config = {.no_udp = true};
    struct grove_table *table = table_of(&config);

    (void)state;
    receive(table, flow(1));
    assert_fate(table, 0, GROVE_PASSED, GROVE_RULE_UDP_OFF);
    ASSERT_ORDER(table, 0);
    grove_table_free(table);
}

static void trusted(void **state)
{
    const struct grove_config config = {.csum_trusted = true};
    struct grove_table *table = table_of(&config);
    const struct fields fields = flow(1);
    struct wire wire = wire_of(&fields);

    (void)state;
    wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
    receive_wire(table, wire);
    assert_fate(table, 0, GROVE_HELD, GROVE_RULE_NONE);
    grove_flush(table);
    grove_table_free(table);
}

/* Receives two packets of one flow, the second with a wrong checksum. */
static struct grove_table *overtaken(enum grove_mode mode)
{
    const struct grove_config config = {.mode = mode};
    struct grove_table *table = table_of(&config);
    const struct fields fields = flow(1);
    struct wire wire = wire_of(&fields);

    wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
    receive(table, fields);
    receive_wire(table, wire);
    grove_flush(table);
    return table;
}

static void overtaking(void **state)
{
    struct grove_table *table = overtaken(GROVE_MODE_LINUX);

    (void)state;
    ASSERT_ORDER(table, 1, 0);
    grove_table_free(table);
    table = overtaken(GROVE_MODE_LOSSLESS);
    ASSERT_ORDER(table, 0, 1);
    assert_int_equal(rule_of_output(table, 0), GROVE_RULE_END_ORDER);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_END_ORDER), 1);
    grove_table_free(table);
}

/*
 * GRO-END-006 on a packet whose ports are not known: what is held between its
 * addresses leaves first, and nothing else.
 */
static void fragment_between(void **state)
{
    const struct grove_config config = {.mode = GROVE_MODE_LOSSLESS};
    struct grove_table *table = table_of(&config);
    struct fields fields[6];

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        fields[i] = fields_of(4, UDP);
        fields[i].source_port = (uint16_t)i;
    }
    fields[1].source[0]++;
    fields[2].destination[3]++;
    fields_alias(&fields[3]);
    fields[4].protocol = TCP;
    fields[5].fragment = MF;
    for (size_t i = 0; i < 6; i++)
        receive(table, fields[i]);
    ASSERT_ORDER(table, 0, 4, 5);
    assert_int_equal(rule_of_output(table, 1), GROVE_RULE_END_ORDER);
    assert_int_equal(rule_of_output(table, 2), GROVE_RULE_NONE);
    grove_flush(table);
    ASSERT_ORDER(table, 0, 4, 5, 1, 2, 3);
    grove_table_free(table);
}

static void no_next_header_between(void **state)
{
    const struct grove_config config = {.mode = GROVE_MODE_LOSSLESS};
    struct grove_table *table = table_of(&config);
    struct fields fields[3];
    struct wire wire;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        fields[i] = fields_of(6, TCP);
    fields[1].source[15]++;
    fields[2].destination[8]++;
    for (size_t i = 0; i < 3; i++)
        receive(table, fields[i]);
    wire = wire_of(&fields[0]);
    wire_put8(wire, 6, 59);
    receive_wire(table, wire);
    ASSERT_ORDER(table, 0, 3);
    /* A packet without addresses belongs to no flow. */
    receive_wire(table, wire_sized(&fields[1], 39));
    ASSERT_ORDER(table, 0, 3, 4);
    grove_flush(table);
    grove_table_free(table);
}

/* In linux mode it overtakes all of them. */
static void fragment_overtakes_in_linux(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});
    struct fields fields = fields_of(4, UDP);

    (void)state;
    receive(table, fields);
    fields.fragment = MF;
    receive(table, fields);
    ASSERT_ORDER(table, 1);
    grove_flush(table);
    ASSERT_ORDER(table, 1, 0);
    grove_table_free(table);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(order_of_the_flush, wires_release),
        cmocka_unit_test_teardown(order_within_a_flow, wires_release),
        cmocka_unit_test_teardown(identification_of_65537, wires_release),
        cmocka_unit_test_teardown(merge_that_ends, wires_release),
        cmocka_unit_test_teardown(eviction, wires_release),
        cmocka_unit_test_teardown(buckets, wires_release),
        cmocka_unit_test_teardown(hashes_that_are_not_read, wires_release),
        cmocka_unit_test_teardown(one_flow, wires_release),
        cmocka_unit_test_teardown(most_flows, wires_release),
        cmocka_unit_test_teardown(rejected, wires_release),
        cmocka_unit_test_teardown(list, wires_release),
        cmocka_unit_test_teardown(beside, wires_release),
        cmocka_unit_test_teardown(no_udp, wires_release),
        cmocka_unit_test_teardown(trusted, wires_release),
        cmocka_unit_test_teardown(overtaking, wires_release),
        cmocka_unit_test_teardown(fragment_between, wires_release),
        cmocka_unit_test_teardown(no_next_header_between, wires_release),
        cmocka_unit_test_teardown(fragment_overtakes_in_linux, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
