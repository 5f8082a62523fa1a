/* SPDX-License-Identifier: MIT */
/*
 * Targets: the promise of lossless mode, in every profile: packets that are
 * coalesced and split again stay the same.
 *
 * Asserts: each super-packet that leaves the table splits into as many segments
 * as it has packets, and each segment equals its packet byte for byte. (`gro`
 * asserts that all packets leave, and in the order of their flow.)
 *
 * Input: a batch (script.h); its mode and its trust are ignored.
 */
#include <string.h>

#include "batch.h"
#include "check.h"
#include "feed.h"
#include "target.h"

static struct feed feed;

void target_make(void)
{
    feed_make(&feed);
}

static void check_segment(const struct grove_segment *segment, uint32_t number)
{
    const struct grove_packet *packet = &feed.packet[number];
    size_t at = 0;

    CHECK(segment->len == packet->len, "packet %u: %u bytes instead of %zu",
          number, segment->len, packet->len);
    for (int i = 1; i < segment->iovcnt; i++) {
        const struct iovec *iov = &segment->iov[i];

        CHECK(iov->iov_len == 0 ||
                  memcmp(packet->data + at, iov->iov_base, iov->iov_len) == 0,
              "packet %u comes back changed from byte %zu on", number, at);
        at += iov->iov_len;
    }
}

static void check_output(const struct grove_output *output)
{
    uint32_t number = output->first;
    struct grove_split *split =
        batch_split(feed.input.run.profile, &feed.input.run.config, output,
                    batch_gather(output));
    struct grove_segment segment;

    for (; grove_split_next(split, &segment);
         number = grove_next_packet(feed.table, number))
        check_segment(&segment, number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct grove_output *output;
    size_t count;

    feed_read(&feed, data, size);
    feed.input.run.config.lossless = true;
    /* A wrong checksum that was trusted is right after the split. */
    feed.input.run.config.csum_trusted = false;
    input_fit(&feed.input.run);
    feed_table(&feed);
    output = grove_to_write(feed.table, &count);
    for (size_t i = 0; i < count; i++)
        if (output[i].packets > 1)
            check_output(&output[i]);
    return 0;
}
