/* SPDX-License-Identifier: MIT */
/* The numbers of a super-packet as it grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "held.h"
#include "packets.h"
#include "parse.h"
#include "tables.h"

static struct packet parsed(struct fields fields)
{
    const struct policy policy = {
        .vnet_len = GROVE_VNET_LEN,
        .max_bytes = GROVE_DEFAULT_BYTES,
        .profile = profile_named(NULL),
        .sum = grove_sum_fastest(),
    };
    const struct grove_packet given = wire_input(wire_of(&fields));
    struct packet packet;

    parse(&policy, &given, &packet);
    return packet;
}

static void begin(void **state)
{
    struct held held = {
        .first = parsed(fields_of(4, TCP)),
        .flags = TCP_FIN,
        .fixed_id = true,
    };

    (void)state;
    held_begin(&held, 7);
    assert_int_equal(held.gso_size, 100);
    assert_int_equal(held.total, 152);
    assert_int_equal(held.packets, 1);
    assert_int_equal(held.next_sequence, 1000100);
    assert_int_equal(held.flags, 0);
    assert_false(held.fixed_id);
    assert_int_equal(held.first_number, 7);
    assert_int_equal(held.last_number, 7);
}

static void append(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct held held = {.first = parsed(fields)};
    struct packet packet;

    (void)state;
    held_begin(&held, 0);
    fields.payload_len = 40;
    packet = parsed(fields);
    held_append(&held, &packet, 3, true);
    assert_true(held.fixed_id);
    packet.flags = TCP_FLAGS;
    held_append(&held, &packet, 5, false);
    assert_int_equal(held.gso_size, 100);
    assert_int_equal(held.total, 232);
    assert_int_equal(held.packets, 3);
    assert_int_equal(held.next_sequence, 1000180);
    assert_int_equal(held.flags, TCP_FIN | TCP_PSH);
    assert_false(held.fixed_id);
    assert_int_equal(held.first_number, 0);
    assert_int_equal(held.last_number, 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(begin, wires_release),
        cmocka_unit_test_teardown(append, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
