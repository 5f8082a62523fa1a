/* SPDX-License-Identifier: MIT */
/*
 * What `grove bench --instructions` counts. Without arguments it says what it
 * was compiled by, and how it sums. `grove-bench-count TRAFFIC FLOWS BATCHES`
 * coalesces batches, splits the first output of each, and says into how many
 * segments. valgrind counts within the two functions count_*() only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grove/checksum.h"
#include "grove/split.h"
#include "grove/table.h"
#include "traffic.h"

#define APART __attribute__((noinline))

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* Packets are hashed in the same way in every run. */
enum { SEED = 1 };

static struct grove_packet packets[TRAFFIC_BATCH];
static uint8_t super[GROVE_MAX_PACKET_LEN];
static uint8_t segment[GROVE_MAX_PACKET_LEN];

APART void count_coalesce(struct grove_table *table);
APART void count_split(struct grove_split *split,
                       const struct grove_packet *packet);

APART void count_coalesce(struct grove_table *table)
{
    if (grove_coalesce(table, packets, TRAFFIC_BATCH) != GROVE_OK)
        exit(1);
}

APART void count_split(struct grove_split *split,
                       const struct grove_packet *packet)
{
    enum grove_rule rule;

    if (grove_split_begin(split, packet, &rule) != GROVE_SPLIT_OK)
        exit(1);
    while (grove_split_copy(split, segment, sizeof segment, NULL) != 0)
        ;
}

/* Returns the number of segments. */
static unsigned run_batch(struct grove_table *table, struct grove_split *split)
{
    const struct grove_output *output;
    struct grove_packet packet = {super, 0, NULL, 0};
    unsigned segments;
    size_t count;

    count_coalesce(table);
    output = grove_to_write(table, &count);
    packet.vnet = output->iov[0].iov_base;
    for (int i = 1; i < output->iovcnt; i++) {
        memcpy(super + packet.len, output->iov[i].iov_base,
               output->iov[i].iov_len);
        packet.len += output->iov[i].iov_len;
    }
    segments = output->packets;
    count_split(split, &packet);
    if (grove_clear(table) != GROVE_OK)
        exit(1);
    return segments;
}

static void run(enum traffic_kind kind, unsigned flows, unsigned batches)
{
    struct grove_config config = {
        .max_flows = TRAFFIC_BATCH, .max_packets = TRAFFIC_BATCH, .seed = SEED};
    struct traffic *traffic = traffic_new(kind, flows);
    struct grove_table *table = NULL;
    struct grove_split *split = NULL;
    unsigned segments = 0;

    traffic_configure(kind, &config);
    if (traffic == NULL || grove_table_new(&config, &table) != GROVE_OK ||
        grove_split_new(&(struct grove_split_config){0}, &split) != GROVE_OK)
        exit(1);
    for (unsigned i = 0; i < TRAFFIC_BATCH; i++)
        packets[i] =
            (struct grove_packet){traffic->packet[i], traffic->len, NULL, 0};
    for (unsigned i = 0; i < batches; i++)
        segments = run_batch(table, split);
    printf("%u\n", segments);
    grove_split_free(split);
    grove_table_free(table);
    free(traffic);
}

int main(int argc, char **argv)
{
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);

    if (argc != 4) {
        printf("%s\n%s\n", COMPILER, ways[count - 1].name);
        return 0;
    }
    for (unsigned i = 0; i < TRAFFIC_KINDS; i++)
        if (strcmp(argv[1], traffic_name((enum traffic_kind)i)) == 0)
            run((enum traffic_kind)i, (unsigned)strtoul(argv[2], NULL, 10),
                (unsigned)strtoul(argv[3], NULL, 10));
    return 0;
}
