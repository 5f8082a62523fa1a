/* SPDX-License-Identifier: MIT */
/* The parts of a parsed packet, and its pseudo-header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "packet.h"
#include "packets.h"

/* As far as this file's subjects read it. */
static struct packet packet_of(struct wire wire, uint32_t l4_header)
{
    return (struct packet){
        .bytes = {wire.data, wire.len},
        .version = wire.version,
        .protocol = wire.protocol,
        .l4 = wire.l4,
        .payload = wire.l4 + l4_header,
    };
}

static void parts_of_tcp_over_ip6(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct packet packet;

    (void)state;
    fields_extend(&fields, HBH, 7);
    fields_extend(&fields, DESTINATION, 9);
    packet = packet_of(wire_of(&fields), 32);
    assert_int_equal(packet_payload_len(&packet), 100);
    assert_int_equal(packet_tcp_options(&packet).len, 12);
    assert_memory_equal(packet_tcp_options(&packet).at, fields.options, 12);
    assert_int_equal(packet_extensions(&packet).len, 16);
    assert_memory_equal(packet_extensions(&packet).at, fields.extensions, 16);
}

static void parts_that_are_empty(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct packet packet;

    (void)state;
    fields.options_len = 0;
    fields.payload_len = 0;
    packet = packet_of(wire_of(&fields), 20);
    assert_int_equal(packet_payload_len(&packet), 0);
    assert_int_equal(packet_tcp_options(&packet).len, 0);
    assert_int_equal(packet_extensions(&packet).len, 0);
    fields.version = 6;
    packet = packet_of(wire_of(&fields), 20);
    assert_int_equal(packet_extensions(&packet).len, 0);
}

static void pseudo_sum(void **state)
{
    static const uint32_t lengths[] = {8, 120, 65515, 65535, 65536, 0x12345678};
    static const uint8_t kinds[][2] = {{4, TCP}, {4, UDP}, {6, TCP}, {6, UDP}};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct fields fields = fields_of(kinds[i][0], kinds[i][1]);
        const struct wire wire = wire_of(&fields);
        const struct packet packet = packet_of(wire, 8);

        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++)
            assert_int_equal(packet_pseudo_sum(&packet, lengths[j]),
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
        cmocka_unit_test_teardown(parts_of_tcp_over_ip6, wires_release),
        cmocka_unit_test_teardown(parts_that_are_empty, wires_release),
        cmocka_unit_test_teardown(pseudo_sum, wires_release),
        cmocka_unit_test(fold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
