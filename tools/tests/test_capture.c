/* SPDX-License-Identifier: MIT */
/* Reading captures: every link type and every fault. The files are made here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "describe.h"
#include "link.h"
#include "polls.h"

#define MAGIC_US     0xa1b2c3d4
#define MAGIC_NS     0xa1b23c4d
#define LINK_ETH     1
#define LINK_RAW     101
#define MS           1000000 /* nanoseconds */
#define PACKET_LEN   28
#define US_PER_S     1000000
#define HEADER_LEN   24
#define RECORD_LEN   16
#define SNAP_LEN     262144
#define BEGIN        1700000000
#define BEGIN_NS     (INT64_C(1700000000) * 1000000000)
#define PADDED_FRAME 60

/* The file under test. */
static char path[] = "/tmp/grove-test-capture-XXXXXX";
static FILE *out;
static bool big_endian;

static void put16(uint16_t value)
{
    const uint8_t high = (uint8_t)(value >> 8);
    const uint8_t low = (uint8_t)value;
    const uint8_t bytes[] = {big_endian ? high : low, big_endian ? low : high};

    assert_int_equal(fwrite(bytes, 1, sizeof bytes, out), sizeof bytes);
}

static void put32(uint32_t value)
{
    put16((uint16_t)(big_endian ? value >> 16 : value));
    put16((uint16_t)(big_endian ? value : value >> 16));
}

static void put_bytes(const void *bytes, size_t len)
{
    assert_int_equal(fwrite(bytes, 1, len, out), len);
}

static void begin_empty(void)
{
    out = fopen(path, "wb");
    assert_non_null(out);
}

static void begin_file(uint32_t magic, uint32_t link)
{
    begin_empty();
    put32(magic);
    put16(2);
    put16(4);
    put32(0);
    put32(0);
    put32(SNAP_LEN);
    put32(link);
}

static void put_frame(uint32_t fraction, const void *frame, uint32_t len,
                      uint32_t wire_len)
{
    put32(BEGIN + fraction / US_PER_S);
    put32(fraction % US_PER_S);
    put32(len);
    put32(wire_len);
    put_bytes(frame, len);
}

static void end_file(void)
{
    assert_int_equal(fclose(out), 0);
}

/* A UDP datagram without payload, and the same length of an IPv6 header. */
static const uint8_t packet4[PACKET_LEN] = {
    0x45, 0, 0,   PACKET_LEN, 0, 0, 0,    0,    64, 17, 0, 0, 192, 0,
    2,    1, 192, 0,          2, 2, 0x12, 0x34, 0,  53, 0, 8, 0,   0};
static const uint8_t packet6[PACKET_LEN] = {0x60, 0, 0, 0, 0, 0, 59, 64};

static void open_file(struct capture_file *file)
{
    char why[CAPTURE_WHY] = "";

    if (!capture_file_open(file, path, why))
        fail_msg("%s", why);
}

static void expect_end(struct capture_file *file)
{
    struct timed_packet packet;
    char why[CAPTURE_WHY] = "?";

    assert_false(capture_file_next(file, &packet, why));
    assert_string_equal(why, "");
}

/* Reads the file's only packet, which has a link header of `header` bytes. */
static void expect_packet(const void *packet, size_t len)
{
    struct capture_file file;
    struct timed_packet got;
    char why[CAPTURE_WHY] = "";

    open_file(&file);
    if (!capture_file_next(&file, &got, why))
        fail_msg("no packet: %s", why);
    assert_int_equal(got.frame, 1);
    assert_int_equal(got.len, len);
    assert_memory_equal(got.data, packet, len);
    expect_end(&file);
    capture_file_close(&file);
}

/* A link layer and its header. */
struct layer {
    const char *name;
    uint32_t link;
    uint32_t len;
    uint8_t bytes[40];
    int version;
};

#define MACS 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2
#define SLL  0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0
#define SLL2 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0

static const struct layer layers[] = {
    {"raw 12", 12, 0, {0}, 4},
    {"raw 14", 14, 0, {0}, 6},
    {"raw 101", 101, 0, {0}, 4},
    {"raw 101, IPv6", 101, 0, {0}, 6},
    {"IPv4", 228, 0, {0}, 4},
    {"IPv6", 229, 0, {0}, 6},
    {"Ethernet", 1, 14, {MACS, 8, 0}, 4},
    {"Ethernet, IPv6", 1, 14, {MACS, 0x86, 0xdd}, 6},
    {"802.1Q", 1, 18, {MACS, 0x81, 0, 0, 42, 8, 0}, 4},
    {"802.1ad", 1, 18, {MACS, 0x88, 0xa8, 0, 42, 0x86, 0xdd}, 6},
    {"802.1ad, 802.1Q",
     1,
     22,
     {MACS, 0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 8, 0},
     4},
    {"three tags",
     1,
     26,
     {MACS, 0x91, 0, 0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 0x86, 0xdd},
     6},
    {"SLL", 113, 16, {SLL, 8, 0}, 4},
    {"SLL, IPv6", 113, 16, {SLL, 0x86, 0xdd}, 6},
    {"SLL, tag", 113, 20, {SLL, 0x81, 0, 0, 42, 8, 0}, 4},
    {"SLL2", 276, 20, {8, 0, SLL2}, 4},
    {"SLL2, IPv6", 276, 20, {0x86, 0xdd, SLL2}, 6},
    {"SLL2, tag", 276, 24, {0x81, 0, SLL2, 0, 42, 0x86, 0xdd}, 6},
    {"null, little-endian", 0, 4, {2, 0, 0, 0}, 4},
    {"null, big-endian", 0, 4, {0, 0, 0, 2}, 4},
    {"null, Linux IPv6", 0, 4, {10, 0, 0, 0}, 6},
    {"null, OpenBSD IPv6", 0, 4, {0, 0, 0, 24}, 6},
    {"null, FreeBSD IPv6", 0, 4, {28, 0, 0, 0}, 6},
    {"null, macOS IPv6", 0, 4, {30, 0, 0, 0}, 6},
    {"loop", 108, 4, {0, 0, 0, 2}, 4},
    {"loop, IPv6", 108, 4, {0, 0, 0, 24}, 6},
};

#define LAYERS (sizeof layers / sizeof layers[0])

static uint32_t make_frame(const struct layer *layer, uint8_t *frame)
{
    memcpy(frame, layer->bytes, layer->len);
    memcpy(frame + layer->len, layer->version == 4 ? packet4 : packet6,
           PACKET_LEN);
    return layer->len + PACKET_LEN;
}

static void test_link_types(void **state)
{
    uint8_t frame[128];

    (void)state;
    for (size_t i = 0; i < LAYERS; i++) {
        const uint32_t len = make_frame(&layers[i], frame);

        print_message("# %s\n", layers[i].name);
        begin_file(MAGIC_US, layers[i].link);
        put_frame(0, frame, len, len);
        end_file();
        expect_packet(frame + layers[i].len, PACKET_LEN);
    }
}

/*
 * No frame is read beyond its end, however short it is. A memory checker would
 * report it.
 */
static void test_short_frames(void **state)
{
    uint8_t frame[128];

    (void)state;
    for (size_t i = 0; i < LAYERS; i++) {
        const uint32_t full = make_frame(&layers[i], frame);
        const int type =
            layers[i].link == LINK_RAW ? DLT_RAW : (int)layers[i].link;

        for (uint32_t len = 0; len <= full; len++) {
            uint8_t *copy = malloc(len + 1);
            struct bytes ip = {NULL, 0};

            assert_non_null(copy);
            memcpy(copy + 1, frame, len);
            assert_int_equal(
                link_packet(type, (struct bytes){copy + 1, len}, &ip),
                len > layers[i].len);
            assert_int_equal(ip.len,
                             len > layers[i].len ? len - layers[i].len : 0);
            free(copy);
        }
    }
}

static const struct layer not_ip[] = {
    {"ARP", 1, 14, {MACS, 8, 6}, 4},
    {"LLDP", 1, 14, {MACS, 0x88, 0xcc}, 4},
    {"802.3", 1, 14, {MACS, 0, 28}, 4},
    {"ARP behind a tag", 1, 18, {MACS, 0x81, 0, 0, 1, 8, 6}, 4},
    {"IPv4, but version 6", 1, 14, {MACS, 8, 0}, 6},
    {"IPv6, but version 4", 1, 14, {MACS, 0x86, 0xdd}, 4},
    {"SLL, ARP", 113, 16, {SLL, 8, 6}, 4},
    {"SLL2, ARP", 276, 20, {8, 6, SLL2}, 4},
    {"null, IPX", 0, 4, {23, 0, 0, 0}, 4},
    {"raw, version 0", 101, 1, {0}, 4},
    {"IPv4, but version 6", 228, 0, {0}, 6},
    {"IPv6, but version 4", 229, 0, {0}, 4},
};

static void test_not_ip(void **state)
{
    uint8_t frame[128];

    (void)state;
    for (size_t i = 0; i < sizeof not_ip / sizeof not_ip[0]; i++) {
        const uint32_t len = make_frame(&not_ip[i], frame);
        struct capture_file file;

        print_message("# %s\n", not_ip[i].name);
        begin_file(MAGIC_US, not_ip[i].link);
        put_frame(0, frame, len, len);
        end_file();
        open_file(&file);
        expect_end(&file);
        assert_int_equal(file.counts.frames, 1);
        assert_int_equal(file.counts.not_ip, 1);
        assert_int_equal(file.counts.packets, 0);
        capture_file_close(&file);
    }
}

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

static void expect_time(int64_t time)
{
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    open_file(&file);
    assert_true(capture_file_next(&file, &packet, why));
    assert_true(packet.time == time);
    capture_file_close(&file);
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

static void put_interface(uint16_t link)
{
    put32(1); /* interface description */
    put32(32);
    put16(link);
    put16(0);
    put32(SNAP_LEN);
    put16(9); /* if_tsresol: nanoseconds */
    put16(1);
    put32(9);
    put32(0);
    put32(32);
}

static void begin_pcapng(uint16_t link)
{
    begin_empty();
    put32(0x0a0d0d0a); /* section header */
    put32(28);
    put32(0x1a2b3c4d);
    put16(1);
    put16(0);
    put32(UINT32_MAX);
    put32(UINT32_MAX);
    put32(28);
    put_interface(link);
}

static void put_enhanced(uint64_t time)
{
    put32(6); /* enhanced packet */
    put32(32 + PACKET_LEN);
    put32(0);
    put32((uint32_t)(time >> 32));
    put32((uint32_t)time);
    put32(PACKET_LEN);
    put32(PACKET_LEN);
    put_bytes(packet4, PACKET_LEN);
    put32(32 + PACKET_LEN);
}

static void test_pcapng(void **state)
{
    (void)state;
    begin_pcapng(LINK_RAW);
    put_enhanced(BEGIN_NS + 77);
    end_file();
    expect_time(BEGIN_NS + 77);
    expect_packet(packet4, PACKET_LEN);
}

/* The message is one line, which names the file and has these words. */
static void expect_words(const char *why, const char *name, const char *words)
{
    print_message("# %s\n", why);
    assert_ptr_equal(strstr(why, name), why);
    assert_null(strchr(why, '\n'));
    assert_non_null(strstr(why, words));
    assert_non_null(strstr(why, "; "));
}

static void expect_unreadable(const char *name, const char *words)
{
    struct capture_file file;
    char why[CAPTURE_WHY] = "";

    assert_false(capture_file_open(&file, name, why));
    expect_words(why, name, words);
    assert_null(file.pcap);
    capture_file_close(&file);
}

/* Reads `good` packets; the next one must be an error. */
static void expect_broken(int good, const char *words)
{
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY] = "";

    open_file(&file);
    while (capture_file_next(&file, &packet, why))
        good--;
    assert_int_equal(good, 0);
    expect_words(why, path, words);
    capture_file_close(&file);
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
    begin_file(MAGIC_US, 105); /* 802.11 */
    end_file();
    expect_unreadable(path, "link type 105 (IEEE802_11)");
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

static void test_truncated_pcapng(void **state)
{
    (void)state;
    begin_pcapng(LINK_RAW);
    put_enhanced(BEGIN_NS);
    put_enhanced(BEGIN_NS);
    end_file();
    assert_int_equal(truncate(path, 28 + 32 + 60 + 59), 0);
    expect_broken(1, "frame 2, byte 179: truncated");
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

static void test_two_link_types(void **state)
{
    (void)state;
    begin_pcapng(LINK_RAW);
    put_enhanced(BEGIN_NS);
    put_interface(LINK_ETH);
    end_file();
    expect_broken(1, "frame 2");
}

static void test_jumbo_frames_are_noticed(void **state)
{
    static const uint8_t packet[CAPTURE_JUMBO + 1] = {0x45};
    struct capture_file file;
    struct timed_packet got;
    char why[CAPTURE_WHY];
    char *text = NULL;
    size_t len;
    FILE *stream = open_memstream(&text, &len);

    (void)state;
    assert_non_null(stream);
    begin_file(MAGIC_US, LINK_RAW);
    put_frame(0, packet, sizeof packet - 1, sizeof packet - 1);
    put_frame(0, packet, sizeof packet, sizeof packet);
    end_file();
    open_file(&file);
    while (capture_file_next(&file, &got, why))
        ;
    assert_int_equal(file.counts.packets, 2);
    assert_int_equal(file.counts.jumbo, 1);
    frame_counts_print(stream, &file.counts);
    fclose(stream);
    assert_string_equal(
        text, "  2 frames; left out: 0 not IP, 0 cut by the snap length\n"
              "  1 are longer than a frame can be: the capturing host's "
              "offloads were on\n");
    free(text);
    capture_file_close(&file);
}

/* ---- polls ----------------------------------------------------------- */

/* The file is divided into `count` polls of `sizes` packets. */
static void expect_polls(int64_t gap, size_t count, const size_t *sizes)
{
    struct capture_file file;
    struct polls polls;
    struct arena arena = {0};
    struct poll poll = {0};
    char why[CAPTURE_WHY] = "";
    uint64_t frame = 0;
    size_t number = 0;

    open_file(&file);
    polls_begin(&polls, &file, gap);
    while (polls_next(&polls, &arena, &poll, why)) {
        if (number < count)
            assert_int_equal(poll.count, sizes[number]);
        number++;
        for (size_t i = 0; i < poll.count; i++) {
            assert_int_equal(poll.packets[i].frame, ++frame);
            assert_memory_equal(poll.packets[i].data, packet4, PACKET_LEN);
        }
        arena_reset(&arena);
    }
    assert_string_equal(why, "");
    assert_int_equal(number, count);
    polls_end(&polls);
    arena_free(&arena);
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

/* ---- descriptions ---------------------------------------------------- */

static void assert_described(const struct description *got,
                             const char *protocol, const char *from,
                             const char *to, uint32_t payload)
{
    assert_string_equal(got->protocol, protocol);
    assert_string_equal(got->from, from);
    assert_string_equal(got->to, to);
    assert_int_equal(got->payload, payload);
}

static void test_describe_udp4(void **state)
{
    struct description description;

    (void)state;
    describe(packet4, sizeof packet4, &description);
    assert_int_equal(description.traffic, TRAFFIC_UDP4);
    assert_described(&description, "UDP", "192.0.2.1:4660", "192.0.2.2:53", 0);
    assert_false(description.has_tcp);
}

/* IPv6, hop-by-hop and destination options, TCP with 4 bytes. */
static const uint8_t tcp6[40 + 16 + 20 + 4] = {
    0x60, 0, 0, 0, 0,    40,   0, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
    0,    0, 0, 0, 0,    0,    0, 1,  0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
    0,    0, 0, 0, 0,    0,    0, 2,  60,   0,    1,    4,    0, 0, 0, 0,
    6,    0, 1, 4, 0,    0,    0, 0,  0,    80,   0x10, 0,    0, 0, 0, 7,
    0,    0, 0, 0, 0x50, 0x18, 0, 0,  0,    0,    0,    0,    1, 2, 3, 4};

static void test_describe_tcp6(void **state)
{
    struct description description;

    (void)state;
    describe(tcp6, sizeof tcp6, &description);
    assert_int_equal(description.traffic, TRAFFIC_TCP6);
    assert_described(&description, "TCP", "[2001:db8::1]:80",
                     "[2001:db8::2]:4096", 4);
    assert_string_equal(description.flags, "PA");
    assert_int_equal(description.sequence, 7);
}

static void test_describe_others(void **state)
{
    uint8_t packet[PACKET_LEN];
    struct description description;

    (void)state;
    memcpy(packet, packet4, sizeof packet);
    packet[7] = 1; /* fragment offset 8 */
    describe(packet, sizeof packet, &description);
    assert_int_equal(description.traffic, TRAFFIC_OTHER);
    assert_string_equal(description.protocol, "frag");
    packet[7] = 0;
    packet[9] = 132;
    describe(packet, sizeof packet, &description);
    assert_string_equal(description.protocol, "SCTP");
    packet[9] = 47;
    describe(packet, sizeof packet, &description);
    assert_string_equal(description.protocol, "proto 47");
    assert_string_equal(description.from, "192.0.2.1");
}

/* No packet is read beyond its end. A memory checker would report it. */
static void test_describe_anything(void **state)
{
    struct description description;

    (void)state;
    for (size_t len = 0; len <= sizeof tcp6; len++) {
        for (size_t place = 0; place < len; place++) {
            uint8_t *copy = malloc(len);

            assert_non_null(copy);
            memcpy(copy, tcp6, len);
            copy[place] ^= 0xff;
            describe(copy, len, &description);
            memcpy(copy, packet4, len < PACKET_LEN ? len : PACKET_LEN);
            copy[place] ^= 0xff;
            describe(copy, len, &description);
            free(copy);
        }
    }
    describe(NULL, 0, &description);
    assert_string_equal(description.protocol, "IP");
}

static void test_tally(void **state)
{
    const struct tally tally = {
        .in = {[TRAFFIC_TCP4] = 30, [TRAFFIC_OTHER] = 2},
        .out = {[TRAFFIC_TCP4] = 4},
    };
    char *text = NULL;
    size_t len;
    FILE *stream = open_memstream(&text, &len);

    (void)state;
    assert_non_null(stream);
    tally_print(stream, &tally);
    fclose(stream);
    assert_string_equal(text, "  protocol     packets    outputs     ratio\n"
                              "  TCP/IPv4          30          4      7.50\n"
                              "  other              2          0\n"
                              "  all               32          4      8.00\n");
    free(text);
}

static int make_path(void **state)
{
    const int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link_types),
        cmocka_unit_test(test_short_frames),
        cmocka_unit_test(test_not_ip),
        cmocka_unit_test(test_cut_frames_are_counted),
        cmocka_unit_test(test_padding_stays),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_big_endian_file),
        cmocka_unit_test(test_pcapng),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_empty_file),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_header_cut),
        cmocka_unit_test(test_unknown_link_type),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_truncated_pcapng),
        cmocka_unit_test(test_impossible_length),
        cmocka_unit_test(test_two_link_types),
        cmocka_unit_test(test_jumbo_frames_are_noticed),
        cmocka_unit_test(test_a_gap_ends_a_poll),
        cmocka_unit_test(test_a_poll_is_full),
        cmocka_unit_test(test_no_poll),
        cmocka_unit_test(test_gap_argument),
        cmocka_unit_test(test_describe_udp4),
        cmocka_unit_test(test_describe_tcp6),
        cmocka_unit_test(test_describe_others),
        cmocka_unit_test(test_describe_anything),
        cmocka_unit_test(test_tally),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
