/* SPDX-License-Identifier: MIT */
#include "tun_script.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "iovec.h"

/* The descriptor of the queue; no file is open there. */
enum { FD = 4711 };

struct script script;

static ssize_t read_script(int fd, void *buffer, size_t size)
{
    const struct script_read *read = &script.reads[script.reads_done];

    assert_int_equal(fd, FD);
    if (read->error == 0 && read->data == NULL) {
        errno = EAGAIN;
        return -1;
    }
    script.reads_done++;
    if (read->error != 0) {
        errno = read->error;
        return -1;
    }
    assert_true(read->len <= size);
    memcpy(buffer, read->data, read->len);
    return (ssize_t)read->len;
}

static struct script_write write_of(const struct iovec *iov, int count,
                                    size_t len)
{
    const uint32_t header = script.header;
    struct script_write write = {.slices = count};
    uint8_t *all = wire_memory((uint32_t)len);

    iovec_gather((struct buffer){all, (uint32_t)len}, iov, count);
    if (header != 0)
        grove_vnet_load_len(&write.vnet, all, header);
    write.wire.len = (uint32_t)len - header;
    write.wire.data = wire_memory(write.wire.len);
    memcpy(write.wire.data, all + header, write.wire.len);
    return write;
}

static ssize_t write_script(int fd, const struct iovec *iov, int count)
{
    int error = script.errors[script.writes_tried++];
    struct script_write write;
    size_t len = 0;

    assert_int_equal(fd, FD);
    for (int i = 0; i < count; i++)
        len += iov[i].iov_len;
    write = write_of(iov, count, len);
    if (error == 0 && write.vnet.gso_type != GROVE_VNET_GSO_NONE)
        error = script.super_error;
    if (error != 0) {
        errno = error;
        return -1;
    }
    script.writes[script.writes_done++] = write;
    return (ssize_t)(len - script.short_by);
}

static const struct tun_system system_of_script = {
    .read = read_script,
    .writev = write_script,
};

struct grove_tun *script_open(bool headers)
{
    memset(&script, 0, sizeof script);
    script.header = headers ? GROVE_VNET_LEN : 0;
    return tun_make(&system_of_script, FD, headers);
}

struct grove_tun *script_open_layers(enum grove_link link, uint8_t vnet_len)
{
    struct grove_tun *tun = script_open(true);

    script.header = vnet_len;
    tun_set_layers(tun, link, vnet_len);
    return tun;
}

struct script_read script_packet(const struct grove_packet *packet)
{
    uint8_t *all = wire_memory(script.header + (uint32_t)packet->len);

    if (packet->vnet != NULL)
        memcpy(all, packet->vnet, script.header);
    if (packet->len != 0)
        memcpy(all + script.header, packet->data, packet->len);
    return (struct script_read){0, all, script.header + packet->len};
}

struct grove_tun_stats script_stats(const struct grove_tun *tun)
{
    struct grove_tun_stats stats;

    grove_tun_stats(tun, &stats);
    return stats;
}
