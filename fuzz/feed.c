/* SPDX-License-Identifier: MIT */
#include "feed.h"

#include <string.h>

#include "check.h"

enum { MAX_FLOWS = 255 };

/* Enough for any table. None has all that takes room. */
static size_t largest_size(void)
{
    static const struct grove_tunnel tunnel = {GROVE_TUNNEL_IPIP, 0};
    struct grove_config config = {.max_flows = MAX_FLOWS,
                                  .max_packets = INPUT_ENTRIES,
                                  .vnet_len = GROVE_VNET_LEN_MAX,
                                  .fraglist = true};
    size_t size = grove_table_size(&config);

    config.fraglist = false;
    config.hash = true;
    size += grove_table_size(&config);
    config.hash = false;
    config.max_bytes = GROVE_MAX_BYTES;
    size += grove_table_size(&config);
    config.max_bytes = 0;
    config.link = GROVE_LINK_ETHERNET;
    config.tunnels = &tunnel;
    config.tunnel_count = 1;
    return size + grove_table_size(&config);
}

void feed_make(struct feed *feed)
{
    input_make(&feed->input);
    guard_make(&feed->guard,
               GUARD_ROOM(largest_size()) + INPUT_BYTES +
                   INPUT_ENTRIES *
                       (GUARD_ROOM(0) + GUARD_ROOM(GROVE_VNET_LEN_MAX)));
}

void feed_read(struct feed *feed, const uint8_t *data, size_t size)
{
    uint32_t poll = 0;

    input_decode(&feed->input, data, size);
    guard_reset(&feed->guard);
    feed->packets = 0;
    for (size_t i = 0; i < feed->input.run.inputs; i++) {
        const struct run_input *from = &feed->input.entry[i];
        const uint32_t at = feed->packets;

        if (from->flush) {
            poll++;
            continue;
        }
        feed->packet[at] = (struct grove_packet){
            .data = from->packet,
            .len = from->len,
            .vnet = from->has_vnet ? guard_copy(&feed->guard, from->vnet,
                                                feed->input.run.config.vnet_len)
                                   : NULL,
            .hash = from->hash,
        };
        feed->copy[at] = guard_copy(&feed->guard, from->packet, from->len);
        feed->poll_of[at] = poll;
        feed->packets++;
    }
}

void feed_begin(struct feed *feed)
{
    const struct run *run = &feed->input.run;
    const struct grove_config config = {
        .profile = run->profile,
        .link = run->config.link,
        .vnet_len = run->config.vnet_len,
        .tunnels = run->config.tunnels,
        .tunnel_count = run->config.tunnel_count,
        .max_flows = run->config.max_flows,
        .max_packets = feed->packets != 0 ? feed->packets : 1,
        .mode = run->config.lossless ? GROVE_MODE_LOSSLESS : GROVE_MODE_LINUX,
        .no_udp = !run->config.udp,
        .csum_trusted = run->config.csum_trusted,
        .max_bytes = run->config.max_bytes,
        .fraglist = run->config.fraglist,
        .hash = run->config.hash,
        .seed = 1,
    };
    const size_t size = grove_table_size(&config);
    const enum grove_error error = grove_table_init(
        guard_take_unset(&feed->guard, size), size, &config, &feed->table);

    CHECK(error == GROVE_OK, "no table: %s", grove_error_words(error));
}

static void receive_singly(const struct feed *feed, uint32_t first,
                           uint32_t end)
{
    struct grove_table *table = feed->table;

    for (uint32_t i = first; i < end; i++) {
        const enum grove_error error = grove_receive(table, &feed->packet[i]);

        CHECK(error == GROVE_OK, "packet %u: %s", i, grove_error_words(error));
        CHECK(grove_held(table) <= i + 1 - first, "%u of %u packets are held",
              grove_held(table), i + 1 - first);
    }
    grove_flush(table);
}

/* Passes polls of an even number of packets in one call, others in many. */
void feed_table(struct feed *feed)
{
    const uint32_t *poll_of = feed->poll_of;

    feed_begin(feed);
    for (uint32_t first = 0, end; first < feed->packets; first = end) {
        enum grove_error error = GROVE_OK;

        for (end = first;
             end < feed->packets && poll_of[end] == poll_of[first];)
            end++;
        if ((end - first) % 2 != 0)
            receive_singly(feed, first, end);
        else
            error =
                grove_coalesce(feed->table, feed->packet + first, end - first);
        CHECK(error == GROVE_OK, "a poll: %s", grove_error_words(error));
        CHECK(grove_held(feed->table) == 0, "%u are held after a flush",
              grove_held(feed->table));
    }
    CHECK(grove_received(feed->table) == feed->packets,
          "%u of %u packets were received", grove_received(feed->table),
          feed->packets);
}

void feed_check_unmodified(const struct feed *feed)
{
    for (uint32_t i = 0; i < feed->packets; i++)
        CHECK(feed->packet[i].len == 0 ||
                  memcmp(feed->packet[i].data, feed->copy[i],
                         feed->packet[i].len) == 0,
              "packet %u was written to", i);
}
