/* SPDX-License-Identifier: MIT */
#include "tun/pair.h"

#include <errno.h>

#include "header.h"
#include "iovec.h"
#include "tun/cause.h"
#include "tun/redirect.h"

/* A kernel that answers does it within the write, or soon after that. */
enum { PATIENCE_MS = 2000 };

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
                   bool own, bool tap, struct grove_tun_error *error)
{
    struct grove_tun_config config = {.name = "groveprobe%d",
                                      .link = GROVE_TUN_LINK_UP,
                                      .tap = tap,
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
    const uint8_t vnet_len = pair->in->layers.vnet_len;
    uint8_t header[GROVE_VNET_LEN_MAX];
    const struct iovec iov[] = {
        iovec_of((struct bytes){header, vnet_len}),
        iovec_of(sample->packet),
    };
    ssize_t written;

    grove_vnet_store_len(header, vnet_len, &sample->vnet);
    do
        written = pair->in->system->writev(pair->in->queues[0].fd, iov, 2);
    while (written < 0 && errno == EINTR);
    if (written < 0)
        return errno;
    return (size_t)written == vnet_len + sample->packet.len ? 0 : EPROTO;
}

/* Waits for a packet. Returns 0 or an errno. */
static int wait_for_packet(const struct grove_tun *tun)
{
    struct pollfd wait = {.fd = tun->queues[0].fd, .events = POLLIN};
    const int ready = tun->system->poll(&wait, 1, PATIENCE_MS);

    if (ready < 0)
        return errno;
    return ready > 0 ? 0 : ETIMEDOUT;
}

/* Reads a packet with its header to the start of `room`. Returns 0 or errno. */
static int read_packet(const struct grove_tun *tun, struct buffer room,
                       struct bytes *packet)
{
    int error = 0;

    while (error == 0 || error == EINTR) {
        const ssize_t len =
            tun->system->read(tun->queues[0].fd, room.at, room.len);

        if (len >= GROVE_VNET_LEN) {
            *packet = (struct bytes){room.at + GROVE_VNET_LEN,
                                     (uint32_t)len - GROVE_VNET_LEN};
            return 0;
        }
        error = len >= 0 ? EPROTO : errno;
        if (error == EAGAIN)
            error = wait_for_packet(tun);
    }
    return error;
}

/* IPv6 greets its neighbours when a device comes up; in Ethernet, a group. */
static bool is_greeting(const struct grove_tun *tun, struct bytes packet)
{
    enum { MULTICAST = 0xff, GROUP = 1 };

    if (tun->layers.link == GROVE_LINK_ETHERNET)
        return packet.len != 0 &&
               (bytes_u8(packet, ETHERNET_ADDRESSES) & GROUP) != 0;
    return bytes_have(packet, IP_VERSION, IP6_HEADER) &&
           bytes_u8(packet, IP_VERSION) >> 4 == 6 &&
           bytes_u8(packet, IP6_DESTINATION) == MULTICAST;
}

int tun_pair_read(const struct tun_pair *pair, struct bytes last,
                  struct tun_burst *burst)
{
    for (;;) {
        struct bytes packet;
        const int error = read_packet(pair->out, burst->room, &packet);

        if (error != 0 || bytes_equal(packet, last))
            return error;
        if (!is_greeting(pair->out, packet))
            tun_burst_add(burst, packet);
    }
}
