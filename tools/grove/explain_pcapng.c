/* SPDX-License-Identifier: MIT */
/*
 * The output of `grove explain --pcapng`: the packets of the capture, each with
 * a comment, and the super-packets as packets of a second interface.
 */
#include "explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "grove.h"
#include "outfile.h"
#include "pcapng_writer.h"
#include "polls.h"

/* LINKTYPE_RAW: a packet begins with its IP header. */
#define LINK_RAW 101

enum { CAPTURED, SUPER_PACKETS }; /* the interfaces */

/* Room for a comment. */
#define COMMENT 400

static struct outfile file;

/* What is known of a packet before it can be written. */
struct commented {
    struct explained_packet explained;
    uint64_t first; /* frames of its super-packet, or 0 */
    uint64_t last;
};

/* A super-packet, which is written behind the packets of its poll. */
struct super {
    char comment[COMMENT];
    int64_t time; /* of its last packet */
    size_t len;
};

/* The poll that is being told. */
static struct {
    struct commented packets[POLL_MAX];
    size_t count;
    struct super supers[POLL_MAX];
    size_t super_count;
    struct column bytes; /* of all super-packets */
} poll;

static bool open_file(const char *path)
{
    if (!outfile_open(&file, path)) {
        complain("%s: %s; name a place that can be written", path,
                 strerror(errno));
        return false;
    }
    pcapng_write_header(file.stream, "grove explain");
    pcapng_write_interface(file.stream, LINK_RAW, "captured");
    pcapng_write_interface(file.stream, LINK_RAW, "super-packets");
    return true;
}

static void poll_begin(const struct description *descriptions, size_t count)
{
    (void)descriptions;
    (void)count;
    poll.count = 0;
    poll.super_count = 0;
    poll.bytes.len = 0;
}

static void packet(const struct explained_packet *explained)
{
    if (poll.count == POLL_MAX)
        abort(); /* no poll has more */
    poll.packets[poll.count++] = (struct commented){.explained = *explained};
}

/* The packet of this frame, which is of this poll. */
static struct commented *find(uint64_t frame)
{
    struct commented *at = poll.packets;

    while (at->explained.packet->frame != frame)
        at++;
    return at;
}

static void comment_on_super(const struct explained_output *explained,
                             uint64_t first, uint64_t last,
                             char comment[COMMENT])
{
    snprintf(comment, COMMENT,
             "%zu packets, frames %" PRIu64 " to %" PRIu64 "; gso_size %u; "
             "left: %s %s; the TCP or UDP checksum is that of the "
             "pseudo-header",
             explained->packets, first, last, explained->vnet.gso_size,
             grove_rule_id(explained->rule), grove_rule_words(explained->rule));
}

static void output(const struct explained_output *explained)
{
    const uint64_t first = explained->frames[0];
    const uint64_t last = explained->frames[explained->packets - 1];
    struct super *super = &poll.supers[poll.super_count];

    if (explained->packets < 2)
        return;
    for (size_t i = 0; i < explained->packets; i++) {
        struct commented *packet = find(explained->frames[i]);

        packet->first = first;
        packet->last = last;
        super->time = packet->explained.packet->time;
    }
    comment_on_super(explained, first, last, super->comment);
    super->len = explained->len;
    for (int i = 1; i < explained->iovcnt; i++) /* 0 is the virtio header */
        column_add(&poll.bytes, explained->iov[i].iov_base,
                   explained->iov[i].iov_len);
    poll.super_count++;
}

static void comment_on(const struct commented *packet, char comment[COMMENT])
{
    const struct grove_fate fate = packet->explained.fate;
    int len = snprintf(comment, COMMENT, "frame %" PRIu64 ": %s",
                       packet->explained.packet->frame,
                       grove_verdict_words(fate.verdict));

    if (packet->last != 0)
        len +=
            snprintf(comment + len, COMMENT - (size_t)len,
                     "; in the super-packet of frames %" PRIu64 " to %" PRIu64,
                     packet->first, packet->last);
    if (fate.rule != GROVE_RULE_NONE)
        snprintf(comment + len, COMMENT - (size_t)len, "; %s %s",
                 grove_rule_id(fate.rule), grove_rule_words(fate.rule));
}

static void write_packets(void)
{
    char comment[COMMENT];

    for (size_t i = 0; i < poll.count; i++) {
        const struct timed_packet *packet = poll.packets[i].explained.packet;

        comment_on(&poll.packets[i], comment);
        pcapng_write_packet(file.stream,
                            &(struct pcapng_packet){CAPTURED, packet->time,
                                                    packet->data, packet->len,
                                                    comment});
    }
}

static void write_supers(void)
{
    const uint8_t *bytes = poll.bytes.bytes;

    for (size_t i = 0; i < poll.super_count; i++) {
        const struct super *super = &poll.supers[i];

        pcapng_write_packet(file.stream, &(struct pcapng_packet){
                                             SUPER_PACKETS, super->time, bytes,
                                             super->len, super->comment});
        bytes += super->len;
    }
}

static void poll_end(uint64_t number)
{
    (void)number;
    write_packets();
    write_supers();
}

static void end(const struct explained_end *explained)
{
    (void)explained;
    column_free(&poll.bytes);
}

static bool close_file(bool keep)
{
    const char *path = file.path;

    if (!keep)
        return outfile_abandon(&file);
    if (outfile_commit(&file))
        return true;
    complain("%s: %s; give it a place with room", path, strerror(errno));
    return false;
}

const struct explain_view explain_pcapng = {
    poll_begin, packet, output, poll_end, end, open_file, close_file};
