/* SPDX-License-Identifier: MIT */
/* From the device to the caller: a packet is read, split and copied. */
#include <errno.h>

#include "tun/device.h"

/* Begins to split a packet. If a rule drops it, it gives no segment. */
static void begin(struct grove_tun_queue *queue,
                  const struct grove_packet *packet)
{
    struct tun_reader *reader = &queue->reader;
    enum grove_rule rule;

    if (grove_split_begin(reader->split, packet, &rule) != GROVE_SPLIT_OK)
        tun_count(&reader->dropped[rule], 1);
    if (grove_split_left(reader->split) > 1)
        tun_count(&reader->split_reads, 1);
}

static enum grove_tun_result read_packet(struct grove_tun_queue *queue)
{
    struct tun_reader *reader = &queue->reader;
    const struct tun_system *system = queue->tun->system;
    const size_t header = queue->tun->headers ? queue->tun->layers.vnet_len : 0;
    const ssize_t len = system->read(queue->fd, reader->buffer, TUN_READ_MAX);

    /* EFAULT: the device was deleted while the read waited. */
    if (len < 0)
        return errno == EFAULT ? GROVE_TUN_GONE : tun_result_of(errno);
    if ((size_t)len < header) {
        errno = EPROTO;
        return GROVE_TUN_SYSTEM;
    }
    tun_count(&reader->reads, 1);
    if (header == GROVE_VNET_TUNNEL_LEN)
        grove_vnet_count_tag(reader->buffer, reader->buffer + header,
                             (size_t)len - header);
    begin(queue, &(struct grove_packet){
                     .data = reader->buffer + header,
                     .len = (size_t)len - header,
                     .vnet = queue->tun->headers ? reader->buffer : NULL,
                 });
    return GROVE_TUN_OK;
}

/*
 * Copies the next segment if it fits. Returns its length in bytes. Without
 * offload its virtio_net_hdr has no meaning.
 */
static uint32_t give(struct tun_reader *reader, struct grove_tun_buffer *buffer,
                     size_t headroom, size_t room)
{
    uint8_t *to = room != 0 ? buffer->data + headroom : NULL;
    const uint32_t len = grove_split_copy(reader->split, to, room, NULL);

    if (len > room)
        return len;
    buffer->len = len;
    reader->told = false;
    tun_count(&reader->received, 1);
    tun_count(&reader->received_bytes, len);
    return len;
}

/* Gives up the segment that waits. */
static void skip(struct tun_reader *reader)
{
    struct grove_segment segment;

    grove_split_next(reader->split, &segment);
    reader->told = false;
    tun_count(&reader->skipped, 1);
}

enum grove_tun_result grove_tun_recv(struct grove_tun_queue *queue,
                                     struct grove_tun_buffer *buffers,
                                     size_t count, size_t headroom,
                                     size_t *received)
{
    struct tun_reader *reader = &queue->reader;

    *received = 0;
    if (count != 0 && grove_split_left(reader->split) == 0) {
        const enum grove_tun_result result = read_packet(queue);

        if (result != GROVE_TUN_OK)
            return result;
    }
    while (*received < count && grove_split_left(reader->split) != 0) {
        struct grove_tun_buffer *buffer = &buffers[*received];
        const size_t room =
            headroom < buffer->size ? buffer->size - headroom : 0;
        const uint32_t len = give(reader, buffer, headroom, room);

        if (len <= room) {
            ++*received;
        } else if (*received != 0) {
            break;
        } else if (!reader->told) {
            reader->told = true;
            buffer->len = len;
            return GROVE_TUN_TOO_SMALL;
        } else {
            skip(reader);
        }
    }
    return GROVE_TUN_OK;
}

size_t grove_tun_waiting(const struct grove_tun_queue *queue)
{
    return grove_split_left(queue->reader.split);
}

size_t grove_tun_skip(struct grove_tun_queue *queue)
{
    const size_t waiting = grove_tun_waiting(queue);

    for (size_t i = 0; i < waiting; i++)
        skip(&queue->reader);
    return waiting;
}
