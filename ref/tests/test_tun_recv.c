/* SPDX-License-Identifier: MIT */
/*
 * A read becomes packets in the caller's buffers. Packets without a buffer wait
 * for the next call. An error changes nothing. The statistics count all of it.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tun_script.h"

enum { BUFFERS = 64, ROOM = 2000, HEADROOM = 32, UNTOUCHED = 0x5a };

/* A device, buffers of ROOM bytes, and the number that the last call gave. */
struct place {
    struct grove_tun *tun;
    struct grove_tun_buffer buffers[BUFFERS];
    uint8_t memory[BUFFERS][ROOM];
    size_t received;
};

static struct place place_open(bool headers)
{
    return (struct place){.tun = script_open(headers)};
}

static enum grove_tun_result receive(struct place *place, size_t count,
                                     size_t size, size_t headroom)
{
    memset(place->memory, UNTOUCHED, sizeof place->memory);
    for (size_t i = 0; i < BUFFERS; i++)
        place->buffers[i] =
            (struct grove_tun_buffer){.data = place->memory[i], .size = size};
    place->received = SIZE_MAX;
    return grove_tun_recv(grove_tun_queue(place->tun, 0), place->buffers, count,
                          headroom, &place->received);
}

/* Buffer `number` holds exactly `wire` after `headroom` bytes. */
static void assert_holds(const struct place *place, size_t number,
                         size_t headroom, struct wire wire)
{
    const uint8_t *memory = place->memory[number];

    assert_int_equal(place->buffers[number].len, wire.len);
    assert_memory_equal(memory + headroom, wire.data, wire.len);
    for (size_t i = 0; i < headroom; i++)
        assert_int_equal(memory[i], UNTOUCHED);
    for (size_t i = headroom + wire.len; i < ROOM; i++)
        assert_int_equal(memory[i], UNTOUCHED);
}

/* The segments of a super-packet. */
struct super {
    struct wire segments[BUFFERS];
    size_t count;
};

/* The next read gives a super-packet, which the table makes. */
static struct super read_super_of(const struct grove_config *config,
                                  struct wire (*wrap)(struct wire wire),
                                  struct fields fields, size_t count)
{
    struct super super = {.count = count};
    const struct grove_output *output;
    struct grove_table *table;
    struct grove_packet all;

    assert_int_equal(grove_table_new(config, &table), GROVE_OK);
    for (size_t i = 0; i < count; i++) {
        const struct wire wire = wrap(wire_of(&fields));
        const struct grove_packet packet = wire_input(wire);

        super.segments[i] = wire;
        assert_int_equal(grove_receive(table, &packet), GROVE_OK);
        fields = fields_next(fields);
    }
    grove_flush(table);
    output = grove_to_write(table, &(size_t){0});
    all = wire_input(wire_of_output(output));
    all.vnet = output->iov[0].iov_base;
    script.reads[0] = script_packet(&all);
    grove_table_free(table);
    return super;
}

static struct wire bare(struct wire wire)
{
    return wire;
}

static struct super read_super(uint8_t version, uint8_t protocol, size_t count)
{
    return read_super_of(&(struct grove_config){0}, bare,
                         fields_of(version, protocol), count);
}

static void plain_packet(void **state)
{
    const struct fields fields = fields_of(6, TCP);
    const struct wire wire = wire_of(&fields);
    struct place place = place_open(true);
    struct grove_tun_stats stats;

    (void)state;
    script.reads[0] = script_packet(
        &(struct grove_packet){.data = wire.data, .len = wire.len});
    assert_int_equal(receive(&place, BUFFERS, ROOM, HEADROOM), GROVE_TUN_OK);
    assert_int_equal(place.received, 1);
    assert_holds(&place, 0, HEADROOM, wire);
    stats = script_stats(place.tun);
    assert_int_equal(stats.reads, 1);
    assert_int_equal(stats.split, 0);
    assert_int_equal(stats.received, 1);
    assert_int_equal(stats.received_bytes, wire.len);
    tun_unmake(place.tun);
}

static void without_headers(void **state)
{
    const struct fields fields = fields_of(4, UDP);
    const struct wire wire = wire_of(&fields);
    struct place place = place_open(false);

    (void)state;
    script.reads[0] = (struct script_read){0, wire.data, wire.len};
    assert_int_equal(receive(&place, BUFFERS, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 1);
    assert_holds(&place, 0, 0, wire);
    tun_unmake(place.tun);
}

/* At a TAP they are frames, with headers of any length. */
static void frames(void **state)
{
    static const uint8_t lengths[] = {GROVE_VNET_LEN, GROVE_VNET_TUNNEL_LEN};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct place place = {
            .tun = script_open_layers(GROVE_LINK_ETHERNET, lengths[i])};
        struct grove_config config = {0};
        struct super super;

        grove_tun_layers(place.tun, &config);
        super = read_super_of(&config, wire_framed, fields_of(4, TCP), 20);
        assert_int_equal(receive(&place, BUFFERS, ROOM, HEADROOM),
                         GROVE_TUN_OK);
        assert_int_equal(place.received, 20);
        for (size_t k = 0; k < 20; k++)
            assert_holds(&place, k, HEADROOM, super.segments[k]);
        tun_unmake(place.tun);
    }
}

/* A super-packet in VXLAN becomes what it was made of. */
static struct wire in_frame_and_vxlan(struct wire wire)
{
    const struct fields outer = fields_of(6, UDP);

    return wire_framed(wire_in_vxlan(wire, &outer, 7));
}

static struct wire behind_tags(struct wire wire)
{
    return wire_tagged(in_frame_and_vxlan(wire), 2);
}

/* TAP-001: the offsets of the next read lack a tag, as a kernel gives them. */
static void leave_tag_out(void)
{
    static uint8_t read[GROVE_VNET_LEN_MAX + GROVE_MAX_PACKET_LEN];

    memcpy(read, script.reads[0].data, script.reads[0].len);
    read[20] -= 4;
    read[22] -= 4;
    script.reads[0].data = read;
}

static void receive_in_tunnel(struct wire (*wrap)(struct wire wire),
                              bool lacks_tag)
{
    static const struct grove_tunnel vxlan = {GROVE_TUNNEL_VXLAN, VXLAN_PORT};
    struct place place = {
        .tun = script_open_layers(GROVE_LINK_ETHERNET, GROVE_VNET_TUNNEL_LEN)};
    struct grove_config config;
    struct super super;

    place.tun->layers.tunnels = &vxlan;
    place.tun->layers.tunnel_count = 1;
    config = (struct grove_config){0};
    grove_tun_layers(place.tun, &config);
    super = read_super_of(&config, wrap, fields_of(4, TCP), 20);
    if (lacks_tag)
        leave_tag_out();
    assert_int_equal(receive(&place, BUFFERS, ROOM, HEADROOM), GROVE_TUN_OK);
    assert_int_equal(place.received, 20);
    assert_int_equal(script_stats(place.tun).split, 1);
    for (size_t i = 0; i < 20; i++)
        assert_holds(&place, i, HEADROOM, super.segments[i]);
    tun_unmake(place.tun);
}

static void in_tunnels(void **state)
{
    (void)state;
    receive_in_tunnel(in_frame_and_vxlan, false);
    receive_in_tunnel(behind_tags, false);
    receive_in_tunnel(behind_tags, true);
}

static void super_packets(void **state)
{
    static const uint8_t versions[] = {4, 6};
    static const uint8_t protocols[] = {TCP, UDP};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct place place = place_open(true);
        const struct super super =
            read_super(versions[i / 2], protocols[i % 2], 20);

        assert_int_equal(receive(&place, BUFFERS, ROOM, HEADROOM),
                         GROVE_TUN_OK);
        assert_int_equal(place.received, 20);
        for (size_t k = 0; k < 20; k++)
            assert_holds(&place, k, HEADROOM, super.segments[k]);
        assert_int_equal(script_stats(place.tun).split, 1);
        assert_int_equal(script_stats(place.tun).received, 20);
        tun_unmake(place.tun);
    }
}

/* With any number of buffers, each segment comes once and in order. */
static void leftovers(void **state)
{
    (void)state;
    for (size_t buffers = 1; buffers < 24; buffers++) {
        struct place place = place_open(true);
        const struct super super = read_super(4, TCP, 23);
        size_t next = 0;

        while (next < super.count) {
            assert_int_equal(receive(&place, buffers, ROOM, 0), GROVE_TUN_OK);
            assert_true(place.received >= 1 && place.received <= buffers);
            for (size_t i = 0; i < place.received; i++)
                assert_holds(&place, i, 0, super.segments[next++]);
            assert_int_equal(script.reads_done, 1);
        }
        assert_int_equal(receive(&place, buffers, ROOM, 0), GROVE_TUN_AGAIN);
        tun_unmake(place.tun);
    }
}

static void no_buffer_reads_nothing(void **state)
{
    struct place place = place_open(true);

    (void)state;
    read_super(4, UDP, 3);
    assert_int_equal(receive(&place, 0, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 0);
    assert_int_equal(script.reads_done, 0);
    assert_int_equal(receive(&place, 3, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 3);
    tun_unmake(place.tun);
}

/* The first time it waits for a buffer that is large enough. */
static void too_small(void **state)
{
    static const size_t headrooms[] = {0, HEADROOM};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct place place = place_open(true);
        const struct super super = read_super(4, TCP, 5);
        const size_t size = super.segments[0].len + headrooms[i];

        assert_int_equal(receive(&place, BUFFERS, size - 1, headrooms[i]),
                         GROVE_TUN_TOO_SMALL);
        assert_int_equal(place.received, 0);
        assert_int_equal(place.buffers[0].len, super.segments[0].len);
        assert_int_equal(receive(&place, 2, size, headrooms[i]), GROVE_TUN_OK);
        assert_int_equal(place.received, 2);
        assert_holds(&place, 0, headrooms[i], super.segments[0]);
        assert_holds(&place, 1, headrooms[i], super.segments[1]);
        assert_int_equal(script_stats(place.tun).skipped, 0);
        tun_unmake(place.tun);
    }
}

static void smaller_than_the_headroom(void **state)
{
    struct place place = place_open(true);

    (void)state;
    read_super(4, TCP, 2);
    assert_int_equal(receive(&place, 2, HEADROOM - 1, HEADROOM),
                     GROVE_TUN_TOO_SMALL);
    tun_unmake(place.tun);
}

/* The second time it is skipped, and blocks nothing. */
static void too_small_again(void **state)
{
    struct place place = place_open(true);
    const struct super super = read_super(6, UDP, 3);
    const struct fields fields = fields_of(4, TCP);
    struct wire wire = wire_of(&fields);
    const uint32_t size = super.segments[0].len - 1;
    struct grove_packet packet;

    (void)state;
    wire.len = size; /* it is shorter than its header says */
    packet = wire_input(wire);
    script.reads[1] = script_packet(&packet);
    for (size_t left = super.count; left > 0; left--) {
        assert_int_equal(receive(&place, 4, size, 0), GROVE_TUN_TOO_SMALL);
        assert_int_equal(place.received, 0);
        assert_int_equal(grove_tun_waiting(grove_tun_queue(place.tun, 0)),
                         left);
    }
    assert_int_equal(receive(&place, 4, size, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 0);
    assert_int_equal(receive(&place, 4, size, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 1);
    assert_holds(&place, 0, 0, wire);
    assert_int_equal(script_stats(place.tun).skipped, super.count);
    assert_int_equal(script_stats(place.tun).received, 1);
    tun_unmake(place.tun);
}

/* A program that polls only if no packet waits receives every packet. */
static void waiting(void **state)
{
    struct place place = place_open(true);
    struct grove_tun_queue *queue = grove_tun_queue(place.tun, 0);

    (void)state;
    read_super(4, TCP, 10);
    assert_int_equal(grove_tun_waiting(queue), 0);
    for (size_t left = 10; left > 1; left -= 3) {
        assert_int_equal(receive(&place, 3, ROOM, 0), GROVE_TUN_OK);
        assert_int_equal(grove_tun_waiting(queue), left - 3);
    }
    assert_int_equal(receive(&place, 3, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 1);
    assert_int_equal(grove_tun_waiting(queue), 0);
    assert_int_equal(receive(&place, 3, ROOM, 0), GROVE_TUN_AGAIN);
    tun_unmake(place.tun);
}

static void skipped(void **state)
{
    struct place place = place_open(true);
    struct grove_tun_queue *queue = grove_tun_queue(place.tun, 0);
    struct super super;

    (void)state;
    super = read_super(4, UDP, 7);
    script.reads[1] = script.reads[0];
    assert_int_equal(grove_tun_skip(queue), 0);
    assert_int_equal(receive(&place, 2, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(receive(&place, 2, 1, 0), GROVE_TUN_TOO_SMALL);
    assert_int_equal(grove_tun_skip(queue), 5);
    assert_int_equal(grove_tun_waiting(queue), 0);
    assert_int_equal(script_stats(place.tun).skipped, 5);
    assert_int_equal(receive(&place, 1, 1, 0), GROVE_TUN_TOO_SMALL);
    assert_int_equal(receive(&place, BUFFERS, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 7);
    assert_holds(&place, 6, 0, super.segments[6]);
    tun_unmake(place.tun);
}

/* A packet before a buffer that is too small is received. */
static void second_too_small(void **state)
{
    struct place place = place_open(true);
    const struct super super = read_super(6, TCP, 2);

    (void)state;
    for (size_t i = 0; i < BUFFERS; i++)
        place.buffers[i] = (struct grove_tun_buffer){.data = place.memory[i],
                                                     .size = i == 0 ? ROOM : 1};
    assert_int_equal(grove_tun_recv(grove_tun_queue(place.tun, 0),
                                    place.buffers, 2, 0, &place.received),
                     GROVE_TUN_OK);
    assert_int_equal(place.received, 1);
    assert_int_equal(receive(&place, 2, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 1);
    assert_holds(&place, 0, 0, super.segments[1]);
    tun_unmake(place.tun);
}

/* 65,495 segments of one byte, 64 in each call. Linux 7.2 makes 8 bytes each.
 */
static void tiny_segments(void **state)
{
    struct fields fields = fields_of(4, TCP);
    struct grove_vnet vnet = {.flags = GROVE_VNET_F_NEEDS_CSUM,
                              .gso_type = GROVE_VNET_GSO_TCPV4,
                              .hdr_len = 40,
                              .gso_size = 1,
                              .csum_start = 20,
                              .csum_offset = 16};
    struct place place = place_open(true);
    uint8_t header[GROVE_VNET_LEN];
    struct grove_packet packet;
    size_t segments = 0;

    (void)state;
    fields.options_len = 0;
    fields.payload_len = 65535 - 40;
    packet = wire_input(wire_of(&fields));
    grove_vnet_store(header, &vnet);
    packet.vnet = header;
    script.reads[0] = script_packet(&packet);
    while (receive(&place, BUFFERS, 41, 0) == GROVE_TUN_OK)
        segments += place.received;
    assert_int_equal(segments, fields.payload_len);
    assert_int_equal(script_stats(place.tun).received, fields.payload_len);
    assert_int_equal(script_stats(place.tun).received_bytes,
                     (uint64_t)fields.payload_len * 41);
    tun_unmake(place.tun);
}

/* A read that cannot be split is counted by its rule; the next one is good. */
static void dropped(void **state)
{
    static const uint8_t wrong[GROVE_VNET_LEN] = {0, 0x7f};
    const struct fields fields = fields_of(4, TCP);
    struct grove_packet packet = wire_input(wire_of(&fields));
    struct place place = place_open(true);

    (void)state;
    packet.vnet = wrong;
    script.reads[0] = script_packet(&packet);
    packet.vnet = NULL;
    script.reads[1] = script_packet(&packet);
    packet.len = 0;
    script.reads[2] = script_packet(&packet);
    assert_int_equal(receive(&place, BUFFERS, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 0);
    assert_int_equal(receive(&place, BUFFERS, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 1);
    assert_int_equal(receive(&place, BUFFERS, ROOM, 0), GROVE_TUN_OK);
    assert_int_equal(place.received, 0);
    assert_int_equal(script_stats(place.tun).reads, 3);
    assert_int_equal(grove_tun_dropped(place.tun, grove_rule_find("VNET-002")),
                     1);
    assert_int_equal(
        grove_tun_dropped(place.tun, grove_rule_find("GRO-IN-001")), 1);
    assert_int_equal(grove_tun_dropped(place.tun, (enum grove_rule) - 1), 0);
    tun_unmake(place.tun);
}

static void failures(void **state)
{
    static const struct {
        int error;
        enum grove_tun_result result;
    } cases[] = {
        {EAGAIN, GROVE_TUN_AGAIN},      {EINTR, GROVE_TUN_INTERRUPTED},
        {ENOBUFS, GROVE_TUN_NO_MEMORY}, {ENOMEM, GROVE_TUN_NO_MEMORY},
        {EIO, GROVE_TUN_DOWN},          {ENETDOWN, GROVE_TUN_DOWN},
        {EBADFD, GROVE_TUN_GONE},       {EFAULT, GROVE_TUN_GONE},
        {EBADF, GROVE_TUN_SYSTEM},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct place place = place_open(true);
        struct super super;

        super = read_super(4, TCP, 2);
        script.reads[1] = script.reads[0];
        script.reads[0] = (struct script_read){.error = cases[i].error};
        assert_int_equal(receive(&place, BUFFERS, ROOM, 0), cases[i].result);
        assert_int_equal(errno, cases[i].error);
        assert_int_equal(place.received, 0);
        assert_int_equal(script_stats(place.tun).reads, 0);
        assert_int_equal(receive(&place, BUFFERS, ROOM, 0), GROVE_TUN_OK);
        assert_holds(&place, 1, 0, super.segments[1]);
        tun_unmake(place.tun);
    }
}

/* A TUN gives a whole header; another kind of file may not. */
static void short_read(void **state)
{
    static const uint8_t bytes[GROVE_VNET_LEN] = {0};
    struct place place = place_open(true);

    (void)state;
    script.reads[0] = (struct script_read){0, bytes, GROVE_VNET_LEN - 1};
    assert_int_equal(receive(&place, BUFFERS, ROOM, 0), GROVE_TUN_SYSTEM);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(script_stats(place.tun).reads, 0);
    tun_unmake(place.tun);
}

static void words(void **state)
{
    static const int no_results[] = {GROVE_TUN_TABLE + 1, INT_MAX, INT_MIN, -1};

    (void)state;
    for (int i = GROVE_TUN_OK; i < GROVE_TUN_TABLE; i++)
        assert_string_not_equal(
            grove_tun_result_words((enum grove_tun_result)i),
            grove_tun_result_words((enum grove_tun_result)(i + 1)));
    for (size_t i = 0; i < sizeof no_results / sizeof no_results[0]; i++)
        assert_string_equal(
            grove_tun_result_words((enum grove_tun_result)no_results[i]),
            "unknown result");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(plain_packet, wires_release),
        cmocka_unit_test_teardown(without_headers, wires_release),
        cmocka_unit_test_teardown(super_packets, wires_release),
        cmocka_unit_test_teardown(frames, wires_release),
        cmocka_unit_test_teardown(in_tunnels, wires_release),
        cmocka_unit_test_teardown(leftovers, wires_release),
        cmocka_unit_test_teardown(no_buffer_reads_nothing, wires_release),
        cmocka_unit_test_teardown(too_small, wires_release),
        cmocka_unit_test_teardown(smaller_than_the_headroom, wires_release),
        cmocka_unit_test_teardown(too_small_again, wires_release),
        cmocka_unit_test_teardown(waiting, wires_release),
        cmocka_unit_test_teardown(skipped, wires_release),
        cmocka_unit_test_teardown(second_too_small, wires_release),
        cmocka_unit_test_teardown(tiny_segments, wires_release),
        cmocka_unit_test_teardown(dropped, wires_release),
        cmocka_unit_test_teardown(failures, wires_release),
        cmocka_unit_test_teardown(short_read, wires_release),
        cmocka_unit_test(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
