/* SPDX-License-Identifier: MIT */
/* Shrinking a question keeps what the predicate needs, and nothing else. */
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

/* Packet `number` has `number` bytes, so that its length identifies it. */
static int set_up(void **state)
{
    static const uint8_t bytes[ENTRIES];

    (void)state;
    for (size_t i = 0; i < ENTRIES; i++)
        input[i] = (struct run_input){
            .has_vnet = true, .packet = bytes, .len = i, .hash = 9};
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

static bool needs_a_hash(void *context, const struct run *of)
{
    (void)context;
    return of->inputs != 0 && of->input[0].hash == 9;
}

static void one_packet_of_the_least_length_remains(void **state)
{
    size_t shortest = 11;

    (void)state;
    shrink_run(&run, needs_a_long_one, &shortest, &arena);
    assert_int_equal(run.inputs, 1);
    assert_int_equal(run.input[0].len, shortest);
    assert_false(run.input[0].has_vnet);
    assert_int_equal(run.input[0].hash, 0);
}

static void a_hash_that_is_needed_stays(void **state)
{
    (void)state;
    shrink_run(&run, needs_a_hash, NULL, &arena);
    assert_int_equal(run.inputs, 1);
    assert_int_equal(run.input[0].hash, 9);
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

/* The second byte of the packet and the gso_type of its header. */
static bool needs_two_fields(void *context, const struct run *of)
{
    (void)context;
    return of->inputs == 1 && of->input[0].packet[1] == 7 &&
           of->input[0].vnet[1] == 1;
}

static void only_fields_that_are_needed_stay(void **state)
{
    static const uint8_t packet[5] = {1, 7, 3, 4, 5};
    struct run_input one = {.has_vnet = true,
                            .vnet = {1, 1, 0, 0, 9, 9},
                            .packet = packet,
                            .len = sizeof packet};

    (void)state;
    run = (struct run){.input = &one, .inputs = 1};
    shrink_fields(&run, needs_two_fields, NULL, &arena);
    assert_int_equal(run.input[0].len, sizeof packet);
    assert_memory_equal(run.input[0].packet, "\1\7\0\0\5", sizeof packet);
    assert_memory_equal(run.input[0].vnet, "\1\1\0\0\0\0\0\0\0\0", 10);
    assert_int_equal(packet[2], 3);
}

static void if_nothing_is_needed_an_empty_packet_remains(void **state)
{
    size_t shortest = 0;

    (void)state;
    input[0].has_vnet = false;
    shrink_run(&run, needs_a_long_one, &shortest, &arena);
    assert_int_equal(run.inputs, 1);
    assert_int_equal(run.input[0].len, 0);
    assert_int_equal(input[5].len,
                     5); /* the caller's packets stay as they were */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_packet_of_the_least_length_remains),
        TEST(a_header_that_is_needed_stays),
        TEST(a_hash_that_is_needed_stays),
        TEST(if_nothing_is_needed_an_empty_packet_remains),
        TEST(only_fields_that_are_needed_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
