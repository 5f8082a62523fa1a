/* SPDX-License-Identifier: MIT */
/* Packets in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_file.h"
#include "describe.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe_udp4),
        cmocka_unit_test(test_describe_tcp6),
        cmocka_unit_test(test_describe_others),
        cmocka_unit_test(test_describe_anything),
        cmocka_unit_test(test_tally),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
