/* SPDX-License-Identifier: MIT */
/*
 * Measuring the flow table, as bench_measure.c measures all of the work. Each
 * packet is of a flow of its own, and its checksum is trusted.
 */
#include "bench_hosts.h"

#include <stdint.h>
#include <stdlib.h>

#include "bench_sample.h"
#include "grove/table.h"
#include "oracle/dice.h"

enum { HOSTS_MOST = 512, LEN = 64, SLICE = 40, WARM_UP = 4 };

enum population { ONE_SOURCE, RANDOM_FLOWS, POPULATIONS };

/* As many packets as hosts. */
struct batch {
    uint8_t bytes[HOSTS_MOST][LEN];
    struct grove_packet packets[HOSTS_MOST];
};

struct hosts_bench {
    struct grove_table *table;
    struct batch batch[POPULATIONS];
    double *ns[HOSTS_ROWS][POPULATIONS];
    unsigned rounds;
};

static const unsigned hosts_of[HOSTS_ROWS] = {128, HOSTS_MOST};

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

/* UDP over IPv4, of 36 bytes of payload. */
static void write_packet(uint8_t *packet, uint32_t source, uint32_t destination,
                         uint32_t ports)
{
    packet[0] = 0x45;
    put16(packet + 2, LEN);
    packet[8] = 64;
    packet[9] = 17;
    put32(packet + 12, source);
    put32(packet + 16, destination);
    put16(packet + 10, (uint16_t)~grove_sum_fastest()(packet, 20));
    put32(packet + 20, ports);
    put16(packet + 24, LEN - 20);
    put16(packet + 26, 1); /* a checksum, which is trusted */
}

static void write_batches(struct hosts_bench *bench)
{
    struct dice dice = {.state = 1};

    for (unsigned i = 0; i < HOSTS_MOST; i++) {
        struct batch *source = &bench->batch[ONE_SOURCE];
        struct batch *others = &bench->batch[RANDOM_FLOWS];

        write_packet(source->bytes[i], 0x0a000001, 0x0a000100 + i, 0x12b512b5);
        write_packet(others->bytes[i], (uint32_t)roll(&dice),
                     (uint32_t)roll(&dice), (uint32_t)roll(&dice));
        source->packets[i] =
            (struct grove_packet){source->bytes[i], LEN, NULL, 0};
        others->packets[i] =
            (struct grove_packet){others->bytes[i], LEN, NULL, 0};
    }
}

/* Nanoseconds per packet. */
static double measure(struct hosts_bench *bench, enum population population,
                      unsigned hosts)
{
    const struct grove_packet *packets = bench->batch[population].packets;
    double start = 0;

    for (unsigned i = 0; i < WARM_UP + SLICE; i++) {
        if (i == WARM_UP)
            start = bench_now();
        if (grove_coalesce(bench->table, packets, hosts) != GROVE_OK ||
            grove_clear(bench->table) != GROVE_OK)
            abort(); /* the table has room, and a flush empties it */
    }
    return (bench_now() - start) / (SLICE * hosts);
}

void hosts_bench_round(struct hosts_bench *bench)
{
    for (unsigned row = 0; row < HOSTS_ROWS; row++)
        for (unsigned i = 0; i < POPULATIONS; i++)
            bench->ns[row][i][bench->rounds] =
                measure(bench, (enum population)i, hosts_of[row]);
    bench->rounds++;
}

struct hosts_row hosts_bench_result(struct hosts_bench *bench, unsigned row)
{
    return (struct hosts_row){
        .hosts = hosts_of[row],
        .ns_source = bench_median(bench->ns[row][ONE_SOURCE], bench->rounds),
        .ns_random = bench_median(bench->ns[row][RANDOM_FLOWS], bench->rounds),
    };
}

static bool allocate(struct hosts_bench *bench, unsigned rounds)
{
    const struct grove_config config = {
        .max_flows = HOSTS_MOST,
        .csum_trusted = true,
    };

    for (unsigned row = 0; row < HOSTS_ROWS; row++)
        for (unsigned i = 0; i < POPULATIONS; i++) {
            bench->ns[row][i] = calloc(rounds, sizeof *bench->ns[row][i]);
            if (bench->ns[row][i] == NULL)
                return false;
        }
    return grove_table_new(&config, &bench->table) == GROVE_OK;
}

struct hosts_bench *hosts_bench_new(unsigned rounds)
{
    struct hosts_bench *bench = calloc(1, sizeof *bench);

    if (bench == NULL)
        return NULL;
    if (!allocate(bench, rounds)) {
        hosts_bench_free(bench);
        return NULL;
    }
    write_batches(bench);
    return bench;
}

void hosts_bench_free(struct hosts_bench *bench)
{
    if (bench == NULL)
        return;
    grove_table_free(bench->table);
    for (unsigned row = 0; row < HOSTS_ROWS; row++)
        for (unsigned i = 0; i < POPULATIONS; i++)
            free(bench->ns[row][i]);
    free(bench);
}
