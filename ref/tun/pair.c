/* SPDX-License-Identifier: MIT */
#include "tun/pair.h"

#include <errno.h>

#include "header.h"
#include "iovec.h"
#include "tun/cause.h"
#include "tun/redirect.h"

/* A kernel that answers does it within the write. */
enum { PATIENCE_MS = 500 };

static bool redirect(struct tun_pair *pair, struct grove_tun_error *error)
{
    const int number =
        tun_redirect(&pair->in->link, pair->in->index, pair->out->index);

    if (number != 0)
        *error = (struct grove_tun_error){
            .step = GROVE_TUN_STEP_REDIRECT,
            .cause = tun_cause_of(GROVE_TUN_STEP_REDIRECT, number),
            .number = number};
    return number == 0;
}

/* In a namespace that ends, closing a persistent device does not remove it. */
bool tun_pair_open(struct tun_pair *pair, const struct tun_system *system,
                   bool own, struct grove_tun_error *error)
{
    struct grove_tun_config config = {.name = "groveprobe%d",
                                      .link = GROVE_TUN_LINK_UP,
                                      .non_blocking = true,
                                      .persistent = own};

    *pair = (struct tun_pair){NULL, NULL};
    if (!tun_open(system, &config, &pair->in, error))
        return false;
    config.no_offload = true;
    if (tun_open(system, &config, &pair->out, error) && redirect(pair, error))
        return true;
    tun_pair_close(pair);
    return false;
}

void tun_pair_close(struct tun_pair *pair)
{
    grove_tun_close(pair->in);
    grove_tun_close(pair->out);
}

int tun_pair_write(const struct tun_pair *pair, const struct tun_sample *sample)
{
    uint8_t header[GROVE_VNET_LEN];
    const struct iovec iov[] = {
        iovec_of((struct bytes){header, GROVE_VNET_LEN}),
        iovec_of(sample->packet),
    };
    ssize_t written;

    grove_vnet_store(header, &sample->vnet);
    do
        written = pair->in->system->writev(pair->in->queues[0].fd, iov, 2);
    while (written < 0 && errno == EINTR);
    if (written < 0)
        return errno;
    return (size_t)written == GROVE_VNET_LEN + sample->packet.len ? 0 : EPROTO;
}

/* Reads into `room`. Returns a length, or -1 and errno. */
static ssize_t read_packet(const struct tun_pair *pair, struct buffer room)
{
    const struct tun_system *system = pair->out->system;
    const int fd = pair->out->queues[0].fd;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    ssize_t len;

    do
        len = system->read(fd, room.at, room.len);
    while (len < 0 &&
           (errno == EINTR ||
            (errno == EAGAIN && system->poll(&wait, 1, PATIENCE_MS) == 1)));
    return len;
}

/* IPv6 greets its neighbours when a device comes up. */
static bool is_greeting(struct bytes packet)
{
    enum { MULTICAST = 0xff };

    return bytes_have(packet, IP_VERSION, IP6_HEADER) &&
           bytes_u8(packet, IP_VERSION) >> 4 == 6 &&
           bytes_u8(packet, IP6_DESTINATION) == MULTICAST;
}

bool tun_pair_read(const struct tun_pair *pair, struct bytes last,
                   struct tun_burst *burst)
{
    for (;;) {
        const ssize_t len = read_packet(pair, burst->room);
        struct bytes packet;

        if (len < GROVE_VNET_LEN)
            return false;
        packet = (struct bytes){burst->room.at + GROVE_VNET_LEN,
                                (uint32_t)len - GROVE_VNET_LEN};
        if (bytes_equal(packet, last))
            return true;
        if (!is_greeting(packet))
            tun_burst_add(burst, packet);
    }
}
