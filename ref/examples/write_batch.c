/* SPDX-License-Identifier: MIT */
/*
 * Receives packets in UDP datagrams, coalesces them and writes them to a TUN
 * device: one end of a tunnel without encryption. read_split.c is the other.
 *
 *     write_batch DEVICE PORT
 *
 * While the device is down, packets wait in the socket. Exit status: 1 if the
 * device fails, 2 if the arguments are wrong.
 */
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "open_tun.h"

/* README.md shows the text from here */
#include <errno.h>
#include <grove/table.h>
#include <sys/uio.h>

/* Writes batches to a TUN device. */
struct batch_writer {
    int tun;                   /* opened with IFF_VNET_HDR */
    struct grove_table *table; /* of 1000 packets at most: see IOV_MAX */
    size_t next;               /* the first output that is not written yet */
    size_t refused;            /* packets that the kernel never accepts */
};

/* Returns 0, or the errno of a write that may succeed later. */
static int write_output(struct batch_writer *writer,
                        const struct grove_output *output)
{
    while (writev(writer->tun, output->iov, output->iovcnt) < 0) {
        if (errno == EINVAL) {
            writer->refused += output->packets;
            return 0;
        }
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

/* Writes the rest of the batch. Returns 0, or an errno as write_batch(). */
static int resume_batch(struct batch_writer *writer)
{
    size_t count = 0;
    const struct grove_output *outputs = grove_to_write(writer->table, &count);

    for (; writer->next < count; writer->next++) {
        const int error = write_output(writer, &outputs[writer->next]);

        if (error != 0)
            return error;
    }
    writer->next = 0;
    return grove_clear(writer->table) == GROVE_OK ? 0 : EBUSY;
}

/*
 * Coalesces packets and writes them. Returns 0 when all are written. EBUSY: the
 * last batch is not written yet. E2BIG: the table has too little room. Both
 * take no packet. After another errno the packets must stay unchanged until
 * resume_batch() returns 0: call it when poll(2) reports POLLOUT.
 */
static int write_batch(struct batch_writer *writer,
                       const struct grove_packet *packets, size_t count)
{
    if (grove_received(writer->table) != 0)
        return EBUSY;
    if (grove_coalesce(writer->table, packets, count) != GROVE_OK)
        return E2BIG;
    for (uint32_t i = 0; i < count; i++)
        if (grove_fate_of(writer->table, i).verdict == GROVE_REJECTED)
            writer->refused++;
    return resume_batch(writer);
}
/* to here. */

/* DATAGRAM_MAX is the longest payload of UDP over IPv4, in bytes. */
enum { BATCH = 128, DATAGRAM_MAX = 65507, PAUSE_MS = 10 };

/* Receives the datagrams that have arrived. Returns their number. */
static size_t receive_batch(int from, struct grove_packet *packets)
{
    static uint8_t memory[BATCH][DATAGRAM_MAX];
    size_t count = 0;

    while (count < BATCH) {
        const ssize_t len =
            recv(from, memory[count], DATAGRAM_MAX, MSG_DONTWAIT);

        if (len < 0)
            break;
        packets[count].data = memory[count];
        packets[count].len = (size_t)len;
        packets[count].vnet = NULL;
        count++;
    }
    return count;
}

/* Whether a write that failed with this errno may succeed later. */
static bool is_temporary(int error)
{
    if (error == ENOBUFS || error == ENOMEM)
        poll(NULL, 0, PAUSE_MS);
    return error == 0 || error == EAGAIN || error == EIO || error == ENOBUFS ||
           error == ENOMEM;
}

/* Returns the errno that ends it. */
static int run(struct batch_writer *writer, int from)
{
    struct grove_packet packets[BATCH];
    int error = 0;

    while (is_temporary(error)) {
        const bool pending = grove_received(writer->table) != 0;
        struct pollfd wait = {from, POLLIN, 0};

        if (pending) {
            wait.fd = writer->tun;
            wait.events = POLLOUT; /* not while the device is down */
        }
        if (poll(&wait, 1, -1) < 0)
            continue;
        error = pending ? resume_batch(writer)
                        : write_batch(writer, packets,
                                      receive_batch(from, packets));
    }
    return error;
}

/* Returns a UDP socket that is bound to the port, or -1 and errno. */
static int open_socket(const char *port)
{
    struct sockaddr_in6 address;
    char *end = NULL;
    const unsigned long number = strtoul(port, &end, 10);
    int fd;

    memset(&address, 0, sizeof address);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons((uint16_t)number);
    if (*port == '\0' || *end != '\0' || number == 0 || number > UINT16_MAX) {
        errno = EINVAL;
        return -1;
    }
    fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    return fd;
}

/* Before Linux 6.2 a kernel refuses USO, and UDP super-packets. */
static bool takes_udp(int tun)
{
    const unsigned long uso = TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6;

    return ioctl(tun, TUNSETOFFLOAD, uso) == 0 &&
           ioctl(tun, TUNSETOFFLOAD, 0UL) == 0;
}

static int report(const char *what, int status)
{
    fprintf(stderr, "write_batch: %s: %s\n", what, strerror(errno));
    return status;
}

int main(int argc, char **argv)
{
    struct grove_config config;
    struct batch_writer writer = {-1, NULL, 0, 0};
    enum grove_error error;
    int from;

    if (argc != 3) {
        fprintf(stderr, "usage: write_batch DEVICE PORT\n");
        return 2;
    }
    from = open_socket(argv[2]);
    if (from < 0)
        return report(argv[2], 2);
    writer.tun = open_tun(argv[1], 0);
    if (writer.tun < 0)
        return report(argv[1], 2);
    memset(&config, 0, sizeof config);
    config.max_packets = BATCH;
    config.no_udp = !takes_udp(writer.tun);
    error = grove_table_new(&config, &writer.table);
    if (error != GROVE_OK) {
        fprintf(stderr, "write_batch: %s\n", grove_error_words(error));
        return 2;
    }
    fprintf(stderr, "write_batch: %s: %s; the rest of the batch is lost\n",
            argv[1], strerror(run(&writer, from)));
    grove_table_free(writer.table);
    return 1;
}
