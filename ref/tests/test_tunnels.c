/* SPDX-License-Identifier: MIT */
/* Tunnels: which are covered, and packets in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tables.h"
#include "tunnels.h"

enum { MANY = 64 };

static const struct grove_tunnel both[] = {{GROVE_TUNNEL_IPIP, 0},
                                           {GROVE_TUNNEL_VXLAN, VXLAN_PORT}};

static struct grove_config config_of(uint32_t count)
{
    return (struct grove_config){.tunnels = both, .tunnel_count = count};
}

static void only_known_tunnels(void **state)
{
    static const struct grove_tunnel bad[] = {
        {0, 0},
        {GROVE_TUNNEL_PPPOE, 1},
        {GROVE_TUNNEL_PPPOE + 1, 0},
        {(enum grove_tunnel_protocol) - 1, 0},
        {GROVE_TUNNEL_IPIP, 1},
        {GROVE_TUNNEL_VXLAN, 0},
    };
    struct tunnels tunnels = {0};

    (void)state;
    assert_true(tunnels_copy(&tunnels, NULL, 0));
    assert_true(tunnels_copy(&tunnels, both, 2));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(tunnels_copy(&tunnels, &bad[i], 1));
}

static void found_by_number(void **state)
{
    struct tunnels tunnels = {0};

    (void)state;
    assert_int_equal(tunnels_by_protocol(&tunnels, 4), 0);
    assert_true(tunnels_copy(&tunnels, both, 2));
    assert_int_equal(tunnels_by_protocol(&tunnels, 4), GROVE_TUNNEL_IPIP);
    assert_int_equal(tunnels_by_protocol(&tunnels, 41), GROVE_TUNNEL_IPIP);
    assert_int_equal(tunnels_by_protocol(&tunnels, 0), 0);
    assert_int_equal(tunnels_by_protocol(&tunnels, 47), 0);
    assert_int_equal(tunnels_by_port(&tunnels, VXLAN_PORT), GROVE_TUNNEL_VXLAN);
    assert_int_equal(tunnels_by_port(&tunnels, VXLAN_PORT + 1), 0);
    assert_int_equal(tunnels_by_port(&tunnels, 0), 0);
    assert_true(tunnels_copy(&tunnels, both, 1));
    assert_int_equal(tunnels_by_port(&tunnels, VXLAN_PORT), 0);
}

/* Over IPv6 with extension headers. */
static struct wire vxlan_of(const struct fields *fields, uint32_t vni)
{
    struct fields outer = fields_of(6, UDP);

    fields_extend(&outer, DESTINATION, 7);
    return wire_in_vxlan(wire_of(fields), &outer, vni);
}

/* Both IP headers have extension headers: so many slices are the most. */
static void slices(void **state)
{
    const struct grove_config config = config_of(2);
    struct grove_table *table = table_of(&config);
    struct fields fields = fields_of(6, TCP);
    const struct grove_output *output;
    struct wire super;
    size_t count;

    (void)state;
    fields_extend(&fields, HBH, 9);
    receive_wire(table, vxlan_of(&fields, 1));
    fields = fields_next(fields);
    receive_wire(table, vxlan_of(&fields, 1));
    grove_flush(table);
    output = grove_to_write(table, &count);
    assert_int_equal(count, 1);
    assert_int_equal(output->packets, 2);
    assert_int_equal(output->iovcnt, 8 + 2);
    super = wire_of_output(output);
    assert_int_equal(super.len, output->len);
    /* Lengths: outer IPv6, outer UDP, inner IPv6. */
    assert_int_equal(wire_get16(super, 4), super.len - 40);
    assert_int_equal(wire_get16(super, 48 + 4), super.len - 48);
    assert_int_equal(wire_get16(super, 78 + 4), super.len - 78 - 40);
    assert_int_equal(vnet_of_output(output).csum_start, 78 + 48);
    grove_table_free(table);
}

/* As many tables of the least size as there is room for slices in. */
static void slices_fit(void **state)
{
    struct grove_config config = config_of(2);
    struct fields fields = fields_of(6, TCP);
    struct grove_table *table;
    size_t count;

    (void)state;
    config.max_packets = MANY;
    table = table_of(&config);
    fields_extend(&fields, HBH, 9);
    for (uint32_t i = 0; i < MANY; i++) {
        fields.source_port = (uint16_t)(1000 + i / 2);
        receive_wire(table, vxlan_of(&fields, 1));
        fields = fields_next(fields);
    }
    grove_flush(table);
    grove_to_write(table, &count);
    assert_int_equal(count, MANY / 2);
    grove_table_free(table);
}

/* Flows that differ in the outer headers only are found by these. */
static void flows_of_many_tunnels(void **state)
{
    struct grove_config config = config_of(2);
    struct fields fields = fields_of(4, TCP);
    struct grove_table *table;
    size_t count;

    (void)state;
    config.max_flows = MANY;
    table = table_of(&config);
    for (uint32_t vni = 0; vni < MANY; vni++)
        receive_wire(table, vxlan_of(&fields, vni));
    fields = fields_next(fields);
    for (uint32_t vni = 0; vni < MANY; vni++)
        receive_wire(table, vxlan_of(&fields, vni));
    assert_int_equal(grove_held(table), 2 * MANY);
    grove_flush(table);
    grove_to_write(table, &count);
    assert_int_equal(count, MANY);
    grove_table_free(table);
}

/* A packet that ends anywhere passes; nothing behind its end is read. */
static void cut_anywhere(void **state)
{
    const struct grove_config config = config_of(2);
    struct grove_table *table = table_of(&config);
    const struct fields fields = fields_of(6, TCP);
    const struct wire whole = vxlan_of(&fields, 1);
    size_t count;

    (void)state;
    for (uint32_t len = 1; len < whole.len; len++) {
        struct wire cut = {.data = wire_memory(len), .len = len};

        memcpy(cut.data, whole.data, len);
        receive_wire(table, cut);
        assert_int_equal(grove_fate_of(table, 0).verdict, GROVE_PASSED);
        grove_flush(table);
        grove_to_write(table, &count);
        assert_int_equal(count, 1);
        assert_int_equal(grove_clear(table), GROVE_OK);
    }
    grove_table_free(table);
}

/* The tunnel of a table is looked into, and no other one. */
static void only_the_tunnels_of_the_table(void **state)
{
    const struct grove_config config = config_of(1);
    struct grove_table *table = table_of(&config);
    struct fields fields = fields_of(4, TCP);

    (void)state;
    receive_wire(table, vxlan_of(&fields, 1));
    fields = fields_next(fields);
    receive_wire(table, vxlan_of(&fields, 1));
    /* Two datagrams of one size. */
    assert_fate(table, 1, GROVE_MERGED, GROVE_RULE_NONE);
    grove_flush(table);
    grove_table_free(table);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_known_tunnels),
        cmocka_unit_test(found_by_number),
        cmocka_unit_test_teardown(slices, wires_release),
        cmocka_unit_test_teardown(slices_fit, wires_release),
        cmocka_unit_test_teardown(flows_of_many_tunnels, wires_release),
        cmocka_unit_test_teardown(cut_anywhere, wires_release),
        cmocka_unit_test_teardown(only_the_tunnels_of_the_table, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
