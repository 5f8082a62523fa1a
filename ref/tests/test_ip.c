/* SPDX-License-Identifier: MIT */
/*
 * Where headers lie, on both sides of each length that can be too short, and
 * the sums over them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ip.h"
#include "packets.h"

static struct ip_headers walk(struct wire wire)
{
    const struct bytes network = {wire.data, wire.len};

    return ip_walk(network, ip_version(network));
}

static struct ip_headers walk_sized(const struct fields *fields, uint32_t len)
{
    return walk(wire_sized(fields, len));
}

static void no_ip(void **state)
{
    struct wire wire = {.data = wire_memory(60), .len = 60};

    (void)state;
    assert_int_equal(ip_version((struct bytes){NULL, 0}), 0);
    wire_put8(wire, 0, 0x75);
    assert_false(walk(wire).fixed);
    assert_false(walk(wire).whole);
    wire_put8(wire, 0, 0x05);
    assert_false(walk(wire).fixed);
}

static void ip4(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    struct ip_headers ip;

    (void)state;
    ip = walk_sized(&fields, 20);
    assert_true(ip.fixed);
    assert_true(ip.whole);
    assert_int_equal(ip.protocol, UDP);
    assert_int_equal(ip.l4, 20);
    ip = walk_sized(&fields, 19);
    assert_false(ip.fixed);
    assert_false(ip.whole);
}

static void ip4_options(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    struct wire wire = wire_sized(&fields, 24);

    (void)state;
    wire_put8(wire, 0, 0x46);
    assert_true(walk(wire).whole);
    assert_int_equal(walk(wire).l4, 24);
    wire_put8(wire, 0, 0x47);
    assert_true(walk(wire).fixed);
    assert_false(walk(wire).whole);
    wire_put8(wire, 0, 0x44);
    assert_true(walk(wire).fixed);
    assert_false(walk(wire).whole);
}

static void ip6(void **state)
{
    const struct fields fields = fields_of(6, TCP);
    struct ip_headers ip;

    (void)state;
    ip = walk_sized(&fields, 40);
    assert_true(ip.fixed);
    assert_true(ip.whole);
    assert_int_equal(ip.protocol, TCP);
    assert_int_equal(ip.l4, 40);
    ip = walk_sized(&fields, 39);
    assert_false(ip.fixed);
    assert_false(ip.whole);
}

static void ip6_extensions(void **state)
{
    struct fields fields = fields_of(6, UDP);
    struct ip_headers ip;

    (void)state;
    fields_extend(&fields, HBH, 1);
    fields_extend(&fields, ROUTE, 2);
    fields_extend(&fields, DESTINATION, 3);
    ip = walk_sized(&fields, 64);
    assert_true(ip.whole);
    assert_int_equal(ip.protocol, UDP);
    assert_int_equal(ip.l4, 64);
    for (uint32_t len = 40; len < 64; len++) {
        ip = walk_sized(&fields, len);
        assert_true(ip.fixed);
        assert_false(ip.whole);
    }
}

/* The length of an extension header is in units of 8 beyond the first 8. */
static void ip6_long_extension(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct wire wire;

    (void)state;
    fields_extend(&fields, DESTINATION, 0);
    wire = wire_sized(&fields, 40 + 256 * 8);
    wire_put8(wire, 41, 255);
    assert_true(walk(wire).whole);
    assert_int_equal(walk(wire).l4, 40 + 256 * 8);
    wire.len--;
    assert_false(walk(wire).whole);
}

/* Fragment, authentication, no next header: what Linux does not skip. */
static void ip6_other_extensions_end_the_walk(void **state)
{
    static const uint8_t others[] = {44, 51, 50, 59, 1, 135};
    struct fields fields = fields_of(6, TCP);

    (void)state;
    fields_extend(&fields, HBH, 0);
    for (size_t i = 0; i < sizeof others; i++) {
        struct wire wire = wire_of(&fields);

        wire_put8(wire, 40, others[i]);
        assert_true(walk(wire).whole);
        assert_int_equal(walk(wire).protocol, others[i]);
        assert_int_equal(walk(wire).l4, 48);
    }
}

/* Where the probe of GSO-009 begins. */
static void probe(void **state)
{
    const struct fields fields = fields_of(6, TCP);

    (void)state;
    for (uint32_t len = 65530; len < 65570; len++) {
        const struct wire wire = wire_sized(&fields, len);
        const uint32_t low = len < 65536 ? 40 : len - 65536;

        assert_int_equal(ip_probe((struct bytes){wire.data, wire.len}, 6), low);
    }
}

static void ip4_sum(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    struct wire wire = wire_of(&fields);
    const struct bytes network = {wire.data, wire.len};

    (void)state;
    assert_int_equal(ip4_header_sum(network), 0xffff);
    wire_put16(wire, 4, (uint16_t)(wire_get16(wire, 4) + 1));
    assert_int_equal(ip4_header_sum(network), 1);
}

static void pseudo_sum(void **state)
{
    static const uint32_t lengths[] = {8, 120, 65515, 65535, 65536, 0x12345678};
    static const uint8_t kinds[][2] = {{4, TCP}, {4, UDP}, {6, TCP}, {6, UDP}};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct fields fields = fields_of(kinds[i][0], kinds[i][1]);
        const struct wire wire = wire_of(&fields);
        const struct bytes network = {wire.data, wire.len};

        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++)
            assert_int_equal(
                ip_pseudo_sum(network, kinds[i][0], kinds[i][1], lengths[j]),
                wire_l4_sum(wire, lengths[j], 0));
    }
}

static void fold(void **state)
{
    (void)state;
    assert_int_equal(sum_fold(0), 0);
    assert_int_equal(sum_fold(0xffff), 0xffff);
    assert_int_equal(sum_fold(0x10000), 1);
    assert_int_equal(sum_fold(0x1fffe), 0xffff);
    assert_int_equal(sum_fold(UINT64_C(0x123456789abcdef0)), 0xe259);
    assert_int_equal(sum_fold(UINT64_MAX), 0xffff);
    assert_int_equal(sum_fold(UINT64_C(0x00010000ffffffff)), 1);
    assert_int_equal(sum_fold(UINT64_C(0xffffffff00000001)), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_ip, wires_release),
        cmocka_unit_test_teardown(ip4, wires_release),
        cmocka_unit_test_teardown(ip4_options, wires_release),
        cmocka_unit_test_teardown(ip6, wires_release),
        cmocka_unit_test_teardown(ip6_extensions, wires_release),
        cmocka_unit_test_teardown(ip6_long_extension, wires_release),
        cmocka_unit_test_teardown(ip6_other_extensions_end_the_walk,
                                  wires_release),
        cmocka_unit_test_teardown(probe, wires_release),
        cmocka_unit_test_teardown(ip4_sum, wires_release),
        cmocka_unit_test_teardown(pseudo_sum, wires_release),
        cmocka_unit_test(fold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
