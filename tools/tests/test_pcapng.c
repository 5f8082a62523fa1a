/* SPDX-License-Identifier: MIT */
/* Reading pcapng. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture_file.h"

/* A block: its type and all between its two lengths. */
static void put_block(uint32_t type, const void *body, uint32_t len)
{
    put32(type);
    put32(len + 12);
    put_bytes(body, len);
    put32(len + 12);
}

static void put_section(void)
{
    put32(0x0a0d0d0a);
    put32(28);
    put32(0x1a2b3c4d);
    put16(1);
    put16(0);
    put32(UINT32_MAX);
    put32(UINT32_MAX);
    put32(28);
}

/* An interface with one option of up to 8 bytes; option 0: none. */
static void put_interface(uint16_t link, uint16_t option, const void *value,
                          uint16_t len)
{
    uint8_t padded[8] = {0};

    memcpy(padded, value, len);
    put32(1);
    put32(36);
    put16(link);
    put16(0);
    put32(SNAP_LEN);
    put16(option);
    put16(len);
    put_bytes(padded, sizeof padded);
    put32(0);
    put32(36);
}

#define TSRESOL(value) 9, (const uint8_t[]){value}, 1

static void put_enhanced(uint32_t interface, uint64_t time, const void *frame,
                         uint32_t len)
{
    static const uint8_t padding[3];

    put32(6);
    put32(32 + (len + 3) / 4 * 4);
    put32(interface);
    put32((uint32_t)(time >> 32));
    put32((uint32_t)time);
    put32(len);
    put32(len);
    put_bytes(frame, len);
    put_bytes(padding, (4 - len % 4) % 4);
    put32(32 + (len + 3) / 4 * 4);
}

static void put_packet4(uint32_t interface, uint64_t time)
{
    put_enhanced(interface, time, packet4, PACKET_LEN);
}

/* A section with one interface, that counts nanoseconds. */
static void begin_pcapng(void)
{
    begin_empty();
    put_section();
    put_interface(LINK_RAW, TSRESOL(9));
}

static void test_pcapng(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        big_endian = i == 1;
        begin_pcapng();
        put_packet4(0, BEGIN_NS + 77);
        end_file();
        big_endian = false;
        expect_time(BEGIN_NS + 77);
        expect_packet(packet4, PACKET_LEN);
    }
}

/* A resolution, and the units of one second and a half in it. */
static void test_time_resolutions(void **state)
{
    static const struct {
        uint8_t resolution;
        uint64_t units;
    } rows[] = {{6, 1500000},
                {9, 1500000000},
                {0x81, 3},
                {3, 1500},
                {12, 1500000000000},
                {0x80 | 40, UINT64_C(3) << 39},
                {18, UINT64_C(1500) * 1000000000 * 1000000}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin_empty();
        put_section();
        put_interface(LINK_RAW, TSRESOL(rows[i].resolution));
        put_packet4(0, rows[i].units);
        end_file();
        expect_time(1500000000);
    }
    begin_empty();
    put_section();
    put_interface(LINK_RAW, TSRESOL(20));
    end_file();
    expect_broken(0, "too small units");
}

static void test_time_offset(void **state)
{
    static const uint8_t ahead[8] = {100};
    static const uint8_t before[8] = {0xfe, 255, 255, 255, 255, 255, 255, 255};

    (void)state;
    begin_empty();
    put_section();
    put_interface(LINK_RAW, 14, ahead, sizeof ahead);
    put_packet4(0, 1500000);
    end_file();
    expect_time(INT64_C(101500000000));
    begin_empty();
    put_section();
    put_interface(LINK_RAW, 14, before, sizeof before);
    put_packet4(0, 1500000);
    end_file();
    expect_time(0);
}

/* Other link types, snap lengths and clocks, and sections of other orders. */
static void test_several_interfaces(void **state)
{
    static const uint8_t ethernet[14] = {MACS, 8, 0};
    uint8_t frame[14 + PACKET_LEN];
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    (void)state;
    memcpy(frame, ethernet, sizeof ethernet);
    memcpy(frame + sizeof ethernet, packet4, PACKET_LEN);
    begin_pcapng();
    put_interface(LINK_ETH, 2, "eth1\n", 5);
    put_packet4(0, BEGIN_NS);
    put_enhanced(1, UINT64_C(1000000) * BEGIN, frame, sizeof frame);
    big_endian = true;
    put_section();
    put_interface(LINK_RAW, TSRESOL(0));
    put_packet4(0, BEGIN);
    end_file();
    big_endian = false;
    open_file(&file);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(capture_file_next(&file, &packet, why));
        assert_int_equal(packet.interface, i);
        assert_true(packet.time == BEGIN_NS);
        assert_int_equal(packet.len, PACKET_LEN);
        assert_memory_equal(packet.data, packet4, PACKET_LEN);
    }
    expect_end(&file);
    assert_int_equal(file.interface_count, 3);
    assert_string_equal(file.interfaces[0].name, "interface 0");
    assert_string_equal(file.interfaces[1].name, "eth1?");
    assert_string_equal(file.interfaces[2].name, "interface 2");
    capture_file_close(&file);
}

/* A link type that cannot be read hides no other interface. */
static void test_an_unknown_link_type(void **state)
{
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    (void)state;
    begin_pcapng();
    put_interface(147, TSRESOL(9));
    put_packet4(1, BEGIN_NS);
    put_packet4(0, BEGIN_NS);
    end_file();
    open_file(&file);
    assert_true(capture_file_next(&file, &packet, why));
    assert_int_equal(packet.frame, 2);
    expect_end(&file);
    assert_int_equal(file.counts.unlinked, 1);
    capture_file_close(&file);
}

static void test_fcs(void **state)
{
    static const uint8_t frame[PACKET_LEN + 4] = {0x45};

    (void)state;
    begin_empty();
    put_section();
    put_interface(LINK_RAW, 13, (const uint8_t[]){4}, 1);
    put_enhanced(0, 0, frame, sizeof frame);
    end_file();
    expect_packet(frame, PACKET_LEN);
}

/* Flags: a direction, and an FCS of 2 bytes. */
static void put_flagged(uint8_t flags)
{
    const uint8_t body[20 + PACKET_LEN + 8] = {[12] = PACKET_LEN,
                                               [16] = PACKET_LEN,
                                               [20] = 0x45,
                                               [20 + PACKET_LEN] = 2,
                                               [20 + PACKET_LEN + 2] = 4,
                                               [20 + PACKET_LEN + 4] = flags};

    put_block(6, body, sizeof body);
}

static void test_flags_of_a_packet(void **state)
{
    struct capture_file file;
    struct timed_packet packet[3];
    char why[CAPTURE_WHY];

    (void)state;
    begin_pcapng();
    put_flagged(1 | 2 << 5);
    put_flagged(2 | 2 << 5);
    put_flagged(1);
    end_file();
    open_file(&file);
    for (int i = 0; i < 3; i++)
        assert_true(capture_file_next(&file, &packet[i], why));
    assert_int_equal(packet[0].len, PACKET_LEN - 2);
    assert_int_equal(packet[2].len, PACKET_LEN);
    assert_true(packet[0].key != packet[1].key);
    assert_true(packet[0].key == packet[2].key);
    capture_file_close(&file);
}

/* The simple block, and the obsolete one. */
static void test_other_packet_blocks(void **state)
{
    uint8_t simple[4 + PACKET_LEN] = {PACKET_LEN};
    uint8_t obsolete[20 + PACKET_LEN] = {[12] = PACKET_LEN, [16] = PACKET_LEN};

    (void)state;
    memcpy(simple + 4, packet4, PACKET_LEN);
    begin_pcapng();
    put_block(0xbad, "of some other kind", 16);
    put_block(3, simple, sizeof simple);
    end_file();
    expect_packet(packet4, PACKET_LEN);
    memcpy(obsolete + 20, packet4, PACKET_LEN);
    begin_pcapng();
    put_block(2, obsolete, sizeof obsolete);
    end_file();
    expect_packet(packet4, PACKET_LEN);
}

static void test_truncated(void **state)
{
    (void)state;
    for (long len = 28 + 36 + 60 + 1; len < 28 + 36 + 60 + 60; len++) {
        char words[64];

        snprintf(words, sizeof words, "frame 2, byte %ld: the file ends", len);
        begin_pcapng();
        put_packet4(0, BEGIN_NS);
        put_packet4(0, BEGIN_NS);
        end_file();
        assert_int_equal(truncate(path, len), 0);
        expect_broken(1, words);
    }
}

static void test_damaged_blocks(void **state)
{
    static const struct {
        const char *words;
        uint32_t type;
        uint32_t len; /* of the body */
        uint8_t body[32];
    } rows[] = {
        {"a packet block is too short", 6, 16, {0}},
        {"a packet block is too short", 3, 0, {0}},
        {"an interface block is too short", 1, 4, {0}},
        {"longer than its block", 6, 24, {[12] = 5, [16] = 5}},
        {"longer than its block", 6, 24, {[12] = 255, 255, 255, 255}},
        {"longer than its block", 3, 8, {5}},
        {"is not described", 6, 24, {1, [12] = 4}},
        {"is not described", 2, 24, {1, [12] = 4}},
        {"unknown byte order", 0x0a0d0d0a, 16, {1, 2, 3, 4}},
        {"is not described", 0x0a0d0d0a, 16, {0x4d, 0x3c, 0x2b, 0x1a}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin_pcapng();
        put_packet4(0, 0);
        put_block(rows[i].type, rows[i].body, rows[i].len);
        put_packet4(0, 0);
        end_file();
        expect_broken(1, rows[i].words);
    }
}

static void test_lengths_of_blocks(void **state)
{
    static const uint32_t lengths[] = {0, 8, 11, 14, 0x2000000, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        begin_pcapng();
        put32(5);
        put32(lengths[i]);
        put32(lengths[i]);
        put32(0);
        end_file();
        expect_broken(0, "impossible length");
    }
    begin_pcapng();
    put32(5);
    put32(16);
    put32(0);
    put32(20);
    end_file();
    expect_broken(0, "two lengths");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pcapng),
        cmocka_unit_test(test_time_resolutions),
        cmocka_unit_test(test_time_offset),
        cmocka_unit_test(test_several_interfaces),
        cmocka_unit_test(test_an_unknown_link_type),
        cmocka_unit_test(test_fcs),
        cmocka_unit_test(test_flags_of_a_packet),
        cmocka_unit_test(test_other_packet_blocks),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_damaged_blocks),
        cmocka_unit_test(test_lengths_of_blocks),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
