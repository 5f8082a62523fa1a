/* SPDX-License-Identifier: MIT */
/*
 * The output of `grove explain --pcapng`: the packets of the capture with their
 * link headers, each with a comment, and the super-packets as packets of a
 * second interface. Frames without a packet stand at their place.
 */
#include "explain.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "grove.h"
#include "outfile.h"
#include "pcapng_writer.h"
#include "polls.h"
#include "waiting.h"

/* LINKTYPE_RAW, which is DLT_RAW in a file: a packet without link headers. */
#define LINK_RAW 101

/* The number of the interface of super-packets in the file. */
#define SUPER_PACKETS 1

/* Room for a comment. */
#define COMMENT 400

static struct outfile file;

/* An interface of the capture has one for each of its link types. */
struct interface {
    uint32_t of_capture;
    int link;
};

/* The interfaces of the file, by their numbers there. */
static struct {
    struct interface *at;
    uint32_t count;
    uint32_t room;
} interfaces;

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

/* Frames without a packet that were not written yet. */
static struct waiting waiting;

static bool open_file(const char *path)
{
    if (!outfile_open(&file, path)) {
        complain("%s: %s; name a place that can be written", path,
                 strerror(errno));
        return false;
    }
    pcapng_write_header(file.stream, "grove explain");
    return true;
}

static uint32_t add_interface(uint32_t of_capture, int link, const char *name)
{
    const bool raw = link == DLT_RAW;

    if (interfaces.count == interfaces.room) {
        interfaces.room = interfaces.room == 0 ? 16 : 2 * interfaces.room;
        interfaces.at =
            reallocarray(interfaces.at, interfaces.room, sizeof *interfaces.at);
        if (interfaces.at == NULL)
            err(70, "memory");
    }
    interfaces.at[interfaces.count] = (struct interface){of_capture, link};
    pcapng_write_interface(file.stream, raw ? LINK_RAW : (uint16_t)link, name);
    return interfaces.count++;
}

/* The number in the file of an interface, which may be a new one. */
static uint32_t interface_of(uint32_t of_capture, int link, const char *name)
{
    uint32_t number = 0;

    while (number < interfaces.count &&
           (interfaces.at[number].of_capture != of_capture ||
            interfaces.at[number].link != link))
        number++;
    if (number < interfaces.count)
        return number;
    number = add_interface(of_capture, link, *name != '\0' ? name : "captured");
    if (number == 0)
        add_interface(UINT32_MAX, DLT_RAW, "super-packets");
    return number;
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

static const char *left_out_words(enum left_out why)
{
    switch (why) {
    case LEFT_OUT_CUT:
        return "its end was not captured, so no checksum can be verified";
    case LEFT_OUT_UNLINKED:
        return "grove does not know its link type";
    default:
        return "it is not IP, so GRO does not look at it";
    }
}

static void write_left_out(const struct waiting_frame *at)
{
    const struct left_out_frame *frame = &at->frame;
    char comment[COMMENT];

    snprintf(comment, COMMENT, "frame %" PRIu64 ": left out; %s", frame->number,
             left_out_words(frame->why));
    pcapng_write_packet(
        file.stream, &(struct pcapng_packet){
                         .interface = interface_of(frame->interface,
                                                   frame->link, at->interface),
                         .time = frame->time,
                         .data = frame->data,
                         .len = frame->len,
                         .wire_len = frame->wire_len,
                         .comment = comment,
                     });
}

/* Writes the frames without a packet that stand before this one. */
static void write_waiting(uint64_t before)
{
    const struct waiting_frame *frame;

    while ((frame = waiting_take(&waiting, before)) != NULL)
        write_left_out(frame);
}

static void left_out(const struct left_out_frame *frame, const char *interface)
{
    waiting_add(&waiting, frame, interface);
    if (waiting_is_full(&waiting))
        write_waiting(UINT64_MAX);
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
        len += snprintf(comment + len, COMMENT - (size_t)len, "; %s %s",
                        grove_rule_id(fate.rule), grove_rule_words(fate.rule));
    if (packet->explained.deviation != DEVIATION_NONE)
        snprintf(comment + len, COMMENT - (size_t)len, "; %s %s",
                 deviation_id(packet->explained.deviation),
                 deviation_words(packet->explained.deviation));
}

static void write_packets(void)
{
    char comment[COMMENT];

    for (size_t i = 0; i < poll.count; i++) {
        const struct explained_packet *explained = &poll.packets[i].explained;
        const struct timed_packet *packet = explained->packet;

        write_waiting(packet->frame);
        comment_on(&poll.packets[i], comment);
        pcapng_write_packet(
            file.stream,
            &(struct pcapng_packet){
                .interface = interface_of(packet->interface, packet->link,
                                          explained->interface),
                .time = packet->time,
                .data = packet->data - packet->link_len,
                .len = packet->link_len + packet->len,
                .wire_len = packet->link_len + packet->len,
                .comment = comment,
            });
    }
}

static void write_supers(void)
{
    const uint8_t *bytes = poll.bytes.bytes;

    for (size_t i = 0; i < poll.super_count; i++) {
        const struct super *super = &poll.supers[i];

        pcapng_write_packet(file.stream, &(struct pcapng_packet){
                                             .interface = SUPER_PACKETS,
                                             .time = super->time,
                                             .data = bytes,
                                             .len = super->len,
                                             .wire_len = super->len,
                                             .comment = super->comment,
                                         });
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
    write_waiting(UINT64_MAX);
    waiting_free(&waiting);
    free(interfaces.at);
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
    .poll_begin = poll_begin,
    .packet = packet,
    .output = output,
    .left_out = left_out,
    .poll_end = poll_end,
    .end = end,
    .open = open_file,
    .close = close_file,
};
