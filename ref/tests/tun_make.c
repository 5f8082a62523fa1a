/* SPDX-License-Identifier: MIT */
#include "tun_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void tun_set_layers(struct grove_tun *tun, enum grove_link link,
                    uint8_t vnet_len)
{
    const struct grove_split_config config = {
        .profile = "linux-6.18", .link = link, .vnet_len = vnet_len};
    struct tun_reader *reader = &tun->queues[0].reader;

    tun->layers.link = link;
    tun->layers.vnet_len = vnet_len;
    grove_split_free(reader->split);
    assert_int_equal(grove_split_new(&config, &reader->split), GROVE_OK);
}

struct grove_tun *tun_make(const struct tun_system *system, int fd,
                           bool headers)
{
    const uint32_t both = GROVE_TUN_TCP | GROVE_TUN_UDP;
    const size_t size =
        sizeof(struct grove_tun) + sizeof(struct grove_tun_queue);
    struct grove_tun *tun = aligned_alloc(_Alignof(struct grove_tun), size);
    struct grove_tun_queue *queue;

    assert_non_null(tun);
    memset(tun, 0, size);
    tun->system = system;
    tun->headers = headers;
    tun->capable = headers ? both : 0;
    tun->coalescing = tun->capable;
    tun->queue_count = 1;
    queue = &tun->queues[0];
    queue->tun = tun;
    queue->fd = fd;
    queue->reader.buffer = malloc(TUN_READ_MAX);
    queue->writer.buffer = malloc(TUN_WRITE_MAX);
    tun_set_layers(tun, GROVE_LINK_NONE, GROVE_VNET_LEN);
    assert_non_null(queue->reader.buffer);
    assert_non_null(queue->writer.buffer);
    return tun;
}

void tun_unmake(struct grove_tun *tun)
{
    grove_split_free(tun->queues[0].reader.split);
    free(tun->queues[0].reader.buffer);
    free(tun->queues[0].writer.buffer);
    free(tun);
}
