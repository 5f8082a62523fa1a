/* SPDX-License-Identifier: MIT */
/*
 * Targets: the TUN backend's grove_tun_send(), _resume(), _discard() and
 * _recv(), and grove_tun_put() and _flush() of an outbox. The system calls are
 * replaced: the input decides which ones fail, are interrupted or are short.
 *
 * Asserts: every accepted packet is sent once, refused, discarded or pending,
 * and counted as such. Each error has its own result and loses no packet. The
 * received packets are those that the splitter makes of each read, with the
 * same bytes in the same order. The headroom stays as it was, and nothing after
 * a buffer is accessed. No input is changed.
 *
 * Input: a batch (script.h). Its first packet is not sent: each of its bytes is
 * the fate of a call, or a choice of the caller. 0 is the usual fate, also
 * after its end. If it has a virtio header, its hdr_len is the number of
 * packets that follow the last one in its flow, if that is short. So a
 * super-packet may have more slices than writev(2) accepts. The other packets
 * are sent in polls, and then each is read. Bit 6 of the configuration: they
 * are put into an outbox, which is flushed at the end of a poll. Bit 7: the
 * device has no virtio headers.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "check.h"
#include "grove/tun.h"
#include "input.h"
#include "mend.h"
#include "target.h"
#include "tun/device.h"

enum {
    MAX_FLOWS = 255,
    BUFFERS = 4,
    HEADROOM = 16,
    MORE = 1200,   /* packets that may follow the last one */
    MORE_LEN = 96, /* if it is as short as this */
    PACKETS = INPUT_ENTRIES + MORE,
    RECEIVES = 64, /* calls, in which most reads are given whole */
    FD = 3
};

/* Of buffers. */
static const size_t sizes[] = {GROVE_MAX_PACKET_LEN, 0, 1, 60, 576, 1500, 9000,
                               GROVE_MAX_PACKET_LEN};

static struct input input;
static struct guard own;     /* what an input needs beside its packets */
static struct guard buffers; /* those of a single call */

/* The device, with its only queue. */
static _Alignas(64) unsigned char device[sizeof(struct grove_tun) +
                                         sizeof(struct grove_tun_queue)];
static struct grove_tun *const tun = (void *)device;

static struct grove_packet packet[PACKETS];
static uint32_t poll_of[PACKETS];
static const uint8_t *copy[PACKETS];
static const uint8_t *place[PACKETS]; /* its bytes for the backend, or NULL */
static uint32_t packets;

/* The fates of the input. */
static const uint8_t *fates;
static size_t fates_left;

static uint8_t next_fate(void)
{
    if (fates_left == 0)
        return 0;
    fates_left--;
    return *fates++;
}

/* ---- the system ---- */

/* An error, and what it is called by a send and by a receive. */
static const struct failure {
    int number;
    enum grove_tun_result sent;
    enum grove_tun_result received;
} failures[] = {
    {EINVAL, GROVE_TUN_OK, GROVE_TUN_SYSTEM},
    {EMSGSIZE, GROVE_TUN_OK, GROVE_TUN_SYSTEM},
    {EINTR, GROVE_TUN_OK, GROVE_TUN_INTERRUPTED},
    {EAGAIN, GROVE_TUN_AGAIN, GROVE_TUN_AGAIN},
    {ENOBUFS, GROVE_TUN_NO_MEMORY, GROVE_TUN_NO_MEMORY},
    {ENOMEM, GROVE_TUN_NO_MEMORY, GROVE_TUN_NO_MEMORY},
    {EIO, GROVE_TUN_DOWN, GROVE_TUN_DOWN},
    {ENETDOWN, GROVE_TUN_DOWN, GROVE_TUN_DOWN},
    {EBADFD, GROVE_TUN_GONE, GROVE_TUN_GONE},
    {EFAULT, GROVE_TUN_SYSTEM, GROVE_TUN_GONE},
    {EPERM, GROVE_TUN_SYSTEM, GROVE_TUN_SYSTEM},
};

enum {
    FAILURES = sizeof failures / sizeof failures[0],
    WELL = 0x80, /* smaller values are not failures */
    CUT = 0xe0,  /* a read of so much less, from here on */
    SHORT = 0xff /* a write of a byte less */
};

/* What the calls have done, since the input began. */
static struct {
    uint32_t times[PACKETS]; /* that the packet was written */
    uint64_t empty;          /* packets of no byte that were */
    uint64_t writes;
    uint64_t written; /* bytes of packets */
    uint64_t reads;
    uint64_t dropped[RULE_LIMIT];  /* of them, by the rule */
    uint32_t next;                 /* packet to be read */
    uint32_t refused;              /* protocols of super-packets */
    const struct failure *failure; /* of the last call; NULL: none */
    bool is_short;                 /* the last call did less than all */
} done;

static size_t header_len(void)
{
    return tun->headers ? GROVE_VNET_LEN : 0;
}

static bool is_of(const uint8_t *at, uint32_t number)
{
    return place[number] != NULL && at >= place[number] &&
           at < place[number] + packet[number].len;
}

/*
 * The packet that the byte is of; `packets` if it is of none. It is most often
 * the one after `last`.
 */
static uint32_t owner_of(const uint8_t *at, uint32_t last)
{
    for (uint32_t i = 1; i <= packets; i++)
        if (is_of(at, (last + i) % packets))
            return (last + i) % packets;
    return packets;
}

/* Counts each packet of the written bytes. */
static void mark_written(const struct iovec *iov, int count)
{
    uint32_t last = packets;

    for (int i = 0; i < count; i++) {
        const uint32_t is =
            iov[i].iov_len == 0 ? packets : owner_of(iov[i].iov_base, last);

        if (is != packets && is != last)
            done.times[is]++;
        last = is != packets ? is : last;
    }
}

/* What a super-packet is of, GROVE_TUN_TCP or _UDP; 0 if it is none. */
static uint32_t super_of(const struct iovec *iov, int count)
{
    struct grove_vnet vnet;
    uint32_t first = packets;

    for (int i = 1; i < count; i++) {
        const uint32_t is = owner_of(iov[i].iov_base, first);

        if (is != packets && first != packets && is != first) {
            grove_vnet_load(&vnet, iov[0].iov_base);
            return vnet.gso_type == GROVE_VNET_GSO_UDP_L4 ? GROVE_TUN_UDP
                                                          : GROVE_TUN_TCP;
        }
        first = is != packets ? is : first;
    }
    return 0;
}

/* The protocols of super-packets that the device would not have. */
static void mark_refused(const struct iovec *iov, int count, int error)
{
    if (tun->headers && (error == EINVAL || error == EMSGSIZE))
        done.refused |= super_of(iov, count);
}

/*
 * The slices of what is written. Of more slices than writev(2) takes the
 * backend writes a copy; then these are the slices that it copied.
 */
static const struct iovec *slices_of(const struct iovec *iov, int *count)
{
    const struct tun_writer *writer = &tun->queues[0].writer;
    const struct grove_output *output;
    const uint8_t *at = writer->buffer;
    size_t outputs;

    if (*count != 1 || iov[0].iov_base != at || writer->table == NULL)
        return iov;
    output = grove_to_write(writer->table, &outputs) + writer->next_output;
    CHECK(output->iovcnt > IOV_MAX, "%d slices are copied", output->iovcnt);
    for (int i = 0; i < output->iovcnt; i++) {
        CHECK(memcmp(at, output->iov[i].iov_base, output->iov[i].iov_len) == 0,
              "slice %d is not what was copied", i);
        at += output->iov[i].iov_len;
    }
    *count = output->iovcnt;
    return output->iov;
}

static ssize_t system_writev(int fd, const struct iovec *iov, int count)
{
    const uint8_t fate = next_fate();
    size_t len = 0;

    CHECK(fd == FD, "descriptor %d", fd);
    CHECK(count > 0 && count <= IOV_MAX, "%d slices", count);
    iov = slices_of(iov, &count);
    CHECK(!tun->headers || iov[0].iov_len == GROVE_VNET_LEN,
          "a header of %zu bytes", iov[0].iov_len);
    for (int i = 0; i < count; i++)
        len += iov[i].iov_len;
    done.is_short = fate == SHORT && len != 0;
    done.failure =
        fate < WELL || fate == SHORT ? NULL : &failures[fate % FAILURES];
    if (done.failure != NULL) {
        mark_refused(iov, count, done.failure->number);
        errno = done.failure->number;
        return -1;
    }
    if (done.is_short)
        return (ssize_t)len - 1;
    mark_written(iov, count);
    done.empty += len == header_len();
    done.writes++;
    done.written += len - header_len();
    return (ssize_t)len;
}

/* What a read gave, and how far the caller has got it. */
static struct {
    struct grove_split *split;
    struct grove_segment segment;
    bool waiting;
    bool told; /* that the segment is too long */
    uint64_t skipped;
} expected;

static void expect(const uint8_t *vnet, const uint8_t *bytes, size_t len)
{
    const struct grove_packet whole = {
        .data = bytes, .len = len, .vnet = tun->headers ? vnet : NULL};
    enum grove_rule rule;

    CHECK(!expected.waiting, "a read before all of the last one was given");
    done.reads++;
    if (grove_split_begin(expected.split, &whole, &rule) == GROVE_SPLIT_OK)
        expected.waiting = grove_split_next(expected.split, &expected.segment);
    else
        done.dropped[rule]++;
}

/* Reads the next packet, which may be cut. */
static ssize_t give_packet(uint8_t *to, size_t size, size_t lost)
{
    static const uint8_t zero[GROVE_VNET_LEN];
    const struct grove_packet *from = &packet[done.next++];
    const uint8_t *vnet = from->vnet != NULL ? from->vnet : zero;
    size_t len = header_len() + from->len;

    len = len < size ? len : size;
    len -= lost < len ? lost : len;
    memcpy(to, vnet, len < header_len() ? len : header_len());
    if (len < header_len()) {
        done.is_short = true;
        return (ssize_t)len;
    }
    len -= header_len();
    if (len != 0)
        memcpy(to + header_len(), from->data, len);
    expect(vnet, from->data, len);
    return (ssize_t)(header_len() + len);
}

static ssize_t system_read(int fd, void *buffer, size_t size)
{
    const uint8_t fate = next_fate();
    const bool cut = fate >= CUT;

    CHECK(fd == FD, "descriptor %d", fd);
    CHECK(size == TUN_READ_MAX, "a read of %zu bytes", size);
    done.is_short = false;
    done.failure = fate < WELL || cut ? NULL : &failures[fate % FAILURES];
    if (done.next == packets)
        done.failure = &failures[3];
    if (done.failure != NULL) {
        errno = done.failure->number;
        return -1;
    }
    return give_packet(buffer, size, cut ? (size_t)(fate - CUT) * 8 : 0);
}

static const struct tun_system system_of_ours = {.read = system_read,
                                                 .writev = system_writev};

/* ---- sending ---- */

static struct grove_table *make_table(void)
{
    const struct run_config *from = &input.run.config;
    const struct grove_config config = {
        .profile = input.run.profile,
        .max_flows = from->max_flows,
        .max_packets =
            packets > GROVE_DEFAULT_BATCH ? packets : GROVE_DEFAULT_BATCH,
        .mode = from->lossless ? GROVE_MODE_LOSSLESS : GROVE_MODE_LINUX,
        .csum_trusted = from->csum_trusted,
        .seed = 1,
    };
    const size_t size = grove_table_size(&config);
    struct grove_table *table = NULL;

    CHECK(grove_table_init(guard_take_unset(&own, size), size, &config,
                           &table) == GROVE_OK,
          "no table");
    return table;
}

/* No packet was sent twice, and none from `end` on. */
static void check_times(uint32_t end)
{
    for (uint32_t i = 0; i < packets; i++)
        CHECK(done.times[i] <= (i < end ? 1 : 0), "packet %u was sent %u times",
              i, done.times[i]);
}

/* None of the packets that were taken is lost or counted wrongly. */
static void check_counts(size_t taken)
{
    const size_t pending = grove_tun_pending(&tun->queues[0]);
    struct grove_tun_stats stats;
    uint64_t sent = done.empty;

    grove_tun_stats(tun, &stats);
    for (uint32_t i = 0; i < packets; i++)
        sent += done.times[i];
    CHECK(stats.sent == sent, "%llu packets were sent, told are %llu",
          (unsigned long long)sent, (unsigned long long)stats.sent);
    CHECK(stats.writes == done.writes && stats.sent_bytes == done.written,
          "%llu writes of %llu bytes, told are %llu of %llu",
          (unsigned long long)done.writes, (unsigned long long)done.written,
          (unsigned long long)stats.writes,
          (unsigned long long)stats.sent_bytes);
    CHECK(stats.sent + stats.refused + stats.discarded + pending == taken,
          "%zu packets: %llu sent, %llu refused, %llu discarded, %zu pending",
          taken, (unsigned long long)stats.sent,
          (unsigned long long)stats.refused,
          (unsigned long long)stats.discarded, pending);
    CHECK(stats.merged <= stats.sent, "%llu of %llu packets were merged",
          (unsigned long long)stats.merged, (unsigned long long)stats.sent);
}

static void check_sent(uint32_t end)
{
    check_times(end);
    check_counts(end);
}

static void begin_call(void)
{
    done.failure = NULL;
    done.is_short = false;
}

/* What the last write was is what the call says, and nothing else stops it. */
static void check_send_result(enum grove_tun_result result)
{
    const enum grove_tun_result last = done.is_short ? GROVE_TUN_SYSTEM
                                       : done.failure != NULL
                                           ? done.failure->sent
                                           : GROVE_TUN_OK;

    CHECK(result == last, "\"%s\", and the last write was \"%s\"",
          grove_tun_result_words(result), grove_tun_result_words(last));
    CHECK((result == GROVE_TUN_OK) == (grove_tun_pending(&tun->queues[0]) == 0),
          "\"%s\" with %zu packets pending", grove_tun_result_words(result),
          grove_tun_pending(&tun->queues[0]));
    CHECK((grove_tun_coalescing(tun) & done.refused) == 0,
          "what was refused is coalesced again");
}

/* Sends until nothing is pending, in the way that the input selects. */
static void finish_sending(struct grove_table *table, uint32_t end,
                           enum grove_tun_result result)
{
    struct grove_tun_queue *queue = &tun->queues[0];

    while (result != GROVE_TUN_OK) {
        const size_t pending = grove_tun_pending(queue);
        const uint8_t choice = next_fate();

        CHECK(grove_tun_send(queue, table, packet, 1) == GROVE_TUN_PENDING,
              "a batch is taken with %zu packets pending", pending);
        if (choice >= 0xc0) {
            CHECK(grove_tun_discard(queue) == pending, "not all is discarded");
            check_sent(end);
            return;
        }
        begin_call();
        result = grove_tun_resume(queue);
        check_send_result(result);
        check_sent(end);
    }
}

static void send_poll(struct grove_table *table, uint32_t first, uint32_t end)
{
    struct grove_tun_queue *queue = &tun->queues[0];
    const uint8_t choice = next_fate();
    enum grove_tun_result result;

    if (choice >= 0xc0) {
        grove_tun_set_coalescing(tun, choice & 3);
        done.refused = 0;
    }
    begin_call();
    result = grove_tun_send(queue, table, packet + first, end - first);
    check_send_result(result);
    check_sent(end);
    finish_sending(table, end, result);
    CHECK(grove_received(table) == 0 && grove_held(table) == 0,
          "the table is not empty after a batch");
    CHECK((grove_tun_coalescing(tun) & ~tun->capable) == 0,
          "coalescing what cannot be");
}

/* ---- an outbox ---- */

static struct grove_tun_outbox outbox;
static uint32_t in_outbox[GROVE_DEFAULT_BATCH]; /* the packets in it */
static size_t put;                              /* packets that it took */

static void make_outbox(struct grove_table *table)
{
    const uint8_t choice = next_fate();
    const size_t size = sizes[choice % 8] * (1 + (choice >> 3) % BUFFERS);

    outbox = (struct grove_tun_outbox){.queue = &tun->queues[0],
                                       .table = table,
                                       .memory = guard_take(&own, size),
                                       .size = size};
    put = 0;
    for (uint32_t i = 0; i < packets; i++)
        place[i] = NULL;
}

/* What was in the outbox before its first packet lies there no more. */
static void note_put(uint32_t number)
{
    CHECK(outbox.count >= 1 && outbox.count <= GROVE_DEFAULT_BATCH,
          "%zu packets wait", outbox.count);
    for (uint32_t i = 0; outbox.count == 1 && i < number; i++)
        place[i] = NULL;
    in_outbox[outbox.count - 1] = number;
    place[number] = outbox.packets[outbox.count - 1].data;
    put++;
}

/* The packets in it are as they were put, and none is lost. */
static void check_outbox(uint32_t end)
{
    for (size_t i = 0; i < outbox.count; i++) {
        const struct grove_packet *is = &outbox.packets[i];
        const struct grove_packet *was = &packet[in_outbox[i]];

        CHECK(is->len == was->len &&
                  (is->len == 0 || memcmp(is->data, was->data, is->len) == 0),
              "packet %u changed in the outbox", in_outbox[i]);
    }
    check_times(end);
    check_counts(put - (outbox.taken ? 0 : outbox.count));
}

/* After a call: it may have failed, and the input may give up what is left. */
static void check_outbox_call(enum grove_tun_result result, uint32_t end)
{
    struct grove_tun_queue *queue = &tun->queues[0];
    const size_t pending = grove_tun_pending(queue);

    check_send_result(result);
    check_outbox(end);
    if (result == GROVE_TUN_OK || next_fate() < 0xc0)
        return;
    CHECK(grove_tun_discard(queue) == pending, "not all is discarded");
    check_outbox(end);
}

/* Puts a copy of the packet, which is not read after the call. */
static enum grove_tun_result put_copy(uint32_t number)
{
    const struct grove_packet *is = &packet[number];
    enum grove_tun_result result;

    guard_reset(&buffers);
    begin_call();
    result = grove_tun_put(&outbox, guard_copy(&buffers, is->data, is->len),
                           is->len);
    guard_reset(&buffers);
    return result;
}

static void put_packet(uint32_t number)
{
    enum grove_tun_result result;

    do {
        result = put_copy(number);
        if (packet[number].len > outbox.size) {
            CHECK(result == GROVE_TUN_TOO_SMALL,
                  "a packet of %zu bytes in an outbox of %zu",
                  packet[number].len, outbox.size);
            return;
        }
        if (result == GROVE_TUN_OK)
            note_put(number);
        check_outbox_call(result, number + 1);
    } while (result != GROVE_TUN_OK);
}

static void flush_outbox(uint32_t end)
{
    enum grove_tun_result result;

    do {
        begin_call();
        result = grove_tun_flush(&outbox);
        check_outbox_call(result, end);
    } while (result != GROVE_TUN_OK);
    CHECK(outbox.count == 0 && outbox.used == 0, "the outbox is not empty");
}

static void put_all(struct grove_table *table)
{
    make_outbox(table);
    for (uint32_t i = 0; i < packets; i++) {
        put_packet(i);
        if (i + 1 == packets || poll_of[i + 1] != poll_of[i])
            flush_outbox(i + 1);
    }
}

static void send_all(void)
{
    struct grove_table *table = make_table();

    if (input.run.config.csum_offload) {
        put_all(table);
        return;
    }
    for (uint32_t first = 0, end; first < packets; first = end) {
        for (end = first; end < packets && poll_of[end] == poll_of[first];)
            end++;
        send_poll(table, first, end);
    }
}

/* ---- receiving ---- */

/* Buffers of exactly these sizes, from the guard. */
static size_t make_buffers(struct grove_tun_buffer *buffer, size_t headroom)
{
    const uint8_t choice = next_fate();
    const size_t count = 1 + choice % BUFFERS;

    guard_reset(&buffers);
    for (size_t i = 0; i < count; i++) {
        const size_t size = headroom + sizes[(choice >> 2) % 8];

        buffer[i] = (struct grove_tun_buffer){
            .data = guard_take(&buffers, size), .size = size};
        memset(buffer[i].data, 0xee, headroom);
    }
    return count;
}

static void expect_next(void)
{
    expected.waiting = grove_split_next(expected.split, &expected.segment);
    expected.told = false;
}

/* The buffer is the next segment, and what is before it is as it was. */
static void check_buffer(const struct grove_tun_buffer *buffer, size_t headroom)
{
    const struct grove_segment *segment = &expected.segment;
    size_t at = headroom;

    CHECK(expected.waiting, "more is given than was read");
    CHECK(buffer->len == segment->len, "%zu bytes instead of %u", buffer->len,
          segment->len);
    for (size_t i = 0; i < headroom; i++)
        CHECK(buffer->data[i] == 0xee, "byte %zu of the headroom was written",
              i);
    for (int i = 1; i < segment->iovcnt; i++) {
        CHECK(segment->iov[i].iov_len == 0 ||
                  memcmp(buffer->data + at, segment->iov[i].iov_base,
                         segment->iov[i].iov_len) == 0,
              "the segment differs from byte %zu on", at - headroom);
        at += segment->iov[i].iov_len;
    }
    expect_next();
}

static void check_receive_result(enum grove_tun_result result,
                                 const struct grove_tun_buffer *buffer,
                                 size_t headroom, size_t received)
{
    const enum grove_tun_result last = done.is_short ? GROVE_TUN_SYSTEM
                                       : done.failure != NULL
                                           ? done.failure->received
                                           : GROVE_TUN_OK;

    if (result == GROVE_TUN_TOO_SMALL) {
        CHECK(received == 0 && expected.waiting && !expected.told &&
                  buffer->len == expected.segment.len &&
                  buffer->len > buffer->size - headroom,
              "%zu bytes are said to be too few for %zu",
              buffer->size - headroom, buffer->len);
        expected.told = true;
        return;
    }
    CHECK(result == last, "\"%s\", and the last read was \"%s\"",
          grove_tun_result_words(result), grove_tun_result_words(last));
    CHECK(result == GROVE_TUN_OK || received == 0, "%zu packets with an error",
          received);
}

/* Adds to what was received. */
static enum grove_tun_result receive(struct grove_tun_stats *sum)
{
    struct grove_tun_buffer buffer[BUFFERS];
    const size_t headroom = next_fate() % (HEADROOM + 1);
    const size_t count = make_buffers(buffer, headroom);
    enum grove_tun_result result;
    size_t received = 0;

    /* The second time it is skipped. */
    if (expected.waiting && expected.told &&
        expected.segment.len > buffer[0].size - headroom) {
        expect_next();
        expected.skipped++;
    }
    begin_call();
    result =
        grove_tun_recv(&tun->queues[0], buffer, count, headroom, &received);
    CHECK(received <= count, "%zu packets in %zu buffers", received, count);
    for (size_t i = 0; i < received; i++) {
        check_buffer(&buffer[i], headroom);
        sum->received_bytes += buffer[i].len;
    }
    sum->received += received;
    check_receive_result(result, buffer, headroom, received);
    CHECK(grove_tun_waiting(&tun->queues[0]) ==
              (expected.waiting ? 1 + grove_split_left(expected.split) : 0),
          "%zu packets wait", grove_tun_waiting(&tun->queues[0]));
    return result;
}

static void receive_all(void)
{
    struct grove_tun_stats sum = {0};
    struct grove_tun_stats stats;

    for (int i = 0; i < RECEIVES; i++)
        if (receive(&sum) == GROVE_TUN_AGAIN && done.next == packets)
            break;
    expected.skipped += grove_tun_skip(&tun->queues[0]);
    grove_tun_stats(tun, &stats);
    CHECK(stats.skipped == expected.skipped, "%llu packets skipped",
          (unsigned long long)stats.skipped);
    CHECK(stats.reads == done.reads && stats.received == sum.received &&
              stats.received_bytes == sum.received_bytes,
          "%llu reads gave %llu packets, told are %llu and %llu",
          (unsigned long long)done.reads, (unsigned long long)sum.received,
          (unsigned long long)stats.reads, (unsigned long long)stats.received);
    for (int i = 0; i < RULE_LIMIT; i++)
        CHECK(grove_tun_dropped(tun, (enum grove_rule)i) == done.dropped[i],
              "dropped reads are counted by another rule, or not at all");
}

/* ---- an input ---- */

void target_make(void)
{
    const struct grove_config largest = {.max_flows = MAX_FLOWS,
                                         .max_packets = PACKETS};

    input_make(&input);
    guard_make(&own, GUARD_ROOM(grove_table_size(&largest)) + INPUT_BYTES +
                         GUARD_ROOM(TUN_READ_MAX) + GUARD_ROOM(TUN_WRITE_MAX) +
                         GUARD_ROOM((size_t)BUFFERS * GROVE_MAX_PACKET_LEN) +
                         2 * GUARD_ROOM(grove_split_size()) +
                         (size_t)MORE * 2 * GUARD_ROOM(MORE_LEN) +
                         INPUT_ENTRIES *
                             (GUARD_ROOM(0) + GUARD_ROOM(GROVE_VNET_LEN)));
    guard_make(&buffers,
               (BUFFERS + 1) * GUARD_ROOM(HEADROOM + GROVE_MAX_PACKET_LEN));
}

static struct grove_split *make_split(void)
{
    const struct grove_split_config config = {.profile = input.run.profile};
    const size_t size = grove_split_size();
    struct grove_split *split = NULL;

    CHECK(grove_split_init(guard_take(&own, size), size, &config, &split) ==
              GROVE_OK,
          "no splitter for %s", config.profile);
    return split;
}

static void make_device(void)
{
    struct grove_tun_queue *queue = &tun->queues[0];

    memset(device, 0, sizeof device);
    tun->system = &system_of_ours;
    tun->layers.vnet_len = GROVE_VNET_LEN;
    tun->headers = input.run.op == RUN_GRO;
    tun->capable = tun->headers ? GROVE_TUN_TCP | GROVE_TUN_UDP : 0;
    tun->queue_count = 1;
    grove_tun_set_coalescing(tun, input.run.config.udp
                                      ? GROVE_TUN_TCP | GROVE_TUN_UDP
                                      : GROVE_TUN_TCP);
    queue->tun = tun;
    queue->fd = FD;
    queue->reader.split = make_split();
    queue->reader.buffer = guard_take(&own, TUN_READ_MAX);
    queue->writer.buffer = guard_take(&own, TUN_WRITE_MAX);
}

static void list_packet(const struct grove_packet *is, uint32_t poll)
{
    poll_of[packets] = poll;
    copy[packets] = guard_copy(&own, is->data, is->len);
    place[packets] = is->data;
    packet[packets++] = *is;
}

/* Packets in the flow of the last one, if that has a payload. */
static void list_more(uint32_t count)
{
    const struct grove_packet *last = &packet[packets - 1];
    const struct layout at = layout_of(last->data, last->len);

    if (at.payload == 0 || last->len > MORE_LEN)
        return;
    for (uint32_t i = 0; i < count; i++) {
        const struct grove_packet *before = &packet[packets - 1];
        uint8_t *bytes = guard_copy(&own, before->data, before->len);

        headers_advance(bytes, at.payload, before->len - at.payload);
        mend_l4_checksum(bytes, before->len);
        mend_ip_checksum(bytes, before->len);
        list_packet(&(struct grove_packet){.data = bytes, .len = before->len},
                    poll_of[packets - 1]);
    }
}

/* Returns the number of packets that follow. */
static uint32_t take_fates(const struct run_input *from)
{
    struct grove_vnet vnet = {0};

    fates = from->packet;
    fates_left = from->len;
    if (from->has_vnet)
        grove_vnet_load(&vnet, from->vnet);
    return vnet.hdr_len < MORE ? vnet.hdr_len : MORE;
}

/* All packets but the first one, which has the fates. */
static void list_packets(void)
{
    bool has_fates = false;
    uint32_t more = 0;
    uint32_t poll = 0;

    packets = 0;
    for (size_t i = 0; i < input.run.inputs; i++) {
        const struct run_input *from = &input.entry[i];

        if (from->flush) {
            poll++;
        } else if (!has_fates) {
            has_fates = true;
            more = take_fates(from);
        } else {
            list_packet(
                &(struct grove_packet){
                    .data = from->packet,
                    .len = from->len,
                    .vnet = from->has_vnet
                                ? guard_copy(&own, from->vnet, GROVE_VNET_LEN)
                                : NULL},
                poll);
        }
    }
    if (packets != 0)
        list_more(more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_decode(&input, data, size);
    guard_reset(&own);
    memset(&done, 0, sizeof done);
    fates_left = 0;
    make_device();
    expected.split = make_split();
    expected.waiting = false;
    expected.told = false;
    expected.skipped = 0;
    list_packets();
    send_all();
    receive_all();
    for (uint32_t i = 0; i < packets; i++)
        CHECK(packet[i].len == 0 ||
                  memcmp(packet[i].data, copy[i], packet[i].len) == 0,
              "packet %u was written to", i);
    return 0;
}
