/* SPDX-License-Identifier: MIT */
/* Captures cut into polls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "capture_file.h"
#include "polls.h"

/* The file is divided into `count` polls of `sizes` packets. */
static void expect_polls(int64_t gap, size_t count, const size_t *sizes)
{
    struct capture_file file;
    struct polls polls;
    struct poll poll = {0};
    char why[CAPTURE_WHY] = "";
    uint64_t frame = 0;
    size_t number = 0;

    open_file(&file);
    polls_begin(&polls, &file, gap);
    while (polls_next(&polls, &poll, why)) {
        if (number < count)
            assert_int_equal(poll.count, sizes[number]);
        number++;
        for (size_t i = 0; i < poll.count; i++) {
            assert_int_equal(poll.packets[i].frame, ++frame);
            assert_memory_equal(poll.packets[i].data, packet4, PACKET_LEN);
        }
    }
    assert_string_equal(why, "");
    assert_int_equal(number, count);
    polls_end(&polls);
    capture_file_close(&file);
}

static void test_a_gap_ends_a_poll(void **state)
{
    (void)state;
    begin_file(MAGIC_NS, LINK_RAW);
    put_frame(0, packet4, PACKET_LEN, PACKET_LEN);
    put_frame(200000, packet4, PACKET_LEN, PACKET_LEN);
    put_frame(400001, packet4, PACKET_LEN, PACKET_LEN);
    put_frame(0, packet4, PACKET_LEN, PACKET_LEN); /* an earlier time */
    end_file();
    expect_polls(POLL_GAP, 2, (const size_t[]){2, 2});
    expect_polls(0, 3, (const size_t[]){1, 1, 2});
    expect_polls(MS, 1, (const size_t[]){4});
}

static void test_a_poll_is_full(void **state)
{
    (void)state;
    begin_file(MAGIC_NS, LINK_RAW);
    for (int i = 0; i < 2 * POLL_MAX + 1; i++)
        put_frame(0, packet4, PACKET_LEN, PACKET_LEN);
    end_file();
    expect_polls(POLL_GAP, 3, (const size_t[]){POLL_MAX, POLL_MAX, 1});
}

static void test_no_poll(void **state)
{
    (void)state;
    begin_file(MAGIC_NS, LINK_RAW);
    end_file();
    expect_polls(POLL_GAP, 0, NULL);
}

static void test_gap_argument(void **state)
{
    static const char *const wrong[] = {"",    "x",    "1x",   "-1",
                                        "nan", "1e99", "-1e-9"};
    int64_t gap = -1;

    (void)state;
    assert_true(poll_gap("200", &gap));
    assert_true(gap == POLL_GAP);
    assert_true(poll_gap("0", &gap));
    assert_true(gap == 0);
    assert_true(poll_gap("0.5", &gap));
    assert_true(gap == 500);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(poll_gap(wrong[i], &gap));
    assert_true(gap == 500);
}

/* ---- interfaces and lanes ---------------------------------------------- */

/* A frame: two octets that differ, and the source port of its packet. */
struct made {
    uint8_t device; /* the last octet of an interface or of an address */
    uint8_t vlan;   /* 0: no tag */
    uint8_t port;
};

/* Ethernet, in most cases with a tag. */
static void put_ethernet(const struct made *made)
{
    const uint8_t header[] = {MACS, 0x81, 0, 0, made->vlan, 8, 0};
    uint8_t frame[18 + PACKET_LEN];
    uint32_t len = 14;

    memcpy(frame, header, 12);
    frame[5] = made->device;
    memcpy(frame + 12, header + 16, 2);
    if (made->vlan != 0) {
        len = 18;
        memcpy(frame + 12, header + 12, 6);
    }
    memcpy(frame + len, packet4, PACKET_LEN);
    frame[len + 20] = made->port;
    put_frame(0, frame, len + PACKET_LEN, len + PACKET_LEN);
}

/* Of "any", which tells the number of the interface. */
static void put_cooked(const struct made *made)
{
    uint8_t frame[20 + PACKET_LEN] = {8, 0, [7] = made->device, [9] = 1};

    memcpy(frame + 20, packet4, PACKET_LEN);
    frame[40] = made->port;
    put_frame(0, frame, sizeof frame, sizeof frame);
}

/* The polls have these frames; 0 ends a poll, and 0 twice the list. */
static void expect_frames(const uint64_t *frames)
{
    struct capture_file file;
    struct polls polls;
    struct poll poll;
    char why[CAPTURE_WHY] = "";

    open_file(&file);
    polls_begin(&polls, &file, POLL_GAP);
    while (polls_next(&polls, &poll, why)) {
        for (size_t i = 0; i < poll.count; i++)
            assert_int_equal(poll.packets[i].frame, *frames++);
        assert_int_equal(*frames++, 0);
    }
    assert_int_equal(*frames, 0);
    assert_string_equal(why, "");
    polls_end(&polls);
    capture_file_close(&file);
}

static void write_frames(uint32_t link, void (*put)(const struct made *made),
                         const struct made *made, size_t count)
{
    begin_file(MAGIC_NS, link);
    for (size_t i = 0; i < count; i++)
        put(&made[i]);
    end_file();
}

#define WRITE(link, put, ...)                                                  \
    write_frames(link, put, (const struct made[]){__VA_ARGS__},                \
                 sizeof((const struct made[]){__VA_ARGS__}) /                  \
                     sizeof(struct made))
#define EXPECT(...) expect_frames((const uint64_t[]){__VA_ARGS__, 0, 0})

static void test_addresses_divide_a_flow(void **state)
{
    (void)state;
    WRITE(LINK_ETH, put_ethernet, {1, 0, 9}, {2, 0, 9}, {1, 0, 9}, {2, 0, 9},
          {3, 0, 9});
    EXPECT(1, 3, 0, 2, 4, 0, 5);
}

static void test_tags_divide_a_flow(void **state)
{
    (void)state;
    WRITE(LINK_ETH, put_ethernet, {1, 10, 9}, {1, 11, 9}, {1, 0, 9},
          {1, 10, 9});
    EXPECT(1, 4, 0, 2, 0, 3);
}

/* As in both directions of a connection: one table takes them. */
static void test_addresses_of_other_flows_divide_nothing(void **state)
{
    (void)state;
    WRITE(LINK_ETH, put_ethernet, {1, 0, 8}, {2, 0, 9}, {1, 0, 8}, {2, 0, 9});
    EXPECT(1, 2, 3, 4);
    WRITE(LINK_ETH, put_ethernet, {1, 0, 8}, {2, 0, 9}, {2, 0, 8}, {1, 0, 9},
          {1, 0, 7});
    EXPECT(1, 2, 5, 0, 3, 4);
}

static void test_interfaces_have_polls(void **state)
{
    (void)state;
    WRITE(276, put_cooked, {1, 0, 8}, {2, 0, 9}, {1, 0, 8}, {2, 0, 9});
    EXPECT(1, 3, 0, 2, 4);
}

/* The one that began first is given out when there is one too many. */
static void test_many_interfaces(void **state)
{
    uint64_t frames[2 * (POLLS_OPEN + 2) + 1] = {0};
    struct made made[POLLS_OPEN + 2];

    (void)state;
    for (uint8_t i = 0; i < POLLS_OPEN + 2; i++) {
        made[i] = (struct made){i + 1, 0, 9};
        frames[(size_t)2 * i] = i + 1U;
    }
    write_frames(276, put_cooked, made, POLLS_OPEN + 2);
    expect_frames(frames);
}

/* What is before the fault comes out first. */
static void test_a_cut_file(void **state)
{
    struct capture_file file;
    struct polls polls;
    struct poll poll;
    char why[CAPTURE_WHY];

    (void)state;
    begin_file(MAGIC_NS, LINK_RAW);
    for (int i = 0; i < 3; i++)
        put_frame(0, packet4, PACKET_LEN, PACKET_LEN);
    put32(BEGIN);
    end_file();
    open_file(&file);
    polls_begin(&polls, &file, POLL_GAP);
    assert_true(polls_next(&polls, &poll, why));
    assert_int_equal(poll.count, 3);
    for (int again = 0; again < 2; again++) {
        assert_false(polls_next(&polls, &poll, why));
        expect_words(why, path, "frame 4, byte 160: truncated");
    }
    polls_end(&polls);
    capture_file_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_gap_ends_a_poll),
        cmocka_unit_test(test_a_poll_is_full),
        cmocka_unit_test(test_no_poll),
        cmocka_unit_test(test_gap_argument),
        cmocka_unit_test(test_addresses_divide_a_flow),
        cmocka_unit_test(test_tags_divide_a_flow),
        cmocka_unit_test(test_addresses_of_other_flows_divide_nothing),
        cmocka_unit_test(test_interfaces_have_polls),
        cmocka_unit_test(test_many_interfaces),
        cmocka_unit_test(test_a_cut_file),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
