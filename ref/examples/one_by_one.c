/* SPDX-License-Identifier: MIT */
/*
 * Joins a TUN device and a UDP port, as a program that handles one packet at a
 * time: one end of a tunnel without encryption. Packets of the device go to
 * where the last datagram came from.
 *
 *     one_by_one DEVICE PORT
 *
 * While the device is down, packets wait in the socket. Exit status: 1 if the
 * device fails, 2 if the program cannot begin.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <grove/tun.h>

/* A turn takes so many datagrams that no put has to send before its end. */
enum { TURN = GROVE_DEFAULT_BATCH, ROOM = 2048, PAUSE_MS = 10 };

static int udp;
static struct sockaddr_in6 peer; /* port 0: it is not known yet */
static struct grove_tun_queue *device;
static struct grove_tun_outbox outbox; /* of the device */
static uint8_t memory[TURN * ROOM];    /* of the outbox */

static _Noreturn void fail(int status, const char *what, const char *why)
{
    fprintf(stderr, "one_by_one: %s: %s\n", what, why);
    exit(status);
}

/* Ends the program if the device will never work again. */
static void check(enum grove_tun_result result)
{
    if (result == GROVE_TUN_NO_MEMORY)
        poll(NULL, 0, PAUSE_MS);
    if (result == GROVE_TUN_GONE || result == GROVE_TUN_TABLE)
        fail(1, "the device", grove_tun_result_words(result));
    if (result == GROVE_TUN_SYSTEM)
        fail(1, "the device", strerror(errno));
}

/* What a VPN does to a packet of the device: it encrypts it, and sends it. */
static void send_to_peer(const uint8_t *packet, size_t len)
{
    if (peer.sin6_port != 0)
        sendto(udp, packet, len, 0, (const struct sockaddr *)&peer,
               sizeof peer);
}

/* What it does to a datagram: it decrypts it, and writes it to the device. */
static void send_to_device(const uint8_t *packet, size_t len)
{
    check(grove_tun_put(&outbox, packet, len));
}

/* A super-packet gives many packets: the device is empty only after AGAIN. */
static void receive_from_device(void)
{
    static uint8_t packet[ROOM];
    struct grove_tun_buffer buffer = {packet, sizeof packet, 0};
    enum grove_tun_result result;
    size_t received;

    do {
        result = grove_tun_recv(device, &buffer, 1, 0, &received);
        if (received != 0)
            send_to_peer(packet, buffer.len);
    } while (result == GROVE_TUN_OK || result == GROVE_TUN_TOO_SMALL ||
             result == GROVE_TUN_INTERRUPTED);
    check(result);
}

static void receive_from_peer(void)
{
    uint8_t datagram[ROOM];

    for (int i = 0; i < TURN; i++) {
        socklen_t size = sizeof peer;
        const ssize_t len =
            recvfrom(udp, datagram, sizeof datagram, MSG_DONTWAIT,
                     (struct sockaddr *)&peer, &size);

        if (len < 0)
            return;
        send_to_device(datagram, (size_t)len);
    }
}

static void run_turn(void)
{
    struct pollfd wait[] = {{grove_tun_fd(device), POLLIN, 0},
                            {udp, POLLIN, 0}};

    /* A write failed: nothing more is read until the device takes it. */
    if (outbox.taken) {
        wait[0].events |= POLLOUT;
        wait[1].fd = -1;
    }
    if (poll(wait, 2, -1) < 0)
        return;
    if ((wait[0].revents & ~POLLOUT) != 0)
        receive_from_device();
    if (wait[1].revents != 0)
        receive_from_peer();
    /* The turn ends: all that was put in it is sent. */
    check(grove_tun_flush(&outbox));
}

static void open_device(const char *name)
{
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;
    const struct grove_tun_config config = {
        .name = name,
        .kernel = grove_tun_probe(&kernel, &error) ? &kernel : NULL,
        .link = GROVE_TUN_LINK_UP,
        .non_blocking = true};
    char profile[GROVE_PROFILE_NAME_SIZE];
    const struct grove_config table = {.profile = profile};
    struct grove_tun *tun;

    if (!grove_tun_open(&config, &tun, &error))
        fail(2, name, grove_tun_cause_words(error.cause));
    device = grove_tun_queue(tun, 0);
    grove_tun_profile(config.kernel, profile);
    if (grove_table_new(&table, &outbox.table) != GROVE_OK)
        fail(2, name, "out of memory");
    outbox.queue = device;
    outbox.memory = memory;
    outbox.size = sizeof memory;
}

static void open_socket(const char *port)
{
    const unsigned long number = strtoul(port, NULL, 10);
    const struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                         .sin6_port = htons((uint16_t)number)};

    udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (udp < 0 || number == 0 || number > UINT16_MAX ||
        bind(udp, (const struct sockaddr *)&address, sizeof address) != 0)
        fail(2, port, "cannot be bound");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        fail(2, "usage", "one_by_one DEVICE PORT");
    open_socket(argv[2]);
    open_device(argv[1]);
    for (;;)
        run_turn();
}
