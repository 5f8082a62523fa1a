/* SPDX-License-Identifier: MIT */
/* What shows something stays, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shrink.h"

enum { ENTRIES = 37 };

static struct arena arena;
static struct run_input input[ENTRIES];
static struct run run;

/* Packet `number` is as long as its number tells, so that it is known. */
static int set_up(void **state)
{
    static const uint8_t bytes[ENTRIES];

    (void)state;
    for (size_t i = 0; i < ENTRIES; i++)
        input[i] =
            (struct run_input){.has_vnet = true, .packet = bytes, .len = i};
    run = (struct run){.input = input, .inputs = ENTRIES};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static bool has(const struct run *of, size_t shortest, bool vnet)
{
    for (size_t i = 0; i < of->inputs; i++)
        if (of->input[i].len >= shortest && of->input[i].has_vnet >= vnet)
            return true;
    return false;
}

static bool needs_a_long_one(void *context, const struct run *of)
{
    return has(of, *(size_t *)context, false);
}

static bool needs_a_header(void *context, const struct run *of)
{
    return has(of, *(size_t *)context, true);
}

static void one_packet_is_left_as_short_as_it_can_be(void **state)
{
    size_t shortest = 11;

    (void)state;
    shrink_run(&run, needs_a_long_one, &shortest, &arena);
    assert_int_equal(run.inputs, 1);
    assert_int_equal(run.input[0].len, shortest);
    assert_false(run.input[0].has_vnet);
}

static void a_header_that_is_needed_stays(void **state)
{
    size_t shortest = 36;

    (void)state;
    shrink_run(&run, needs_a_header, &shortest, &arena);
    assert_int_equal(run.inputs, 1);
    assert_int_equal(run.input[0].len, shortest);
    assert_true(run.input[0].has_vnet);
}

static void what_needs_nothing_has_nothing_left(void **state)
{
    size_t shortest = 0;

    (void)state;
    input[0].has_vnet = false;
    shrink_run(&run, needs_a_long_one, &shortest, &arena);
    assert_int_equal(run.inputs, 1);
    assert_int_equal(run.input[0].len, 0);
    assert_int_equal(input[5].len, 5); /* the caller's are not touched */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_packet_is_left_as_short_as_it_can_be),
        TEST(a_header_that_is_needed_stays),
        TEST(what_needs_nothing_has_nothing_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
