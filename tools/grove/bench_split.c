/* SPDX-License-Identifier: MIT */
/*
 * Measuring the splitter, as bench_measure.c measures the table. The segments
 * go into buffers of their own, as those of grove_tun_recv() do. The others
 * read and write as many bytes in the same places.
 */
#include "bench_split.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench_sample.h"
#include "grove/split.h"
#include "grove/table.h"

/* Super-packets of a slice that are measured, and those before them. */
enum { SLICE = 200, WARM_UP = 10 };

/* Room for a segment, in whole lines of the cache. */
enum { LINE = 64, ROOM = 2048 };

/* Packets begin on lines. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct split_bench {
    enum traffic_kind kind;
    uint32_t l4;      /* where a segment's L4 header begins */
    uint32_t headers; /* the length of its headers */
    uint32_t payload; /* the length of its payload; the last one has as much */
    uint32_t segments;
    struct grove_split *split;
    struct grove_packet packet; /* the super-packet, in `bytes` */
    uint8_t vnet[GROVE_VNET_LEN];
    _Alignas(LINE) uint8_t bytes[GROVE_MAX_PACKET_LEN];
    _Alignas(LINE) uint8_t room[TRAFFIC_BATCH][ROOM];
    unsigned rounds;
    double *ns[SPLITTERS];
};

const char *splitter_name(enum splitter splitter)
{
    static const char *const names[] = {
        [SPLIT_MEMCPY] = "memcpy",
        [SPLIT_LIMIT] = "limit",
        [SPLIT_COPY] = "copy",
    };

    return names[splitter];
}

/* Where the bytes of segment `number` would begin, with its headers. */
static const uint8_t *segment_at(const struct split_bench *bench,
                                 uint32_t number)
{
    return bench->bytes + (size_t)number * bench->payload;
}

/* The sum of what the checksums cover, so that no work can be left out. */
static uint64_t copy_segments(struct split_bench *bench, grove_sum_fn *sum)
{
    const size_t len = (size_t)bench->headers + bench->payload;
    uint64_t sums = 0;

    for (uint32_t i = 0; i < bench->segments; i++) {
        const uint8_t *segment = segment_at(bench, i);

        if (sum != NULL)
            sums += sum(segment + bench->l4, len - bench->l4);
        memcpy(bench->room[i], segment, len);
        sums += bench->room[i][0];
    }
    return sums;
}

static uint64_t split_segments(struct split_bench *bench)
{
    enum grove_rule rule;
    uint64_t lens = 0;

    if (grove_split_begin(bench->split, &bench->packet, &rule) !=
        GROVE_SPLIT_OK)
        return 0;
    for (uint32_t i = 0; i < bench->segments; i++)
        lens += grove_split_copy(bench->split, bench->room[i], ROOM, NULL);
    return lens;
}

static uint64_t run(struct split_bench *bench, enum splitter splitter)
{
    switch (splitter) {
    case SPLIT_MEMCPY:
        return copy_segments(bench, NULL);
    case SPLIT_LIMIT:
        return copy_segments(bench, bench_limit()->sum);
    default:
        return split_segments(bench);
    }
}

/* Results are stored here, so that the compiler cannot remove the work. */
static volatile uint64_t sink;

void split_bench_round(struct split_bench *bench)
{
    for (unsigned i = 0; i < SPLITTERS; i++) {
        double start;

        for (unsigned j = 0; j < WARM_UP; j++)
            sink = run(bench, (enum splitter)i);
        start = bench_now();
        for (unsigned j = 0; j < SLICE; j++)
            sink = run(bench, (enum splitter)i);
        bench->ns[i][bench->rounds] =
            (bench_now() - start) / (SLICE * bench->segments);
    }
    bench->rounds++;
}

struct split_row split_bench_result(struct split_bench *bench)
{
    struct split_row row = {.kind = bench->kind, .segments = bench->segments};

    for (unsigned i = 0; i < SPLITTERS; i++)
        row.ns[i] = bench_median(bench->ns[i], bench->rounds);
    return row;
}

/* Lets a table make the super-packet: the first output of one flow. */
static bool gather(struct split_bench *bench, const struct traffic *traffic,
                   struct grove_table *table)
{
    struct grove_packet packet = {.len = traffic->len};
    const struct grove_output *output;
    size_t count = 0;
    size_t len = 0;

    for (unsigned i = 0; i < TRAFFIC_BATCH; i++) {
        packet.data = traffic->packet[i];
        if (grove_receive(table, &packet) != GROVE_OK)
            return false;
    }
    grove_flush(table);
    output = grove_to_write(table, &count);
    memcpy(bench->vnet, output->iov[0].iov_base, GROVE_VNET_LEN);
    for (int i = 1; i < output->iovcnt; i++) {
        memcpy(bench->bytes + len, output->iov[i].iov_base,
               output->iov[i].iov_len);
        len += output->iov[i].iov_len;
    }
    bench->packet = (struct grove_packet){bench->bytes, len, bench->vnet, 0};
    bench->segments = output->packets;
    return bench->segments > 1;
}

static bool make(struct split_bench *bench, const struct traffic *traffic)
{
    const struct grove_config config = {.max_packets = TRAFFIC_BATCH};
    struct grove_table *table = NULL;
    bool made;

    bench->l4 = (uint32_t)traffic->l4;
    bench->headers = (uint32_t)traffic->payload;
    bench->payload = (uint32_t)(traffic->len - traffic->payload);
    if (grove_split_new(&(struct grove_split_config){0}, &bench->split) !=
            GROVE_OK ||
        grove_table_new(&config, &table) != GROVE_OK)
        return false;
    made = gather(bench, traffic, table);
    grove_table_free(table);
    return made;
}

struct split_bench *split_bench_new(enum traffic_kind kind, unsigned rounds)
{
    struct split_bench *bench = aligned_alloc(LINE, sizeof *bench);
    struct traffic *traffic = traffic_new(kind, 1);
    bool made = bench != NULL && traffic != NULL;

    if (bench != NULL)
        memset(bench, 0, sizeof *bench);
    made = made && make(bench, traffic);

    for (unsigned i = 0; i < SPLITTERS && made; i++) {
        bench->ns[i] = calloc(rounds, sizeof *bench->ns[i]);
        made = bench->ns[i] != NULL;
    }
    free(traffic);
    if (made) {
        bench->kind = kind;
        return bench;
    }
    split_bench_free(bench);
    return NULL;
}

void split_bench_free(struct split_bench *bench)
{
    if (bench == NULL)
        return;
    grove_split_free(bench->split);
    for (unsigned i = 0; i < SPLITTERS; i++)
        free(bench->ns[i]);
    free(bench);
}
