/* SPDX-License-Identifier: MIT */
/*
 * Every way to sum against the definition of RFC 1071, one 16-bit word at a
 * time. The bytes end where their memory ends, so that a build with
 * AddressSanitizer sees a read beyond them.
 */
#define _GNU_SOURCE /* posix_memalign(), MAP_ANONYMOUS */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "grove/checksum.h"

/* The implementations differ in how they treat up to 64 bytes at a time. */
#define ALIGNMENTS ((size_t)64)

/* What the memory around a copy holds. */
#define UNTOUCHED 0x5a

/* More bytes than any packet has, and an odd number. */
#define LONGEST (((size_t)3 << 20) + 77)

enum contents { RANDOM, ZEROS, ONES, SINGLE_BIT, CONTENTS };

/* As checksum.h defines it, word by word. */
static uint16_t sum_by_words(const uint8_t *data, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

/* This generator gives the same bytes on every machine. */
static uint8_t random_byte(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return (uint8_t)(*state >> 24);
}

static void fill(uint8_t *data, size_t len, enum contents contents)
{
    uint32_t state = (uint32_t)len;

    for (size_t i = 0; i < len; i++)
        data[i] = contents == RANDOM ? random_byte(&state)
                                     : (contents == ONES ? 0xff : 0);
    if (contents == SINGLE_BIT && len != 0)
        data[(size_t)(state * UINT32_C(2654435761)) % len] =
            (uint8_t)(1 << len % 8);
}

/* The copy is one, also of its end, and nothing beside it is written. */
static void check_copy(const struct grove_sum *way, const uint8_t *data,
                       size_t len, uint16_t expected)
{
    static uint8_t memory[LONGEST + 3 * ALIGNMENTS];
    static unsigned alignment;
    uint8_t *to = memory + ALIGNMENTS + ++alignment % ALIGNMENTS;
    uint8_t around[2 * ALIGNMENTS];
    uint16_t got;

    memset(around, UNTOUCHED, sizeof around);
    memset(to - ALIGNMENTS, UNTOUCHED, len + sizeof around);
    got = way->copy(to, data, len);
    if (got != expected)
        fail_msg("%s: copy of %zu bytes at %p: %04x instead of %04x", way->name,
                 len, (const void *)data, got, expected);
    assert_memory_equal(to - ALIGNMENTS, around, ALIGNMENTS);
    assert_memory_equal(to + len, around, ALIGNMENTS);
    if (len != 0)
        assert_memory_equal(to, data, len);
}

static void check(const uint8_t *data, size_t len)
{
    uint16_t expected = sum_by_words(data, len);
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);

    for (size_t i = 0; i < count; i++) {
        uint16_t got = ways[i].sum(data, len);

        if (got != expected)
            fail_msg("%s: %zu bytes at %p: %04x instead of %04x", ways[i].name,
                     len, (const void *)data, got, expected);
        check_copy(&ways[i], data, len, expected);
    }
}

/* Every alignment and contents of one length. */
static void check_length(size_t len)
{
    for (size_t alignment = 0; alignment < ALIGNMENTS; alignment++) {
        void *memory;
        uint8_t *data;

        assert_int_equal(posix_memalign(&memory, ALIGNMENTS, alignment + len),
                         0);
        data = (uint8_t *)memory + alignment;
        for (int contents = 0; contents < CONTENTS; contents++) {
            fill(data, len, (enum contents)contents);
            check(data, len);
        }
        free(memory);
    }
}

static void every_short_length(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 300; len++)
        check_length(len);
}

static void lengths_of_packets(void **state)
{
    static const size_t around[] = {576, 1480, 1500, 9000, 65535, 65575};

    (void)state;
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++)
        for (size_t len = around[i] - 2; len <= around[i] + 2; len++)
            check_length(len);
}

/* A page that can be read, between two that cannot. */
static uint8_t *page_alone(size_t size)
{
    uint8_t *pages =
        mmap(NULL, 3 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + size, size, PROT_READ | PROT_WRITE), 0);
    return pages + size;
}

/* A sanitizer does not see every load of a vector that has a mask. */
static void nothing_outside_is_read(void **state)
{
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *page = page_alone(size);

    (void)state;
    fill(page, size, RANDOM);
    for (size_t len = 0; len <= 300; len++) {
        for (size_t start = 0; start < ALIGNMENTS; start++)
            check(page + start, len);
        for (size_t end = 0; end < ALIGNMENTS; end++)
            check(page + size - len - end, len);
    }
    munmap(page - size, 3 * size);
}

/* Longer than any packet: lanes must not overflow, whatever they hold. */
static void more_than_any_packet(void **state)
{
    uint8_t *memory = malloc(LONGEST);

    (void)state;
    assert_non_null(memory);
    for (int contents = 0; contents < CONTENTS; contents++) {
        fill(memory, LONGEST, (enum contents)contents);
        check(memory, LONGEST);
    }
    free(memory);
}

/* Each bit by itself: a mistake in the place of any byte shows. */
static void every_single_bit(void **state)
{
    uint8_t data[131] = {0};

    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
        data[bit / 8] = (uint8_t)(1 << bit % 8);
        check(data, sizeof data);
        data[bit / 8] = 0;
    }
}

/* RFC 1071, section 3. */
static void example_of_rfc_1071(void **state)
{
    static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03,
                                   0xf4, 0xf5, 0xf6, 0xf7};
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);

    (void)state;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(ways[i].sum(data, sizeof data), 0xddf2);
}

static void nothing_is_zero(void **state)
{
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ways[i].sum(NULL, 0), 0);
        assert_int_equal(ways[i].copy(NULL, NULL, 0), 0);
    }
}

static void fastest_is_the_last(void **state)
{
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);

    (void)state;
    assert_true(count >= 1);
    assert_string_equal(ways[0].name, "portable");
    assert_true(grove_sum_fastest() == ways[count - 1].sum);
    assert_true(grove_copy_fastest() == ways[count - 1].copy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_length),
        cmocka_unit_test(lengths_of_packets),
        cmocka_unit_test(nothing_outside_is_read),
        cmocka_unit_test(more_than_any_packet),
        cmocka_unit_test(every_single_bit),
        cmocka_unit_test(example_of_rfc_1071),
        cmocka_unit_test(nothing_is_zero),
        cmocka_unit_test(fastest_is_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
