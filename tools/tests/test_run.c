/* SPDX-License-Identifier: MIT */
/* The types that all implementations share: questions and answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run.h"

static const uint8_t byte[1];

/* A packet, the end of a poll, two packets. */
static const struct run_input input[] = {
    {.packet = byte, .len = 1},
    {.flush = true},
    {.packet = byte, .len = 2},
    {.packet = byte, .len = 3},
};

static void the_default_configuration_is_that_of_the_protocol(void **state)
{
    struct run_config config = run_config_default();

    (void)state;
    assert_int_equal(config.max_flows, 8);
    assert_true(config.udp);
    assert_false(config.csum_trusted);
    assert_false(config.lossless);
    assert_false(config.csum_offload);
}

static void packets_are_numbered_without_flushes(void **state)
{
    struct run run = {.input = input, .inputs = 4};

    (void)state;
    assert_int_equal(run_packets(&run), 3);
    assert_ptr_equal(run_packet(&run, 0), &input[0]);
    assert_ptr_equal(run_packet(&run, 1), &input[2]);
    assert_ptr_equal(run_packet(&run, 2), &input[3]);
    assert_null(run_packet(&run, 3));
    run.inputs = 0;
    assert_int_equal(run_packets(&run), 0);
    assert_null(run_packet(&run, 0));
}

static void one_packet_can_be_split(void **state)
{
    struct run run = {.input = input, .inputs = 1};

    (void)state;
    assert_true(run_splits(&run));
    run.inputs = 0;
    assert_false(run_splits(&run));
    run.inputs = 2;
    assert_false(run_splits(&run));
    run.input = &input[1];
    run.inputs = 1;
    assert_false(run_splits(&run));
}

static void failing_empties_the_answer(void **state)
{
    struct answer answer = {0};

    (void)state;
    answer.output = arena_alloc(&answer.arena, 3, sizeof *answer.output);
    answer.outputs = 3;
    answer.issue = "a link";
    answer_fail(&answer, ANSWER_SKIPPED, "%s %d", "reason", 7);
    assert_int_equal(answer.kind, ANSWER_SKIPPED);
    assert_string_equal(answer.reason, "reason 7");
    assert_null(answer.output);
    assert_int_equal(answer.outputs, 0);
    assert_null(answer.issue);
    answer_free(&answer);
    assert_null(answer.reason);
}

static void reason_may_quote_the_answer(void **state)
{
    struct answer answer = {0};

    (void)state;
    answer_fail(&answer, ANSWER_ERROR, "inner");
    answer_fail(&answer, ANSWER_DEAD, "outer: %s", answer.reason);
    assert_string_equal(answer.reason, "outer: inner");
    answer_reset(&answer);
    assert_int_equal(answer.kind, ANSWER_OUTPUT);
    assert_null(answer.reason);
    answer_free(&answer);
}

static void count_call(void *self)
{
    ++*(int *)self;
}

static void closing_happens_once(void **state)
{
    int calls = 0;
    struct implementation it = {.self = &calls, .close = count_call};

    (void)state;
    implementation_close(&it);
    implementation_close(&it);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_configuration_is_that_of_the_protocol),
        cmocka_unit_test(packets_are_numbered_without_flushes),
        cmocka_unit_test(one_packet_can_be_split),
        cmocka_unit_test(failing_empties_the_answer),
        cmocka_unit_test(reason_may_quote_the_answer),
        cmocka_unit_test(closing_happens_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
