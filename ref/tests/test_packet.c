/* SPDX-License-Identifier: MIT */
/* The parts of a parsed packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "packet.h"
#include "packets.h"

/* Only the fields that the tested functions read. */
static struct packet packet_of(struct wire wire, uint32_t l4_header)
{
    return (struct packet){
        .input.bytes = {wire.data, wire.len},
        .version = wire.version,
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
    assert_ptr_equal(packet_l4(&packet).at, packet.input.bytes.at + 56);
    assert_int_equal(packet_l4(&packet).len, 132);
    assert_int_equal(packet_l4_header(&packet).len, 32);
    assert_int_equal(packet_payload_len(&packet), 100);
    assert_ptr_equal(packet_payload(&packet).at, packet.input.bytes.at + 88);
    assert_int_equal(packet_payload(&packet).len, 100);
    assert_int_equal(packet_version_label(&packet), 0x60054321);
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

/* Nothing assumes that IP is the first layer: here 14 bytes are before it. */
static void network_is_not_the_first_layer(void **state)
{
    struct fields fields = fields_of(6, UDP);
    struct wire frame = {.data = wire_memory(14 + 164), .len = 14 + 164};
    struct packet packet;
    struct wire wire;

    (void)state;
    fields_extend(&fields, HBH, 7);
    fields_extend(&fields, DESTINATION, 9);
    wire = wire_of(&fields);
    assert_int_equal(wire.len, 164);
    memcpy(frame.data + 14, wire.data, wire.len);
    frame.version = 6;
    frame.l4 = 14 + wire.l4;
    packet = packet_of(frame, 8);
    packet.input.network = packet.network = 14;
    assert_memory_equal(packet_network(&packet).at, wire.data, wire.len);
    assert_int_equal(packet_network(&packet).len, wire.len);
    assert_int_equal(packet_version_label(&packet), 0x60054321);
    assert_int_equal(packet_next_header(&packet), HBH);
    assert_int_equal(packet_extensions(&packet).len, 16);
    assert_memory_equal(packet_extensions(&packet).at, fields.extensions, 16);
    assert_int_equal(packet_payload_len(&packet), 100);
}

static void far(void **state)
{
    struct packet packet = {.l4 = 65470};

    (void)state;
    assert_false(packet_is_far(&packet));
    packet.l4++;
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
