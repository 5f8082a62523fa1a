/* SPDX-License-Identifier: MIT */
/* Many packets at once from an AF_PACKET socket with virtio headers. */
#include "kernel_private.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "grove/table.h"

/* Packets taken by one call. */
#define SLOTS 32

/* So much longer than any poll that it never happens by itself. */
#define WAIT_MS 10000

/* A packet as it is received. */
struct slot {
    struct virtio_net_hdr vnet;
    uint8_t packet[GROVE_MAX_PACKET_LEN];
};

struct capture {
    int socket;
    struct mmsghdr messages[SLOTS];
    struct iovec iov[SLOTS][2];
    struct slot slot[SLOTS];
};

struct capture *capture_new(int socket)
{
    struct capture *capture = calloc(1, sizeof *capture);

    if (capture == NULL)
        return NULL;
    capture->socket = socket;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &capture->slot[i];

        capture->iov[i][0] = (struct iovec){&slot->vnet, sizeof slot->vnet};
        capture->iov[i][1] = (struct iovec){slot->packet, sizeof slot->packet};
        capture->messages[i].msg_hdr.msg_iov = capture->iov[i];
        capture->messages[i].msg_hdr.msg_iovlen = 2;
    }
    return capture;
}

void capture_free(struct capture *capture)
{
    free(capture);
}

static bool readable(const struct capture *capture, int timeout_ms)
{
    struct pollfd wait = {.fd = capture->socket, .events = POLLIN};
    int ready;

    do
        ready = poll(&wait, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

bool capture_wait(const struct capture *capture)
{
    return readable(capture, WAIT_MS);
}

bool capture_ready(const struct capture *capture)
{
    return readable(capture, 0);
}

int capture_take(struct capture *capture)
{
    return recvmmsg(capture->socket, capture->messages, SLOTS, MSG_DONTWAIT,
                    NULL);
}

struct captured capture_packet(const struct capture *capture, int number)
{
    const struct slot *slot = &capture->slot[number];

    return (struct captured){
        .vnet = slot->vnet,
        .packet = slot->packet,
        .len = capture->messages[number].msg_len - sizeof slot->vnet,
    };
}

bool capture_complete(const struct capture *capture)
{
    struct tpacket_stats stats = {0};
    socklen_t size = sizeof stats;

    return getsockopt(capture->socket, SOL_PACKET, PACKET_STATISTICS, &stats,
                      &size) == 0 &&
           stats.tp_drops == 0;
}
