/* SPDX-License-Identifier: MIT */
/*
 * Targets: the ways to compute the Internet checksum (grove_sums()).
 *
 * Asserts: the first way gives the sum of a loop over words, and all ways give
 * the same, as do their copies, which are true ones. That is checked from each
 * start within the width of a vector, so for each alignment and for many
 * lengths. The sum is 0 only for zeros. No way reads or writes outside of the
 * bytes.
 *
 * Input: how often the bytes are repeated (1 byte; 0: once), and the bytes. The
 * repetition makes long sums overflow.
 */
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "grove/checksum.h"
#include "grove/table.h"
#include "guard.h"
#include "target.h"

enum {
    STARTS = 65,    /* one more than a vector has bytes */
    WORK = 8 * 1024 /* bytes summed for an input, or twice all of them */
};

static struct guard guard;

void target_make(void)
{
    guard_make(&guard, 2 * GUARD_ROOM(GROVE_MAX_PACKET_LEN + 32));
}

/* RFC 1071 word by word. */
static uint16_t sum_plainly(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += (uint64_t)data[i] << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static bool all_zero(const uint8_t *data, size_t len)
{
    while (len > 0 && data[len - 1] == 0)
        len--;
    return len == 0;
}

/* Compares the ways with each other. */
static void check_from(const uint8_t *data, size_t len, uint8_t *copy)
{
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);
    const uint16_t expected = ways[0].sum(data, len);

    for (size_t i = 0; i < count; i++) {
        const uint16_t got = ways[i].sum(data, len);
        const uint16_t with = ways[i].copy(copy, data, len);

        CHECK(got == expected && with == expected,
              "%s: the last %zu bytes sum to 0x%04x, and copied to 0x%04x, not "
              "0x%04x",
              ways[i].name, len, got, with, expected);
        CHECK(len == 0 || memcmp(copy, data, len) == 0,
              "%s: the copy of the last %zu bytes differs", ways[i].name, len);
    }
}

static void check_first(const uint8_t *data, size_t len)
{
    size_t count;
    const struct grove_sum *first = grove_sums(&count);
    const uint16_t expected = sum_plainly(data, len);
    const uint16_t got = first->sum(data, len);

    CHECK(got == expected, "%s: %zu bytes sum to 0x%04x, not 0x%04x",
          first->name, len, got, expected);
    CHECK((got == 0) == all_zero(data, len),
          "the sum of %zu bytes is zero, or they are, not both", len);
}

static void check_all(const uint8_t *data, size_t len)
{
    uint8_t *copy = guard_take(&guard, len);

    check_first(data, len);
    for (size_t start = 0; start < STARTS && start <= len; start++) {
        check_from(data + start, len - start, copy + start);
        if (start > 0 && start * len > WORK)
            break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t times = size == 0 ? 0 : (size_t)data[0] + 1;
    size_t len = size == 0 ? 0 : times * (size - 1);
    uint8_t *bytes;

    guard_reset(&guard);
    len = len < GROVE_MAX_PACKET_LEN ? len : GROVE_MAX_PACKET_LEN;
    bytes = guard_take(&guard, len);
    for (size_t at = 0, part; at < len; at += part) {
        part = len - at < size - 1 ? len - at : size - 1;
        memcpy(bytes + at, data + 1, part);
    }
    check_all(bytes, len);
    return 0;
}
