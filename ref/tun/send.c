/* SPDX-License-Identifier: MIT */
/* From the caller to the device: outputs of the table go to writev(2). */
#include <assert.h>
#include <errno.h>
#include <limits.h>

#include "bytes.h"
#include "iovec.h"
#include "split.h"
#include "tun/device.h"

static uint32_t coalescing(const struct grove_tun_queue *queue)
{
    return atomic_load_explicit(&queue->tun->coalescing, memory_order_relaxed);
}

/* writev(2) takes IOV_MAX slices. An output that has more is copied. */
static ssize_t write_slices(struct grove_tun_queue *queue,
                            const struct iovec *iov, int count, size_t len)
{
    const struct tun_system *system = queue->tun->system;
    struct iovec flat = {queue->writer.buffer, len};

    if (count <= IOV_MAX)
        return system->writev(queue->fd, iov, count);
    iovec_gather((struct buffer){queue->writer.buffer, TUN_WRITE_MAX}, iov,
                 count);
    return system->writev(queue->fd, &flat, 1);
}

/*
 * Writes one packet of `len` bytes in `count` slices, without its header if the
 * device has no headers. Returns 0 or an errno.
 */
static int write_packet(struct grove_tun_queue *queue, const struct iovec *iov,
                        int count, size_t len)
{
    const int skip = queue->tun->headers ? 0 : 1;
    const size_t all = len + (skip ? 0U : queue->tun->layers.vnet_len);
    ssize_t written;

    do
        written = write_slices(queue, iov + skip, count - skip, all);
    while (written < 0 && errno == EINTR);
    if (written < 0)
        return errno;
    if ((size_t)written != all)
        return EPROTO;
    tun_count(&queue->writer.writes, 1);
    tun_count(&queue->writer.sent_bytes, len);
    return 0;
}

/* Writes a packet as the caller gave it, if it is not too long (GRO-IN-002). */
static int write_alone(struct grove_tun_queue *queue,
                       const struct grove_packet *packet)
{
    static const uint8_t nothing[GROVE_VNET_LEN_MAX];
    const uint8_t *vnet = packet->vnet != NULL ? packet->vnet : nothing;
    const struct bytes bytes = {packet->data, (uint32_t)packet->len};
    const struct iovec iov[] = {
        iovec_of((struct bytes){vnet, queue->tun->layers.vnet_len}),
        iovec_of(bytes)};

    if (packet->len > GROVE_MAX_PACKET_LEN)
        return EMSGSIZE;
    return write_packet(queue, iov, 2, packet->len);
}

/* These packets are not pending any more, and are counted as `what`. */
static void settle(struct tun_writer *writer, tun_counter *what,
                   uint32_t packets)
{
    tun_count(what, packets);
    writer->pending -= packets;
}

/* The packet after `packet`, when packets are sent one by one. */
static uint32_t following(const struct tun_writer *writer, uint32_t packet)
{
    if (writer->table != NULL)
        return grove_next_packet(writer->table, packet);
    return packet + 1 < writer->count ? packet + 1 : GROVE_NO_PACKET;
}

/* Sends packets one by one from writer->next_packet on. Returns 0 or errno. */
static int send_singles(struct grove_tun_queue *queue)
{
    struct tun_writer *writer = &queue->writer;

    while (writer->next_packet != GROVE_NO_PACKET) {
        const int error =
            write_alone(queue, &writer->packets[writer->next_packet]);

        if (error != 0 && !tun_refuses(error))
            return error;
        settle(writer, error == 0 ? &writer->sent : &writer->refused, 1);
        writer->next_packet = following(writer, writer->next_packet);
    }
    return 0;
}

/* The bits of gso_type that are added to what a super-packet is. */
enum {
    IN_TUNNEL = GROVE_VNET_GSO_TUNNEL4 | GROVE_VNET_GSO_TUNNEL6,
    ADDED = IN_TUNNEL | GROVE_VNET_GSO_ECN
};

static struct grove_vnet vnet_of(const struct grove_output *output)
{
    struct grove_vnet vnet;

    grove_vnet_load_len(&vnet, output->iov[0].iov_base, output->iov[0].iov_len);
    return vnet;
}

/* The protocols of a super-packet: GROVE_TUN_TCP and so on. */
static uint32_t protocols_of(const struct grove_vnet *vnet)
{
    const uint32_t protocol = (vnet->gso_type & ~ADDED) == GROVE_VNET_GSO_UDP_L4
                                  ? GROVE_TUN_UDP
                                  : GROVE_TUN_TCP;

    return (vnet->gso_type & IN_TUNNEL) != 0 ? protocol | GROVE_TUN_TUNNELS
                                             : protocol;
}

/* The offloads that a super-packet needs. */
static uint32_t offloads_of(const struct grove_vnet *vnet)
{
    uint32_t added = GROVE_TUN_CSUM;

    if ((vnet->gso_type & GROVE_VNET_GSO_ECN) != 0)
        added |= GROVE_TUN_TSO_ECN;
    if ((vnet->gso_type & IN_TUNNEL) != 0)
        added |= GROVE_TUN_TUNNEL;
    if ((vnet->gso_type & ~ADDED) == GROVE_VNET_GSO_UDP_L4)
        return GROVE_TUN_USO | added;
    return (vnet->gso_type & ~ADDED) == GROVE_VNET_GSO_TCPV4
               ? GROVE_TUN_TSO4 | added
               : GROVE_TUN_TSO6 | added;
}

/* Whether the kernel would spoil a super-packet, or raise its gso_size. */
static bool spoils(const struct grove_tun *tun, const struct grove_vnet *vnet)
{
    const uint32_t offloads = offloads_of(vnet);

    return (offloads & tun->wrong) != 0 ||
           ((offloads & GROVE_TUN_USO) == 0 &&
            vnet->gso_size < tun->min_tcp_gso_size);
}

/* The bytes of the slice behind the virtio header, where a frame begins. */
static struct bytes frame_of(const struct grove_output *output)
{
    const struct iovec *slice = &output->iov[1];

    return (struct bytes){slice->iov_base, (uint32_t)slice->iov_len};
}

/* GSO-010: the kernel drops a super-packet behind so many VLAN tags. */
static bool has_too_many_tags(const struct grove_tun *tun,
                              const struct grove_output *output)
{
    return tun->layers.link == GROVE_LINK_ETHERNET &&
           link_tags(frame_of(output), ETHERNET_HEADER, SPLIT_TAGS_MAX + 1) >
               SPLIT_TAGS_MAX;
}

/* Whether the packets of a super-packet go one by one. */
static bool goes_singly(const struct grove_tun_queue *queue,
                        const struct grove_output *output)
{
    const struct grove_vnet vnet = vnet_of(output);

    return (protocols_of(&vnet) & ~coalescing(queue)) != 0 ||
           spoils(queue->tun, &vnet) || has_too_many_tags(queue->tun, output);
}

/*
 * The kernel refused a super-packet: its protocol is coalesced no more, or that
 * of no tunnel if it is in one.
 */
static int fall_back(struct grove_tun_queue *queue,
                     const struct grove_output *output)
{
    const struct grove_vnet vnet = vnet_of(output);
    uint32_t refused = protocols_of(&vnet);

    if ((refused & GROVE_TUN_TUNNELS) != 0)
        refused = GROVE_TUN_TUNNELS;
    atomic_fetch_and_explicit(&queue->tun->coalescing, ~refused,
                              memory_order_relaxed);
    tun_count(&queue->writer.fallbacks, 1);
    queue->writer.next_packet = output->first;
    return send_singles(queue);
}

/* Sends one output, packet by packet if writer->next_packet is set. */
static int send_output(struct grove_tun_queue *queue,
                       const struct grove_output *output)
{
    struct tun_writer *writer = &queue->writer;
    const bool super = output->packets > 1;
    int error;

    if (super && writer->next_packet == GROVE_NO_PACKET &&
        goes_singly(queue, output))
        writer->next_packet = output->first;
    if (writer->next_packet != GROVE_NO_PACKET)
        return send_singles(queue);
    error = write_packet(queue, output->iov, output->iovcnt, output->len);
    if (tun_refuses(error) && super)
        return fall_back(queue, output);
    if (error != 0 && !tun_refuses(error))
        return error;
    settle(writer, error == 0 ? &writer->sent : &writer->refused,
           output->packets);
    tun_count(&writer->merged, super ? output->packets : 0);
    return 0;
}

static int send_outputs(struct grove_tun_queue *queue)
{
    struct tun_writer *writer = &queue->writer;
    size_t count;
    const struct grove_output *outputs = grove_to_write(writer->table, &count);
    int error = 0;

    while (error == 0 && writer->next_output < count) {
        error = send_output(queue, &outputs[writer->next_output]);
        writer->next_output += error == 0 ? 1 : 0;
    }
    return error;
}

/* Nothing is pending any more, and the table may be used again. */
static void finish(struct tun_writer *writer)
{
    if (writer->table != NULL) {
        const enum grove_error error = grove_clear(writer->table);

        assert(error == GROVE_OK); /* grove_coalesce() has flushed */
        (void)error;
    }
    writer->table = NULL;
    writer->pending = 0;
}

enum grove_tun_result grove_tun_resume(struct grove_tun_queue *queue)
{
    struct tun_writer *writer = &queue->writer;
    int error;

    if (writer->pending == 0)
        return GROVE_TUN_OK;
    error = writer->table != NULL ? send_outputs(queue) : send_singles(queue);
    if (error != 0) {
        errno = error;
        return tun_result_of(error);
    }
    finish(writer);
    return GROVE_TUN_OK;
}

/* Counts why packets were not merged, and those that the table rejected. */
static void count_fates(struct tun_writer *writer)
{
    for (uint32_t i = 0; i < writer->count; i++) {
        const struct grove_fate fate = grove_fate_of(writer->table, i);

        if (fate.rule != GROVE_RULE_NONE)
            tun_count(&writer->not_merged[fate.rule], 1);
        if (fate.verdict == GROVE_REJECTED)
            settle(writer, &writer->refused, 1);
    }
}

enum grove_tun_result grove_tun_send(struct grove_tun_queue *queue,
                                     struct grove_table *table,
                                     const struct grove_packet *packets,
                                     size_t count)
{
    struct tun_writer *writer = &queue->writer;
    const bool coalesce = coalescing(queue) != 0;

    if (writer->pending != 0)
        return GROVE_TUN_PENDING;
    if (count > GROVE_MAX_PACKETS || grove_received(table) != 0 ||
        !grove_table_fits(table, &queue->tun->layers))
        return GROVE_TUN_TABLE;
    if (coalesce && grove_coalesce(table, packets, count) != GROVE_OK)
        return GROVE_TUN_TABLE;
    writer->packets = packets;
    writer->count = count;
    writer->pending = count;
    writer->table = coalesce ? table : NULL;
    writer->next_output = 0;
    writer->next_packet = coalesce ? GROVE_NO_PACKET : 0;
    if (coalesce)
        count_fates(writer);
    if (writer->pending == 0)
        finish(writer);
    return grove_tun_resume(queue);
}

size_t grove_tun_pending(const struct grove_tun_queue *queue)
{
    return queue->writer.pending;
}

size_t grove_tun_discard(struct grove_tun_queue *queue)
{
    struct tun_writer *writer = &queue->writer;
    const size_t pending = writer->pending;

    tun_count(&writer->discarded, pending);
    finish(writer);
    return pending;
}

void grove_tun_set_coalescing(struct grove_tun *tun, uint32_t protocols)
{
    atomic_store_explicit(&tun->coalescing, protocols & tun->capable,
                          memory_order_relaxed);
}

uint32_t grove_tun_coalescing(const struct grove_tun *tun)
{
    return atomic_load_explicit(&tun->coalescing, memory_order_relaxed);
}
