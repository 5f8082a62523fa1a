/* SPDX-License-Identifier: MIT */
/*
 * The packets that cost the most, for `grove bench --worst`.
 * `grove-bench-attack LOAD` receives one batch of 128, or splits one packet,
 * and prints how many packets or segments that is. valgrind counts within
 * count_*() only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flows.h"
#include "grove/checksum.h"
#include "grove/split.h"
#include "grove/table.h"
#include "header.h"

#define APART __attribute__((noinline))

enum { BATCH = 128, SEED = 1 };

/* The last place of an L4 header that GRO-KEY-003 and GSO-005 allow. */
enum { FAR = 65464 };

static struct grove_packet packets[BATCH];
static uint8_t bytes[BATCH][GROVE_MAX_PACKET_LEN];

APART void count_coalesce(struct grove_table *table);
APART void count_split(struct grove_split *split,
                       const struct grove_packet *packet);

APART void count_coalesce(struct grove_table *table)
{
    if (grove_coalesce(table, packets, BATCH) != GROVE_OK)
        exit(1);
}

APART void count_split(struct grove_split *split,
                       const struct grove_packet *packet)
{
    static uint8_t segment[GROVE_MAX_PACKET_LEN];
    enum grove_rule rule;

    if (grove_split_begin(split, packet, &rule) != GROVE_SPLIT_OK)
        exit(1);
    while (grove_split_copy(split, segment, sizeof segment, NULL) != 0)
        ;
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* A packet whose checksums the table trusts, up to its L4 header at `l4`. */
static uint8_t *begin_packet(unsigned number, uint8_t version, uint32_t l4,
                             uint32_t len)
{
    uint8_t *ip = bytes[number];
    const uint8_t protocol = IP_PROTO_TCP;

    packets[number] = (struct grove_packet){ip, len, NULL, 0};
    if (version == 4) {
        ip[IP4_VERSION_IHL] = 0x45;
        put16(ip + IP4_TOTAL_LENGTH, len);
        ip[IP4_PROTOCOL] = protocol;
        ip[IP4_SOURCE] = 10;
        return ip + l4;
    }
    ip[IP_VERSION] = 0x60;
    put16(ip + IP6_PAYLOAD_LENGTH, len - IP6_HEADER);
    ip[IP6_NEXT_HEADER] = l4 == IP6_HEADER ? protocol : IP_PROTO_DESTINATION;
    for (uint32_t at = IP6_HEADER; at < l4; at += EXTENSION_UNIT)
        ip[at] = at + EXTENSION_UNIT == l4 ? protocol : IP_PROTO_DESTINATION;
    return ip + l4;
}

static void end_ip4(uint8_t *ip)
{
    const uint16_t sum = grove_sum_fastest()(ip, IP4_HEADER);

    put16(ip + IP4_CHECKSUM, (uint16_t)~sum);
}

/* The payload number `number` of a flow that has `len` bytes in each. */
static void write_tcp(uint8_t *tcp, uint32_t number, uint32_t len)
{
    put16(tcp + TCP_SEQUENCE + 2, number * len);
    put16(tcp + TCP_OFFSET_FLAGS, 0x5010);
}

/* Packets of one flow, with the most extension headers of eight bytes. */
static void make_extensions(void)
{
    for (unsigned i = 0; i < BATCH; i++)
        write_tcp(begin_packet(i, 6, FAR, FAR + TCP_HEADER + 1), i, 1);
}

/* Packets of one flow, one byte each. */
static void make_bytes(void)
{
    for (unsigned i = 0; i < BATCH; i++) {
        write_tcp(begin_packet(i, 4, IP4_HEADER, IP4_HEADER + TCP_HEADER + 1),
                  i, 1);
        put16(bytes[i] + IP4_ID, i);
        end_ip4(bytes[i]);
    }
}

/* The place of the packet of `source` in the map of a table with this seed. */
static uint32_t slot_of(struct flows *flows, uint8_t *ip, uint32_t source)
{
    const struct bytes packet = {ip, IP4_HEADER + TCP_HEADER};
    struct flow_key key;

    put16(ip + IP4_HEADER, source);
    return flows_hash_bytes(flows, packet, false, &key) & flows->mask;
}

/* One packet of each of so many flows that are all in one chain of the map. */
static void make_collisions(unsigned flows_count)
{
    struct held *held = calloc(BATCH + 1, sizeof *held);
    struct held **slots = calloc(flows_slots(BATCH), sizeof(struct held *));
    struct flows flows;
    uint32_t source = 0;

    if (held == NULL || slots == NULL)
        exit(1);
    flows_init(&flows, BATCH, BATCH, SEED, held, slots);
    for (unsigned i = 0; i < flows_count; i++) {
        write_tcp(begin_packet(i, 4, IP4_HEADER, IP4_HEADER + TCP_HEADER + 1),
                  0, 1);
        end_ip4(bytes[i]);
        while (slot_of(&flows, bytes[i], source++) != 0)
            if (source > UINT16_MAX)
                exit(1);
    }
    free(held);
    free(slots);
}

static void make_all_collide(void)
{
    make_collisions(BATCH);
}

/* Half of them are held; the others are fragments, which look at all. */
static void make_fragments(void)
{
    make_collisions(BATCH / 2);
    for (unsigned i = BATCH / 2; i < BATCH; i++) {
        begin_packet(i, 4, IP4_HEADER, IP4_HEADER + TCP_HEADER + 1);
        bytes[i][IP4_SOURCE] = 11;
        put16(bytes[i] + IP4_FRAGMENT, IP4_MF_OFFSET & 1);
        end_ip4(bytes[i]);
    }
}

/* A super-packet whose segments have one byte of payload, and its headers. */
static void make_super(uint8_t version, uint32_t l4)
{
    static uint8_t wire[GROVE_VNET_LEN];
    const struct grove_vnet vnet = {
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6,
        .hdr_len = (uint16_t)(l4 + TCP_HEADER),
        .gso_size = 1,
        .csum_start = (uint16_t)l4,
        .csum_offset = TCP_CHECKSUM,
    };

    write_tcp(begin_packet(0, version, l4, UINT16_MAX), 0, 1);
    if (version == 4)
        end_ip4(bytes[0]);
    grove_vnet_store(wire, &vnet);
    packets[0].vnet = wire;
}

static void make_segments(void)
{
    make_super(4, IP4_HEADER);
}

/* Half of it is headers, which every segment has. */
static void make_long_segments(void)
{
    make_super(6, IP6_HEADER + 4096 * EXTENSION_UNIT);
}

static const struct load {
    const char *name;
    void (*make)(void);
    bool splits;
    bool lossless;
} loads[] = {
    {"extensions", make_extensions, false, false},
    {"bytes", make_bytes, false, false},
    {"collisions", make_all_collide, false, false},
    {"fragments", make_fragments, false, true},
    {"segments", make_segments, true, false},
    {"long-segments", make_long_segments, true, false},
};

static void coalesce(const struct load *load)
{
    const struct grove_config config = {
        .max_flows = BATCH,
        .mode = load->lossless ? GROVE_MODE_LOSSLESS : GROVE_MODE_LINUX,
        .csum_trusted = true,
        .seed = SEED};
    struct grove_table *table;

    if (grove_table_new(&config, &table) != GROVE_OK)
        exit(1);
    count_coalesce(table);
    printf("%d\n", BATCH);
    grove_table_free(table);
}

static void split(void)
{
    /* Its kernel takes a gso_size of 1. */
    const struct grove_split_config config = {.profile = "linux-6.18"};
    struct grove_split *split;
    enum grove_rule rule;

    if (grove_split_new(&config, &split) != GROVE_OK ||
        grove_split_begin(split, &packets[0], &rule) != GROVE_SPLIT_OK)
        exit(1);
    printf("%u\n", grove_split_left(split));
    count_split(split, &packets[0]);
    grove_split_free(split);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof loads / sizeof loads[0]; i++)
        if (strcmp(argv[1], loads[i].name) == 0) {
            loads[i].make();
            if (loads[i].splits)
                split();
            else
                coalesce(&loads[i]);
            return 0;
        }
    fputs("usage: grove-bench-attack LOAD\n", stderr);
    return 2;
}
