/* SPDX-License-Identifier: MIT */
/* The public calls: errors, counts, fates, and the effect of a clear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rule.h"
#include "tables.h"

static void nothing(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});
    size_t count = 99;

    (void)state;
    grove_flush(table);
    grove_to_write(table, &count);
    assert_int_equal(count, 0);
    assert_int_equal(grove_received(table), 0);
    assert_int_equal(grove_held(table), 0);
    assert_int_equal(grove_clear(table), GROVE_OK);
    assert_int_equal(grove_coalesce(table, NULL, 0), GROVE_OK);
    assert_fate(table, 0, GROVE_REJECTED, GROVE_RULE_NONE);
    assert_int_equal(grove_next_packet(table, 0), GROVE_NO_PACKET);
    grove_table_free(table);
}

static void full(void **state)
{
    const struct grove_config config = {.max_packets = 2};
    struct grove_table *table = table_of(&config);
    const struct fields fields = flow(1);
    struct grove_packet inputs[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        inputs[i] = wire_input(wire_of(&fields));
    assert_int_equal(grove_coalesce(table, inputs, 3), GROVE_E_FULL);
    assert_int_equal(grove_received(table), 0);
    assert_int_equal(grove_coalesce(table, inputs, SIZE_MAX), GROVE_E_FULL);
    receive(table, fields);
    assert_int_equal(grove_coalesce(table, inputs, 2), GROVE_E_FULL);
    assert_int_equal(grove_received(table), 1);
    assert_int_equal(grove_held(table), 1);
    receive(table, fields);
    assert_int_equal(grove_receive(table, inputs), GROVE_E_FULL);
    assert_int_equal(grove_received(table), 2);
    assert_int_equal(grove_coalesce(table, inputs, 1), GROVE_E_FULL);
    assert_int_equal(grove_held(table), 2);
    assert_int_equal(grove_coalesce(table, inputs, 0), GROVE_OK);
    assert_int_equal(grove_clear(table), GROVE_OK);
    assert_int_equal(grove_coalesce(table, inputs, 2), GROVE_OK);
    grove_table_free(table);
}

static void clear(void **state)
{
    struct grove_table *table = table_of(&(struct grove_config){0});
    const struct fields tcp = fields_of(4, TCP);
    struct fields last = tcp;
    size_t count;

    (void)state;
    last.flags |= FIN;
    last.source_port++;
    receive(table, tcp);
    receive(table, last);
    assert_int_equal(grove_clear(table), GROVE_E_HELD);
    assert_int_equal(grove_received(table), 2);
    assert_int_equal(grove_held(table), 1);
    ASSERT_ORDER(table, 1);
    grove_flush(table);
    assert_int_equal(grove_clear(table), GROVE_OK);
    assert_int_equal(grove_received(table), 0);
    grove_to_write(table, &count);
    assert_int_equal(count, 0);
    assert_fate(table, 0, GROVE_REJECTED, GROVE_RULE_NONE);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_END_FLAGS), 1);
    receive(table, tcp);
    grove_flush(table);
    ASSERT_ORDER(table, 0);
    grove_table_free(table);
}

static void counts(void **state)
{
    static const uint8_t small[GROVE_VNET_LEN] = {1, 1, 0, 0, 7, 0, 20, 0, 16};
    const struct grove_config config = {.profile = "linux-6.12"};
    struct grove_table *table = table_of(&config);
    struct fields fields = fields_of(4, TCP);
    struct grove_packet input = wire_input(wire_of(&fields));

    (void)state;
    input.vnet = small;
    assert_int_equal(grove_receive(table, &input), GROVE_OK);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_VNET_CLAMP), 1);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_IN_GSO), 1);
    receive(table, fields);
    fields.window++;
    receive(table, fields);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_TCP_WINDOW), 1);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_END_MISMATCH), 1);
    grove_flush(table);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_END_POLL), 1);
    assert_int_equal(grove_rule_count(table, GROVE_RULE_NONE), 0);
    assert_int_equal(grove_rule_count(table, (enum grove_rule)RULE_LIMIT), 0);
    grove_table_free(table);
}

static void words_of_verdicts(void **state)
{
    (void)state;
    assert_string_equal(grove_verdict_words(GROVE_HELD), "held");
    assert_string_equal(grove_verdict_words(GROVE_MERGED), "merged");
    assert_string_equal(grove_verdict_words(GROVE_PASSED), "passed");
    assert_string_equal(grove_verdict_words(GROVE_REJECTED), "rejected");
    assert_string_equal(
        grove_verdict_words((enum grove_verdict)(GROVE_REJECTED + 1)),
        "unknown verdict");
    assert_string_equal(grove_verdict_words((enum grove_verdict) - 1),
                        "unknown verdict");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing, wires_release),
        cmocka_unit_test_teardown(full, wires_release),
        cmocka_unit_test_teardown(clear, wires_release),
        cmocka_unit_test_teardown(counts, wires_release),
        cmocka_unit_test(words_of_verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
