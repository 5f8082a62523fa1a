/* SPDX-License-Identifier: MIT */
/*
 * A batch becomes super-packets, which are written from its slices. If the
 * kernel refuses them, packets are written one by one. An error keeps the rest.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "batch.h"
#include "tun_script.h"

enum { PACKETS = 8, TWICE = 2 * PACKETS, MANY = 1500, ROUNDS = 2000 };

/* A device, a table, and a batch of two flows: packets 0 2 4 6 and 1 3 5 7. */
struct line {
    struct grove_tun *tun;
    struct grove_tun_queue *queue;
    struct grove_table *table;
    struct wire wires[PACKETS];
    struct grove_packet packets[PACKETS];
};

/* A line at this device; `wrap` puts what it needs around each packet. */
static struct line line_at(struct grove_tun *tun, uint8_t odd_protocol,
                           struct wire (*wrap)(struct wire wire))
{
    struct fields fields[] = {fields_of(4, TCP), fields_of(6, odd_protocol)};
    struct line line = {.tun = tun, .queue = grove_tun_queue(tun, 0)};
    struct grove_config config = {0};

    grove_tun_layers(tun, &config);
    assert_int_equal(grove_table_new(&config, &line.table), GROVE_OK);
    for (size_t i = 0; i < PACKETS; i++) {
        line.wires[i] = wrap(wire_of(&fields[i % 2]));
        line.packets[i] = wire_input(line.wires[i]);
        fields[i % 2] = fields_next(fields[i % 2]);
    }
    return line;
}

static struct wire bare(struct wire wire)
{
    return wire;
}

static struct line line_open(uint8_t odd_protocol, bool headers)
{
    return line_at(script_open(headers), odd_protocol, bare);
}

static void line_close(struct line *line)
{
    grove_table_free(line->table);
    tun_unmake(line->tun);
}

static enum grove_tun_result send_all(struct line *line)
{
    return grove_tun_send(line->queue, line->table, line->packets, PACKETS);
}

/* The numbers of packets, and of writes. */
static void assert_counts(const struct line *line, uint64_t sent,
                          uint64_t refused, uint64_t discarded, size_t pending)
{
    const struct grove_tun_stats stats = script_stats(line->tun);

    assert_int_equal(stats.sent, sent);
    assert_int_equal(stats.refused, refused);
    assert_int_equal(stats.discarded, discarded);
    assert_int_equal(stats.writes, script.writes_done);
    assert_int_equal(grove_tun_pending(line->queue), pending);
}

/* Write `number` is packet `packet`, unchanged. */
static void assert_single(const struct line *line, size_t number, size_t packet)
{
    const struct script_write *write = &script.writes[number];

    assert_int_equal(write->vnet.gso_type, GROVE_VNET_GSO_NONE);
    assert_int_equal(write->wire.len, line->wires[packet].len);
    assert_memory_equal(write->wire.data, line->wires[packet].data,
                        write->wire.len);
}

static void assert_super(size_t number, uint8_t gso_type)
{
    assert_int_equal(script.writes[number].vnet.gso_type, gso_type);
}

static void merges(void **state)
{
    struct line line = line_open(UDP, true);
    struct grove_tun_stats stats;

    (void)state;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 2);
    assert_super(0, GROVE_VNET_GSO_TCPV4);
    assert_super(1, GROVE_VNET_GSO_UDP_L4);
    assert_counts(&line, PACKETS, 0, 0, 0);
    stats = script_stats(line.tun);
    assert_int_equal(stats.merged, PACKETS);
    assert_int_equal(stats.fallbacks, 0);
    assert_int_equal(stats.sent_bytes,
                     script.writes[0].wire.len + script.writes[1].wire.len);
    assert_int_equal(grove_received(line.table), 0);
    line_close(&line);
}

/* Each payload is a slice of its own, so it is not copied. */
static void copies_nothing(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_true(script.writes[0].slices >= PACKETS / 2);
    line_close(&line);
}

static void nothing_to_send(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    assert_int_equal(grove_tun_send(line.queue, line.table, NULL, 0),
                     GROVE_TUN_OK);
    grove_tun_set_coalescing(line.tun, 0);
    assert_int_equal(grove_tun_send(line.queue, line.table, NULL, 0),
                     GROVE_TUN_OK);
    assert_int_equal(grove_tun_resume(line.queue), GROVE_TUN_OK);
    assert_int_equal(grove_tun_discard(line.queue), 0);
    assert_int_equal(script.writes_tried, 0);
    line_close(&line);
}

/* The rules that kept packets from merging are counted. */
static void counts_rules(void **state)
{
    struct line line = line_open(TCP, true);

    (void)state;
    wire_put8(line.wires[4], 8, 1); /* TTL: a new super-packet begins */
    wire_mend(line.wires[4]);
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(
        grove_tun_not_merged(line.tun, grove_rule_find("GRO-IP4-008")), 2);
    assert_int_equal(
        grove_tun_not_merged(line.tun, grove_rule_find("GRO-IP4-009")), 0);
    assert_int_equal(grove_tun_not_merged(line.tun, (enum grove_rule) - 1), 0);
    line_close(&line);
}

/* One protocol is off: only its packets are written one by one. */
static void switched(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    grove_tun_set_coalescing(line.tun, GROVE_TUN_UDP);
    assert_int_equal(grove_tun_coalescing(line.tun), GROVE_TUN_UDP);
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, PACKETS / 2 + 1);
    for (size_t i = 0; i < PACKETS / 2; i++)
        assert_single(&line, i, 2 * i);
    assert_super(PACKETS / 2, GROVE_VNET_GSO_UDP_L4);
    assert_int_equal(script_stats(line.tun).merged, PACKETS / 2);
    grove_tun_set_coalescing(line.tun, GROVE_TUN_UDP | GROVE_TUN_TCP);
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, PACKETS / 2 + 3);
    assert_counts(&line, TWICE, 0, 0, 0);
    line_close(&line);
}

/* Sends the batch, and returns in how many writes. */
static size_t writes_with(uint32_t wrong, uint16_t min_tcp_gso_size,
                          const char *profile)
{
    struct line line = line_open(UDP, true);
    size_t writes;

    line.tun->wrong = wrong;
    line.tun->min_tcp_gso_size = min_tcp_gso_size;
    if (profile != NULL) {
        grove_table_free(line.table);
        assert_int_equal(
            grove_table_new(&(struct grove_config){.profile = profile},
                            &line.table),
            GROVE_OK);
        wire_put8(line.wires[0], 33, ACK | CWR);
        wire_mend(line.wires[0]);
    }
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_counts(&line, PACKETS, 0, 0, 0);
    assert_int_equal(script_stats(line.tun).fallbacks, 0);
    assert_int_equal(grove_tun_coalescing(line.tun),
                     GROVE_TUN_TCP | GROVE_TUN_UDP);
    writes = script.writes_done;
    line_close(&line);
    return writes;
}

/* What a probe found wrong: packets go one by one, and nothing else does. */
static void spoiled_is_not_sent(void **state)
{
    enum { BOTH_MERGE = 2, ONE_MERGES = PACKETS / 2 + 1 };

    (void)state;
    assert_int_equal(writes_with(0, 0, NULL), BOTH_MERGE);
    assert_int_equal(writes_with(GROVE_TUN_TSO6 | GROVE_TUN_TSO_ECN, 0, NULL),
                     BOTH_MERGE);
    assert_int_equal(writes_with(GROVE_TUN_TSO4, 0, NULL), ONE_MERGES);
    assert_int_equal(writes_with(GROVE_TUN_USO, 0, NULL), ONE_MERGES);
    assert_int_equal(writes_with(GROVE_TUN_TSO4 | GROVE_TUN_USO, 0, NULL),
                     PACKETS);
    assert_int_equal(writes_with(GROVE_TUN_CSUM, 0, NULL), PACKETS);
}

/* In 6.12 a super-packet whose first packet has CWR has the ECN bit. */
static void spoiled_ecn_is_not_sent(void **state)
{
    (void)state;
    assert_int_equal(writes_with(0, 0, "linux-6.12"), 2);
    assert_int_equal(writes_with(GROVE_TUN_TSO_ECN, 0, "linux-6.12"),
                     PACKETS / 2 + 1);
    assert_int_equal(writes_with(GROVE_TUN_TSO4, 0, "linux-6.12"),
                     PACKETS / 2 + 1);
    assert_int_equal(writes_with(GROVE_TUN_TSO6, 0, "linux-6.12"), 2);
}

/* The segments have 100 bytes of payload. A larger gso_size cuts others. */
static void raised_is_not_sent(void **state)
{
    (void)state;
    assert_int_equal(writes_with(0, 100, NULL), 2);
    assert_int_equal(writes_with(0, 101, NULL), PACKETS / 2 + 1);
}

/* A protocol that the device cannot take is not switched on. */
static void not_capable(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    line.tun->capable = GROVE_TUN_TCP;
    grove_tun_set_coalescing(line.tun, GROVE_TUN_UDP | GROVE_TUN_TCP);
    assert_int_equal(grove_tun_coalescing(line.tun), GROVE_TUN_TCP);
    line_close(&line);
}

/* Both are off: packets keep their order, and the table is not used. */
static void plain(void **state)
{
    (void)state;
    for (int headers = 0; headers < 2; headers++) {
        struct line line = line_open(UDP, headers);

        grove_tun_set_coalescing(line.tun, 0);
        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_int_equal(script.writes_done, PACKETS);
        for (size_t i = 0; i < PACKETS; i++)
            assert_single(&line, i, i);
        assert_int_equal(script.writes[0].slices, headers ? 2 : 1);
        assert_counts(&line, PACKETS, 0, 0, 0);
        line_close(&line);
    }
}

/* The caller's virtio_net_hdr is written with its packet. */
static void plain_header(void **state)
{
    const struct grove_vnet vnet = {.flags = GROVE_VNET_F_DATA_VALID};
    struct line line = line_open(UDP, true);
    uint8_t wire[GROVE_VNET_LEN];

    (void)state;
    grove_vnet_store(wire, &vnet);
    line.packets[1].vnet = wire;
    grove_tun_set_coalescing(line.tun, 0);
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes[0].vnet.flags, 0);
    assert_int_equal(script.writes[1].vnet.flags, GROVE_VNET_F_DATA_VALID);
    line_close(&line);
}

/* After one refused super-packet its protocol is off. */
static void falls_back(void **state)
{
    static const int errors[] = {EINVAL, EMSGSIZE};

    (void)state;
    for (size_t e = 0; e < 2; e++) {
        struct line line = line_open(UDP, true);

        script.errors[1] = errors[e]; /* after the TCP super-packet */
        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_super(0, GROVE_VNET_GSO_TCPV4);
        for (size_t i = 0; i < PACKETS / 2; i++)
            assert_single(&line, i + 1, 2 * i + 1);
        assert_int_equal(grove_tun_coalescing(line.tun), GROVE_TUN_TCP);
        assert_int_equal(script_stats(line.tun).fallbacks, 1);
        assert_int_equal(script_stats(line.tun).merged, PACKETS / 2);
        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_int_equal(script.writes_done, 2 * (PACKETS / 2 + 1));
        assert_int_equal(script_stats(line.tun).fallbacks, 1);
        assert_counts(&line, TWICE, 0, 0, 0);
        line_close(&line);
    }
}

static void falls_back_from_all(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    script.super_error = EINVAL;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script_stats(line.tun).fallbacks, 2);
    assert_int_equal(grove_tun_coalescing(line.tun), 0);
    assert_counts(&line, TWICE, 0, 0, 0);
    line_close(&line);
}

/* A packet that is refused alone is counted, and the others are written. */
static void refused(void **state)
{
    static const int errors[] = {EINVAL, EMSGSIZE};

    (void)state;
    for (size_t e = 0; e < 2; e++) {
        struct line line = line_open(UDP, true);

        wire_put8(line.wires[1], 0, 0x70); /* rejected by the table */
        wire_put8(line.wires[4], 33, RST); /* passed */
        wire_mend(line.wires[4]);
        script.errors[1] = errors[e];
        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_single(&line, 2, 6);
        assert_counts(&line, PACKETS - 2, 2, 0, 0);
        assert_int_equal(script_stats(line.tun).fallbacks, 0);
        line_close(&line);
    }
}

/* If the table rejects the whole batch, nothing is pending. */
static void all_rejected(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    for (size_t i = 0; i < PACKETS; i++)
        wire_put8(line.wires[i], 0, 0);
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_counts(&line, 0, PACKETS, 0, 0);
    assert_int_equal(script.writes_tried, 0);
    assert_int_equal(grove_received(line.table), 0);
    line_close(&line);
}

static void too_long(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    grove_tun_set_coalescing(line.tun, 0);
    line.packets[3].data = wire_memory(GROVE_MAX_PACKET_LEN + 1);
    line.packets[3].len = GROVE_MAX_PACKET_LEN + 1;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_counts(&line, PACKETS - 1, 1, 0, 0);
    line_close(&line);
}

/* How a batch is sent: coalesced, by fallback, or plain. */
enum way { COALESCED, FALLBACK, PLAIN, WAYS };

static struct line line_of_way(enum way way)
{
    struct line line = line_open(UDP, true);

    if (way == FALLBACK)
        script.super_error = EINVAL;
    if (way == PLAIN)
        grove_tun_set_coalescing(line.tun, 0);
    return line;
}

/* It continues where it stopped: the same writes in the same order. */
static void resumes(void **state)
{
    (void)state;
    for (enum way way = COALESCED; way < WAYS; way++) {
        struct line whole = line_of_way(way);
        struct script_write writes[SCRIPT_MAX];
        size_t tried;
        size_t done;

        assert_int_equal(send_all(&whole), GROVE_TUN_OK);
        memcpy(writes, script.writes, sizeof writes);
        tried = script.writes_tried;
        done = script.writes_done;
        line_close(&whole);
        for (size_t k = 0; k < tried; k++) {
            struct line line = line_of_way(way);

            script.errors[k] = EAGAIN;
            assert_int_equal(send_all(&line), GROVE_TUN_AGAIN);
            assert_int_equal(errno, EAGAIN);
            assert_true(grove_tun_pending(line.queue) > 0);
            assert_int_equal(send_all(&line), GROVE_TUN_PENDING);
            assert_int_equal(grove_tun_resume(line.queue), GROVE_TUN_OK);
            assert_int_equal(script.writes_done, done);
            for (size_t i = 0; i < done; i++) {
                assert_int_equal(script.writes[i].wire.len, writes[i].wire.len);
                assert_memory_equal(script.writes[i].wire.data,
                                    writes[i].wire.data, writes[i].wire.len);
            }
            assert_counts(&line, PACKETS, 0, 0, 0);
            line_close(&line);
        }
    }
}

/* Every error has its result and keeps the rest, which can be discarded. */
static void failures(void **state)
{
    static const struct {
        int error;
        enum grove_tun_result result;
    } cases[] = {
        {EAGAIN, GROVE_TUN_AGAIN},     {ENOBUFS, GROVE_TUN_NO_MEMORY},
        {ENOMEM, GROVE_TUN_NO_MEMORY}, {EIO, GROVE_TUN_DOWN},
        {ENETDOWN, GROVE_TUN_DOWN},    {EBADFD, GROVE_TUN_GONE},
        {EFAULT, GROVE_TUN_SYSTEM},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (enum way way = COALESCED; way < WAYS; way++) {
            struct line line = line_of_way(way);

            script.errors[1] = cases[i].error;
            assert_int_equal(send_all(&line), cases[i].result);
            assert_int_equal(errno, cases[i].error);
            assert_int_equal(grove_tun_discard(line.queue),
                             PACKETS - script_stats(line.tun).sent);
            assert_counts(&line, script_stats(line.tun).sent, 0,
                          PACKETS - script_stats(line.tun).sent, 0);
            assert_int_equal(grove_received(line.table), 0);
            assert_int_equal(send_all(&line), GROVE_TUN_OK);
            line_close(&line);
        }
    }
}

static void interrupted(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    script.errors[0] = EINTR;
    script.errors[1] = EINTR;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes_tried, 4);
    assert_counts(&line, PACKETS, 0, 0, 0);
    line_close(&line);
}

/* A TUN takes a whole packet; another kind of file may not. */
static void short_write(void **state)
{
    struct line line = line_open(UDP, true);

    (void)state;
    script.short_by = 1;
    assert_int_equal(send_all(&line), GROVE_TUN_SYSTEM);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(grove_tun_discard(line.queue), PACKETS);
    line_close(&line);
}

static void wrong_table(void **state)
{
    const struct grove_config small = {.max_flows = 1,
                                       .max_packets = PACKETS - 1};
    struct line line = line_open(UDP, true);
    struct grove_table *table;

    (void)state;
    assert_int_equal(grove_table_new(&small, &table), GROVE_OK);
    assert_int_equal(grove_tun_send(line.queue, table, line.packets, PACKETS),
                     GROVE_TUN_TABLE);
    assert_int_equal(grove_receive(table, line.packets), GROVE_OK);
    assert_int_equal(grove_tun_send(line.queue, table, line.packets, 1),
                     GROVE_TUN_TABLE);
    assert_int_equal(grove_tun_send(line.queue, line.table, line.packets,
                                    (size_t)GROVE_MAX_PACKETS + 1),
                     GROVE_TUN_TABLE);
    assert_counts(&line, 0, 0, 0, 0);
    grove_table_free(table);
    line_close(&line);
}

/* A table for another kind of device makes what this one does not take. */
static void table_of_another_device(void **state)
{
    const struct grove_config config = {.link = GROVE_LINK_ETHERNET};
    struct line line = line_open(UDP, true);
    struct grove_table *table;

    (void)state;
    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    assert_int_equal(grove_tun_send(line.queue, table, line.packets, PACKETS),
                     GROVE_TUN_TABLE);
    grove_tun_set_coalescing(line.tun, 0);
    assert_int_equal(grove_tun_send(line.queue, table, line.packets, PACKETS),
                     GROVE_TUN_TABLE);
    assert_counts(&line, 0, 0, 0, 0);
    assert_int_equal(script.writes_tried, 0);
    grove_table_free(table);
    line_close(&line);
}

/* At a TAP a super-packet is a frame, and so is what leaves alone. */
static void frames(void **state)
{
    static const uint8_t lengths[] = {GROVE_VNET_LEN, GROVE_VNET_TUNNEL_LEN};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct line line =
            line_at(script_open_layers(GROVE_LINK_ETHERNET, lengths[i]), UDP,
                    wire_framed);

        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_int_equal(script.writes_done, 2);
        assert_super(0, GROVE_VNET_GSO_TCPV4);
        assert_super(1, GROVE_VNET_GSO_UDP_L4);
        assert_int_equal(script.writes[0].vnet.csum_start, 14 + 20);
        assert_memory_equal(script.writes[0].wire.data, line.wires[0].data, 14);
        grove_tun_set_coalescing(line.tun, 0);
        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_int_equal(script.writes_done, 2 + PACKETS);
        for (size_t packet = 0; packet < PACKETS; packet++)
            assert_single(&line, 2 + packet, packet);
        line_close(&line);
    }
}

static struct wire behind_7_tags(struct wire wire)
{
    return wire_tagged(wire_framed(wire), 7);
}

static struct wire behind_8_tags(struct wire wire)
{
    return wire_tagged(wire_framed(wire), 8);
}

/* The kernel splits behind 7 VLAN tags, and drops behind more. */
static void behind_tags(void **state)
{
    struct line line =
        line_at(script_open_layers(GROVE_LINK_ETHERNET, GROVE_VNET_LEN), UDP,
                behind_7_tags);

    (void)state;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 2);
    assert_super(0, GROVE_VNET_GSO_TCPV4);
    assert_super(1, GROVE_VNET_GSO_UDP_L4);
    line_close(&line);

    line = line_at(script_open_layers(GROVE_LINK_ETHERNET, GROVE_VNET_LEN), UDP,
                   behind_8_tags);
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, PACKETS);
    for (size_t i = 0; i < PACKETS; i++)
        assert_int_equal(script.writes[i].vnet.gso_type, GROVE_VNET_GSO_NONE);
    assert_counts(&line, PACKETS, 0, 0, 0);
    assert_int_equal(script_stats(line.tun).merged, 0);
    assert_int_equal(script_stats(line.tun).fallbacks, 0);
    assert_int_equal(grove_tun_coalescing(line.tun),
                     GROVE_TUN_TCP | GROVE_TUN_UDP);
    line_close(&line);
}

/* A TAP with long headers; its tables look into VXLAN. */
static struct grove_tun *open_with_tunnels(void)
{
    static const struct grove_tunnel vxlan = {GROVE_TUNNEL_VXLAN, VXLAN_PORT};
    struct grove_tun *tun =
        script_open_layers(GROVE_LINK_ETHERNET, GROVE_VNET_TUNNEL_LEN);

    tun->layers.tunnels = &vxlan;
    tun->layers.tunnel_count = 1;
    tun->capable |= GROVE_TUN_TUNNELS;
    grove_tun_set_coalescing(tun, UINT32_MAX);
    return tun;
}

/* The outer header is of IPv6, so that no identification is to be counted. */
static struct wire in_frame_and_vxlan(struct wire wire)
{
    const struct fields outer = fields_of(6, UDP);

    return wire_framed(wire_in_vxlan(wire, &outer, 7));
}

/* The headers tell of the tunnel, and of its checksum. */
static void in_tunnels(void **state)
{
    struct line line = line_at(open_with_tunnels(), TCP, in_frame_and_vxlan);

    (void)state;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 2);
    assert_super(0, GROVE_VNET_GSO_TCPV4 | GROVE_VNET_GSO_TUNNEL6);
    assert_super(1, GROVE_VNET_GSO_TCPV6 | GROVE_VNET_GSO_TUNNEL6);
    for (size_t i = 0; i < 2; i++) {
        const struct grove_vnet *vnet = &script.writes[i].vnet;

        assert_int_equal(vnet->flags,
                         GROVE_VNET_F_NEEDS_CSUM | GROVE_VNET_F_TUNNEL_CSUM);
        assert_int_equal(vnet->outer_th_offset, 14 + 40);
        assert_int_equal(vnet->inner_nh_offset, 14 + 40 + 30);
    }
    assert_int_equal(script_stats(line.tun).merged, PACKETS);
    line_close(&line);
}

/* A refusal ends coalescing in tunnels, and no other. */
static void refused_in_a_tunnel(void **state)
{
    struct line line = line_at(open_with_tunnels(), TCP, in_frame_and_vxlan);

    (void)state;
    script.super_error = EINVAL;
    assert_int_equal(send_all(&line), GROVE_TUN_OK);
    assert_counts(&line, PACKETS, 0, 0, 0);
    assert_int_equal(script_stats(line.tun).fallbacks, 1);
    assert_int_equal(script_stats(line.tun).merged, 0);
    assert_int_equal(grove_tun_coalescing(line.tun),
                     GROVE_TUN_TCP | GROVE_TUN_UDP);
    line_close(&line);
}

/* Tunnels are switched off, or what is in them, or the kernel spoils it. */
static void not_in_tunnels(void **state)
{
    static const uint32_t protocols[] = {
        GROVE_TUN_TCP | GROVE_TUN_UDP, GROVE_TUN_TUNNELS,
        GROVE_TUN_TUNNELS | GROVE_TUN_UDP, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct line line =
            line_at(open_with_tunnels(), TCP, in_frame_and_vxlan);

        grove_tun_set_coalescing(line.tun, protocols[i]);
        line.tun->wrong = i == 3 ? GROVE_TUN_TUNNEL : 0;
        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_int_equal(script.writes_done, PACKETS);
        for (size_t k = 0; k < PACKETS; k++)
            assert_int_equal(script.writes[k].vnet.gso_type, 0);
        assert_int_equal(script_stats(line.tun).fallbacks, 0);
        line_close(&line);
    }
}

/* A UDP super-packet in a tunnel needs what both need. */
static void datagrams_in_tunnels(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct line line =
            line_at(open_with_tunnels(), UDP, in_frame_and_vxlan);

        line.tun->wrong = i == 1 ? GROVE_TUN_USO : 0;
        assert_int_equal(send_all(&line), GROVE_TUN_OK);
        assert_super(1, i == 0 ? GROVE_VNET_GSO_UDP_L4 | GROVE_VNET_GSO_TUNNEL6
                               : GROVE_VNET_GSO_NONE);
        assert_int_equal(script_stats(line.tun).merged,
                         i == 0 ? PACKETS : PACKETS / 2);
        line_close(&line);
    }
}

/* More slices than writev(2) accepts are copied; the bytes are the same. */
static void many_slices(void **state)
{
    const struct grove_config config = {.max_packets = MANY};
    struct grove_tun *tun = script_open(true);
    struct fields fields = fields_of(4, TCP);
    struct grove_packet packets[MANY];
    struct grove_table *table;
    uint8_t last = 0;

    (void)state;
    fields.payload_len = 1;
    for (size_t i = 0; i < MANY; i++) {
        packets[i] = wire_input(wire_of(&fields));
        last = packets[i].data[packets[i].len - 1];
        fields = fields_next(fields);
    }
    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    assert_int_equal(
        grove_tun_send(grove_tun_queue(tun, 0), table, packets, MANY),
        GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 1);
    assert_int_equal(script.writes[0].slices, 1);
    assert_int_equal(script.writes[0].wire.len, packets[0].len - 1 + MANY);
    assert_int_equal(script.writes[0].wire.data[script.writes[0].wire.len - 1],
                     last);
    assert_int_equal(script_stats(tun).merged, MANY);
    grove_table_free(table);
    tun_unmake(tun);
}

/*
 * The longest super-packet: 65535 bytes behind the Ethernet header, 7 VLAN tags
 * among them, in more slices than writev(2) accepts.
 */
static void longest(void **state)
{
    enum { FULL = 1022, SIZE = 64, TAGS = 7 * 4, ALL = 14 + UINT16_MAX };
    struct grove_config config = {.max_packets = FULL + 1};
    struct grove_tun *tun =
        script_open_layers(GROVE_LINK_ETHERNET, GROVE_VNET_TUNNEL_LEN);
    struct fields fields = fields_of(4, TCP);
    struct grove_packet packets[FULL + 1];
    struct grove_table *table;
    uint32_t rest = UINT16_MAX - TAGS - (20 + 20) - FULL * SIZE;

    (void)state;
    fields.options_len = 0;
    for (size_t i = 0; i <= FULL; i++) {
        fields.payload_len = i < FULL ? SIZE : rest;
        packets[i] = wire_input(behind_7_tags(wire_of(&fields)));
        fields = fields_next(fields);
    }
    grove_tun_layers(tun, &config);
    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    assert_int_equal(
        grove_tun_send(grove_tun_queue(tun, 0), table, packets, FULL + 1),
        GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 1);
    assert_int_equal(script.writes[0].slices, 1);
    assert_int_equal(script.writes[0].wire.len, ALL);
    assert_memory_equal(script.writes[0].wire.data + ALL - rest,
                        packets[FULL].data + packets[FULL].len - rest, rest);
    grove_table_free(table);
    tun_unmake(tun);
}

/* Every packet is counted once, whatever fails. */
static void conserves(void **state)
{
    static const int errors[] = {0, 0, 0, 0, EAGAIN, EINVAL, EIO, EINTR};
    static struct batch batch;
    struct dice dice = {1};
    const struct grove_config config = {.max_packets = BATCH_PACKETS};

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct line line = line_open(UDP, true);
        struct grove_table *table;
        struct grove_tun_stats stats;
        enum grove_tun_result result;

        assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
        batch_make(&batch, &dice, pick(&dice, 2) == 0);
        for (size_t i = 0; i < SCRIPT_MAX; i++)
            script.errors[i] = errors[pick(&dice, 8)];
        result = grove_tun_send(line.queue, table, batch.inputs, batch.count);
        while (result != GROVE_TUN_OK && pick(&dice, 8) != 0)
            result = grove_tun_resume(line.queue);
        if (result != GROVE_TUN_OK)
            assert_true(grove_tun_discard(line.queue) > 0);
        stats = script_stats(line.tun);
        assert_int_equal(stats.sent + stats.refused + stats.discarded,
                         batch.count);
        assert_int_equal(stats.writes, script.writes_done);
        assert_int_equal(grove_received(table), 0);
        grove_table_free(table);
        line_close(&line);
        wires_release(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(merges, wires_release),
        cmocka_unit_test_teardown(copies_nothing, wires_release),
        cmocka_unit_test_teardown(nothing_to_send, wires_release),
        cmocka_unit_test_teardown(counts_rules, wires_release),
        cmocka_unit_test_teardown(switched, wires_release),
        cmocka_unit_test_teardown(spoiled_is_not_sent, wires_release),
        cmocka_unit_test_teardown(spoiled_ecn_is_not_sent, wires_release),
        cmocka_unit_test_teardown(raised_is_not_sent, wires_release),
        cmocka_unit_test_teardown(not_capable, wires_release),
        cmocka_unit_test_teardown(plain, wires_release),
        cmocka_unit_test_teardown(plain_header, wires_release),
        cmocka_unit_test_teardown(falls_back, wires_release),
        cmocka_unit_test_teardown(falls_back_from_all, wires_release),
        cmocka_unit_test_teardown(refused, wires_release),
        cmocka_unit_test_teardown(all_rejected, wires_release),
        cmocka_unit_test_teardown(too_long, wires_release),
        cmocka_unit_test_teardown(resumes, wires_release),
        cmocka_unit_test_teardown(failures, wires_release),
        cmocka_unit_test_teardown(interrupted, wires_release),
        cmocka_unit_test_teardown(short_write, wires_release),
        cmocka_unit_test_teardown(wrong_table, wires_release),
        cmocka_unit_test_teardown(table_of_another_device, wires_release),
        cmocka_unit_test_teardown(frames, wires_release),
        cmocka_unit_test_teardown(behind_tags, wires_release),
        cmocka_unit_test_teardown(in_tunnels, wires_release),
        cmocka_unit_test_teardown(refused_in_a_tunnel, wires_release),
        cmocka_unit_test_teardown(not_in_tunnels, wires_release),
        cmocka_unit_test_teardown(datagrams_in_tunnels, wires_release),
        cmocka_unit_test_teardown(many_slices, wires_release),
        cmocka_unit_test_teardown(longest, wires_release),
        cmocka_unit_test_teardown(conserves, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
