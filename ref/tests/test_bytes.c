/* SPDX-License-Identifier: MIT */
/*
 * Views at and beyond their ends. Built without assertions, which is where
 * reading zero and writing nothing is what protects the caller.
 */
#ifndef NDEBUG
#define NDEBUG
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bytes.h"

static const uint8_t content[9] = {0x81, 2, 3, 4, 5, 6, 7, 8, 0xf9};

/* Bytes in memory of exactly their length. */
static int set_up(void **state)
{
    uint8_t *memory = malloc(sizeof content);

    if (memory == NULL)
        return -1;
    memcpy(memory, content, sizeof content);
    *state = memory;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static struct bytes view_of(void **state)
{
    return (struct bytes){*state, sizeof content};
}

static void have(void **state)
{
    const struct bytes view = view_of(state);

    assert_true(bytes_have(view, 0, 9));
    assert_true(bytes_have(view, 8, 1));
    assert_true(bytes_have(view, 9, 0));
    assert_false(bytes_have(view, 0, 10));
    assert_false(bytes_have(view, 9, 1));
    assert_false(bytes_have(view, 10, 0));
    assert_false(bytes_have(view, 1, UINT32_MAX));
    assert_false(bytes_have(view, UINT32_MAX, 2));
    assert_true(bytes_have((struct bytes){NULL, 0}, 0, 0));
    assert_false(bytes_have((struct bytes){NULL, 0}, 0, 1));
}

static void assert_empty(struct bytes view)
{
    assert_null(view.at);
    assert_int_equal(view.len, 0);
}

static void slice(void **state)
{
    const struct bytes view = view_of(state);
    const struct bytes part = bytes_slice(view, 3, 6);

    assert_ptr_equal(part.at, view.at + 3);
    assert_int_equal(part.len, 6);
    assert_ptr_equal(bytes_first(view, 3).at, view.at);
    assert_int_equal(bytes_first(view, 3).len, 3);
    assert_int_equal(bytes_slice(view, 9, 0).len, 0);
    assert_int_equal(bytes_slice(view, 3, 0).len, 0);
    assert_empty(bytes_slice(view, 3, 7));
    assert_empty(bytes_slice(view, 10, 0));
    assert_empty(bytes_slice(view, 4, UINT32_MAX));
}

static void from(void **state)
{
    const struct bytes view = view_of(state);

    assert_ptr_equal(bytes_from(view, 0).at, view.at);
    assert_int_equal(bytes_from(view, 0).len, 9);
    assert_ptr_equal(bytes_from(view, 8).at, view.at + 8);
    assert_int_equal(bytes_from(view, 8).len, 1);
    assert_int_equal(bytes_from(view, 9).len, 0);
    assert_empty(bytes_from(view, 10));
    assert_empty(bytes_from(view, UINT32_MAX));
}

static void reads_inside(void **state)
{
    const struct bytes view = view_of(state);
    uint64_t word;

    assert_int_equal(bytes_u8(view, 0), 0x81);
    assert_int_equal(bytes_u8(view, 8), 0xf9);
    assert_int_equal(bytes_be16(view, 0), 0x8102);
    assert_int_equal(bytes_be16(view, 7), 0x08f9);
    assert_int_equal(bytes_be32(view, 0), 0x81020304);
    assert_int_equal(bytes_be32(view, 5), 0x060708f9);
    assert_true(bytes_be64(view, 1) == UINT64_C(0x02030405060708f9));
    memcpy(&word, content + 1, sizeof word);
    assert_true(bytes_word(view, 1) == word);
}

static void reads_outside_are_zero(void **state)
{
    const struct bytes view = view_of(state);
    const uint32_t beyond[] = {9, 10, 1000, UINT32_MAX - 1, UINT32_MAX};

    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        assert_int_equal(bytes_u8(view, beyond[i]), 0);
        assert_int_equal(bytes_be16(view, beyond[i]), 0);
        assert_int_equal(bytes_be32(view, beyond[i]), 0);
        assert_true(bytes_be64(view, beyond[i]) == 0);
        assert_true(bytes_word(view, beyond[i]) == 0);
    }
}

/* A read that begins inside and ends outside gives 0. */
static void reads_across_the_end_are_zero(void **state)
{
    const struct bytes view = view_of(state);

    assert_int_equal(bytes_be16(view, 8), 0);
    assert_int_equal(bytes_be32(view, 6), 0);
    assert_int_equal(bytes_be32(view, 8), 0);
    assert_true(bytes_be64(view, 2) == 0);
    assert_true(bytes_word(view, 2) == 0);
    assert_true(bytes_word(view, 8) == 0);
}

static void equal(void **state)
{
    const struct bytes view = view_of(state);
    const struct bytes same = {content, sizeof content};
    const struct bytes none = {NULL, 0};

    assert_true(bytes_equal(view, same));
    assert_true(bytes_equal(none, none));
    assert_true(bytes_equal(none, (struct bytes){content, 0}));
    assert_false(bytes_equal(view, none));
    assert_false(bytes_equal(view, bytes_slice(same, 0, 8)));
    assert_false(bytes_equal(bytes_slice(view, 0, 8), bytes_from(same, 1)));
}

/* Every length, and a difference in every place. */
static void equal_of_every_length(void **state)
{
    (void)state;
    for (uint32_t len = 0; len <= 40; len++) {
        uint8_t *a = calloc(1, len + 1);
        uint8_t *b = calloc(1, len + 1);

        assert_non_null(a);
        assert_non_null(b);
        b[len] = 1;
        assert_true(
            bytes_equal((struct bytes){a, len}, (struct bytes){b, len}));
        for (uint32_t i = 0; i < len; i++) {
            b[i] = 1;
            assert_false(
                bytes_equal((struct bytes){a, len}, (struct bytes){b, len}));
            b[i] = 0;
        }
        free(a);
        free(b);
    }
}

static void assert_content(struct buffer out)
{
    assert_memory_equal(out.at, content, sizeof content);
}

static void copy(void **state)
{
    const struct buffer out = {*state, sizeof content};
    static const uint8_t other[10] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};

    buffer_copy(out, (struct bytes){NULL, 0});
    assert_content(out);
    buffer_copy(out, (struct bytes){other, 10});
    assert_content(out);
    buffer_copy(out, (struct bytes){other, 3});
    assert_memory_equal(out.at, other, 3);
    assert_memory_equal(out.at + 3, content + 3, 6);
    buffer_copy(out, (struct bytes){other, 9});
    assert_memory_equal(out.at, other, 9);
}

static void rest(void **state)
{
    const struct buffer out = {*state, sizeof content};

    assert_ptr_equal(buffer_from(out, 0).at, out.at);
    assert_int_equal(buffer_from(out, 0).len, sizeof content);
    assert_ptr_equal(buffer_from(out, 8).at, out.at + 8);
    assert_int_equal(buffer_from(out, 8).len, 1);
    assert_int_equal(buffer_from(out, 9).len, 0);
    assert_int_equal(buffer_from(out, UINT32_MAX).len, 0);
}

static void writes_inside(void **state)
{
    const struct buffer out = {*state, sizeof content};
    static const uint8_t expected[9] = {0x12, 0x34, 3, 4, 5, 6, 7, 0xab, 0xcd};

    buffer_put_be16(out, 0, 0x1234);
    buffer_put_be16(out, 7, 0xabcd);
    assert_memory_equal(out.at, expected, sizeof expected);
    buffer_put_u8(out, 8, 0xee);
    assert_int_equal(out.at[8], 0xee);
    buffer_put_be32(out, 1, 0x12345678);
    assert_memory_equal(out.at + 1, "\x12\x34\x56\x78", 4);
}

static void writes_outside_do_nothing(void **state)
{
    const struct buffer out = {*state, sizeof content};

    buffer_put_u8(out, 9, 1);
    buffer_put_u8(out, UINT32_MAX, 1);
    buffer_put_be16(out, 8, 0x0101);
    buffer_put_be16(out, 9, 0x0101);
    buffer_put_be16(out, UINT32_MAX, 0x0101);
    assert_content(out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(have, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(from, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_outside_are_zero, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(reads_across_the_end_are_zero, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(equal, set_up, tear_down),
        cmocka_unit_test(equal_of_every_length),
        cmocka_unit_test_setup_teardown(copy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_outside_do_nothing, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
