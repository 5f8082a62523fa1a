/* SPDX-License-Identifier: MIT */
/* Sums of the counters of all queues. */
#include <string.h>

#include "tun/device.h"

static void add(uint64_t *sum, const tun_counter *counter)
{
    *sum += atomic_load_explicit(counter, memory_order_relaxed);
}

static void add_reader(struct grove_tun_stats *stats,
                       const struct tun_reader *reader)
{
    add(&stats->reads, &reader->reads);
    add(&stats->split, &reader->split_reads);
    add(&stats->received, &reader->received);
    add(&stats->received_bytes, &reader->received_bytes);
    add(&stats->skipped, &reader->skipped);
}

static void add_writer(struct grove_tun_stats *stats,
                       const struct tun_writer *writer)
{
    add(&stats->writes, &writer->writes);
    add(&stats->sent, &writer->sent);
    add(&stats->sent_bytes, &writer->sent_bytes);
    add(&stats->merged, &writer->merged);
    add(&stats->refused, &writer->refused);
    add(&stats->discarded, &writer->discarded);
    add(&stats->fallbacks, &writer->fallbacks);
}

void grove_tun_stats(const struct grove_tun *tun, struct grove_tun_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    for (uint32_t i = 0; i < tun->queue_count; i++) {
        add_reader(stats, &tun->queues[i].reader);
        add_writer(stats, &tun->queues[i].writer);
    }
}

uint64_t grove_tun_dropped(const struct grove_tun *tun, enum grove_rule rule)
{
    uint64_t sum = 0;

    if ((unsigned)rule < RULE_LIMIT)
        for (uint32_t i = 0; i < tun->queue_count; i++)
            add(&sum, &tun->queues[i].reader.dropped[rule]);
    return sum;
}

uint64_t grove_tun_not_merged(const struct grove_tun *tun, enum grove_rule rule)
{
    uint64_t sum = 0;

    if ((unsigned)rule < RULE_LIMIT)
        for (uint32_t i = 0; i < tun->queue_count; i++)
            add(&sum, &tun->queues[i].writer.not_merged[rule]);
    return sum;
}
