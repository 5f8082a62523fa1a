/* SPDX-License-Identifier: MIT */
/*
 * tun/send.c: whatever outputs a table has, and whatever writev(2) says of
 * each. What is written can be read, and each packet is settled once.
 */
#define _GNU_SOURCE
#include "bytes_model.h"

/* So few, so that outputs of a few slices are copied, too. */
#include <limits.h>
#undef IOV_MAX
#define IOV_MAX 2

#include "../tun/result.c"
#include "../tun/send.c"

static struct grove_tun tun;
static struct grove_tun_queue queue;

/* A device with packets of any link, and one of its queues. */
static void make_queue(void)
{
    __CPROVER_havoc_object(&tun);
    __CPROVER_havoc_object(&queue);
    tun.layers.link = any_link();
    tun.layers.vnet_len = any_vnet_len();
    queue.tun = &tun;
}

/* ---- One packet ---- */

enum { MOST_SLICES = IOV_MAX + 2 };

/* As writev(2): so many bytes, or -1 and any errno. */
static ssize_t any_writev(int fd, const struct iovec *iov, int count)
{
    const uint32_t any = nondet_u16();

    (void)fd;
    PROVE(count >= 1 && count <= IOV_MAX);
    ASSUME(any < (uint32_t)count);
    PROVE(iov[any].iov_len == 0 ||
          __CPROVER_r_ok(iov[any].iov_base, iov[any].iov_len));
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    return nondet_bool() ? -1 : (ssize_t)nondet_u32();
}

/* The longest super-packet of a table that fits: grove_table_fits(). */
enum { SUPER_MAX = LINK_WITH_TAGS_MAX + GROVE_DEFAULT_BYTES };

/* A packet in slices, behind a header of any length. */
void proof_tun_slices(void)
{
    static const struct tun_system any_system = {.writev = any_writev};
    static uint8_t flat[TUN_WRITE_MAX];
    const struct bytes bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    struct iovec iov[MOST_SLICES];
    const int count = (int)nondet_u16();
    uint32_t len = 0;

    make_queue();
    tun.system = &any_system;
    queue.writer.buffer = flat;
    ASSUME(count >= 1 && count <= MOST_SLICES);
    for (int i = 0; i < MOST_SLICES; i++) {
        const uint32_t slice = nondet_u32();

        ASSUME(slice <= bytes.len);
        iov[i] = iovec_of((struct bytes){bytes.at, slice});
        if (i < count) {
            len += slice;
            ASSUME(len <= GROVE_VNET_LEN_MAX + SUPER_MAX);
        }
    }
    const ssize_t written = write_slices(&queue, iov, count, len);

    REACHES(written > 0 && count == MOST_SLICES && len > SUPER_MAX);
    REACHES(written < 0 && count == 1);
}

static uint32_t interrupts;

/* In the place of write_slices(): EINTR at most twice. */
ssize_t write_any(struct grove_tun_queue *to, const struct iovec *iov,
                  int count, size_t len)
{
    const ssize_t written = (ssize_t)nondet_u32();

    PROVE(to == &queue && count >= 1 &&
          __CPROVER_r_ok(iov, (size_t)count * sizeof *iov));
    PROVE(len <= GROVE_VNET_LEN_MAX + SUPER_MAX);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    if (nondet_bool())
        return written;
    interrupts += errno == EINTR;
    ASSUME(interrupts <= 2);
    return -1;
}

/* A packet of any length, with a header that the device may not have. */
void proof_tun_write(void)
{
    struct iovec iov[MOST_SLICES];
    const int count = (int)nondet_u16();
    const uint32_t len = nondet_u32();

    make_queue();
    ASSUME(count >= 2 && count <= MOST_SLICES && len <= SUPER_MAX);
    const uint64_t writes = queue.writer.writes;
    const int error = write_packet(&queue, iov, count, len);

    PROVE(error >= 0 && error != EINTR);
    PROVE(queue.writer.writes == writes + (error == 0));
    REACHES(error == 0 && interrupts == 2 && len == SUPER_MAX);
    REACHES(error == 0 && count == 2 && !tun.headers);
    REACHES(error == EPROTO);
    REACHES(error == EAGAIN);
}

/* ---- Outputs ---- */

enum { MOST_OUTPUTS = 2, MOST_PACKETS = 3 };

static struct grove_packet packets[MOST_PACKETS];
static struct grove_output outputs[MOST_OUTPUTS];
static size_t output_count;
static uint32_t next[MOST_PACKETS];
static struct grove_fate fates[MOST_PACKETS];
static uint32_t received;
static uint32_t packet_count;

/* The packets of a chain from this one on. */
static uint32_t chained_from(uint32_t number)
{
    uint32_t packets_of_it = 0;

    for (uint32_t i = 0; i < MOST_PACKETS; i++)
        if (number < MOST_PACKETS) {
            number = next[number];
            packets_of_it++;
        }
    return packets_of_it;
}

/* Whether a packet is in the chain. */
static bool is_in(const struct grove_output *output, uint32_t packet)
{
    uint32_t number = output->first;
    bool found = false;

    for (uint32_t i = 0; i < MOST_PACKETS; i++)
        if (number < MOST_PACKETS) {
            found = found || number == packet;
            number = next[number];
        }
    return found;
}

/* By receive-flush: each packet is rejected, or in one output. */
static bool is_in_one_place(uint32_t packet)
{
    uint32_t places = fates[packet].verdict == GROVE_REJECTED;

    for (uint32_t i = 0; i < MOST_OUTPUTS; i++)
        places += i < output_count && is_in(&outputs[i], packet);
    return places == 1;
}

/* What a table makes of the packets. */
static void make_outputs(void)
{
    static uint8_t header[GROVE_VNET_LEN_MAX];

    __CPROVER_havoc_object(outputs);
    __CPROVER_havoc_object(next);
    __CPROVER_havoc_object(fates);
    output_count = nondet_u32();
    ASSUME(output_count <= MOST_OUTPUTS);
    for (uint32_t i = 0; i < MOST_PACKETS; i++) {
        ASSUME(next[i] < packet_count || next[i] == GROVE_NO_PACKET);
        ASSUME(next[i] > i && rule_is_valid(fates[i].rule));
        ASSUME(i >= packet_count || is_in_one_place(i));
    }
    for (uint32_t i = 0; i < MOST_OUTPUTS; i++) {
        struct iovec *iov = malloc(2 * sizeof *iov);
        const struct bytes frame = any_bytes(SUPER_MAX);

        ASSUME(frame.len >= link_len(tun.layers.link));
        iov[0] = (struct iovec){header, tun.layers.vnet_len};
        iov[1] = iovec_of(frame);
        outputs[i].iov = iov;
        ASSUME(i >= output_count || outputs[i].first < packet_count);
        ASSUME(outputs[i].packets == chained_from(outputs[i].first));
        ASSUME(outputs[i].len <= SUPER_MAX && outputs[i].iovcnt >= 2);
    }
}

/* In the place of write_packet(): 0, or any errno. */
int write_any_packet(struct grove_tun_queue *to, const struct iovec *iov,
                     int count, size_t len)
{
    PROVE(to == &queue && count >= 2);
    PROVE(__CPROVER_r_ok(iov, 2 * sizeof *iov) && len <= SUPER_MAX);
    PROVE(iov[0].iov_len == tun.layers.vnet_len &&
          __CPROVER_r_ok(iov[0].iov_base, iov[0].iov_len));
    PROVE(iov[1].iov_len == 0 ||
          __CPROVER_r_ok(iov[1].iov_base, iov[1].iov_len));
    return (int)nondet_u16();
}

/* In the place of tun_count(): any of the counters. */
void count_any(tun_counter *counter, uint64_t more)
{
    (void)more;
    PROVE(__CPROVER_w_ok(counter, sizeof *counter));
}

/* ---- A table, by what its proofs say ---- */

static struct grove_table *any_table(void)
{
    return malloc(1);
}

bool grove_table_fits(const struct grove_table *table,
                      const struct grove_config *config)
{
    (void)table;
    PROVE(config == &tun.layers);
    return nondet_bool();
}

enum grove_error grove_coalesce(struct grove_table *table,
                                const struct grove_packet *given, size_t count)
{
    (void)table;
    PROVE(received == 0 && given == packets && count == packet_count);
    if (nondet_bool())
        return GROVE_E_FULL;
    make_outputs();
    received = packet_count;
    return GROVE_OK;
}

const struct grove_output *grove_to_write(const struct grove_table *table,
                                          size_t *count)
{
    (void)table;
    *count = output_count;
    return outputs;
}

uint32_t grove_next_packet(const struct grove_table *table, uint32_t number)
{
    (void)table;
    PROVE(number < received);
    return next[number];
}

uint32_t grove_received(const struct grove_table *table)
{
    (void)table;
    return received;
}

struct grove_fate grove_fate_of(const struct grove_table *table,
                                uint32_t number)
{
    (void)table;
    PROVE(number < received);
    return fates[number];
}

enum grove_error grove_clear(struct grove_table *table)
{
    (void)table;
    received = 0;
    return GROVE_OK;
}

/* ---- A batch ---- */

/* The packets that a table has left to send. */
static uint32_t left_of_table(const struct tun_writer *writer)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < MOST_OUTPUTS; i++)
        if (i >= writer->next_output && i < output_count)
            left += outputs[i].packets;
    if (writer->next_packet != GROVE_NO_PACKET)
        left -= outputs[writer->next_output].packets -
                chained_from(writer->next_packet);
    return left;
}

/* What the calls of a sender keep: so many packets are pending as are left. */
static bool writer_is_valid(const struct tun_writer *writer)
{
    const uint32_t packet = writer->next_packet;

    if (writer->pending == 0)
        return writer->table == NULL;
    if (writer->packets != packets || writer->count != packet_count)
        return false;
    if (writer->table == NULL)
        return packet < packet_count &&
               writer->pending == packet_count - packet;
    return received == packet_count && writer->next_output < output_count &&
           (packet == GROVE_NO_PACKET ||
            is_in(&outputs[writer->next_output], packet)) &&
           writer->pending == left_of_table(writer);
}

static void make_packets(void)
{
    static uint8_t header[GROVE_VNET_LEN_MAX];

    make_queue();
    packet_count = nondet_u32();
    ASSUME(packet_count <= MOST_PACKETS);
    for (uint32_t i = 0; i < MOST_PACKETS; i++) {
        const struct bytes bytes = any_bytes(UINT32_MAX);

        packets[i] = (struct grove_packet){bytes.at, bytes.len,
                                           nondet_bool() ? header : NULL};
    }
}

/* A new batch, whatever the table is. */
void proof_tun_send(void)
{
    const struct tun_writer *writer = &queue.writer;
    size_t pending;

    make_packets();
    pending = writer->pending;
    ASSUME(pending != 0 || writer->table == NULL);
    received = nondet_u32();
    const enum grove_tun_result result =
        grove_tun_send(&queue, any_table(), packets, packet_count);

    PROVE((unsigned)result <= GROVE_TUN_TABLE);
    if (pending != 0) {
        PROVE(result == GROVE_TUN_PENDING && writer->pending == pending);
    } else {
        PROVE(writer_is_valid(writer) && writer->pending <= packet_count);
        PROVE(result != GROVE_TUN_OK || writer->pending == 0);
    }
    REACHES(result == GROVE_TUN_OK && packet_count == MOST_PACKETS &&
            received == 0);
    REACHES(result == GROVE_TUN_AGAIN && writer->table != NULL);
    REACHES(result == GROVE_TUN_AGAIN && writer->table == NULL);
    REACHES(result == GROVE_TUN_TABLE);
}

/* A batch of which any part was sent. */
static void make_pending(void)
{
    struct tun_writer *writer = &queue.writer;

    make_packets();
    received = packet_count;
    make_outputs();
    writer->packets = packets;
    writer->table = nondet_bool() ? any_table() : NULL;
    ASSUME(writer_is_valid(writer));
}

void proof_tun_resume(void)
{
    const struct tun_writer *writer = &queue.writer;
    size_t pending;
    bool singly;

    make_pending();
    pending = writer->pending;
    singly = writer->next_packet != GROVE_NO_PACKET;
    const enum grove_tun_result result = grove_tun_resume(&queue);

    PROVE(writer_is_valid(writer) && writer->pending <= pending);
    PROVE((result == GROVE_TUN_OK) == (writer->pending == 0));
    REACHES(result == GROVE_TUN_OK && pending == MOST_PACKETS);
    REACHES(result == GROVE_TUN_AGAIN && writer->pending == pending);
    REACHES(result == GROVE_TUN_AGAIN && singly && writer->table != NULL &&
            writer->pending == 1);
}

void proof_tun_discard(void)
{
    const struct tun_writer *writer = &queue.writer;
    size_t pending;

    make_pending();
    pending = grove_tun_pending(&queue);
    PROVE(grove_tun_discard(&queue) == pending);
    PROVE(writer->pending == 0 && writer_is_valid(writer));
    grove_tun_set_coalescing(&tun, nondet_u32());
    PROVE((grove_tun_coalescing(&tun) & ~tun.capable) == 0);
    REACHES(pending == MOST_PACKETS);
}
