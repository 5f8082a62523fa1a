/* SPDX-License-Identifier: MIT */
/*
 * Targets: header prediction against the stages, for any packet and whatever
 * the table holds then.
 *
 * Asserts: predict() accepts a packet if and only if the stages would merge it
 * and let the super-packet stay, and it has none of the few properties that go
 * the long way; a packet is held at once if and only if the stages would hold
 * it (ref/tests/prediction.h).
 *
 * Input: a batch (script.h).
 */
#include "check.h"
#include "feed.h"
#include "prediction.h"
#include "target.h"

static struct feed feed;

void target_make(void)
{
    feed_make(&feed);
}

static void check_packet(struct grove_table *table,
                         const struct grove_packet *packet)
{
    struct prediction_counts counts = {.others = 0};
    const char *wrong = prediction_wrong(NULL, table, packet, &counts);

    CHECK(wrong == NULL, "packet %u: %s", grove_received(table), wrong);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_read(&feed, data, size);
    feed_begin(&feed);
    for (uint32_t i = 0; i < feed.packets; i++) {
        if (i > 0 && feed.poll_of[i] != feed.poll_of[i - 1])
            grove_flush(feed.table);
        check_packet(feed.table, &feed.packet[i]);
        CHECK(grove_receive(feed.table, &feed.packet[i]) == GROVE_OK,
              "packet %u", i);
    }
    return 0;
}
