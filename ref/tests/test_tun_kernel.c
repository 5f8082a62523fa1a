/* SPDX-License-Identifier: MIT */
/*
 * TUN devices of the running kernel, in network namespaces of their own. Each
 * test leaves no device and no descriptor. Without the right to make a
 * namespace the program says SKIP and exits with 77.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grove/tun.h"
#include "packets.h"
#include "tun/device.h"
#include "tun/probe.h"
#include "tun/redirect.h"

enum {
    NOBODY = 65534,
    SOMEBODY = 65533,
    SEGMENT = 500,  /* bytes of payload of a datagram */
    SEGMENTS = 6,   /* in one call of send() */
    WAIT_MS = 10000 /* for events that occur at once */
};

static const struct grove_tun_address ip4 = {AF_INET, {10, 9, 0, 1}, 24};
static const struct grove_tun_address ip6 = {AF_INET6, {0xfd, 9, [15] = 1}, 64};

/* A socket for questions about devices. */
static int question = -1;

static size_t links_at_first;
static size_t files_at_first;

/* Counting. */

static size_t count_links(void)
{
    struct if_nameindex *links = if_nameindex();
    size_t count = 0;

    assert_non_null(links);
    while (links[count].if_index != 0)
        count++;
    if_freenameindex(links);
    return count;
}

static size_t count_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static int set_up(void **state)
{
    (void)state;
    links_at_first = count_links();
    files_at_first = count_files();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(count_links(), links_at_first);
    assert_int_equal(count_files(), files_at_first);
    return 0;
}

/* Asks about a device by an ioctl() of a socket. */
static struct ifreq ask(const char *name, unsigned long request)
{
    struct ifreq interface = {0};

    snprintf(interface.ifr_name, IFNAMSIZ, "%s", name);
    assert_int_equal(ioctl(question, request, &interface), 0);
    return interface;
}

static int mtu_of(const char *name)
{
    return ask(name, SIOCGIFMTU).ifr_mtu;
}

static bool is_up(const char *name)
{
    return (ask(name, SIOCGIFFLAGS).ifr_flags & IFF_UP) != 0;
}

/* Whether the kernel gives TCP super-packets to the device. */
static bool has_tso(const char *name)
{
    struct ethtool_value value = {.cmd = ETHTOOL_GTSO};
    struct ifreq interface = {.ifr_data = (void *)&value};

    snprintf(interface.ifr_name, IFNAMSIZ, "%s", name);
    assert_int_equal(ioctl(question, SIOCETHTOOL, &interface), 0);
    return value.data != 0;
}

static const uint8_t *bytes_of(const struct sockaddr *address)
{
    const struct sockaddr_in *in = (const void *)address;
    const struct sockaddr_in6 *in6 = (const void *)address;

    return address->sa_family == AF_INET ? (const uint8_t *)&in->sin_addr
                                         : (const uint8_t *)&in6->sin6_addr;
}

static unsigned prefix_of(const struct sockaddr *mask)
{
    const size_t len = mask->sa_family == AF_INET ? 4 : 16;
    unsigned bits = 0;

    for (size_t i = 0; i < len; i++)
        bits += (unsigned)__builtin_popcount(bytes_of(mask)[i]);
    return bits;
}

static bool is_address(const struct ifaddrs *entry, const char *name,
                       const struct grove_tun_address *address)
{
    const size_t len = address->family == AF_INET ? 4 : 16;

    return strcmp(entry->ifa_name, name) == 0 && entry->ifa_addr != NULL &&
           entry->ifa_addr->sa_family == address->family &&
           memcmp(bytes_of(entry->ifa_addr), address->bytes, len) == 0 &&
           prefix_of(entry->ifa_netmask) == address->prefix;
}

static bool has_address(const char *name,
                        const struct grove_tun_address *address)
{
    struct ifaddrs *list;
    bool found = false;

    assert_int_equal(getifaddrs(&list), 0);
    for (struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next)
        found |= is_address(entry, name, address);
    freeifaddrs(list);
    return found;
}

static size_t count_addresses(const char *name)
{
    struct ifaddrs *list;
    size_t count = 0;

    assert_int_equal(getifaddrs(&list), 0);
    for (struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next)
        count += strcmp(entry->ifa_name, name) == 0 &&
                 entry->ifa_addr != NULL &&
                 entry->ifa_addr->sa_family != AF_PACKET;
    freeifaddrs(list);
    return count;
}

/* Opening. */

static struct grove_tun *must_open(const struct grove_tun_config *config)
{
    struct grove_tun_error error;
    struct grove_tun *tun;

    if (!grove_tun_open(config, &tun, &error))
        fail_msg("%s: %s", grove_tun_step_words(error.step),
                 strerror(error.number));
    return tun;
}

static void assert_fails(const struct grove_tun_config *config,
                         enum grove_tun_step step, int number)
{
    const size_t links = count_links();
    const size_t files = count_files();
    struct grove_tun_error error;
    struct grove_tun *tun;

    assert_false(grove_tun_open(config, &tun, &error));
    assert_null(tun);
    assert_int_equal(error.step, step);
    assert_int_equal(error.number, number);
    assert_int_equal(count_links(), links);
    assert_int_equal(count_files(), files);
}

/* Closes a device, which then ends. */
static void end(struct grove_tun *tun)
{
    assert_int_equal(grove_tun_set_persistent(tun, false), 0);
    grove_tun_close(tun);
}

/* Leaves a persistent device that no program has open. */
static void leave_device(const char *name, bool offload)
{
    const struct grove_tun_address own[] = {ip4, ip6};

    grove_tun_close(must_open(&(struct grove_tun_config){
        .name = name,
        .mtu = 1400,
        .addresses = own,
        .address_count = 2,
        .link = GROVE_TUN_LINK_UP,
        .no_offload = !offload,
        .persistent = true,
    }));
}

static void end_device(const char *name)
{
    end(must_open(&(struct grove_tun_config){.name = name}));
}

/* A descriptor of a device with these flags, as another program leaves it. */
static int inherit(const char *name, int flags)
{
    struct ifreq interface = {.ifr_flags = (short)flags};
    const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    snprintf(interface.ifr_name, IFNAMSIZ, "%s", name);
    assert_int_equal(ioctl(fd, TUNSETIFF, &interface), 0);
    return fd;
}

/* Traffic. */

/* Sends datagrams to a neighbour of the device, in one call. */
static void send_datagrams(void)
{
    static const uint8_t payload[SEGMENT * SEGMENTS];
    const int size = SEGMENT;
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons(9),
                                   .sin_addr.s_addr = htonl(0x0a090002)};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(
        setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size), 0);
    assert_int_equal(sendto(fd, payload, sizeof payload, 0,
                            (const struct sockaddr *)&to, sizeof to),
                     sizeof payload);
    close(fd);
}

static void wait_for(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&poller, 1, WAIT_MS), 1);
}

/* Receives what there is. Returns the number of datagrams. */
static size_t receive_some(struct grove_tun_queue *queue)
{
    static uint8_t memory[GROVE_MAX_PACKET_LEN];
    struct grove_tun_buffer buffer = {memory, sizeof memory, 0};
    size_t received = 0;
    size_t got = 0;

    while (grove_tun_recv(queue, &buffer, 1, 0, &received) == GROVE_TUN_OK) {
        /* Other packets are IPv6's own. */
        if (received == 1 && memory[0] == 0x45) {
            assert_int_equal(buffer.len, 20 + 8 + SEGMENT);
            got++;
        }
    }
    return got;
}

/* Receives packets until all the datagrams have come. */
static void receive_datagrams(struct grove_tun_queue *queue)
{
    for (size_t got = receive_some(queue); got < SEGMENTS;) {
        wait_for(grove_tun_fd(queue));
        got += receive_some(queue);
    }
}

/* The same from all queues. */
static void receive_from_any(struct grove_tun *tun)
{
    size_t got = 0;

    for (uint32_t i = 0; i < grove_tun_queues(tun); i++)
        got += receive_some(grove_tun_queue(tun, i));
    assert_int_equal(got, SEGMENTS);
}

static struct grove_tun_stats stats_of(const struct grove_tun *tun)
{
    struct grove_tun_stats stats;

    grove_tun_stats(tun, &stats);
    return stats;
}

/* The tests. */

static void everything(void **state)
{
    const struct grove_tun_address addresses[] = {ip4, ip6, ip4};
    struct grove_tun *tun = must_open(&(struct grove_tun_config){
        .name = "grove%d",
        .mtu = 9000,
        .addresses = addresses,
        .address_count = 3,
        .link = GROVE_TUN_LINK_UP,
        .non_blocking = true,
    });
    const char *name = grove_tun_name(tun);

    (void)state;
    assert_string_equal(name, "grove0");
    assert_int_equal(grove_tun_index(tun), if_nametoindex(name));
    assert_int_equal(mtu_of(name), 9000);
    assert_true(is_up(name));
    assert_true(has_address(name, &ip4));
    assert_true(has_address(name, &ip6));
    assert_true(has_tso(name));
    assert_int_equal(grove_tun_offloads(tun) & ~GROVE_TUN_USO,
                     GROVE_TUN_CSUM | GROVE_TUN_TSO4 | GROVE_TUN_TSO6 |
                         GROVE_TUN_TSO_ECN);
    send_datagrams();
    receive_datagrams(grove_tun_queue(tun, 0));
    grove_tun_close(tun);
}

/* Opens a device that is up. */
static struct grove_tun *open_up(void)
{
    return must_open(&(struct grove_tun_config){.name = "up",
                                                .addresses = &ip4,
                                                .address_count = 1,
                                                .link = GROVE_TUN_LINK_UP,
                                                .non_blocking = true});
}

/* poll(2) does not show what waits in the queue. */
static void waiting(void **state)
{
    static uint8_t memory[4][GROVE_MAX_PACKET_LEN];
    struct grove_tun_buffer buffers[4];
    struct grove_tun *tun = open_up();
    struct grove_tun_queue *queue = grove_tun_queue(tun, 0);
    struct pollfd poller = {.fd = grove_tun_fd(queue), .events = POLLIN};
    size_t received;
    size_t got = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        buffers[i] =
            (struct grove_tun_buffer){memory[i], GROVE_MAX_PACKET_LEN, 0};
    send_datagrams();
    while (got < SEGMENTS) {
        if (grove_tun_waiting(queue) == 0)
            wait_for(poller.fd);
        assert_int_equal(grove_tun_recv(queue, buffers, 4, 0, &received),
                         GROVE_TUN_OK);
        for (size_t i = 0; i < received; i++)
            got += memory[i][0] == 0x45;
    }
    assert_int_equal(grove_tun_waiting(queue), 0);
    grove_tun_close(tun);
}

static void send_datagram(size_t len)
{
    static const uint8_t payload[8000];
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons(9),
                                   .sin_addr.s_addr = htonl(0x0a090002)};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(
        sendto(fd, payload, len, 0, (const struct sockaddr *)&to, sizeof to),
        len);
    close(fd);
}

/* A packet that is too long for the buffer does not block those after it. */
static void mtu_is_raised(void **state)
{
    static uint8_t memory[1500];
    struct grove_tun_buffer buffer = {memory, sizeof memory, 0};
    struct ifreq interface = {.ifr_mtu = 8000};
    struct grove_tun *tun = open_up();
    struct grove_tun_queue *queue = grove_tun_queue(tun, 0);
    enum grove_tun_result result;
    size_t received;
    size_t got = 0;

    (void)state;
    snprintf(interface.ifr_name, IFNAMSIZ, "up");
    assert_int_equal(ioctl(question, SIOCSIFMTU, &interface), 0);
    for (size_t i = 0; i < 3; i++) {
        send_datagram(7000);
        send_datagram(100);
    }
    do {
        result = grove_tun_recv(queue, &buffer, 1, 0, &received);
        got += received == 1 && buffer.len == 128;
    } while (result == GROVE_TUN_OK || result == GROVE_TUN_TOO_SMALL);
    assert_int_equal(result, GROVE_TUN_AGAIN);
    assert_int_equal(got, 3);
    assert_int_equal(stats_of(tun).skipped, 3);
    grove_tun_close(tun);
}

/* TAPs. */

enum { ETHERNET = 14, FRAMES = 6, PAYLOAD = 100 };

/* Bytes of a frame: where the type stands, and the parts of ARP for IPv4. */
enum { TYPE = 12, ARP_OPERATION = 20, ARP_SENDER = 22, ARP_TARGET = 32 };

/* The address of a neighbour. */
static const uint8_t neighbour[] = {2, 0, 0, 0, 0, 2};

/* What `wire_framed()` writes as the sender. */
static const uint8_t framed_by[] = {2, 9, 8, 7, 6, 5};

static struct grove_table *table_in(enum grove_mode mode,
                                    const struct grove_tun *tun)
{
    struct grove_config config = {.mode = mode};
    struct grove_table *table;

    grove_tun_layers(tun, &config);
    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    return table;
}

static struct grove_table *table_for(const struct grove_tun *tun)
{
    return table_in(GROVE_MODE_LINUX, tun);
}

/* Waits for a frame of this type, and receives it. */
static void receive_type(struct grove_tun_queue *queue,
                         struct grove_tun_buffer *buffer, uint16_t type)
{
    size_t received;

    for (;;) {
        const enum grove_tun_result result =
            grove_tun_recv(queue, buffer, 1, 0, &received);

        if (result == GROVE_TUN_AGAIN)
            wait_for(grove_tun_fd(queue));
        else
            assert_int_equal(result, GROVE_TUN_OK);
        if (received == 1 && buffer->data[TYPE] == type >> 8 &&
            buffer->data[TYPE + 1] == (type & 0xff))
            return;
    }
}

/* The answer of the neighbour to a request of ARP. */
static void answer_arp(const uint8_t *request, uint8_t answer[42])
{
    memcpy(answer, request, 42);
    memcpy(answer, request + 6, 6); /* to who has asked */
    memcpy(answer + 6, neighbour, sizeof neighbour);
    answer[ARP_OPERATION + 1] = 2;
    memcpy(answer + ARP_SENDER, answer + 6, 6);
    memcpy(answer + ARP_SENDER + 6, request + ARP_TARGET + 6, 4);
    memcpy(answer + ARP_TARGET, request + ARP_SENDER, 10);
}

/* ARP passes in both directions, and then frames come. */
static void tap_with_arp(void **state)
{
    static uint8_t memory[GROVE_MAX_PACKET_LEN];
    struct grove_tun_buffer buffer = {memory, sizeof memory, 0};
    uint8_t answer[42];
    const struct grove_packet packet = {answer, sizeof answer, NULL, 0};
    struct grove_tun *tun =
        must_open(&(struct grove_tun_config){.tap = true,
                                             .addresses = &ip4,
                                             .address_count = 1,
                                             .link = GROVE_TUN_LINK_UP,
                                             .non_blocking = true});
    struct grove_tun_queue *queue = grove_tun_queue(tun, 0);
    struct grove_table *table = table_for(tun);

    (void)state;
    assert_string_equal(grove_tun_name(tun), "tap0");
    assert_true(has_tso("tap0"));
    send_datagram(100);
    receive_type(queue, &buffer, 0x0806);
    assert_int_equal(buffer.len, sizeof answer);
    assert_memory_equal(memory, "\xff\xff\xff\xff\xff\xff", 6);
    answer_arp(memory, answer);
    assert_int_equal(grove_tun_send(queue, table, &packet, 1), GROVE_TUN_OK);
    assert_int_equal(stats_of(tun).sent, 1);
    receive_type(queue, &buffer, 0x0800);
    assert_int_equal(buffer.len, ETHERNET + 20 + 8 + 100);
    assert_memory_equal(memory, neighbour, sizeof neighbour);
    grove_table_free(table);
    grove_tun_close(tun);
}

/* Two TAPs: what is written to one is read from the other. */
struct joined {
    struct grove_tun *in;
    struct grove_tun *out;
    struct grove_table *table; /* of `in` */
};

/* Skips the test if the kernel cannot redirect packets. */
static struct joined join_taps(const struct grove_tun_config *in,
                               const struct grove_tun_config *out)
{
    struct joined joined = {.in = must_open(in), .out = must_open(out)};
    const int error =
        tun_redirect(&joined.in->link, joined.in->index, joined.out->index);

    joined.table = table_for(joined.in);
    if (error != 0) {
        grove_table_free(joined.table);
        grove_tun_close(joined.in);
        grove_tun_close(joined.out);
        print_message("SKIP: redirecting packets: %s\n", strerror(error));
        skip();
    }
    return joined;
}

static void part_taps(const struct joined *joined)
{
    grove_table_free(joined->table);
    grove_tun_close(joined->in);
    grove_tun_close(joined->out);
}

static void send_wires(const struct joined *joined, const struct wire *wires,
                       size_t count)
{
    struct grove_packet packets[FRAMES];

    for (size_t i = 0; i < count; i++)
        packets[i] = wire_input(wires[i]);
    assert_int_equal(grove_tun_send(grove_tun_queue(joined->in, 0),
                                    joined->table, packets, count),
                     GROVE_TUN_OK);
    assert_int_equal(stats_of(joined->in).sent, count);
}

/* Receives these frames, and no other one of their sender. */
static void receive_wires(const struct joined *joined, const struct wire *wires,
                          size_t count)
{
    static uint8_t memory[GROVE_MAX_PACKET_LEN];
    struct grove_tun_queue *queue = grove_tun_queue(joined->out, 0);

    for (size_t i = 0; i < count;) {
        struct grove_tun_buffer buffer = {memory, sizeof memory, 0};
        size_t received;
        const enum grove_tun_result result =
            grove_tun_recv(queue, &buffer, 1, 0, &received);

        if (result == GROVE_TUN_AGAIN)
            wait_for(grove_tun_fd(queue));
        if (received == 0 || memcmp(memory + 6, framed_by, 6) != 0)
            continue; /* IPv6's own */
        assert_int_equal(buffer.len, wires[i].len);
        assert_memory_equal(memory, wires[i].data, buffer.len);
        i++;
    }
}

/* Frames of one flow of TCP over Ethernet. */
static void make_frames(struct wire wires[FRAMES])
{
    struct fields fields = fields_of(4, TCP);

    for (size_t i = 0; i < FRAMES; i++) {
        wires[i] = wire_framed(wire_of(&fields));
        fields = fields_next(fields);
    }
}

/*
 * The kernel cuts super-packets behind 7 VLAN tags, and would drop one behind
 * more, so that 8 tags leave each packet alone.
 */
static void tap_with_tags(void **state)
{
    const struct grove_tun_config in = {
        .tap = true, .link = GROVE_TUN_LINK_UP, .non_blocking = true};
    struct grove_tun_config out = in;
    struct wire wires[FRAMES];

    (void)state;
    out.no_offload = true;
    for (uint32_t tags = 7; tags <= 8; tags++) {
        const struct joined joined = join_taps(&in, &out);

        make_frames(wires);
        for (size_t i = 0; i < FRAMES; i++)
            wires[i] = wire_tagged(wires[i], tags);
        send_wires(&joined, wires, FRAMES);
        assert_int_equal(stats_of(joined.in).merged, tags == 7 ? FRAMES : 0);
        receive_wires(&joined, wires, FRAMES);
        part_taps(&joined);
    }
    wires_release(NULL);
}

/* The kernel takes a super-packet, and gives it, or cuts it itself. */
static void tap_with_frames(void **state)
{
    const struct grove_tun_config tap = {
        .tap = true, .link = GROVE_TUN_LINK_UP, .non_blocking = true};
    struct grove_tun_config out = tap;
    struct wire wires[FRAMES];

    (void)state;
    make_frames(wires);
    for (int i = 0; i < 2; i++) {
        struct joined joined;

        out.no_offload = i != 0;
        joined = join_taps(&tap, &out);
        send_wires(&joined, wires, FRAMES);
        assert_int_equal(stats_of(joined.in).merged, FRAMES);
        receive_wires(&joined, wires, FRAMES);
        assert_int_equal(stats_of(joined.out).split, i == 0);
        part_taps(&joined);
    }
    wires_release(NULL);
}

static int header_of(struct grove_tun *tun)
{
    int len = 0;

    assert_int_equal(
        ioctl(grove_tun_fd(grove_tun_queue(tun, 0)), TUNGETVNETHDRSZ, &len), 0);
    return len;
}

/* Whether the kernel has super-packets in tunnels, as Linux 6.17 has. */
static bool has_tunnels(void)
{
    const int fd = inherit("asked", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);
    const unsigned long mask = TUN_F_CSUM | TUN_F_TSO4 | 0x180;
    const bool has = ioctl(fd, TUNSETOFFLOAD, mask) == 0;

    close(fd);
    return has;
}

static void headers_of_a_tap(void **state)
{
    struct grove_tun_config config = {
        .name = "stays", .tap = true, .persistent = true};
    const int len = has_tunnels() ? GROVE_VNET_TUNNEL_LEN : GROVE_VNET_LEN;
    struct grove_tun *tun;
    int header;
    int fd;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct grove_config layers = {0};

        config.no_tunnel_offload = i != 0;
        tun = must_open(&config);
        header = i == 0 ? len : GROVE_VNET_LEN;
        assert_int_equal(header_of(tun), header);
        grove_tun_layers(tun, &layers);
        assert_int_equal(layers.vnet_len, header);
        assert_int_equal(layers.link, GROVE_LINK_ETHERNET);
        assert_int_equal((grove_tun_offloads(tun) & GROVE_TUN_TUNNEL) != 0,
                         header == GROVE_VNET_TUNNEL_LEN);
        grove_tun_close(tun);
        assert_false(has_tso("stays"));
    }
    fd = inherit("stays", IFF_TAP | IFF_NO_PI);
    assert_int_equal(ioctl(fd, TUNGETVNETHDRSZ, &header), 0);
    assert_int_equal(header, GROVE_VNET_LEN);
    assert_int_equal(ioctl(fd, TUNSETPERSIST, 0), 0);
    close(fd);
}

enum { GENEVE_PORT = 6081 };

/* Where packets in a tunnel are. */
struct inside {
    enum grove_tunnel_protocol tunnel;
    uint32_t tags;
    uint16_t outermost; /* the type of a tag */
};

/* Packets in VXLAN become packets in GENEVE. */
static void make_geneve(struct wire wire)
{
    wire_put16(wire, wire.l4 + 2, GENEVE_PORT);
    wire_put32(wire, wire.l4 + 8, 0x6558);
    wire_mend(wire);
}

/* Frames of one flow of TCP in a tunnel over this version of IP. */
static void make_inside(struct wire wires[FRAMES], const struct inside *inside,
                        uint8_t version, bool sum)
{
    struct fields inner = fields_of(4, TCP);
    struct fields outer = fields_of(version, UDP);

    for (size_t i = 0; i < FRAMES; i++) {
        const struct wire wire = wire_in_vxlan(wire_of(&inner), &outer, 7);

        if (inside->tunnel == GROVE_TUNNEL_GENEVE)
            make_geneve(wire);
        wires[i] = wire_tagged(wire_framed(wire), inside->tags);
        if (inside->tags != 0)
            wire_put16(wires[i], TYPE, inside->outermost);
        if (!sum)
            wire_put16(wires[i], wires[i].l4 + 6, 0);
        inner = fields_next(inner);
        outer = fields_next(outer);
    }
}

/*
 * One super-packet goes in, and comes out whole, or the kernel cuts it. Before
 * Linux 6.17 it is one of UDP, if it has checksums. TAP-001: behind a VLAN tag
 * the header of the whole one lacks it.
 */
static void send_inside(const struct inside *inside, enum grove_mode mode)
{
    static const struct grove_tunnel tunnels[] = {
        {GROVE_TUNNEL_VXLAN, VXLAN_PORT}, {GROVE_TUNNEL_GENEVE, GENEVE_PORT}};
    const struct grove_tun_config in = {.tap = true,
                                        .tunnels = tunnels,
                                        .tunnel_count = 2,
                                        .link = GROVE_TUN_LINK_UP,
                                        .non_blocking = true};
    const bool carried = has_tunnels();
    struct grove_tun_config out = in;
    struct wire wires[FRAMES];

    for (int i = 0; i < 6; i++) {
        struct joined joined;
        bool datagrams;

        make_inside(wires, inside, i < 4 ? 4 : 6, i >= 2);
        out.no_tunnel_offload = i % 2 != 0;
        joined = join_taps(&in, &out);
        grove_table_free(joined.table);
        joined.table = table_in(mode, joined.in);
        send_wires(&joined, wires, FRAMES);
        datagrams = !carried && i >= 2 &&
                    (grove_tun_offloads(joined.in) & GROVE_TUN_USO) != 0;
        assert_int_equal(stats_of(joined.in).merged,
                         carried || datagrams ? FRAMES : 0);
        assert_int_equal(stats_of(joined.in).fallbacks, 0);
        receive_wires(&joined, wires, FRAMES);
        assert_int_equal(stats_of(joined.out).split,
                         datagrams || (carried && i % 2 == 0));
        part_taps(&joined);
    }
    wires_release(NULL);
}

static void tap_with_tunnels(void **state)
{
    static const struct inside places[] = {
        {GROVE_TUNNEL_VXLAN, 0, 0},       {GROVE_TUNNEL_VXLAN, 1, 0x8100},
        {GROVE_TUNNEL_VXLAN, 2, 0x8100},  {GROVE_TUNNEL_GENEVE, 0, 0},
        {GROVE_TUNNEL_GENEVE, 1, 0x88a8}, {GROVE_TUNNEL_GENEVE, 2, 0x88a8}};

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        send_inside(&places[i], GROVE_MODE_LINUX);
        send_inside(&places[i], GROVE_MODE_LOSSLESS);
    }
}

/* What a table makes for a TUN, in VXLAN, with long headers. */
static ssize_t write_to_a_tun(int fd, uint8_t version)
{
    static const struct grove_tunnel vxlan = {GROVE_TUNNEL_VXLAN, VXLAN_PORT};
    const struct grove_config config = {.tunnels = &vxlan,
                                        .tunnel_count = 1,
                                        .vnet_len = GROVE_VNET_TUNNEL_LEN};
    struct fields inner = fields_of(4, TCP);
    struct fields outer = fields_of(version, UDP);
    const struct grove_output *output;
    struct grove_table *table;
    ssize_t written;
    size_t count;

    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    for (size_t i = 0; i < FRAMES; i++) {
        const struct grove_packet packet =
            wire_input(wire_in_vxlan(wire_of(&inner), &outer, 7));

        assert_int_equal(grove_receive(table, &packet), GROVE_OK);
        inner = fields_next(inner);
        outer = fields_next(outer);
    }
    grove_flush(table);
    output = grove_to_write(table, &count);
    assert_int_equal(count, 1);
    written = writev(fd, output->iov, output->iovcnt);
    grove_table_free(table);
    return written;
}

/* Why tunnels need a TAP: the kernel wants room for an Ethernet header. */
static void tun_with_vxlan(void **state)
{
    static const uint8_t versions[] = {4, 6};
    const int fd = inherit("bare", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR);
    const unsigned long mask = TUN_F_CSUM | TUN_F_TSO4 | 0x180;
    struct ifreq interface = {.ifr_flags = IFF_UP};
    int header = GROVE_VNET_TUNNEL_LEN;

    (void)state;
    snprintf(interface.ifr_name, IFNAMSIZ, "bare");
    assert_int_equal(ioctl(question, SIOCSIFFLAGS, &interface), 0);
    assert_int_equal(ioctl(fd, TUNSETVNETHDRSZ, &header), 0);
    (void)ioctl(fd, TUNSETOFFLOAD, mask);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(write_to_a_tun(fd, versions[i]), -1);
        assert_int_equal(errno, EINVAL);
    }
    close(fd);
    wires_release(NULL);
}

/* Sets what /sys has of a device, in a mount namespace that ends at once. */
static void set_of_device(const char *path, const char *value)
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        int fd;

        if (unshare(CLONE_NEWNS) != 0 ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", "/sys", "sysfs", 0, NULL) != 0)
            _exit(100);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        _exit(fd >= 0 && write(fd, value, strlen(value)) > 0 ? 0 : 101);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/*
 * A TAP of another program with GRO, which waits for more packets; what it
 * makes goes to `out`.
 */
static int open_with_gro(const struct grove_tun *out)
{
    const int fd = inherit("gro", IFF_TAP | IFF_NO_PI | IFF_NAPI);
    struct ifreq interface = {.ifr_flags = IFF_UP};
    struct tun_link link;

    snprintf(interface.ifr_name, IFNAMSIZ, "gro");
    assert_int_equal(ioctl(question, SIOCSIFFLAGS, &interface), 0);
    set_of_device("/sys/class/net/gro/gro_flush_timeout", "100000000");
    assert_int_equal(tun_link_open(&link, &tun_system_linux), 0);
    assert_int_equal(
        tun_redirect(&link, (int)if_nametoindex("gro"), grove_tun_index(out)),
        0);
    tun_link_close(&link);
    return fd;
}

/* Sees what comes in at the device, before it is redirected. */
static int watch(const char *name)
{
    const struct sockaddr_ll of = {.sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL),
                                   .sll_ifindex = (int)if_nametoindex(name)};
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&of, sizeof of), 0);
    return fd;
}

/* The length of the next frame of `framed_by` that is seen. */
static ssize_t see(int fd)
{
    static uint8_t memory[GROVE_MAX_PACKET_LEN];
    ssize_t len;

    do {
        wait_for(fd);
        len = recv(fd, memory, sizeof memory, 0);
        assert_true(len > 0);
    } while (memcmp(memory + 6, framed_by, sizeof framed_by) != 0);
    return len;
}

/* The packet in IP, with the identification that its own has. */
static struct wire in_ip(struct wire inner)
{
    const struct fields fields = fields_of(4, UDP);
    struct wire wire = {.len = 20 + inner.len, .version = 4};
    uint32_t sum = 0;

    wire.data = wire_memory(wire.len);
    memcpy(wire.data, wire_of(&fields).data, 20);
    memcpy(wire.data + 20, inner.data, inner.len);
    wire_put16(wire, 2, (uint16_t)wire.len);
    wire_put16(wire, 4, wire_get16(inner, 4));
    wire_put8(wire, 9, 4);
    wire_put16(wire, 10, 0);
    for (uint32_t i = 0; i < 20; i += 2)
        sum += wire_get16(wire, i);
    sum = (sum & 0xffff) + (sum >> 16);
    wire_put16(wire, 10, (uint16_t) ~(sum + (sum >> 16)));
    return wire;
}

/* Whether the kernel has made one packet of all frames, which have come. */
static bool sees_one(int eye, uint32_t headers)
{
    const size_t all = (size_t)FRAMES * PAYLOAD;
    size_t seen = 0;
    size_t count = 0;

    for (; seen < all; count++)
        seen += (size_t)see(eye) - headers;
    assert_int_equal(seen, all);
    return count == 1;
}

/* How often `out` splits what the kernel has made one packet of. */
static uint64_t splits_of_one(const struct joined *joined, int gro, int eye,
                              const struct wire wires[FRAMES])
{
    enum { TRIES = 1000 };

    for (int i = 0; i < TRIES; i++) {
        const uint64_t before = stats_of(joined->out).split;
        bool one;

        for (size_t k = 0; k < FRAMES; k++)
            assert_int_equal(write(gro, wires[k].data, wires[k].len),
                             wires[k].len);
        one = sees_one(eye, wires[0].len - PAYLOAD);
        receive_wires(joined, wires, FRAMES);
        if (one)
            return stats_of(joined->out).split - before;
    }
    fail_msg("the kernel does not coalesce");
    return 0;
}

/*
 * The kernel coalesces frames of TCP, in IP if so; how often `out` splits them.
 * At each tick of its clock it gives what it holds, so that it may take tries.
 */
static uint64_t splits_of(bool ipip)
{
    const struct grove_tun_config config = {
        .tap = true, .link = GROVE_TUN_LINK_UP, .non_blocking = true};
    const struct joined joined = {.out = must_open(&config)};
    struct fields fields = fields_of(4, TCP);
    struct wire wires[FRAMES];
    const int gro = open_with_gro(joined.out);
    const int eye = watch("gro");
    uint64_t splits;

    for (size_t i = 0; i < FRAMES; i++) {
        const struct wire wire = wire_of(&fields);

        wires[i] = wire_framed(ipip ? in_ip(wire) : wire);
        fields = fields_next(fields);
    }
    splits = splits_of_one(&joined, gro, eye, wires);
    close(eye);
    close(gro);
    grove_tun_close(joined.out);
    wires_release(NULL);
    return splits;
}

/* No header tells of IP in IP: the kernel cuts it before it is read. */
static void tap_with_ipip(void **state)
{
    (void)state;
    assert_int_equal(splits_of(false), 1);
    assert_int_equal(splits_of(true), 0);
}

static void largest_mtu_of_a_tap(void **state)
{
    struct grove_tun_config config = {.tap = true, .mtu = 65522};

    (void)state;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EINVAL);
    config.mtu = 65521;
    grove_tun_close(must_open(&config));
}

static void names(void **state)
{
    struct grove_tun *tun[] = {
        must_open(&(struct grove_tun_config){0}),
        must_open(&(struct grove_tun_config){0}),
        must_open(&(struct grove_tun_config){.name = "fifteen-letters"}),
    };

    (void)state;
    assert_string_equal(grove_tun_name(tun[0]), "tun0");
    assert_string_equal(grove_tun_name(tun[1]), "tun1");
    assert_string_equal(grove_tun_name(tun[2]), "fifteen-letters");
    assert_false(is_up("tun0"));
    assert_int_equal(mtu_of("tun0"), 1500);
    for (size_t i = 0; i < 3; i++)
        grove_tun_close(tun[i]);
}

static void persistent(void **state)
{
    struct grove_tun *tun;

    (void)state;
    leave_device("stays", true);
    tun = must_open(&(struct grove_tun_config){.name = "stays"});
    assert_int_equal(mtu_of("stays"), 1400);
    assert_true(is_up("stays"));
    assert_true(has_address("stays", &ip4));
    assert_true(has_address("stays", &ip6));
    grove_tun_close(tun);
    tun = must_open(&(struct grove_tun_config){
        .name = "stays", .mtu = 1300, .link = GROVE_TUN_LINK_DOWN});
    assert_int_equal(mtu_of("stays"), 1300);
    assert_false(is_up("stays"));
    end(tun);
    assert_int_equal(if_nametoindex("stays"), 0);
}

static void offloads_do_not_outlive(void **state)
{
    struct grove_tun *tun;

    (void)state;
    leave_device("stays", true);
    assert_false(has_tso("stays"));
    tun = must_open(&(struct grove_tun_config){
        .name = "stays", .no_offload = true, .non_blocking = true});
    assert_false(has_tso("stays"));
    assert_int_equal(grove_tun_offloads(tun), 0);
    assert_int_equal(grove_tun_coalescing(tun), 0);
    send_datagrams();
    receive_datagrams(grove_tun_queue(tun, 0));
    assert_int_equal(stats_of(tun).split, 0);
    grove_tun_close(tun);

    tun = must_open(
        &(struct grove_tun_config){.name = "stays", .non_blocking = true});
    assert_true(has_tso("stays"));
    send_datagrams();
    receive_datagrams(grove_tun_queue(tun, 0));
    assert_int_equal(stats_of(tun).split,
                     (grove_tun_offloads(tun) & GROVE_TUN_USO) != 0);
    end(tun);
}

/* A program that knows only plain packets gets each datagram of a burst. */
static void closing_puts_back(void **state)
{
    static uint8_t memory[GROVE_MAX_PACKET_LEN];
    int header = 12;
    int fd;

    (void)state;
    leave_device("stays", false);
    fd = inherit("stays", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR);
    assert_int_equal(ioctl(fd, TUNSETVNETHDRSZ, &header), 0);
    close(fd);
    grove_tun_close(must_open(&(struct grove_tun_config){.name = "stays"}));
    fd = inherit("stays", IFF_TUN | IFF_NO_PI);
    assert_int_equal(ioctl(fd, TUNGETVNETHDRSZ, &header), 0);
    assert_int_equal(header, 12);
    send_datagrams();
    for (size_t got = 0; got < SEGMENTS;) {
        const ssize_t len = read(fd, memory, sizeof memory);

        if (memory[0] != 0x45)
            continue; /* IPv6's own */
        assert_int_equal(len, 20 + 8 + SEGMENT);
        got++;
    }
    close(fd);
    end_device("stays");
}

/* Another program has a queue, without headers: it gets only whole packets. */
static void shared_without_headers(void **state)
{
    const int fd = inherit("many", IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE);
    struct ifreq interface = {0};
    struct grove_tun *tun = must_open(&(struct grove_tun_config){
        .name = "many",
        .queues = 3,
        .addresses = &ip4,
        .address_count = 1,
        .link = GROVE_TUN_LINK_UP,
        .non_blocking = true,
    });

    (void)state;
    assert_true(grove_tun_shared(tun));
    assert_int_equal(ioctl(fd, TUNGETIFF, &interface), 0);
    assert_int_equal(interface.ifr_flags & IFF_VNET_HDR, 0);
    assert_false(has_tso("many"));
    assert_int_equal(grove_tun_coalescing(tun), 0);
    /* The kernel chooses queues; only ours are left. */
    close(fd);
    send_datagrams();
    receive_from_any(tun);
    grove_tun_close(tun);
}

/* Its mask and its headers stay. */
static void shared_with_headers(void **state)
{
    const int flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE;
    const struct grove_tun_config config = {.name = "many", .queues = 1};
    const int fd = inherit("many", flags);
    int header = 12;
    struct grove_tun *tun;

    (void)state;
    assert_int_equal(ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4), 0);
    tun = must_open(&config);
    assert_true(has_tso("many"));
    grove_tun_close(tun);
    assert_true(has_tso("many"));
    assert_int_equal(ioctl(fd, TUNSETVNETHDRSZ, &header), 0);
    assert_fails(&config, GROVE_TUN_STEP_HEADER, EBUSY);
    assert_int_equal(ioctl(fd, TUNGETVNETHDRSZ, &header), 0);
    assert_int_equal(header, 12);
    close(fd);
}

static void queues(void **state)
{
    const struct grove_tun_config all = {.name = "many",
                                         .queues = GROVE_TUN_MAX_QUEUES};
    const struct grove_tun_config more = {.name = "many", .queues = 1};
    struct grove_tun *tun = must_open(&all);

    (void)state;
    for (uint32_t i = 0; i < GROVE_TUN_MAX_QUEUES; i++) {
        struct ifreq interface = {0};
        const int fd = grove_tun_fd(grove_tun_queue(tun, i));

        assert_int_equal(ioctl(fd, TUNGETIFF, &interface), 0);
        assert_string_equal(interface.ifr_name, "many");
    }
    assert_fails(&more, GROVE_TUN_STEP_ATTACH, E2BIG);
    grove_tun_close(tun);
    tun = must_open(&more);
    assert_fails(&(struct grove_tun_config){.name = "many"},
                 GROVE_TUN_STEP_ATTACH, EINVAL);
    grove_tun_close(tun);
}

/* Namespaces. */

static ino_t own_namespace(void)
{
    struct stat status;

    assert_int_equal(stat("/proc/thread-self/ns/net", &status), 0);
    return status.st_ino;
}

/* Descriptors of a new namespace, and of a socket in it. */
struct elsewhere {
    int netns;
    int socket;
};

static void *go_elsewhere(void *argument)
{
    struct elsewhere *there = argument;

    if (unshare(CLONE_NEWNET) != 0)
        return NULL;
    there->netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    there->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return NULL;
}

static struct elsewhere make_elsewhere(void)
{
    struct elsewhere there = {-1, -1};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, go_elsewhere, &there), 0);
    pthread_join(thread, NULL);
    assert_true(there.netns >= 0);
    assert_true(there.socket >= 0);
    return there;
}

static void leave_elsewhere(const struct elsewhere *there)
{
    close(there->netns);
    close(there->socket);
}

/* The index of the device there, or 0. */
static int index_there(const struct elsewhere *there, const char *name)
{
    struct ifreq interface = {0};

    snprintf(interface.ifr_name, IFNAMSIZ, "%s", name);
    return ioctl(there->socket, SIOCGIFINDEX, &interface) == 0
               ? interface.ifr_ifindex
               : 0;
}

static void another_namespace(void **state)
{
    const struct elsewhere there = make_elsewhere();
    const ino_t own = own_namespace();
    char path[64];
    struct grove_tun *tun;

    (void)state;
    snprintf(path, sizeof path, "/proc/self/fd/%d", there.netns);
    tun = must_open(&(struct grove_tun_config){
        .name = "far", .netns = path, .mtu = 1400, .queues = 2});
    assert_int_equal(own_namespace(), own);
    assert_int_equal(if_nametoindex("far"), 0);
    assert_int_equal(grove_tun_index(tun), index_there(&there, "far"));
    assert_int_not_equal(grove_tun_index(tun), 0);
    grove_tun_close(tun);
    assert_int_equal(index_there(&there, "far"), 0);
    leave_elsewhere(&there);
}

static void no_namespace(void **state)
{
    (void)state;
    assert_fails(&(struct grove_tun_config){.netns = "/nothing/here"},
                 GROVE_TUN_STEP_NAMESPACE, ENOENT);
    assert_fails(&(struct grove_tun_config){.netns = "/dev/null"},
                 GROVE_TUN_STEP_NAMESPACE, EINVAL);
    assert_fails(&(struct grove_tun_config){.netns = "/proc/self/ns/uts"},
                 GROVE_TUN_STEP_NAMESPACE, EINVAL);
}

/* Adopting. */

static struct grove_tun *adopt(const int *fds, size_t count)
{
    return must_open(&(struct grove_tun_config){
        .fds = fds,
        .fd_count = count,
        .addresses = &ip4,
        .address_count = 1,
        .link = GROVE_TUN_LINK_UP,
        .non_blocking = true,
    });
}

static void adopted_with_headers(void **state)
{
    const int flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE;
    const int fds[] = {inherit("given", flags), inherit("given", flags)};
    int header = 12;
    struct grove_tun *tun;

    (void)state;
    assert_int_equal(ioctl(fds[0], TUNSETVNETHDRSZ, &header), 0);
    tun = adopt(fds, 2);
    assert_string_equal(grove_tun_name(tun), "given");
    assert_int_equal(grove_tun_index(tun), if_nametoindex("given"));
    assert_int_equal(grove_tun_fd(grove_tun_queue(tun, 1)), fds[1]);
    assert_int_equal(ioctl(fds[1], TUNGETVNETHDRSZ, &header), 0);
    assert_int_equal(header, GROVE_VNET_LEN);
    assert_true(has_tso("given"));
    grove_tun_close(tun);
}

static void adopted_without_headers(void **state)
{
    const int fd = inherit("given", IFF_TUN | IFF_NO_PI);
    struct grove_tun *tun = adopt(&fd, 1);

    (void)state;
    assert_int_equal(grove_tun_offloads(tun), 0);
    assert_int_equal(grove_tun_coalescing(tun), 0);
    send_datagrams();
    receive_datagrams(grove_tun_queue(tun, 0));
    grove_tun_close(tun);
}

/* Opens a device elsewhere, as another program would. */
struct far_device {
    const struct elsewhere *there;
    int fd;
};

static void *inherit_there(void *argument)
{
    struct far_device *device = argument;

    if (setns(device->there->netns, CLONE_NEWNET) == 0)
        device->fd = inherit("given", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR);
    return NULL;
}

static void adopted_from_elsewhere(void **state)
{
    const struct elsewhere there = make_elsewhere();
    const ino_t own = own_namespace();
    struct far_device device = {&there, -1};
    pthread_t thread;
    struct grove_tun *tun;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, inherit_there, &device), 0);
    pthread_join(thread, NULL);
    assert_true(device.fd >= 0);
    tun = adopt(&device.fd, 1);
    assert_int_equal(own_namespace(), own);
    assert_int_equal(grove_tun_index(tun), index_there(&there, "given"));
    grove_tun_close(tun);
    leave_elsewhere(&there);
}

static void not_adopted(int fd, int number)
{
    const struct grove_tun_config config = {.fds = &fd, .fd_count = 1};

    assert_fails(&config, GROVE_TUN_STEP_KIND, number);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
}

static void what_cannot_be_adopted(void **state)
{
    const int fds[] = {inherit("one", IFF_TUN | IFF_NO_PI),
                       inherit("two", IFF_TUN | IFF_NO_PI)};

    (void)state;
    assert_fails(&(struct grove_tun_config){.fds = fds, .fd_count = 2},
                 GROVE_TUN_STEP_KIND, EINVAL);
    close(fds[0]);
    close(fds[1]);
    not_adopted(inherit("tap", IFF_TAP | IFF_NO_PI), EINVAL);
    not_adopted(inherit("pi", IFF_TUN), EINVAL);
    not_adopted(open("/dev/net/tun", O_RDWR | O_CLOEXEC), EBADFD);
    not_adopted(open("/dev/null", O_RDWR | O_CLOEXEC), ENOTTY);
}

/* Rights. */

/* Opens a device as another user. Returns 0, or the step that met EPERM. */
static int step_of_user(const struct grove_tun_config *config, uid_t user,
                        gid_t group)
{
    const pid_t child = fork();
    struct grove_tun_error error;
    struct grove_tun *tun;
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        if (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 ||
            setresuid(user, user, user) != 0)
            _exit(100);
        if (grove_tun_open(config, &tun, &error))
            _exit(0);
        _exit(error.number == EPERM ? (int)error.step : 101);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void owner_and_group(void **state)
{
    const uid_t owner = NOBODY;
    const gid_t group = SOMEBODY;
    const struct grove_tun_config make = {
        .name = "owned", .owner = &owner, .group = &group, .persistent = true};
    const struct grove_tun_config use = {.name = "owned"};

    (void)state;
    grove_tun_close(must_open(&make));
    assert_int_equal(step_of_user(&use, NOBODY, SOMEBODY), 0);
    assert_int_equal(step_of_user(&use, SOMEBODY, SOMEBODY),
                     GROVE_TUN_STEP_ATTACH);
    assert_int_equal(step_of_user(&use, NOBODY, NOBODY), GROVE_TUN_STEP_ATTACH);
    assert_int_equal(
        step_of_user(&(struct grove_tun_config){.name = "owned", .mtu = 1400},
                     NOBODY, SOMEBODY),
        GROVE_TUN_STEP_MTU);
    assert_int_equal(mtu_of("owned"), 1500);
    end_device("owned");
}

static void no_rights(void **state)
{
    const int fd = inherit("given", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR);
    struct grove_tun_config adopting = {.fds = &fd, .fd_count = 1};

    (void)state;
    assert_int_equal(
        step_of_user(&(struct grove_tun_config){0}, NOBODY, NOBODY),
        GROVE_TUN_STEP_ATTACH);
    assert_int_equal(step_of_user(&adopting, NOBODY, NOBODY), 0);
    adopting.link = GROVE_TUN_LINK_UP;
    assert_int_equal(step_of_user(&adopting, NOBODY, NOBODY),
                     GROVE_TUN_STEP_NAMESPACE);
    close(fd);
}

/* Causes. */

/* Opens a device in a mount namespace of its own. Returns the cause. */
static enum grove_tun_cause cause_after(void (*prepare)(void))
{
    const pid_t child = fork();
    struct grove_tun_error error;
    struct grove_tun *tun;
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
            _exit(100);
        prepare();
        if (grove_tun_open(&(struct grove_tun_config){0}, &tun, &error))
            _exit(101);
        _exit((int)error.cause);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return (enum grove_tun_cause)WEXITSTATUS(status);
}

static void cover_nodes(unsigned long flags)
{
    if (mount("none", "/dev/net", "tmpfs", flags, NULL) != 0)
        _exit(102);
}

static void make_node(unsigned long flags, mode_t kind, unsigned minor)
{
    cover_nodes(flags);
    if (mknod("/dev/net/tun", kind | 0666, makedev(10, minor)) != 0)
        _exit(103);
}

static void no_node(void)
{
    cover_nodes(0);
}

static void node_is_a_folder(void)
{
    cover_nodes(0);
    if (mkdir("/dev/net/tun", 0777) != 0)
        _exit(103);
}

static void node_is_a_file(void)
{
    make_node(0, S_IFREG, 0);
}

/* 10:1 was a bus mouse; no kernel has it. */
static void node_without_driver(void)
{
    make_node(0, S_IFCHR, 1);
}

static void node_of_another_driver(void)
{
    if (mount("/dev/null", "/dev/net/tun", NULL, MS_BIND, NULL) != 0)
        _exit(102);
}

static void node_under_nodev(void)
{
    make_node(MS_NODEV, S_IFCHR, 200);
}

static void node_of_root(void)
{
    make_node(0, S_IFCHR, 200);
    if (chmod("/dev/net/tun", 0600) != 0 || setgroups(0, NULL) != 0 ||
        setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) != 0)
        _exit(103);
}

static void causes_of_the_node(void **state)
{
    (void)state;
    assert_int_equal(cause_after(no_node), GROVE_TUN_CAUSE_NODE_MISSING);
    assert_int_equal(cause_after(node_is_a_folder),
                     GROVE_TUN_CAUSE_NODE_FOLDER);
    assert_int_equal(cause_after(node_is_a_file), GROVE_TUN_CAUSE_NODE_FILE);
    assert_int_equal(cause_after(node_without_driver),
                     GROVE_TUN_CAUSE_NODE_DRIVER);
    assert_int_equal(cause_after(node_of_another_driver),
                     GROVE_TUN_CAUSE_NODE_FILE);
    assert_int_equal(cause_after(node_under_nodev), GROVE_TUN_CAUSE_NODE_MOUNT);
    assert_int_equal(cause_after(node_of_root), GROVE_TUN_CAUSE_NODE_MODE);
}

static void fails_by(const struct grove_tun_config *config,
                     enum grove_tun_step step, int number,
                     enum grove_tun_cause cause)
{
    struct grove_tun_error error;
    struct grove_tun *tun;

    assert_fails(config, step, number);
    assert_false(grove_tun_open(config, &tun, &error));
    assert_int_equal(error.cause, cause);
}

static void causes_of_the_device(void **state)
{
    const int many = inherit("many", IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE);
    const int one = inherit("one", IFF_TUN | IFF_NO_PI);
    const int tap = inherit("tap", IFF_TAP | IFF_NO_PI);

    (void)state;
    fails_by(&(struct grove_tun_config){.name = "many"}, GROVE_TUN_STEP_ATTACH,
             EINVAL, GROVE_TUN_CAUSE_MULTI_QUEUE);
    fails_by(&(struct grove_tun_config){.name = "one", .queues = 3},
             GROVE_TUN_STEP_ATTACH, EINVAL, GROVE_TUN_CAUSE_SINGLE_QUEUE);
    fails_by(&(struct grove_tun_config){.name = "tap"}, GROVE_TUN_STEP_ATTACH,
             EINVAL, GROVE_TUN_CAUSE_TAP);
    fails_by(&(struct grove_tun_config){.name = "one", .tap = true},
             GROVE_TUN_STEP_ATTACH, EINVAL, GROVE_TUN_CAUSE_TUN);
    fails_by(
        &(struct grove_tun_config){.fds = &one, .fd_count = 1, .tap = true},
        GROVE_TUN_STEP_KIND, EINVAL, GROVE_TUN_CAUSE_TUN);
    fails_by(&(struct grove_tun_config){.name = "lo"}, GROVE_TUN_STEP_ATTACH,
             EINVAL, GROVE_TUN_CAUSE_KIND);
    fails_by(&(struct grove_tun_config){.name = "one"}, GROVE_TUN_STEP_ATTACH,
             EBUSY, GROVE_TUN_CAUSE_BUSY);
    close(many);
    close(one);
    close(tap);
}

static void set_ip6_off(const char *value)
{
    const int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6",
                        O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, value, 1), 1);
    close(fd);
}

/* The rights are there, and nothing is skipped. */
static void ip6_is_off(void **state)
{
    const struct grove_tun_address both[] = {ip4, ip6};
    const struct grove_tun_config config = {.addresses = both,
                                            .address_count = 2};

    (void)state;
    set_ip6_off("1");
    fails_by(&config, GROVE_TUN_STEP_ADDRESS, EACCES, GROVE_TUN_CAUSE_IP6_OFF);
    set_ip6_off("0");
    end(must_open(&config));
}

/* Whether the kernel receives packets to `ip6`. */
static bool receives_ip6(void)
{
    static const char own[] = "fd090000000000000000000000000001 80 ";
    FILE *routes = fopen("/proc/thread-self/net/ipv6_route", "re");
    char line[256];
    bool found = false;

    assert_non_null(routes);
    while (fgets(line, sizeof line, routes) != NULL)
        found |= strncmp(line, own, strlen(own)) == 0;
    fclose(routes);
    return found;
}

/* Without the wait it comes too late in one of four. */
static void ip6_at_once(void **state)
{
    enum { TRIES = 40 };
    const struct grove_tun_config config = {
        .addresses = &ip6, .address_count = 1, .link = GROVE_TUN_LINK_UP};

    (void)state;
    for (size_t i = 0; i < TRIES; i++) {
        struct grove_tun *tun = must_open(&config);

        assert_true(receives_ip6());
        grove_tun_close(tun);
    }
}

static void ip6_on_a_small_device(void **state)
{
    const int fd = inherit("small", IFF_TUN | IFF_NO_PI);
    struct ifreq interface = {.ifr_mtu = 1000};
    const struct grove_tun_config config = {
        .name = "small", .addresses = &ip6, .address_count = 1};

    (void)state;
    snprintf(interface.ifr_name, IFNAMSIZ, "small");
    assert_int_equal(ioctl(question, SIOCSIFMTU, &interface), 0);
    assert_int_equal(ioctl(fd, TUNSETPERSIST, 1), 0);
    close(fd);
    fails_by(&config, GROVE_TUN_STEP_ADDRESS, EINVAL, GROVE_TUN_CAUSE_IP6_MTU);
    end_device("small");
}

/* Failures. */

static void wrong_mtu(void **state)
{
    (void)state;
    assert_fails(&(struct grove_tun_config){.mtu = 65536}, GROVE_TUN_STEP_MTU,
                 EINVAL);
    assert_fails(&(struct grove_tun_config){.mtu = 67}, GROVE_TUN_STEP_MTU,
                 EINVAL);
    assert_fails(&(struct grove_tun_config){.mtu = UINT32_MAX},
                 GROVE_TUN_STEP_MTU, EINVAL);
}

static void taken_name(void **state)
{
    struct grove_tun *tun;

    (void)state;
    assert_fails(&(struct grove_tun_config){.name = "lo"},
                 GROVE_TUN_STEP_ATTACH, EINVAL);
    tun = must_open(&(struct grove_tun_config){.name = "busy"});
    assert_fails(&(struct grove_tun_config){.name = "busy"},
                 GROVE_TUN_STEP_ATTACH, EBUSY);
    grove_tun_close(tun);
}

/* With the first address of a network the kernel deletes its others, too. */
static void failure_changes_nothing(void **state)
{
    static const struct grove_tun_address addresses[] = {
        {AF_INET, {10, 9, 0, 1}, 24},   /* it is there already */
        {AF_INET, {10, 9, 0, 7}, 24},   /* in the network of that one */
        {AF_INET, {10, 8, 0, 1}, 24},   /* in a network of its own */
        {AF_INET, {10, 8, 0, 2}, 24},   /* with a second address */
        {AF_INET6, {0xfd, 8}, 64},      /* and of IPv6 */
        {AF_INET6, {0xff, 2, 0, 1}, 64} /* multicast, which fails */
    };
    struct grove_tun_config config = {.name = "stays",
                                      .mtu = 1300,
                                      .addresses = addresses,
                                      .address_count = 6,
                                      .link = GROVE_TUN_LINK_DOWN};
    size_t before;

    (void)state;
    leave_device("stays", true);
    before = count_addresses("stays");
    for (int again = 0; again < 2; again++) {
        assert_fails(&config, GROVE_TUN_STEP_ADDRESS, EADDRNOTAVAIL);
        assert_int_equal(mtu_of("stays"), 1400);
        assert_true(is_up("stays"));
        assert_int_equal(count_addresses("stays"), before);
        assert_true(has_address("stays", &ip4));
        assert_true(has_address("stays", &ip6));
        config.mtu = 9000;
    }
    end_device("stays");
}

/* Deletes a device that a program has open. */
static void delete_device(int index)
{
    struct mnl_socket *netlink = mnl_socket_open(NETLINK_ROUTE);
    _Alignas(struct nlmsghdr) char message[512];
    struct nlmsghdr *header = mnl_nlmsg_put_header(message);
    struct ifinfomsg *info;
    ssize_t len;

    assert_non_null(netlink);
    header->nlmsg_type = RTM_DELLINK;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    info = mnl_nlmsg_put_extra_header(header, sizeof *info);
    info->ifi_index = index;
    assert_true(mnl_socket_sendto(netlink, header, header->nlmsg_len) > 0);
    len = mnl_socket_recvfrom(netlink, message, sizeof message);
    assert_true(len > 0);
    assert_int_equal(mnl_cb_run(message, (size_t)len, 0, 0, NULL, NULL),
                     MNL_CB_STOP);
    mnl_socket_close(netlink);
}

static void deleted_while_open(void **state)
{
    static uint8_t memory[2048] = {0x45};
    struct grove_tun_buffer buffer = {memory, sizeof memory, 0};
    const struct grove_packet packet = {memory, 28, NULL, 0};
    struct grove_tun *tun = must_open(&(struct grove_tun_config){
        .link = GROVE_TUN_LINK_UP, .non_blocking = true});
    struct grove_tun_queue *queue = grove_tun_queue(tun, 0);
    struct pollfd poller = {.fd = grove_tun_fd(queue)};
    struct grove_table *table;
    size_t received;

    (void)state;
    assert_int_equal(
        grove_table_new(&(struct grove_config){.profile = NULL}, &table),
        GROVE_OK);
    delete_device(grove_tun_index(tun));
    assert_int_equal(poll(&poller, 1, WAIT_MS), 1);
    assert_int_equal(poller.revents, POLLERR);
    assert_int_equal(grove_tun_recv(queue, &buffer, 1, 0, &received),
                     GROVE_TUN_GONE);
    assert_int_equal(grove_tun_send(queue, table, &packet, 1), GROVE_TUN_GONE);
    assert_int_equal(grove_tun_pending(queue), 1);
    assert_int_equal(grove_tun_resume(queue), GROVE_TUN_GONE);
    assert_int_equal(grove_tun_discard(queue), 1);
    assert_int_equal(grove_tun_set_persistent(tun, true), EBADFD);
    grove_table_free(table);
    grove_tun_close(tun);
}

/* The running kernel splits super-packets rightly. */
static void assert_healthy(bool own_namespace)
{
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;

    if (!grove_tun_probe(&kernel, &error)) {
        print_message("SKIP: %s: %s\n", grove_tun_step_words(error.step),
                      strerror(error.number));
        assert_int_equal(error.cause, GROVE_TUN_CAUSE_REDIRECT);
        skip();
    }
    for (size_t i = 0; i < kernel.finding_count; i++)
        print_error("%s: %s\n", kernel.findings[i].packet,
                    grove_tun_symptom_words(kernel.findings[i].symptom));
    assert_int_equal(kernel.finding_count, 0);
    assert_int_equal(kernel.wrong, 0);
    assert_true((kernel.tried & GROVE_TUN_TSO4) != 0);
    assert_int_equal(kernel.own_namespace, own_namespace);
}

static ino_t namespace_number(void)
{
    struct stat status;

    assert_int_equal(stat("/proc/thread-self/ns/net", &status), 0);
    return status.st_ino;
}

static void probed(void **state)
{
    const ino_t before = namespace_number();

    (void)state;
    assert_healthy(true);
    assert_int_equal(namespace_number(), before);
}

/* Gives up a capability of this thread, or takes it back. */
static void set_capability(unsigned capability, bool on)
{
    struct __user_cap_header_struct header = {.version =
                                                  _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    const uint32_t bit = 1U << capability;

    assert_int_equal(syscall(SYS_capget, &header, data), 0);
    data[0].effective = on ? data[0].effective | bit : data[0].effective & ~bit;
    assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

/* As in a container with --cap-add=NET_ADMIN. */
static void probed_without_a_namespace(void **state)
{
    (void)state;
    set_capability(CAP_SYS_ADMIN, false);
    assert_healthy(false);
    set_capability(CAP_SYS_ADMIN, true);
}

/* Spoils the last byte of what is read from a device and is long. */
static ssize_t spoiled_read(int fd, void *buffer, size_t size)
{
    const ssize_t len = read(fd, buffer, size);

    if (len > SEGMENT)
        ((uint8_t *)buffer)[len - 1] ^= 1;
    return len;
}

/* The same kernel, spoiled: all that it cuts is wrong. */
static void probed_and_spoiled(void **state)
{
    struct tun_system spoiled = tun_system_linux;
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;

    (void)state;
    spoiled.read = spoiled_read;
    if (!tun_probe(&spoiled, &kernel, &error)) {
        print_message("SKIP: %s: %s\n", grove_tun_step_words(error.step),
                      strerror(error.number));
        assert_int_equal(error.cause, GROVE_TUN_CAUSE_REDIRECT);
        skip();
    }
    assert_int_equal(kernel.wrong, kernel.tried);
    assert_true(kernel.finding_count > 0);
    for (size_t i = 0; i < kernel.finding_count; i++)
        assert_int_equal(kernel.findings[i].symptom, GROVE_TUN_SYMPTOM_PAYLOAD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(everything),
        TEST(waiting),
        TEST(mtu_is_raised),
        TEST(tap_with_arp),
        TEST(tap_with_frames),
        TEST(tap_with_tags),
        TEST(headers_of_a_tap),
        TEST(tap_with_tunnels),
        TEST(tun_with_vxlan),
        TEST(tap_with_ipip),
        TEST(largest_mtu_of_a_tap),
        TEST(names),
        TEST(persistent),
        TEST(offloads_do_not_outlive),
        TEST(closing_puts_back),
        TEST(shared_without_headers),
        TEST(shared_with_headers),
        TEST(queues),
        TEST(another_namespace),
        TEST(no_namespace),
        TEST(adopted_with_headers),
        TEST(adopted_without_headers),
        TEST(adopted_from_elsewhere),
        TEST(what_cannot_be_adopted),
        TEST(owner_and_group),
        TEST(no_rights),
        TEST(causes_of_the_node),
        TEST(causes_of_the_device),
        TEST(ip6_is_off),
        TEST(ip6_at_once),
        TEST(ip6_on_a_small_device),
        TEST(wrong_mtu),
        TEST(taken_name),
        TEST(failure_changes_nothing),
        TEST(deleted_while_open),
        TEST(probed),
        TEST(probed_without_a_namespace),
        TEST(probed_and_spoiled),
    };
    int failed;

    if (access("/dev/net/tun", R_OK | W_OK) != 0 ||
        unshare(CLONE_NEWNET) != 0) {
        fprintf(stderr, "SKIP: TUN devices in a new network namespace: %s\n",
                strerror(errno));
        return 77;
    }
    question = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    close(question);
    return failed;
}
