/* SPDX-License-Identifier: MIT */
/* From the device to the caller: a packet is read, split and copied. */
#include <errno.h>

#include "bytes.h"
#include "iovec.h"
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
    const size_t header = queue->tun->headers ? GROVE_VNET_LEN : 0;
    const ssize_t len = system->read(queue->fd, reader->buffer, TUN_READ_MAX);

    /* EFAULT: the device was deleted while the read waited. */
    if (len < 0)
        return errno == EFAULT ? GROVE_TUN_GONE : tun_result_of(errno);
    if ((size_t)len < header) {
        errno = EPROTO;
        return GROVE_TUN_SYSTEM;
    }
    tun_count(&reader->reads, 1);
    begin(queue, &(struct grove_packet){
                     .data = reader->buffer + header,
                     .len = (size_t)len - header,
                     .vnet = queue->tun->headers ? reader->buffer : NULL,
                 });
    return GROVE_TUN_OK;
}

/* Whether there is a segment to give: reader->segment. */
static bool have_segment(struct tun_reader *reader)
{
    if (!reader->waiting)
        reader->waiting = grove_split_next(reader->split, &reader->segment);
    return reader->waiting;
}

static bool fits(const struct grove_tun_buffer *buffer, size_t headroom,
                 const struct grove_segment *segment)
{
    return headroom <= buffer->size && segment->len <= buffer->size - headroom;
}

/* Copies the segment; without offload its virtio_net_hdr has no meaning. */
static void give(struct tun_reader *reader, struct grove_tun_buffer *buffer,
                 size_t headroom)
{
    const struct grove_segment *segment = &reader->segment;
    const struct buffer out = {buffer->data + headroom, segment->len};

    iovec_gather(out, segment->iov + 1, segment->iovcnt - 1);
    buffer->len = segment->len;
    reader->waiting = false;
    reader->told = false;
    tun_count(&reader->received, 1);
    tun_count(&reader->received_bytes, segment->len);
}

/* Gives up the segment that waits. */
static void skip(struct tun_reader *reader)
{
    reader->waiting = false;
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
    if (count != 0 && !have_segment(reader)) {
        const enum grove_tun_result result = read_packet(queue);

        if (result != GROVE_TUN_OK)
            return result;
    }
    while (*received < count && have_segment(reader)) {
        struct grove_tun_buffer *buffer = &buffers[*received];

        if (fits(buffer, headroom, &reader->segment)) {
            give(reader, buffer, headroom);
            ++*received;
        } else if (*received != 0) {
            break;
        } else if (!reader->told) {
            reader->told = true;
            buffer->len = reader->segment.len;
            return GROVE_TUN_TOO_SMALL;
        } else {
            skip(reader);
        }
    }
    return GROVE_TUN_OK;
}

size_t grove_tun_waiting(const struct grove_tun_queue *queue)
{
    const struct tun_reader *reader = &queue->reader;

    return (reader->waiting ? 1 : 0) + grove_split_left(reader->split);
}

size_t grove_tun_skip(struct grove_tun_queue *queue)
{
    const size_t waiting = grove_tun_waiting(queue);

    while (have_segment(&queue->reader))
        skip(&queue->reader);
    return waiting;
}
