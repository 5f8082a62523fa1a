/* SPDX-License-Identifier: MIT */
/*
 * Reads super-packets from a TUN device, splits them and sends each segment in
 * a UDP datagram: one end of a tunnel without encryption. write_batch.c is the
 * other.
 *
 *     read_split DEVICE ADDRESS PORT
 *
 * Exit status: 1 if the device or the socket fails, 2 if the arguments are
 * wrong.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <grove/split.h>

#include "open_tun.h"

/* Reads super-packets from a TUN device, and sends their segments. */
struct split_reader {
    int tun;                      /* opened with IFF_VNET_HDR */
    int to;                       /* a connected datagram socket */
    struct grove_split *split;    /* by grove_split_new() */
    struct grove_segment segment; /* the next one to send, if `waiting` */
    bool waiting;
    size_t dropped; /* reads that cannot be split */
    size_t refused; /* segments that are too long for the socket */
    uint8_t buffer[GROVE_VNET_LEN + GROVE_MAX_PACKET_LEN];
};

/* Sends a segment. Returns 0, or the errno of a write that failed. */
static int send_segment(struct split_reader *reader)
{
    const struct grove_segment *segment = &reader->segment;

    while (writev(reader->to, segment->iov + 1, segment->iovcnt - 1) < 0) {
        if (errno == EMSGSIZE) {
            reader->refused++;
            return 0;
        }
        /* An earlier datagram was refused by the peer: this one is not sent. */
        if (errno != EINTR && errno != ECONNREFUSED)
            return errno;
    }
    return 0;
}

/*
 * Sends the segments that wait. Returns 0 when none is left. After an errno
 * call it again, when poll(2) reports POLLOUT for the socket.
 */
static int resume_segments(struct split_reader *reader)
{
    for (;;) {
        int error;

        if (!reader->waiting)
            reader->waiting = grove_split_next(reader->split, &reader->segment);
        if (!reader->waiting)
            return 0;
        error = send_segment(reader);
        if (error != 0)
            return error;
        reader->waiting = false;
    }
}

/*
 * Reads one packet and sends its segments. Returns 0 or an errno: of the socket
 * if reader->waiting is true afterwards, else of the device. EBUSY: segments of
 * the last read wait; nothing is read.
 */
static int read_split(struct split_reader *reader)
{
    struct grove_packet packet;
    enum grove_rule rule;
    ssize_t len;

    if (reader->waiting)
        return EBUSY;
    len = read(reader->tun, reader->buffer, sizeof reader->buffer);
    if (len < 0)
        return errno;
    if (len < GROVE_VNET_LEN)
        return EPROTO;
    packet.vnet = reader->buffer;
    packet.data = reader->buffer + GROVE_VNET_LEN;
    packet.len = (size_t)len - GROVE_VNET_LEN;
    if (grove_split_begin(reader->split, &packet, &rule) != GROVE_SPLIT_OK)
        reader->dropped++;
    return resume_segments(reader);
}

enum { PAUSE_MS = 10 };

/* Whether what failed with this errno may succeed later. */
static bool is_temporary(int error)
{
    switch (error) {
    case ENOBUFS:
    case ENOMEM:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTUNREACH:
        poll(NULL, 0, PAUSE_MS);
        return true;
    default:
        return error == 0 || error == EAGAIN || error == EINTR;
    }
}

/* Returns the errno that ends it. */
static int run(struct split_reader *reader)
{
    int error = 0;

    while (is_temporary(error)) {
        struct pollfd wait = {reader->tun, POLLIN, 0};

        if (reader->waiting) {
            wait.fd = reader->to;
            wait.events = POLLOUT;
        }
        if (poll(&wait, 1, -1) < 0)
            continue;
        error = reader->waiting ? resume_segments(reader) : read_split(reader);
    }
    return error;
}

/* Returns a non-blocking UDP socket that is connected, or -1. */
static int open_socket(const char *address, const char *port)
{
    struct addrinfo hints;
    struct addrinfo *found = NULL;
    int fd = -1;

    memset(&hints, 0, sizeof hints);
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_DGRAM;
    if (getaddrinfo(address, port, &hints, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

/* Before Linux 6.2 a kernel refuses USO. */
static int open_device(const char *name)
{
    const unsigned long tcp =
        TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    const int fd = open_tun(name, tcp | TUN_F_USO4 | TUN_F_USO6);

    return fd < 0 && errno == EINVAL ? open_tun(name, tcp) : fd;
}

int main(int argc, char **argv)
{
    static struct grove_split_config config; /* the newest profile */
    static struct split_reader reader;
    enum grove_error error;

    if (argc != 4) {
        fprintf(stderr, "usage: read_split DEVICE ADDRESS PORT\n");
        return 2;
    }
    error = grove_split_new(&config, &reader.split);
    if (error != GROVE_OK) {
        fprintf(stderr, "read_split: %s\n", grove_error_words(error));
        return 1;
    }
    reader.to = open_socket(argv[2], argv[3]);
    if (reader.to < 0) {
        fprintf(stderr, "read_split: %s %s: no such address and port\n",
                argv[2], argv[3]);
        return 2;
    }
    reader.tun = open_device(argv[1]);
    if (reader.tun < 0) {
        fprintf(stderr, "read_split: %s: %s\n", argv[1], strerror(errno));
        return 2;
    }
    errno = run(&reader);
    fprintf(stderr, "read_split: %s: %s\n", reader.waiting ? argv[2] : argv[1],
            strerror(errno));
    return 1;
}
