/* SPDX-License-Identifier: MIT */
/* The parts of a parsed packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "packet.h"
#include "packets.h"

/* As far as this file's subjects read it. */
static struct packet packet_of(struct wire wire, uint8_t l4_header)
{
    return (struct packet){
        .input.bytes = {wire.data, wire.len},
        .input.network = {wire.data, wire.len},
        .l4 = {wire.data + wire.l4, wire.len - wire.l4},
        .input.version = wire.version,
        .l4_header = l4_header,
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
    assert_int_equal(packet_offset(&packet, packet.l4), 56);
    assert_int_equal(packet_payload_len(&packet), 100);
    assert_ptr_equal(packet_payload(&packet).at, packet.input.bytes.at + 88);
    assert_int_equal(packet_payload(&packet).len, 100);
    assert_int_equal(packet_flow_label(&packet), 0x54321);
    assert_int_equal(packet_next_header(&packet), HBH);
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

/* A view's offset counts from the packet's start, not from IP's. */
static void network_is_not_the_first_layer(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct wire wire = wire_of(&fields);
    struct packet packet = packet_of(wire, 32);

    (void)state;
    packet.input.bytes.len += 14;
    assert_int_equal(packet_offset(&packet, packet.input.network), 14);
    assert_int_equal(packet_offset(&packet, packet.l4), 34);
    assert_int_equal(packet_extensions(&packet).len, 0);
    assert_int_equal(packet_payload_len(&packet), 100);
}

static void far(void **state)
{
    struct packet packet = {.input.bytes.len = 65500};

    (void)state;
    packet.l4.len = 65500 - 65470;
    assert_false(packet_is_far(&packet));
    packet.l4.len--;
    assert_true(packet_is_far(&packet));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(parts_of_tcp_over_ip6, wires_release),
        cmocka_unit_test_teardown(parts_that_are_empty, wires_release),
        cmocka_unit_test_teardown(network_is_not_the_first_layer,
                                  wires_release),
        cmocka_unit_test_teardown(far, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
