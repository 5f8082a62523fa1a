/* SPDX-License-Identifier: MIT */
/*
 * Targets: the reader of captures (tools/pcap), the code that divides them into
 * polls, and the one that describes packets.
 *
 * Asserts: every packet is an IP packet. Every frame is counted once, and told
 * once if it is left out. If a file cannot be read to its end there is an error
 * of one line. Polls have the same packets as the file. Nothing outside of a
 * packet is read.
 *
 * Input: a file of pcap or pcapng.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "check.h"
#include "describe.h"
#include "memory_file.h"
#include "polls.h"
#include "target.h"

void target_make(void)
{
    memory_file_make();
}

static void check_why(const char *why)
{
    CHECK(strncmp(why, memory_file_path, strlen(memory_file_path)) == 0 &&
              strchr(why, '\n') == NULL && strchr(why, ';') != NULL,
          "a line that does not say where, or what to do: %s", why);
}

/* A copy of exact size, unlike libpcap's buffer. */
static void check_description(const struct timed_packet *packet)
{
    uint8_t *copy = malloc(packet->len);
    struct description of;

    if (copy == NULL)
        err(70, "memory");
    memcpy(copy, packet->data, packet->len);
    describe(copy, packet->len, &of);
    CHECK(of.traffic < TRAFFIC_COUNT && traffic_words(of.traffic) != NULL &&
              traffic_key(of.traffic) != NULL,
          "traffic %d", (int)of.traffic);
    CHECK(of.payload <= packet->len, "a payload of %u bytes of %zu", of.payload,
          packet->len);
    CHECK(strlen(of.protocol) < sizeof of.protocol &&
              strlen(of.from) < sizeof of.from && strlen(of.to) < sizeof of.to,
          "a name that has no end");
    free(copy);
}

static void check_packet(const struct timed_packet *packet, uint64_t frame)
{
    CHECK(packet->len != 0 &&
              (packet->data[0] >> 4 == 4 || packet->data[0] >> 4 == 6),
          "frame %llu is not IP", (unsigned long long)packet->frame);
    CHECK(packet->frame > frame, "frame %llu after %llu",
          (unsigned long long)packet->frame, (unsigned long long)frame);
    check_description(packet);
}

/* What was told of frames that are left out. */
struct told {
    uint64_t frames;
    uint64_t last;  /* the number of the last one */
    uint64_t bytes; /* their sum, so that all are read */
};

static void check_left_out(void *context, const struct left_out_frame *frame)
{
    struct told *told = context;

    for (uint32_t i = 0; i < frame->len; i++)
        told->bytes += frame->data[i];
    CHECK(frame->number > told->last && frame->len <= frame->wire_len &&
              frame->interface < CAPTURE_INTERFACES,
          "frame %llu of %u bytes is left out",
          (unsigned long long)frame->number, frame->len);
    told->last = frame->number;
    told->frames++;
}

static uint64_t read_packets(struct capture_file *file)
{
    const struct frame_counts *counts = &file->counts;
    char why[CAPTURE_WHY];
    struct timed_packet packet;
    uint64_t packets = 0;
    uint64_t frame = 0;

    for (; capture_file_next(file, &packet, why); packets++) {
        check_packet(&packet, frame);
        frame = packet.frame;
    }
    if (why[0] != '\0')
        check_why(why);
    CHECK(counts->packets == packets &&
              counts->frames ==
                  packets + counts->cut + counts->not_ip + counts->unlinked &&
              counts->jumbo <= packets,
          "%llu packets of %llu frames", (unsigned long long)counts->packets,
          (unsigned long long)counts->frames);
    return packets;
}

static uint64_t read_polls(struct capture_file *file)
{
    char why[CAPTURE_WHY];
    struct polls polls;
    struct poll poll;
    uint64_t packets = 0;

    polls_begin(&polls, file, POLL_GAP);
    while (polls_next(&polls, &poll, why)) {
        CHECK(poll.count != 0 && poll.count <= POLL_MAX, "a poll of %zu",
              poll.count);
        packets += poll.count;
    }
    polls_end(&polls);
    return packets;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct capture_options whole = {.stop = -1};
    struct told told = {0};
    const struct capture_options headers = {.headers = true,
                                            .stop = -1,
                                            .left_out = check_left_out,
                                            .context = &told};
    static struct capture_file file;
    char why[CAPTURE_WHY] = "";
    uint64_t packets;

    memory_file_write(data, size);
    if (!capture_file_open(&file, memory_file_path, &headers, why)) {
        check_why(why);
        return 0;
    }
    packets = read_packets(&file);
    CHECK(told.frames == file.counts.frames - packets, "%llu are left out",
          (unsigned long long)told.frames);
    CHECK(file.counts.filled <= packets, "%llu of %llu packets filled",
          (unsigned long long)file.counts.filled, (unsigned long long)packets);
    packets -= file.counts.filled;
    capture_file_close(&file);
    CHECK(capture_file_open(&file, memory_file_path, &whole, why),
          "opened once only: %s", why);
    CHECK(read_polls(&file) == packets, "polls have not all of %llu packets",
          (unsigned long long)packets);
    capture_file_close(&file);
    return 0;
}
