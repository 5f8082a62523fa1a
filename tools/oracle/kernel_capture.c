/* SPDX-License-Identifier: MIT */
/*
 * AF_PACKET sockets with virtio headers that see what leaves a device. Root of
 * the machine gives one socket a receive buffer for all. Anybody else may only
 * have a small one, so there is a group of sockets, which deals packets to them
 * in turn: the order is known, and none gets more than its buffer holds.
 *
 * The last one that wants a packet may get it late, in a list with others. That
 * is a socket of AF_PACKET if no protocol reads the type of a frame. So there
 * is one more socket, which sees nothing: the kernel serves it last, since it
 * was bound first.
 */
#include "kernel_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "grove/table.h"

/*
 * Sockets of a group. Between two looks 64 packets of a poll and 8 held ones
 * may leave, each of up to 64 KiB: three for each socket.
 */
#define GROUP 32

/* The socket that a new group deals its first packet to. */
#define FIRST 1

/* Bytes of a buffer for all, several times. */
#define FORCED_LEN (64 << 20)

/* Bytes of a buffer for three: net.core.rmem_max, if nobody changed it. */
#define BUFFER_LEN 212992

/* Packets taken by one call. */
#define SLOTS 32

/* A time so long that it never ends during a poll. */
#define WAIT_MS 10000

/* The longest packet that leaves: its link header and the jumbo header, too. */
#define CAPTURED_MAX (GROVE_MAX_BYTES + 128)

/* A received packet. */
struct slot {
    struct virtio_net_hdr vnet;
    uint8_t room[CAPTURE_ROOM]; /* before the packet */
    uint8_t packet[CAPTURED_MAX];
    _Alignas(struct cmsghdr) uint8_t told[CAPTURE_TOLD];
};

struct capture {
    int last; /* the socket that sees nothing */
    int socket[GROUP];
    bool frames;
    unsigned sockets; /* 1 or GROUP */
    unsigned next;    /* the socket that gets the next packet */
    unsigned dealt;   /* packets since capture_complete() */
    unsigned taken;   /* packets in the slots */
    unsigned given;   /* of these */
    struct mmsghdr message[SLOTS];
    struct iovec iov[SLOTS][2];
    struct slot slot[SLOTS];
};

static bool bind_to(int socket, int interface, uint16_t protocol)
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(protocol),
        .sll_ifindex = interface,
    };

    return bind(socket, (const struct sockaddr *)&address, sizeof address) == 0;
}

bool capture_bind(int socket, int interface)
{
    return bind_to(socket, interface, ETH_P_ALL);
}

/* Protocol 0 would mean the present one; a TUN has no packets of this one. */
bool capture_unbind(int socket, int interface)
{
    return bind_to(socket, interface, ETH_P_LOOPBACK);
}

static bool set_up(int fd, int interface, bool frames)
{
    const int size = BUFFER_LEN;
    const int on = 1;

    return setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == 0 &&
           (!frames || capture_tell_tags(fd)) && capture_bind(fd, interface);
}

static bool add_last(struct capture *capture, int interface)
{
    struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    const struct sock_fprog program = {1, nothing};

    capture->last = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    return capture->last >= 0 &&
           setsockopt(capture->last, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                      sizeof program) == 0 &&
           capture_bind(capture->last, interface);
}

/* There is one group in each network namespace. */
static bool join(int fd)
{
    const uint32_t group = 1;
    const uint32_t fanout = group | PACKET_FANOUT_LB << 16;

    return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &fanout, sizeof fanout) ==
           0;
}

static bool add_socket(struct capture *capture, int interface)
{
    int *fd = &capture->socket[capture->sockets];

    *fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return false;
    capture->sockets++;
    return set_up(*fd, interface, capture->frames);
}

/* Makes the one socket, and what else it takes if that is not enough. */
static bool add_sockets(struct capture *capture, int interface)
{
    const int size = FORCED_LEN;

    if ((capture->frames && !add_last(capture, interface)) ||
        !add_socket(capture, interface))
        return false;
    if (setsockopt(capture->socket[0], SOL_SOCKET, SO_RCVBUFFORCE, &size,
                   sizeof size) == 0)
        return true;
    capture->next = FIRST;
    while (join(capture->socket[capture->sockets - 1]))
        if (capture->sockets == GROUP || !add_socket(capture, interface))
            return capture->sockets == GROUP;
    return false;
}

struct capture *capture_new(int interface, bool frames)
{
    struct capture *capture = calloc(1, sizeof *capture);

    if (capture == NULL)
        return NULL;
    capture->frames = frames;
    capture->last = -1;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &capture->slot[i];

        capture->iov[i][0] = (struct iovec){&slot->vnet, sizeof slot->vnet};
        capture->iov[i][1] = (struct iovec){slot->packet, sizeof slot->packet};
        capture->message[i].msg_hdr.msg_iov = capture->iov[i];
        capture->message[i].msg_hdr.msg_iovlen = 2;
        if (frames)
            capture->message[i].msg_hdr.msg_control = slot->told;
    }
    if (add_sockets(capture, interface))
        return capture;
    capture_free(capture);
    return NULL;
}

void capture_free(struct capture *capture)
{
    if (capture == NULL)
        return;
    kernel_close_all(&capture->last, 1);
    kernel_close_all(capture->socket, capture->sockets);
    free(capture);
}

static bool readable(const struct capture *capture, int timeout_ms)
{
    struct pollfd wait = {.fd = capture->socket[capture->next],
                          .events = POLLIN};
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
    return capture->given < capture->taken || readable(capture, 0);
}

/* Fills the slots without waiting. False and errno if there is nothing. */
static bool take(struct capture *capture)
{
    const unsigned most = capture->sockets == 1 ? SLOTS : 1;
    int taken;

    for (unsigned i = 0; capture->frames && i < most; i++)
        capture->message[i].msg_hdr.msg_controllen = CAPTURE_TOLD;
    taken = recvmmsg(capture->socket[capture->next], capture->message, most,
                     MSG_DONTWAIT, NULL);
    if (taken > 0 || errno == EINVAL) {
        capture->next = (capture->next + 1) % capture->sockets;
        capture->dealt++;
    }
    capture->given = 0;
    capture->taken = taken < 0 ? 0 : (unsigned)taken;
    return taken > 0;
}

bool capture_take(struct capture *capture, struct captured *captured)
{
    struct msghdr *message;
    struct slot *slot;

    if (capture->given == capture->taken && !take(capture))
        return false;
    slot = &capture->slot[capture->given];
    message = &capture->message[capture->given].msg_hdr;
    *captured = (struct captured){
        .vnet = slot->vnet,
        .packet = slot->packet,
        .len = capture->message[capture->given].msg_len - sizeof slot->vnet,
    };
    if (capture->frames)
        capture_put_tag(captured, slot->packet, message);
    capture->given++;
    return true;
}

static bool dropped(int fd)
{
    struct tpacket_stats stats = {0};
    socklen_t size = sizeof stats;

    return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) != 0 ||
           stats.tp_drops != 0;
}

bool capture_complete(struct capture *capture)
{
    const bool in_turn = capture->dealt < capture->sockets;

    capture->dealt = 0;
    for (unsigned i = 0; !in_turn && i < capture->sockets; i++)
        if (dropped(capture->socket[i]))
            return false;
    return true;
}
