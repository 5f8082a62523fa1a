/* SPDX-License-Identifier: MIT */
/* Reading captures: what is counted, and every fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_file.h"
#include "hints.h"

static void test_cut_frames_are_counted(void **state)
{
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    (void)state;
    begin_file(MAGIC_US, LINK_RAW);
    put_frame(0, packet4, PACKET_LEN, PACKET_LEN + 1);
    put_frame(0, packet4, PACKET_LEN, PACKET_LEN);
    put_frame(0, packet4, 0, PACKET_LEN);
    end_file();
    open_file(&file);
    assert_true(capture_file_next(&file, &packet, why));
    assert_int_equal(packet.frame, 2);
    expect_end(&file);
    assert_int_equal(file.counts.frames, 3);
    assert_int_equal(file.counts.cut, 2);
    assert_int_equal(file.counts.packets, 1);
    capture_file_close(&file);
}

/* A driver passes the padding on to GRO, whose rules treat it. */
static void test_padding_stays(void **state)
{
    uint8_t frame[PADDED_FRAME] = {MACS, 8, 0};

    (void)state;
    memcpy(frame + 14, packet4, PACKET_LEN);
    begin_file(MAGIC_US, LINK_ETH);
    put_frame(0, frame, sizeof frame, sizeof frame);
    end_file();
    expect_packet(frame + 14, sizeof frame - 14);
}

static void test_time(void **state)
{
    (void)state;
    begin_file(MAGIC_US, LINK_RAW);
    put_frame(1234, packet4, PACKET_LEN, PACKET_LEN);
    end_file();
    expect_time(BEGIN_NS + 1234000);
    begin_file(MAGIC_NS, LINK_RAW);
    put_frame(1234, packet4, PACKET_LEN, PACKET_LEN);
    end_file();
    expect_time(BEGIN_NS + 1234);
}

static void test_big_endian_file(void **state)
{
    (void)state;
    big_endian = true;
    begin_file(MAGIC_NS, LINK_RAW);
    put_frame(1234, packet4, PACKET_LEN, PACKET_LEN);
    end_file();
    big_endian = false;
    expect_time(BEGIN_NS + 1234);
    expect_packet(packet4, PACKET_LEN);
}

static void test_no_file(void **state)
{
    (void)state;
    expect_unreadable("/tmp/grove-test-no-such-file", "No such file");
    expect_unreadable("/tmp", "directory");
}

static void test_empty_file(void **state)
{
    (void)state;
    begin_empty();
    end_file();
    expect_unreadable(path, "byte 0: the file is empty");
}

static void test_packed(void **state)
{
    static const struct {
        const char *begin;
        const char *program;
    } packed[] = {{"\x1f\x8b\x08\0", "zcat"},
                  {"\x28\xb5\x2f\xfd", "zstdcat"},
                  {"\xfd\x37zX", "xzcat"},
                  {"\x04\x22\x4d\x18", "lz4cat"}};

    (void)state;
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++) {
        begin_empty();
        put_bytes(packed[i].begin, 4);
        end_file();
        expect_unreadable(path, packed[i].program);
    }
}

static void test_garbage(void **state)
{
    (void)state;
    begin_empty();
    put_bytes("{\"schema\":1,\"suite\":\"not a capture\"}", 37);
    end_file();
    expect_unreadable(path, "no pcap or pcapng file");
}

static void test_header_cut(void **state)
{
    (void)state;
    begin_file(MAGIC_US, LINK_RAW);
    end_file();
    assert_int_equal(truncate(path, HEADER_LEN - 1), 0);
    expect_unreadable(path, "truncated");
}

static void test_unknown_link_type(void **state)
{
    (void)state;
    begin_file(MAGIC_US, 195);
    end_file();
    expect_unreadable(path, "link type 195 (IEEE802_15_4");
    begin_file(MAGIC_US, 60000);
    end_file();
    expect_unreadable(path, "link type");
}

static void test_truncated(void **state)
{
    const long two = HEADER_LEN + 2 * (RECORD_LEN + PACKET_LEN);

    (void)state;
    begin_file(MAGIC_US, LINK_RAW);
    put_frame(0, packet4, PACKET_LEN, PACKET_LEN);
    put_frame(0, packet4, PACKET_LEN, PACKET_LEN);
    end_file();
    assert_int_equal(truncate(path, two - 1), 0);
    expect_broken(1, "frame 2, byte 111: truncated");
    assert_int_equal(truncate(path, two - PACKET_LEN - 1), 0);
    expect_broken(1, "frame 2, byte 83: truncated");
    assert_int_equal(truncate(path, two - PACKET_LEN - RECORD_LEN), 0);
    expect_packet(packet4, PACKET_LEN);
}

static void test_impossible_length(void **state)
{
    (void)state;
    begin_file(MAGIC_US, LINK_RAW);
    put_frame(0, packet4, PACKET_LEN, PACKET_LEN);
    put32(BEGIN);
    put32(0);
    put32(0x7fffffff);
    put32(0x7fffffff);
    put_bytes(packet4, PACKET_LEN);
    end_file();
    expect_broken(1, "frame 2");
}

/* ---- lengths ---------------------------------------------------------- */

/* A segment with 400 bytes of payload, which has a VLAN tag of 12 options. */
enum { TCP_LEN = 20 + 32 + 400, FRAME_LEN = 14 + TCP_LEN, FCS = 4 };

static uint32_t make_tcp(uint8_t *frame)
{
    const uint8_t header[14 + 20 + 32] = {MACS,
                                          8,
                                          0,
                                          0x45,
                                          0,
                                          TCP_LEN >> 8,
                                          TCP_LEN & 255,
                                          0,
                                          1,
                                          0x40,
                                          0,
                                          64,
                                          6,
                                          0,
                                          0,
                                          192,
                                          0,
                                          2,
                                          1,
                                          192,
                                          0,
                                          2,
                                          2,
                                          4,
                                          0,
                                          0,
                                          80,
                                          0,
                                          0,
                                          0,
                                          1,
                                          0,
                                          0,
                                          0,
                                          1,
                                          0x80,
                                          0x10,
                                          1,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0};

    memset(frame, 'x', FRAME_LEN);
    memcpy(frame, header, sizeof header);
    return FRAME_LEN;
}

/* Ethernet's FCS, computed bit by bit. */
static void put_fcs(uint8_t *frame, uint32_t len)
{
    uint32_t fcs = UINT32_MAX;

    for (uint32_t i = 0; i < len * 8; i++) {
        const uint32_t bit = ((uint32_t)frame[i / 8] >> i % 8 ^ fcs) & 1;

        fcs = fcs >> 1 ^ (bit != 0 ? 0xedb88320 : 0);
    }
    for (uint32_t i = 0; i < FCS; i++)
        frame[len + i] = (uint8_t)(~fcs >> 8 * i);
}

static void test_fcs_that_the_header_tells(void **state)
{
    uint8_t frame[FRAME_LEN + FCS] = {0};

    (void)state;
    make_tcp(frame);
    begin_file(MAGIC_US, LINK_ETH | 0x24000000); /* two words of 16 bits */
    put_frame(0, frame, sizeof frame, sizeof frame);
    end_file();
    expect_packet(frame + 14, TCP_LEN);
}

/* A frame that was cut within its FCS has all of its packet. */
static void test_cut_fcs(void **state)
{
    uint8_t frame[FRAME_LEN + FCS] = {0};

    (void)state;
    make_tcp(frame);
    begin_file(MAGIC_US, LINK_ETH | 0x24000000);
    put_frame(0, frame, FRAME_LEN + 1, FRAME_LEN + FCS);
    end_file();
    expect_packet(frame + 14, TCP_LEN);
}

static const char *hints_of(const struct capture_file *file)
{
    static struct hints hints;
    const struct findings none = {.wrong = 0};

    hints_make(&hints, &file->counts, &none);
    return hints.count == 0 ? "" : hints.line[0];
}

/* Reads the file to its end. */
static void read_all(struct capture_file *file,
                     const struct capture_options *options)
{
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    assert_true(capture_file_open(file, path, options, why));
    while (capture_file_next(file, &packet, why))
        ;
    assert_string_equal(why, "");
    capture_file_close(file);
}

static void test_fcs_that_nothing_tells(void **state)
{
    uint8_t frame[FRAME_LEN + FCS];
    struct capture_file file;

    (void)state;
    make_tcp(frame);
    put_fcs(frame, FRAME_LEN);
    for (int wrong = 0; wrong < 2; wrong++) {
        begin_file(MAGIC_US, LINK_ETH);
        put_frame(0, frame, sizeof frame, sizeof frame);
        frame[FRAME_LEN] ^= (uint8_t)wrong;
        put_frame(0, frame, sizeof frame, sizeof frame);
        end_file();
        read_all(&file, &whole);
        assert_int_equal(strncmp(hints_of(&file), "all frames end", 14) == 0,
                         !wrong);
    }
}

/* libpcap would shorten the record to the snap length. */
static void test_record_over_the_snap_length(void **state)
{
    uint8_t frame[FRAME_LEN];

    (void)state;
    make_tcp(frame);
    begin_empty();
    put32(MAGIC_US);
    put16(2);
    put16(4);
    put32(0);
    put32(0);
    put32(100);
    put32(LINK_ETH);
    put_frame(0, frame, FRAME_LEN, FRAME_LEN);
    end_file();
    expect_packet(frame + 14, TCP_LEN);
}

static const struct capture_options by_headers = {.headers = true, .stop = -1};

/* Reads the only packet, of which `len` bytes were captured. */
static void expect_filled(const uint8_t *frame, uint32_t len)
{
    static const uint8_t zeros[FRAME_LEN];
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    assert_true(capture_file_open(&file, path, &by_headers, why));
    assert_true(capture_file_next(&file, &packet, why));
    assert_int_equal(packet.len, TCP_LEN);
    assert_memory_equal(packet.data, frame + 14, len - 14);
    assert_memory_equal(packet.data + len - 14, zeros, FRAME_LEN - len);
    expect_end(&file);
    assert_int_equal(file.counts.filled, 1);
    assert_int_equal(file.counts.cut, 0);
    capture_file_close(&file);
}

/* The headers end 66 bytes after the beginning of the frame. */
static void test_headers_only(void **state)
{
    uint8_t frame[FRAME_LEN];
    struct capture_file file;

    (void)state;
    make_tcp(frame);
    for (uint32_t len = 0; len < FRAME_LEN; len++) {
        begin_file(MAGIC_US, LINK_ETH);
        put_frame(0, frame, len, FRAME_LEN);
        end_file();
        read_all(&file, &whole);
        assert_int_equal(file.counts.cut, 1);
        if (len >= 66) {
            expect_filled(frame, len);
            continue;
        }
        read_all(&file, &by_headers);
        assert_int_equal(file.counts.packets, 0);
        assert_int_equal(file.counts.cut, 1);
    }
}

/* A length that no packet has needs no room. */
static void test_headers_of_a_huge_packet(void **state)
{
    uint8_t frame[FRAME_LEN];
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    (void)state;
    make_tcp(frame);
    begin_file(MAGIC_US, LINK_ETH);
    put_frame(0, frame, FRAME_LEN, UINT32_MAX);
    end_file();
    assert_true(capture_file_open(&file, path, &by_headers, why));
    assert_true(capture_file_next(&file, &packet, why));
    assert_int_equal(packet.len, 65576);
    capture_file_close(&file);
}

static void test_jumbo_frames_are_noticed(void **state)
{
    static const uint8_t packet[CAPTURE_JUMBO + 1] = {0x45};
    struct capture_file file;

    (void)state;
    begin_file(MAGIC_US, LINK_RAW);
    put_frame(0, packet, sizeof packet - 1, sizeof packet - 1);
    put_frame(0, packet, sizeof packet, sizeof packet);
    end_file();
    read_all(&file, &whole);
    assert_int_equal(file.counts.packets, 2);
    assert_int_equal(file.counts.jumbo, 1);
    assert_non_null(strstr(hints_of(&file), "longer than a frame can be: 1"));
}

/* ---- packets ---------------------------------------------------------- */

/* The field has the sum of addresses, protocol and length. */
static void test_checksums_that_are_left(void **state)
{
    uint8_t packet[PACKET_LEN];

    (void)state;
    memcpy(packet, packet4, sizeof packet);
    assert_false(checksum_is_left(packet, sizeof packet));
    /* 0xc000 + 0x0201 + 0xc000 + 0x0202 + 17 + 8, and the carry */
    packet[26] = 0x84;
    packet[27] = 0x1d;
    assert_true(checksum_is_left(packet, sizeof packet));
    packet[27]++;
    assert_false(checksum_is_left(packet, sizeof packet));
    assert_false(checksum_is_left(packet, sizeof packet - 1));
    assert_false(checksum_is_left(packet, 0));
}

static void test_deviations(void **state)
{
    static const uint8_t tunnels[] = {4, 41, 47, 50};
    static const uint8_t others[] = {1, 6, 17, 44, 51, 132};
    static const uint8_t large[65576] = {0x60};
    uint8_t packet[PACKET_LEN];

    (void)state;
    memcpy(packet, packet4, sizeof packet);
    for (size_t i = 0; i < sizeof tunnels; i++) {
        packet[9] = tunnels[i];
        assert_int_equal(deviation_of(packet, sizeof packet), DEVIATION_TUNNEL);
    }
    for (size_t i = 0; i < sizeof others; i++) {
        packet[9] = others[i];
        assert_int_equal(deviation_of(packet, sizeof packet), DEVIATION_NONE);
    }
    assert_int_equal(deviation_of(large, sizeof large), DEVIATION_LENGTH);
    assert_int_equal(deviation_of(large, sizeof large - 1), DEVIATION_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_frames_are_counted),
        cmocka_unit_test(test_padding_stays),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_big_endian_file),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_empty_file),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_header_cut),
        cmocka_unit_test(test_unknown_link_type),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_impossible_length),
        cmocka_unit_test(test_fcs_that_the_header_tells),
        cmocka_unit_test(test_cut_fcs),
        cmocka_unit_test(test_fcs_that_nothing_tells),
        cmocka_unit_test(test_record_over_the_snap_length),
        cmocka_unit_test(test_headers_only),
        cmocka_unit_test(test_headers_of_a_huge_packet),
        cmocka_unit_test(test_jumbo_frames_are_noticed),
        cmocka_unit_test(test_checksums_that_are_left),
        cmocka_unit_test(test_deviations),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
