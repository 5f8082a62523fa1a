/* SPDX-License-Identifier: MIT */
/* Link types: how each of them is taken off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "capture_file.h"

/* A link layer and its header. */
struct layer {
    const char *name;
    uint32_t link;
    uint32_t len;
    uint8_t bytes[72];
    int version;
};

#define SNAP 0xaa, 0xaa, 3, 0, 0, 0
/* Version and type, code, session, and the length of PPP with the packet. */
#define PPPOE 0x11, 0, 0, 7, 0, PACKET_LEN + 2
#define WIFI(control, flags)                                                   \
    control, flags, 0, 0, MACS, 2, 0, 0, 0, 0, 3, 0x10, 0
#define SLL  0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0
#define SLL2 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0

/* Its attributes have the byte order of the file. */
#define BIG_ENDIAN_NFLOG "NFLOG, big-endian"

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
    {"MPLS", 1, 22, {MACS, 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64}, 4},
    {"802.1Q, MPLS", 1, 22, {MACS, 0x81, 0, 0, 9, 0x88, 0x48, 0, 2, 1, 64}, 6},
    {"PPPoE", 1, 22, {MACS, 0x88, 0x64, PPPOE, 0, 0x21}, 4},
    {"PPPoE, IPv6", 1, 22, {MACS, 0x88, 0x64, PPPOE, 0, 0x57}, 6},
    {"PPPoE, one byte of protocol", 1, 21, {MACS, 0x88, 0x64, PPPOE, 0x21}, 4},
    {"LLC, SNAP", 1, 22, {MACS, 0, 36, SNAP, 8, 0}, 4},
    {"LLC, SNAP, 802.1Q",
     1,
     26,
     {MACS, 0, 40, SNAP, 0x81, 0, 0, 1, 0x86, 0xdd},
     6},
    {"LLC", 1, 17, {MACS, 0, 31, 6, 6, 3}, 4},
    {"PPP", 9, 4, {0xff, 3, 0, 0x21}, 4},
    {"PPP, short", 9, 1, {0x57}, 6},
    {"PPP, MPLS", 9, 6, {0x02, 0x81, 0, 1, 1, 64}, 4},
    {"PPP in HDLC", 50, 4, {0xff, 3, 0, 0x57}, 6},
    {"Cisco HDLC in PPP", 50, 4, {0x0f, 0, 8, 0}, 4},
    {"Cisco HDLC", 104, 4, {0x0f, 0, 0x86, 0xdd}, 6},
    {"PPPoE without Ethernet", 51, 8, {PPPOE, 0, 0x21}, 4},
    {"PPP, direction", 204, 5, {1, 0xff, 3, 0, 0x21}, 4},
    {"MPLS alone", 219, 4, {0, 1, 1, 64}, 6},
    {"IPoIB", 242, 44, {[40] = 8, 0}, 4},
    {"NFLOG",
     239,
     24,
     {2, 0, 0, 1, 8, 0, 1, 0, 8, 0, 0, 0, 5, 0, 10, 0, 'x', 0, 0, 0, 32, 0, 9},
     4},
    {BIG_ENDIAN_NFLOG,
     239,
     16,
     {10, 0, 0, 1, 0, 8, 0, 1, 8, 0, 1, 0, 0, 32, 0, 9},
     6},
    {"PKTAP",
     258,
     54,
     {40, [4] = 1, [8] = 1, [12] = 'e', 'n', '0', [36] = 1, [52] = 8},
     4},
    {"PKTAP of macOS",
     149,
     44,
     {40, [4] = 1, [12] = 'l', 'o', '0', [36] = 2, [40] = 30},
     6},
    {"802.11", 105, 32, {WIFI(8, 1), SNAP, 8, 0}, 4},
    {"802.11, QoS", 105, 34, {WIFI(0x88, 2), 0, 0, SNAP, 0x86, 0xdd}, 6},
    {"802.11, QoS, HT",
     105,
     38,
     {WIFI(0x88, 0x81), 0, 0, 0, 0, 0, 0, SNAP, 8, 0},
     4},
    {"802.11, four addresses",
     105,
     38,
     {WIFI(8, 3), 1, 2, 3, 4, 5, 6, SNAP, 8, 0},
     4},
    {"radiotap", 127, 40, {0, 0, 8, [8] = WIFI(8, 1), SNAP, 8, 0}, 4},
    {"radiotap, time, padding",
     127,
     53,
     {0, 0, 17, 0, 3, [16] = 0x20, WIFI(0x88, 1), 0, 0, 0, 0, SNAP, 8, 0},
     4},
    {"AVS", 163, 40, {[7] = 8, WIFI(8, 1), SNAP, 8, 0}, 4},
    {"Prism", 119, 40, {[4] = 8, [8] = WIFI(8, 1), SNAP, 8, 0}, 4},
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
        big_endian = strcmp(layers[i].name, BIG_ENDIAN_NFLOG) == 0;
        begin_file(MAGIC_US, layers[i].link);
        put_frame(0, frame, len, len);
        end_file();
        expect_packet(frame + layers[i].len, PACKET_LEN);
    }
    big_endian = false;
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
        const struct link *link = link_find((int)layers[i].link);

        for (uint32_t len = 0; len <= full; len++) {
            uint8_t *copy = malloc(len + 1);
            struct link_packet at;

            assert_non_null(copy);
            memcpy(copy + 1, frame, len);
            assert_int_equal(
                link_read(link, (struct bytes){copy + 1, len}, &at),
                len > layers[i].len);
            if (len > layers[i].len)
                assert_int_equal(at.at, layers[i].len);
            free(copy);
        }
    }
}

static const struct layer not_ip[] = {
    {"ARP", 1, 14, {MACS, 8, 6}, 4},
    {"LLDP", 1, 14, {MACS, 0x88, 0xcc}, 4},
    {"802.3", 1, 14, {MACS, 0, 28}, 4},
    {"LLC of a bridge", 1, 17, {MACS, 0, 31, 0x42, 0x42, 3}, 4},
    {"SNAP of an organization",
     1,
     22,
     {MACS, 0, 36, 0xaa, 0xaa, 3, 0, 0, 12, 8, 0},
     4},
    {"PPPoE discovery", 1, 20, {MACS, 0x88, 0x63, PPPOE}, 4},
    {"PPPoE, empty", 1, 22, {MACS, 0x88, 0x64, 0x11, 0, 0, 7, 0, 2, 0, 33}, 4},
    {"PPP, LCP", 9, 4, {0xff, 3, 0xc0, 0x21}, 4},
    {"MPLS, Ethernet", 1, 19, {MACS, 0x88, 0x47, 0, 1, 1, 64, 0}, 4},
    {"802.11, a beacon", 105, 32, {WIFI(0x80, 0), SNAP, 8, 0}, 4},
    {"802.11, encrypted", 105, 32, {WIFI(8, 0x41), SNAP, 8, 0}, 4},
    {"802.11, without data", 105, 32, {WIFI(0x48, 1), SNAP, 8, 0}, 4},
    {"802.11, a list", 105, 34, {WIFI(0x88, 1), 0x80, 0, SNAP, 8, 0}, 4},
    {"802.11, a fragment", 105, 32, {WIFI(8, 5), SNAP, 8, 0}, 4},
    {"PKTAP in PKTAP", 258, 40, {40, [4] = 1, [8] = 2, 1}, 4},
    {"PKTAP, short", 258, 40, {39, [4] = 1, [8] = 12}, 4},
    {"NFLOG of a bridge", 239, 8, {7, 0, 0, 1, 32, 0, 9, 0}, 4},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link_types),
        cmocka_unit_test(test_short_frames),
        cmocka_unit_test(test_not_ip),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
