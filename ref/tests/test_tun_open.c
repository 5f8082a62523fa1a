/* SPDX-License-Identifier: MIT */
/*
 * Opening a device, on a kernel in memory: what is set, which offloads are
 * found, which configurations are refused, and that every system call may fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "split.h"
#include "tables.h"
#include "tun/device.h"
#include "tun_system.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define ALL                                                                    \
    (GROVE_TUN_CSUM | GROVE_TUN_TSO4 | GROVE_TUN_TSO6 | GROVE_TUN_TSO_ECN |    \
     GROVE_TUN_USO)

enum {
    ALL_MASK = 0x1ef, /* TUNSETOFFLOAD of them and of tunnels */
    TUN = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR,
    TAP = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
    OTHER_NETNS = 2
};

static const char other_netns[] = "/run/netns/2";

static const struct grove_tun_address addresses[] = {
    {AF_INET, {10, 0, 0, 1}, 24},
    {AF_INET6, {0xfd, [15] = 1}, 64},
    {AF_INET, {10, 0, 0, 2}, 24},
    {AF_INET, {10, 0, 0, 1}, 24}, /* once more */
};

static const struct grove_tunnel tunnels[] = {{GROVE_TUNNEL_VXLAN, 4789},
                                              {GROVE_TUNNEL_GENEVE, 6081}};

/* It is nobody's. */
static const struct grove_tunnel addressless[1];

static const uid_t owner = 1000;
static const gid_t group = 100;

static int set_up(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

/* Opens a device, which must succeed. */
static struct grove_tun *must_open(const struct grove_tun_config *config)
{
    struct grove_tun_error error;
    struct grove_tun *tun = NULL;

    assert_true(tun_open(&fake_system, config, &tun, &error));
    assert_non_null(tun);
    assert_int_equal(error.step, GROVE_TUN_STEP_NONE);
    assert_int_equal(error.number, 0);
    return tun;
}

/* Of the last assert_fails(). */
static struct grove_tun_error last_error;

static void assert_fails(const struct grove_tun_config *config,
                         enum grove_tun_step step, int number, size_t index)
{
    const size_t open_before = fake_open_count();
    struct grove_tun *tun = (struct grove_tun *)&last_error;

    assert_false(tun_open(&fake_system, config, &tun, &last_error));
    assert_null(tun);
    assert_int_equal(last_error.step, step);
    assert_int_equal(last_error.number, number);
    assert_int_equal(last_error.index, index);
    assert_int_equal(fake_open_count(), open_before);
    assert_int_equal(fake.bad_closes, 0);
}

static void assert_address(const struct fake_device *device, size_t number,
                           const struct grove_tun_address *address)
{
    assert_true(number < device->address_count);
    assert_int_equal(device->addresses[number].family, address->family);
    assert_int_equal(device->addresses[number].prefix, address->prefix);
    assert_memory_equal(device->addresses[number].bytes, address->bytes, 16);
}

/* All queues split as the kernels of this profile. */
static void assert_profile(const struct grove_tun *tun, const char *name)
{
    const struct profile profile = profile_named(name);

    for (uint32_t i = 0; i < tun->queue_count; i++)
        assert_same_profile(&tun->queues[i].reader.split->profile, &profile);
}

/* The tables for the device, and its splitters, have these layers. */
static void assert_layers(const struct grove_tun *tun, enum grove_link link,
                          uint8_t vnet_len)
{
    struct grove_config config = {.max_flows = 5};

    grove_tun_layers(tun, &config);
    assert_int_equal(config.link, link);
    assert_int_equal(config.vnet_len, vnet_len);
    assert_int_equal(config.max_flows, 5);
    for (uint32_t i = 0; i < tun->queue_count; i++) {
        assert_int_equal(tun->queues[i].reader.split->link, link);
        assert_int_equal(tun->queues[i].reader.split->vnet_len, vnet_len);
    }
}

/* Settings. */

static void nothing_asked(void **state)
{
    const struct grove_tun_config config = {0};
    struct grove_tun *tun = must_open(&config);
    const struct fake_device *device = fake_find("tun0");

    (void)state;
    assert_string_equal(grove_tun_name(tun), "tun0");
    assert_int_equal(grove_tun_index(tun), device->index);
    assert_int_equal(grove_tun_queues(tun), 1);
    assert_int_equal(device->flags, TUN);
    assert_int_equal(device->mtu, 1500);
    assert_int_equal(grove_tun_mtu(tun), 1500);
    assert_false(grove_tun_shared(tun));
    assert_false(device->up);
    assert_false(device->persistent);
    assert_true(device->little_endian);
    assert_int_equal(device->header, GROVE_VNET_LEN);
    assert_int_equal(device->offloads, 0x6f);
    assert_int_equal(device->address_count, 0);
    assert_int_equal(device->owner, UINT32_MAX);
    assert_int_equal(fake_open_count(), 2); /* the queue, and netlink */
    assert_int_equal(fake.threads, 0);
    assert_int_equal(fake_file(grove_tun_fd(grove_tun_queue(tun, 0)))->flags,
                     O_RDWR | O_CLOEXEC);
    assert_null(grove_tun_queue(tun, 1));
    assert_profile(tun, "linux-6.18"); /* the running one: fake.release */
    assert_layers(tun, GROVE_LINK_NONE, GROVE_VNET_LEN);
    grove_tun_close(tun);
    assert_int_equal(fake_open_count(), 0);
    assert_int_equal(fake_device_count(), 0);
    assert_int_equal(fake.bad_closes, 0);
}

/* A profile by its columns. It stays when the caller's name is gone. */
static void row_by_name(void **state)
{
    char name[] = "linux-6.12:min_tcp_gso_size=0";
    struct grove_tun *tun = must_open(&(struct grove_tun_config){
        .profile = name,
    });

    (void)state;
    name[0] = '\0';
    assert_profile(tun, "linux-6.12:min_tcp_gso_size=0");
    grove_tun_close(tun);
}

static void everything_asked(void **state)
{
    const struct grove_tun_config config = {
        .name = "vpn%d",
        .profile = "linux-6.1",
        .queues = 3,
        .mtu = 9000,
        .addresses = addresses,
        .address_count = COUNT(addresses),
        .owner = &owner,
        .group = &group,
        .link = GROVE_TUN_LINK_UP,
        .non_blocking = true,
        .persistent = true,
    };
    struct grove_tun *tun = must_open(&config);
    const struct fake_device *device = fake_find("vpn0");

    (void)state;
    assert_int_equal(grove_tun_queues(tun), 3);
    assert_int_equal(device->flags, TUN | IFF_MULTI_QUEUE);
    assert_int_equal(device->queues, 3);
    assert_int_equal(device->mtu, 9000);
    assert_int_equal(grove_tun_mtu(tun), 9000);
    assert_int_equal(device->address_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_address(device, i, &addresses[i]);
    assert_int_equal(device->without_dad, 1); /* the one of IPv6 */
    assert_int_equal(device->owner, owner);
    assert_int_equal(device->group, group);
    assert_true(device->up);
    assert_true(device->persistent);
    assert_profile(tun, "linux-6.1");
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(
            fake_file(grove_tun_fd(grove_tun_queue(tun, i)))->flags,
            O_RDWR | O_CLOEXEC | O_NONBLOCK);
    grove_tun_close(tun);
    assert_int_equal(fake_open_count(), 0);
    assert_int_equal(fake_device_count(), 1);
}

static void a_tap(void **state)
{
    const struct grove_tun_config config = {.tap = true, .queues = 2};
    struct grove_tun *tun = must_open(&config);

    (void)state;
    assert_string_equal(grove_tun_name(tun), "tap0");
    assert_int_equal(fake_find("tap0")->flags, TAP | IFF_MULTI_QUEUE);
    assert_int_equal(fake_find("tap0")->header, GROVE_VNET_TUNNEL_LEN);
    assert_int_equal(fake_find("tap0")->offloads, ALL_MASK);
    assert_layers(tun, GROVE_LINK_ETHERNET, GROVE_VNET_TUNNEL_LEN);
    assert_int_equal(grove_tun_offloads(tun), ALL | GROVE_TUN_TUNNEL);
    assert_int_equal(grove_tun_coalescing(tun), GROVE_TUN_TCP | GROVE_TUN_UDP);
    grove_tun_close(tun);
}

static void an_adopted_tap(void **state)
{
    const int fd = fake_attach(fake_add("given", FAKE_NETNS, TAP));
    const struct grove_tun_config config = {
        .tap = true, .fds = &fd, .fd_count = 1};
    struct grove_tun *tun = must_open(&config);

    (void)state;
    assert_string_equal(grove_tun_name(tun), "given");
    assert_layers(tun, GROVE_LINK_ETHERNET, GROVE_VNET_TUNNEL_LEN);
    grove_tun_close(tun);
}

/* Headers, tunnels of tables, and coalescing of a device with tunnels. */
static void assert_tunnels(const struct grove_tun_config *config, bool carried)
{
    const uint8_t len = carried ? GROVE_VNET_TUNNEL_LEN : GROVE_VNET_LEN;
    struct grove_tun *tun = must_open(config);
    struct grove_config layers = {.tunnels = addressless, .tunnel_count = 99};

    assert_int_equal(fake_find(grove_tun_name(tun))->header, len);
    assert_int_equal(tun->layers.vnet_len, len);
    assert_int_equal((grove_tun_offloads(tun) & GROVE_TUN_TUNNEL) != 0,
                     carried);
    assert_int_equal((grove_tun_coalescing(tun) & GROVE_TUN_TUNNELS) != 0,
                     carried);
    grove_tun_layers(tun, &layers);
    assert_int_equal(layers.tunnel_count, carried ? 2 : 0);
    for (size_t i = 0; i < layers.tunnel_count; i++) {
        assert_ptr_not_equal(layers.tunnels, config->tunnels);
        assert_int_equal(layers.tunnels[i].protocol, tunnels[i].protocol);
        assert_int_equal(layers.tunnels[i].port, tunnels[i].port);
    }
    grove_tun_close(tun);
}

static void tunnels_are_carried(void **state)
{
    struct grove_tun_config config = {
        .tap = true, .tunnels = tunnels, .tunnel_count = 2};

    (void)state;
    assert_tunnels(&config, true);
    config.no_tunnel_offload = true;
    assert_tunnels(&config, false);
    config.no_tunnel_offload = false;
    config.no_offload = true;
    assert_tunnels(&config, false);
}

/* Before Linux 6.17; and where the header cannot be so long. */
static void tunnels_are_not_carried(void **state)
{
    const struct grove_tun_config config = {
        .tap = true, .tunnels = tunnels, .tunnel_count = 2};

    (void)state;
    fake.offloads = 0x6f;
    assert_tunnels(&config, false);
    fake.offloads = 0xef; /* no checksums */
    assert_tunnels(&config, false);
    fake_reset();
    fake.longest_header = 12;
    assert_tunnels(&config, false);
    fake_reset();
    fake.header_stays = true;
    assert_tunnels(&config, false);
}

static void a_tap_of_an_old_kernel(void **state)
{
    struct grove_tun *tun;

    (void)state;
    fake.offloads = 0x6f;
    tun = must_open(&(struct grove_tun_config){.tap = true});
    assert_int_equal(fake_find("tap0")->offloads, 0x6f);
    assert_layers(tun, GROVE_LINK_ETHERNET, GROVE_VNET_LEN);
    assert_int_equal(grove_tun_offloads(tun), ALL);
    grove_tun_close(tun);
}

/* A device without headers is not asked for long ones. */
static void an_adopted_tap_without_headers(void **state)
{
    struct fake_device *device =
        fake_add("given", FAKE_NETNS, IFF_TAP | IFF_NO_PI);
    const int fd = fake_attach(device);
    const struct grove_tun_config config = {.tap = true,
                                            .fds = &fd,
                                            .fd_count = 1,
                                            .tunnels = tunnels,
                                            .tunnel_count = 2};
    struct grove_tun *tun;

    (void)state;
    device->header = 12;
    tun = must_open(&config);
    assert_int_equal(device->header, 12);
    assert_int_equal(grove_tun_coalescing(tun), 0);
    assert_layers(tun, GROVE_LINK_ETHERNET, GROVE_VNET_LEN);
    grove_tun_close(tun);
}

/* How often opening waits, if the kernel is this late. */
static size_t waits(const struct grove_tun_config *config, int late)
{
    fake_reset();
    fake_add("old", FAKE_NETNS, TUN)->up = true;
    fake.late = late;
    grove_tun_close(must_open(config));
    return fake.waits;
}

static void addresses_are_awaited(void **state)
{
    struct grove_tun_config config = {
        .name = "old", .addresses = addresses, .address_count = 2};

    (void)state;
    assert_int_equal(waits(&config, 0), 0);
    assert_int_equal(waits(&config, 3), 3);
    assert_int_equal(waits(&config, INT_MAX), 1000);
    config.link = GROVE_TUN_LINK_DOWN;
    assert_int_equal(waits(&config, 3), 0);
    config.name = "new";
    config.link = GROVE_TUN_LINK_KEEP;
    assert_int_equal(waits(&config, 3), 0);
    config.link = GROVE_TUN_LINK_UP;
    assert_int_equal(waits(&config, 3), 3);
    config.address_count = 1; /* of IPv4 */
    assert_int_equal(waits(&config, 3), 0);
}

static void the_most_queues(void **state)
{
    const struct grove_tun_config config = {.queues = GROVE_TUN_MAX_QUEUES};
    struct grove_tun *tun = must_open(&config);

    (void)state;
    assert_int_equal(grove_tun_queues(tun), GROVE_TUN_MAX_QUEUES);
    assert_int_equal(fake_open_count(), GROVE_TUN_MAX_QUEUES + 1);
    grove_tun_close(tun);
    assert_int_equal(fake_open_count(), 0);
}

static void names(void **state)
{
    const struct grove_tun_config pattern = {.name = "a%db"};
    const struct grove_tun_config longest = {.name = "fifteen-letters"};
    struct grove_tun *tun[] = {must_open(&pattern), must_open(&pattern),
                               must_open(&longest)};

    (void)state;
    assert_string_equal(grove_tun_name(tun[0]), "a0b");
    assert_string_equal(grove_tun_name(tun[1]), "a1b");
    assert_string_equal(grove_tun_name(tun[2]), "fifteen-letters");
    for (size_t i = 0; i < COUNT(tun); i++)
        grove_tun_close(tun[i]);
}

static void link_goes_down(void **state)
{
    const struct grove_tun_config config = {.name = "old",
                                            .link = GROVE_TUN_LINK_DOWN};
    struct fake_device *device = fake_add("old", FAKE_NETNS, TUN);

    (void)state;
    device->up = true;
    grove_tun_close(must_open(&config));
    assert_false(device->up);
    grove_tun_close(must_open(&config));
    assert_false(device->up);
}

static void what_is_not_asked_stays(void **state)
{
    const struct grove_tun_config config = {.name = "old"};
    struct fake_device *device = fake_add("old", FAKE_NETNS, TUN);

    (void)state;
    device->up = true;
    device->mtu = 1300;
    device->owner = 7;
    grove_tun_close(must_open(&config));
    assert_true(device->up);
    assert_true(device->persistent);
    assert_int_equal(device->mtu, 1300);
    assert_int_equal(device->owner, 7);
}

static void same_mtu_is_not_set(void **state)
{
    const struct grove_tun_config config = {.name = "old", .mtu = 1500};

    (void)state;
    fake_add("old", FAKE_NETNS, TUN);
    grove_tun_close(must_open(&config));
    assert_string_equal(fake.asked, "netlink RTM_GETLINK");
}

static void persistence(void **state)
{
    const struct grove_tun_config config = {0};
    struct grove_tun *tun = must_open(&config);

    (void)state;
    assert_int_equal(grove_tun_set_persistent(tun, true), 0);
    assert_true(fake_find("tun0")->persistent);
    assert_int_equal(grove_tun_set_persistent(tun, false), 0);
    assert_false(fake_find("tun0")->persistent);
    fake.fail = fake.calls + 1;
    fake.error = EIO;
    assert_int_equal(grove_tun_set_persistent(tun, true), EIO);
    grove_tun_close(tun);
    assert_int_equal(fake_device_count(), 0);
}

/* Offloads. */

static void assert_offloads(unsigned long taken, uint32_t given,
                            uint32_t protocols)
{
    const struct grove_tun_config config = {0};
    struct grove_tun *tun;

    fake_reset();
    fake.offloads = taken;
    tun = must_open(&config);
    assert_int_equal(grove_tun_offloads(tun), given);
    assert_int_equal(grove_tun_coalescing(tun), protocols);
    grove_tun_set_coalescing(tun, 0);
    assert_int_equal(grove_tun_coalescing(tun), 0);
    grove_tun_set_coalescing(tun, UINT32_MAX);
    assert_int_equal(grove_tun_coalescing(tun), protocols);
    grove_tun_close(tun);
}

static void offloads(void **state)
{
    const uint32_t tcp = ALL & ~GROVE_TUN_USO;

    (void)state;
    assert_offloads(0x6f, ALL, GROVE_TUN_TCP | GROVE_TUN_UDP);
    assert_offloads(0x0f, tcp, GROVE_TUN_TCP);
    assert_offloads(0x61, GROVE_TUN_CSUM | GROVE_TUN_USO, GROVE_TUN_UDP);
    assert_offloads(0x07, GROVE_TUN_CSUM | GROVE_TUN_TSO4 | GROVE_TUN_TSO6, 0);
    assert_offloads(0x01, GROVE_TUN_CSUM, 0);
    assert_offloads(0x6e, 0, 0);
    assert_offloads(0x2f, tcp, GROVE_TUN_TCP);
}

/* What is known of the kernel limits what is sent, not what is received. */
static void probed(void **state)
{
    const struct grove_tun_kernel kernel = {.wrong = GROVE_TUN_TSO6,
                                            .min_tcp_gso_size = 3};
    struct grove_tun_config config = {.kernel = &kernel};
    struct grove_tun *tun = must_open(&config);

    (void)state;
    assert_int_equal(tun->wrong, GROVE_TUN_TSO6);
    assert_int_equal(tun->min_tcp_gso_size, 3);
    assert_int_equal(grove_tun_offloads(tun), ALL);
    assert_int_equal(grove_tun_coalescing(tun), GROVE_TUN_TCP | GROVE_TUN_UDP);
    grove_tun_close(tun);
    config.kernel = NULL;
    tun = must_open(&config);
    assert_int_equal(tun->wrong, 0);
    assert_int_equal(tun->min_tcp_gso_size, 8);
    grove_tun_close(tun);
}

/* A killed process leaves its mask. */
static void no_offload_clears_the_mask(void **state)
{
    const struct grove_tun_config config = {.name = "old", .no_offload = true};
    struct fake_device *device = fake_add("old", FAKE_NETNS, TUN);
    struct grove_tun *tun;

    (void)state;
    device->offloads = 0x6f;
    tun = must_open(&config);
    assert_int_equal(device->offloads, 0);
    assert_int_equal(grove_tun_offloads(tun), 0);
    assert_int_equal(grove_tun_coalescing(tun), 0);
    grove_tun_close(tun);
}

/* The next program knows nothing of super-packets, and has its own headers. */
static void closing_puts_back(void **state)
{
    const struct grove_tun_config config = {.name = "old"};
    struct fake_device *device = fake_add("old", FAKE_NETNS, TUN);

    (void)state;
    for (int little_endian = 0; little_endian < 2; little_endian++) {
        struct grove_tun *tun;

        device->header = 12;
        device->little_endian = little_endian != 0;
        tun = must_open(&config);
        assert_int_equal(device->offloads, 0x6f);
        assert_int_equal(device->header, GROVE_VNET_LEN);
        assert_true(device->little_endian);
        grove_tun_close(tun);
        assert_int_equal(device->offloads, 0);
        assert_int_equal(device->header, 12);
        assert_int_equal(device->little_endian, little_endian);
    }
}

static void closing_puts_back_long_headers(void **state)
{
    const struct grove_tun_config config = {.name = "old", .tap = true};
    struct fake_device *device = fake_add("old", FAKE_NETNS, TAP);

    (void)state;
    grove_tun_close(must_open(&config));
    assert_int_equal(device->offloads, 0);
    assert_int_equal(device->header, GROVE_VNET_LEN);
}

static void closing_cannot_fail(void **state)
{
    const struct grove_tun_config config = {.name = "old"};

    (void)state;
    for (size_t k = 1; k <= 3; k++) {
        struct grove_tun *tun;

        fake_reset();
        fake_add("old", FAKE_NETNS, TUN);
        tun = must_open(&config);
        fake.fail = fake.calls + k;
        fake.error = EIO;
        grove_tun_close(tun);
        assert_non_null(fake.failed);
        assert_int_equal(fake_open_count(), 0);
        assert_int_equal(fake.bad_closes, 0);
    }
}

/* Devices that another program has open. */

enum { MANY = TUN | IFF_MULTI_QUEUE, MASK = 0x61, HEADER = 12 };

/* On a big-endian host only TUNSETVNETLE makes headers that grove reads. */
enum { SHARED_LE = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };

static const struct grove_tun_config many = {.name = "many", .queues = 2};

/* Another program has a queue of the device. */
static struct fake_device *add_shared(int flags, int header)
{
    struct fake_device *device = fake_add("many", FAKE_NETNS, flags);

    fake_attach(device);
    device->offloads = MASK;
    device->header = header;
    device->little_endian = SHARED_LE;
    return device;
}

/* Nothing of it has changed. */
static void assert_shared(const struct fake_device *device, int flags,
                          int header)
{
    assert_int_equal(device->flags, flags);
    assert_int_equal(device->offloads, MASK);
    assert_int_equal(device->header, header);
    assert_int_equal(device->little_endian, SHARED_LE);
}

static void shared_without_headers(void **state)
{
    const int flags = MANY & ~IFF_VNET_HDR;
    struct fake_device *device = add_shared(flags, HEADER);
    struct grove_tun *tun = must_open(&many);

    (void)state;
    assert_true(grove_tun_shared(tun));
    assert_false(tun->headers);
    assert_int_equal(grove_tun_offloads(tun), 0);
    assert_int_equal(grove_tun_coalescing(tun), 0);
    assert_shared(device, flags, HEADER);
    grove_tun_close(tun);
    assert_shared(device, flags, HEADER);
    assert_int_equal(device->queues, 1);
}

/* What the kernel accepts is found out while sending. */
static void shared_with_headers(void **state)
{
    struct grove_tun_config config = many;
    struct fake_device *device = add_shared(MANY, GROVE_VNET_LEN);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct grove_tun *tun;

        config.no_offload = i != 0;
        tun = must_open(&config);
        assert_true(tun->headers);
        assert_int_equal(grove_tun_offloads(tun), 0);
        assert_int_equal(grove_tun_coalescing(tun),
                         i != 0 ? 0 : GROVE_TUN_TCP | GROVE_TUN_UDP);
        assert_shared(device, MANY, GROVE_VNET_LEN);
        grove_tun_close(tun);
        assert_shared(device, MANY, GROVE_VNET_LEN);
    }
}

static void shared_with_other_headers(void **state)
{
    struct fake_device *device = add_shared(MANY, HEADER);

    (void)state;
    assert_fails(&many, GROVE_TUN_STEP_HEADER, EBUSY, 0);
    assert_int_equal(last_error.cause, GROVE_TUN_CAUSE_HEADERS);
    assert_shared(device, MANY, HEADER);
}

/* Long headers serve who wants them, and whoever does not is told. */
static void shared_with_long_headers(void **state)
{
    const int flags = TAP | IFF_MULTI_QUEUE;
    struct grove_tun_config config = many;
    struct fake_device *device = add_shared(flags, GROVE_VNET_TUNNEL_LEN);

    (void)state;
    config.tap = true;
    config.no_tunnel_offload = true;
    assert_fails(&config, GROVE_TUN_STEP_HEADER, EBUSY, 0);
    config.no_tunnel_offload = false;
    config.tunnels = tunnels;
    config.tunnel_count = 2;
    for (int i = 0; i < 2; i++) {
        const int len = i == 0 ? GROVE_VNET_TUNNEL_LEN : GROVE_VNET_LEN;
        struct grove_tun *tun;

        device->header = len;
        tun = must_open(&config);
        assert_int_equal(tun->layers.vnet_len, len);
        assert_int_equal(tun->layers.tunnel_count, i == 0 ? 2 : 0);
        assert_int_equal(grove_tun_coalescing(tun),
                         GROVE_TUN_TCP | GROVE_TUN_UDP |
                             (i == 0 ? GROVE_TUN_TUNNELS : 0));
        assert_shared(device, flags, len);
        grove_tun_close(tun);
        assert_shared(device, flags, len);
    }
    device->header = HEADER;
    assert_fails(&config, GROVE_TUN_STEP_HEADER, EBUSY, 0);
    assert_shared(device, flags, HEADER);
}

/* Another program attaches later: its device is left as it is. */
static void shared_at_the_end(void **state)
{
    struct grove_tun *tun = must_open(&many);
    struct fake_device *device = fake_find("many");

    (void)state;
    assert_false(grove_tun_shared(tun));
    fake_attach(device);
    device->offloads = MASK;
    grove_tun_close(tun);
    assert_int_equal(device->offloads, MASK);
    assert_int_equal(device->header, GROVE_VNET_LEN);
}

/* Namespaces. */

static void another_namespace(void **state)
{
    const struct grove_tun_config config = {
        .name = "far", .netns = other_netns, .mtu = 1400, .queues = 2};
    struct grove_tun *tun = must_open(&config);

    (void)state;
    assert_int_equal(fake_find("far")->netns, OTHER_NETNS);
    assert_int_equal(fake_find("far")->mtu, 1400);
    assert_int_equal(fake_find("far")->queues, 2);
    assert_int_equal(fake.netns, FAKE_NETNS);
    assert_int_equal(fake.threads, 1);
    grove_tun_close(tun);
    assert_int_equal(fake_open_count(), 0);
}

static void own_namespace_is_not_entered(void **state)
{
    const struct grove_tun_config config = {.netns = "/run/netns/1"};

    (void)state;
    grove_tun_close(must_open(&config));
    assert_int_equal(fake.threads, 0);
    assert_int_equal(fake_open_count(), 0);
}

static void no_such_namespace(void **state)
{
    const struct grove_tun_config nothing = {.netns = "/run/nothing"};
    const struct grove_tun_config plain = {.netns = FAKE_PLAIN_FILE};

    (void)state;
    assert_fails(&nothing, GROVE_TUN_STEP_NAMESPACE, ENOENT, 0);
    assert_fails(&plain, GROVE_TUN_STEP_NAMESPACE, EINVAL, 0);
}

/* Adopted descriptors. */

static void adopted(void **state)
{
    struct fake_device *device =
        fake_add("given", FAKE_NETNS, TUN | IFF_MULTI_QUEUE);
    const int fds[] = {fake_attach(device), fake_attach(device)};
    struct grove_tun_config config = {
        .fds = fds, .fd_count = 2, .mtu = 1400, .non_blocking = true};
    struct grove_tun *tun;

    (void)state;
    device->header = 12;
    fake_file(fds[1])->flags |= O_NONBLOCK | O_APPEND;
    tun = must_open(&config);
    assert_string_equal(grove_tun_name(tun), "given");
    assert_int_equal(grove_tun_index(tun), device->index);
    assert_int_equal(grove_tun_fd(grove_tun_queue(tun, 0)), fds[0]);
    assert_int_equal(grove_tun_fd(grove_tun_queue(tun, 1)), fds[1]);
    assert_int_equal(grove_tun_offloads(tun), ALL);
    assert_int_equal(device->mtu, 1400);
    assert_int_equal(device->header, GROVE_VNET_LEN);
    assert_int_equal(fake_file(fds[0])->flags, O_RDWR | O_NONBLOCK);
    assert_int_equal(fake_file(fds[1])->flags, O_RDWR | O_NONBLOCK | O_APPEND);
    assert_int_equal(fake.threads, 0);
    grove_tun_close(tun);
    assert_int_equal(fake_open_count(), 0);
}

static void adopted_becomes_blocking(void **state)
{
    const int fd = fake_attach(fake_add("given", FAKE_NETNS, TUN));
    const struct grove_tun_config config = {.fds = &fd, .fd_count = 1};
    struct grove_tun *tun;

    (void)state;
    fake_file(fd)->flags |= O_NONBLOCK;
    tun = must_open(&config);
    assert_int_equal(fake_file(fd)->flags, O_RDWR);
    grove_tun_close(tun);
}

static void adopted_without_headers(void **state)
{
    struct fake_device *device =
        fake_add("given", FAKE_NETNS, IFF_TUN | IFF_NO_PI);
    const int fd = fake_attach(device);
    const struct grove_tun_config config = {.fds = &fd, .fd_count = 1};
    struct grove_tun *tun;

    (void)state;
    device->offloads = 1;
    tun = must_open(&config);
    assert_false(tun->headers);
    assert_int_equal(grove_tun_offloads(tun), 0);
    assert_int_equal(grove_tun_coalescing(tun), 0);
    assert_int_equal(device->offloads, 0);
    assert_false(device->little_endian);
    grove_tun_close(tun);
}

static void adopted_from_another_namespace(void **state)
{
    struct fake_device *device = fake_add("given", OTHER_NETNS, TUN);
    const int fd = fake_attach(device);
    const struct grove_tun_config config = {
        .fds = &fd, .fd_count = 1, .mtu = 1400};
    struct grove_tun *tun;

    (void)state;
    fake_add("given", FAKE_NETNS, TUN);
    tun = must_open(&config);
    assert_int_equal(grove_tun_index(tun), device->index);
    assert_int_equal(device->mtu, 1400);
    assert_int_equal(fake.threads, 1);
    grove_tun_close(tun);
}

static void adopted_without_rights(void **state)
{
    const int fd = fake_attach(fake_add("given", FAKE_NETNS, TUN));
    struct grove_tun_config config = {.fds = &fd, .fd_count = 1};
    struct grove_tun *tun;

    (void)state;
    fake.refuse = true;
    config.mtu = 1400;
    assert_fails(&config, GROVE_TUN_STEP_NAMESPACE, EPERM, 0);
    config.mtu = 0;
    config.link = GROVE_TUN_LINK_UP;
    assert_fails(&config, GROVE_TUN_STEP_NAMESPACE, EPERM, 0);
    config.link = GROVE_TUN_LINK_KEEP;
    config.addresses = addresses;
    config.address_count = 1;
    assert_fails(&config, GROVE_TUN_STEP_NAMESPACE, EPERM, 0);
    config.address_count = 0;
    config.netns = other_netns;
    assert_fails(&config, GROVE_TUN_STEP_NAMESPACE, EPERM, 0);
    config.netns = NULL;
    tun = must_open(&config);
    assert_int_equal(grove_tun_index(tun), 0);
    assert_int_equal(grove_tun_mtu(tun), 0);
    assert_string_equal(grove_tun_name(tun), "given");
    grove_tun_close(tun);
}

static void not_adopted(const int *fds, size_t count, int error, size_t index,
                        enum grove_tun_cause cause)
{
    const struct grove_tun_config config = {.fds = fds, .fd_count = count};

    assert_fails(&config, GROVE_TUN_STEP_KIND, error, index);
    assert_int_equal(last_error.cause, cause);
}

static void what_cannot_be_adopted(void **state)
{
    struct fake_device *device = fake_add("a", FAKE_NETNS, TUN);
    const int fds[] = {fake_attach(device),
                       fake_attach(fake_add("b", FAKE_NETNS, TUN))};
    const int detached = fake_attach(NULL);
    const int socket = fake_system.socket(AF_NETLINK, 0, NETLINK_ROUTE);
    const int closed = 7;

    (void)state;
    not_adopted(fds, 2, EINVAL, 1, GROVE_TUN_CAUSE_MIXED);
    not_adopted(&detached, 1, EBADFD, 0, GROVE_TUN_CAUSE_DETACHED);
    not_adopted(&socket, 1, ENOTTY, 0, GROVE_TUN_CAUSE_NO_TUN);
    not_adopted(&closed, 1, EBADF, 0, GROVE_TUN_CAUSE_CLOSED);
    device->flags = IFF_TUN;
    not_adopted(fds, 1, EINVAL, 0, GROVE_TUN_CAUSE_PI);
    device->flags = IFF_TAP | IFF_NO_PI;
    not_adopted(fds, 1, EINVAL, 0, GROVE_TUN_CAUSE_TAP);
    assert_fails(
        &(struct grove_tun_config){.fds = fds + 1, .fd_count = 1, .tap = true},
        GROVE_TUN_STEP_KIND, EINVAL, 0);
    assert_int_equal(last_error.cause, GROVE_TUN_CAUSE_TUN);
    assert_fails(
        &(struct grove_tun_config){.fds = fds, .fd_count = 2, .tap = true},
        GROVE_TUN_STEP_KIND, EINVAL, 1);
    assert_int_equal(last_error.cause, GROVE_TUN_CAUSE_TUN);
}

/* Wrong configurations. */

static void assert_config(const struct grove_tun_config *config,
                          enum grove_tun_cause cause)
{
    fake_reset();
    assert_fails(config, GROVE_TUN_STEP_CONFIG, EINVAL, 0);
    assert_int_equal(last_error.cause, cause);
    assert_int_equal(fake.calls, 0);
}

static void wrong_names(void **state)
{
    static const char *const names[] = {
        "",     "%",   "tun%",  "%s", "%d%d", "a%d%s", "%2d", "%%",
        "100%", "%d%", "a%x%d", "%D", "a/b",  "/",     "a:0", "a b",
        " ",    "a\t", "\n",    ".",  "..",   "a\v",   "\f",  "a\rb"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_config(&(struct grove_tun_config){.name = names[i]},
                      GROVE_TUN_CAUSE_NAME);
    assert_config(&(struct grove_tun_config){.name = "sixteen-letters!"},
                  GROVE_TUN_CAUSE_NAME_LENGTH);
}

static void wrong_queues(void **state)
{
    static const int fds[GROVE_TUN_MAX_QUEUES + 1] = {3, 4, 3};
    const struct grove_tun_config numbers[] = {
        {.queues = GROVE_TUN_MAX_QUEUES + 1},
        {.queues = UINT32_MAX},
        {.fds = fds},
        {.fds = fds, .fd_count = GROVE_TUN_MAX_QUEUES + 1},
    };
    const struct grove_tun_config descriptors[] = {
        {.fd_count = 1},
        {.fds = fds, .fd_count = 3},
        {.fds = fds, .fd_count = 1, .name = "tun0"},
        {.fds = fds, .fd_count = 1, .queues = 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++)
        assert_config(&numbers[i], GROVE_TUN_CAUSE_QUEUES);
    for (size_t i = 0; i < COUNT(descriptors); i++)
        assert_config(&descriptors[i], GROVE_TUN_CAUSE_FDS);
}

static void wrong_addresses(void **state)
{
    static const struct grove_tun_address ip6 = {AF_INET6, {0xfd}, 64};
    static const struct grove_tun_address wrong[] = {
        {AF_INET, {10, 0, 0, 1}, 33},
        {AF_INET6, {0xfd}, 129},
        {AF_UNSPEC, {0}, 0},
        {AF_NETLINK, {0}, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_config(&(struct grove_tun_config){.addresses = &wrong[i],
                                                 .address_count = 1},
                      GROVE_TUN_CAUSE_FAMILY);
    assert_config(&(struct grove_tun_config){.addresses = wrong,
                                             .address_count = COUNT(wrong)},
                  GROVE_TUN_CAUSE_FAMILY);
    assert_config(&(struct grove_tun_config){.address_count = 1},
                  GROVE_TUN_CAUSE_FAMILY);
    assert_config(&(struct grove_tun_config){.mtu = 1279,
                                             .addresses = &ip6,
                                             .address_count = 1},
                  GROVE_TUN_CAUSE_IP6_MTU);
}

static void wrong_others(void **state)
{
    static const uid_t no_owner = (uid_t)-1;
    static const gid_t no_group = (gid_t)-1;

    (void)state;
    assert_config(&(struct grove_tun_config){.owner = &no_owner},
                  GROVE_TUN_CAUSE_NOBODY);
    assert_config(&(struct grove_tun_config){.group = &no_group},
                  GROVE_TUN_CAUSE_NOBODY);
    assert_config(&(struct grove_tun_config){.link = (enum grove_tun_link)3},
                  GROVE_TUN_CAUSE_LINK_VALUE);
    assert_config(&(struct grove_tun_config){.link = (enum grove_tun_link) - 1},
                  GROVE_TUN_CAUSE_LINK_VALUE);
}

static void wrong_tunnels(void **state)
{
    static const struct grove_tunnel many_tunnels[GROVE_MAX_TUNNELS + 1];
    static const struct grove_tunnel no_port = {GROVE_TUNNEL_VXLAN, 0};
    static const struct grove_tunnel ipip[] = {{GROVE_TUNNEL_VXLAN, 4789},
                                               {GROVE_TUNNEL_IPIP, 0}};
    static const struct grove_tunnel gre = {GROVE_TUNNEL_GRE, 0};

    (void)state;
    assert_config(&(struct grove_tun_config){.tunnel_count = 1},
                  GROVE_TUN_CAUSE_TUNNELS);
    assert_config(
        &(struct grove_tun_config){.tunnels = many_tunnels, .tunnel_count = 9},
        GROVE_TUN_CAUSE_TUNNELS);
    assert_config(
        &(struct grove_tun_config){.tunnels = &no_port, .tunnel_count = 1},
        GROVE_TUN_CAUSE_TUNNELS);
    assert_config(
        &(struct grove_tun_config){.tunnels = ipip, .tunnel_count = 2},
        GROVE_TUN_CAUSE_NOT_OVER_UDP);
    assert_config(&(struct grove_tun_config){.tunnels = &gre,
                                             .tunnel_count = 1,
                                             .tap = true},
                  GROVE_TUN_CAUSE_NOT_OVER_UDP);
    assert_config(
        &(struct grove_tun_config){.tunnels = tunnels, .tunnel_count = 2},
        GROVE_TUN_CAUSE_NOT_AT_A_TAP);
}

/* It has words of its own, too: see words_of_steps(). */
static void unknown_profile(void **state)
{
    static const char *const names[] = {"linux-2.4", "", "linux-7.20", "7.2",
                                        "linux-6.1:takes_uso=no"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_fails(&(struct grove_tun_config){.profile = names[i]},
                     GROVE_TUN_STEP_PROFILE, EINVAL, 0);
        assert_int_equal(last_error.cause, GROVE_TUN_CAUSE_PROFILE);
        assert_int_equal(fake.calls, 0);
    }
}

static void limits_are_inside(void **state)
{
    static const struct grove_tun_address widest[] = {
        {AF_INET, {10, 0, 0, 1}, 32}, {AF_INET6, {0xfd}, 128}};
    const struct grove_tun_config config = {.addresses = widest,
                                            .address_count = 2};

    (void)state;
    grove_tun_close(must_open(&config));
}

/* The same error from the public function. */
static void public_function(void **state)
{
    const struct grove_tun_config config = {.profile = "linux-2.4"};
    struct grove_tun_error error;
    struct grove_tun *tun;

    (void)state;
    assert_false(grove_tun_open(&config, &tun, &error));
    assert_null(tun);
    assert_int_equal(error.step, GROVE_TUN_STEP_PROFILE);
    assert_int_equal(error.number, EINVAL);
}

static void taken(const char *name, uint32_t queues, int error,
                  enum grove_tun_cause cause)
{
    assert_fails(&(struct grove_tun_config){.name = name, .queues = queues},
                 GROVE_TUN_STEP_ATTACH, error, 0);
    assert_int_equal(last_error.cause, cause);
}

static void taken_for_a_tap(const char *name, uint32_t queues,
                            enum grove_tun_cause cause)
{
    assert_fails(
        &(struct grove_tun_config){.name = name, .queues = queues, .tap = true},
        GROVE_TUN_STEP_ATTACH, EINVAL, 0);
    assert_int_equal(last_error.cause, cause);
}

static void taken_names(void **state)
{
    (void)state;
    fake_add("eth0", FAKE_NETNS, 0)->foreign = true;
    fake_add("tap", FAKE_NETNS, IFF_TAP | IFF_NO_PI);
    fake_add("many", FAKE_NETNS, TUN | IFF_MULTI_QUEUE);
    fake_add("one", FAKE_NETNS, TUN);
    fake_attach(fake_add("busy", FAKE_NETNS, TUN));
    taken("eth0", 0, EINVAL, GROVE_TUN_CAUSE_KIND);
    taken("tap", 0, EINVAL, GROVE_TUN_CAUSE_TAP);
    taken("many", 0, EINVAL, GROVE_TUN_CAUSE_MULTI_QUEUE);
    taken("one", 2, EINVAL, GROVE_TUN_CAUSE_SINGLE_QUEUE);
    taken("busy", 0, EBUSY, GROVE_TUN_CAUSE_BUSY);
    taken_for_a_tap("eth0", 0, GROVE_TUN_CAUSE_KIND);
    taken_for_a_tap("one", 0, GROVE_TUN_CAUSE_TUN);
    taken_for_a_tap("tap", 2, GROVE_TUN_CAUSE_SINGLE_QUEUE);
    fake.refuse = true;
    taken(NULL, 0, EPERM, GROVE_TUN_CAUSE_RIGHTS);
    taken("new", 0, EPERM, GROVE_TUN_CAUSE_RIGHTS);
    taken("one", 0, EPERM, GROVE_TUN_CAUSE_OWNER);
}

static void mtu_out_of_range(void **state)
{
    struct grove_tun_config config = {.mtu = 65536};

    (void)state;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EINVAL, 0);
    assert_int_equal(last_error.cause, GROVE_TUN_CAUSE_MTU);
    config.mtu = 67;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EINVAL, 0);
    config.mtu = 65522;
    config.tap = true;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EINVAL, 0);
    assert_int_equal(last_error.cause, GROVE_TUN_CAUSE_MTU);
    assert_int_equal(fake_device_count(), 0);
    config.mtu = 65521;
    grove_tun_close(must_open(&config));
}

/* Malformed answers of netlink. */

static size_t is_too_short(struct nlmsghdr *answer, size_t len)
{
    (void)answer;
    (void)len;
    return sizeof(struct nlmsghdr) - 1;
}

static size_t is_too_long(struct nlmsghdr *answer, size_t len)
{
    (void)answer;
    (void)len;
    return 16385;
}

static size_t is_cut(struct nlmsghdr *answer, size_t len)
{
    (void)answer;
    return len - 1;
}

static size_t is_foreign(struct nlmsghdr *answer, size_t len)
{
    answer->nlmsg_seq++;
    return len;
}

static size_t is_of_another_type(struct nlmsghdr *answer, size_t len)
{
    answer->nlmsg_type = RTM_NEWROUTE;
    return len;
}

static size_t has_no_payload(struct nlmsghdr *answer, size_t len)
{
    (void)len;
    answer->nlmsg_len = sizeof *answer;
    return sizeof *answer;
}

static size_t has_no_mtu(struct nlmsghdr *answer, size_t len)
{
    (void)len;
    answer->nlmsg_len = (uint32_t)mnl_nlmsg_size(sizeof(struct ifinfomsg));
    return answer->nlmsg_len;
}

static size_t has_a_short_mtu(struct nlmsghdr *answer, size_t len)
{
    struct ifinfomsg *info;

    (void)len;
    answer->nlmsg_len = (uint32_t)mnl_nlmsg_size(sizeof *info);
    mnl_attr_put_u16(answer, IFLA_MTU, 1500);
    return answer->nlmsg_len;
}

/* The attribute for IFF_NO_PI has no value. */
static size_t has_a_short_pi(struct nlmsghdr *answer, size_t len)
{
    struct nlattr *info;
    struct nlattr *data;

    if (answer->nlmsg_type != RTM_NEWLINK)
        return len;
    answer->nlmsg_len = (uint32_t)mnl_nlmsg_size(sizeof(struct ifinfomsg));
    mnl_attr_put_u32(answer, IFLA_MTU, 1500);
    info = mnl_attr_nest_start(answer, IFLA_LINKINFO);
    mnl_attr_put_strz(answer, IFLA_INFO_KIND, "tun");
    data = mnl_attr_nest_start(answer, IFLA_INFO_DATA);
    mnl_attr_put(answer, IFLA_TUN_PI, 0, NULL);
    mnl_attr_nest_end(answer, data);
    mnl_attr_nest_end(answer, info);
    return answer->nlmsg_len;
}

static size_t is_an_acknowledgement(struct nlmsghdr *answer, size_t len)
{
    struct nlmsgerr *told;

    (void)len;
    mnl_nlmsg_put_header(answer)->nlmsg_type = NLMSG_ERROR;
    told = mnl_nlmsg_put_extra_header(answer, sizeof *told);
    told->error = 0;
    answer->nlmsg_seq = 1;
    return answer->nlmsg_len;
}

/* A length that mnl_nlmsg_ok() takes for a negative one. */
static size_t is_of_half_the_numbers(struct nlmsghdr *answer, size_t len)
{
    answer->nlmsg_len = UINT32_C(1) << 31;
    return len;
}

static void spoilt_answers(void **state)
{
    static size_t (*const spoilers[])(struct nlmsghdr *, size_t) = {
        is_too_short,
        is_too_long,
        is_cut,
        is_foreign,
        is_of_another_type,
        has_no_payload,
        has_no_mtu,
        has_a_short_mtu,
        is_an_acknowledgement,
        is_of_half_the_numbers,
    };
    const struct grove_tun_config config = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(spoilers); i++) {
        fake.spoil = spoilers[i];
        assert_fails(&config, GROVE_TUN_STEP_LINK, EPROTO, 0);
    }
    fake.spoil = NULL;
    fake.short_send = true;
    assert_fails(&config, GROVE_TUN_STEP_LINK, EPROTO, 0);
}

/* Its attributes cannot be understood then. */
static size_t has_a_short_kind(struct nlmsghdr *answer, size_t len)
{
    struct nlattr *info;

    if (answer->nlmsg_type != RTM_NEWLINK)
        return len;
    answer->nlmsg_len = (uint32_t)mnl_nlmsg_size(sizeof(struct ifinfomsg));
    mnl_attr_put_u32(answer, IFLA_MTU, 1500);
    info = mnl_attr_nest_start(answer, IFLA_LINKINFO);
    mnl_attr_put(answer, IFLA_INFO_KIND, 3, "tun");
    mnl_attr_put(answer, IFLA_INFO_DATA, 0, NULL);
    mnl_attr_nest_end(answer, info);
    return answer->nlmsg_len;
}

static void answer_without_pi(void **state)
{
    const struct grove_tun_config config = {0};

    (void)state;
    fake.spoil = has_a_short_pi;
    grove_tun_close(must_open(&config));
    fake.spoil = has_a_short_kind;
    grove_tun_close(must_open(&config));
}

static size_t spoil_acknowledgement(struct nlmsghdr *answer, size_t len,
                                    size_t (*spoil)(struct nlmsghdr *answer,
                                                    size_t len))
{
    return answer->nlmsg_type == NLMSG_ERROR ? spoil(answer, len) : len;
}

static size_t positive(struct nlmsghdr *answer, size_t len)
{
    struct nlmsgerr *told = mnl_nlmsg_get_payload(answer);

    told->error = 1;
    return len;
}

static size_t least(struct nlmsghdr *answer, size_t len)
{
    struct nlmsgerr *told = mnl_nlmsg_get_payload(answer);

    told->error = INT_MIN;
    return len;
}

static size_t least_acknowledgement(struct nlmsghdr *answer, size_t len)
{
    return spoil_acknowledgement(answer, len, least);
}

static size_t positive_acknowledgement(struct nlmsghdr *answer, size_t len)
{
    return spoil_acknowledgement(answer, len, positive);
}

static size_t empty_acknowledgement(struct nlmsghdr *answer, size_t len)
{
    return spoil_acknowledgement(answer, len, has_no_payload);
}

static size_t other_acknowledgement(struct nlmsghdr *answer, size_t len)
{
    return spoil_acknowledgement(answer, len, is_of_another_type);
}

static void spoilt_acknowledgements(void **state)
{
    const struct grove_tun_config config = {.mtu = 1400};

    (void)state;
    fake.spoil = positive_acknowledgement;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EPROTO, 0);
    fake.spoil = least_acknowledgement;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EPROTO, 0);
    fake.spoil = empty_acknowledgement;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EPROTO, 0);
    fake.spoil = other_acknowledgement;
    assert_fails(&config, GROVE_TUN_STEP_MTU, EPROTO, 0);
}

static size_t route_has_no_payload(struct nlmsghdr *answer, size_t len)
{
    return answer->nlmsg_type == RTM_NEWROUTE ? has_no_payload(answer, len)
                                              : len;
}

/* Errors of this question are ignored. */
static void a_spoilt_route(void **state)
{
    const struct grove_tun_config config = {.link = GROVE_TUN_LINK_UP,
                                            .addresses = &addresses[1],
                                            .address_count = 1};

    (void)state;
    fake.late = 3;
    fake.spoil = route_has_no_payload;
    grove_tun_close(must_open(&config));
    assert_int_equal(fake.late, 2);
    assert_int_equal(fake.waits, 0);
}

/* Failures. */

static void failure_keeps_addresses_of_ipv6(void **state)
{
    static const struct grove_tun_address wrong[] = {
        {AF_INET, {10, 0, 0, 2}, 24}, {AF_INET, {10, 0, 0, 3}, 24}};
    const struct grove_tun_config config = {
        .name = "old", .mtu = 1000, .addresses = wrong, .address_count = 2};
    struct fake_device *device = fake_add("old", FAKE_NETNS, TUN);

    (void)state;
    device->addresses[0] = addresses[1];
    device->address_count = 1;
    while (device->address_count < FAKE_ADDRESSES - 1) {
        device->addresses[device->address_count] = addresses[0];
        device->addresses[device->address_count++].bytes[1]++;
    }
    assert_fails(&config, GROVE_TUN_STEP_ADDRESS, ENOBUFS, 1);
    assert_int_equal(device->mtu, 1500);
    assert_int_equal(device->address_count, FAKE_ADDRESSES - 1);
    assert_address(device, 0, &addresses[1]);
}

/* A configuration, and the devices that exist before. */
struct scene {
    struct grove_tun_config config;
    void (*prepare)(struct grove_tun_config *config);
};

static int scene_fds[2];

static void have_nothing(struct grove_tun_config *config)
{
    (void)config;
}

static void have_device(struct grove_tun_config *config)
{
    struct fake_device *device = fake_add("old", FAKE_NETNS, TUN);

    (void)config;
    device->mtu = 2000;
    device->addresses[0] = addresses[0];
    device->address_count = 1;
}

static void have_tap(struct grove_tun_config *config)
{
    (void)config;
    fake_add("old", FAKE_NETNS, TAP)->header = 12;
}

/* Before Linux 6.17. */
static void have_old_tap(struct grove_tun_config *config)
{
    have_tap(config);
    fake.offloads = 0x6f;
}

static void have_device_up(struct grove_tun_config *config)
{
    have_device(config);
    fake_find("old")->up = true;
}

static void adopt_from(struct grove_tun_config *config, int netns)
{
    struct fake_device *device =
        fake_add("given", netns, TUN | IFF_MULTI_QUEUE);

    scene_fds[0] = fake_attach(device);
    scene_fds[1] = fake_attach(device);
    config->fds = scene_fds;
    config->fd_count = 2;
}

static void have_descriptors(struct grove_tun_config *config)
{
    adopt_from(config, FAKE_NETNS);
}

static void have_far_descriptors(struct grove_tun_config *config)
{
    adopt_from(config, OTHER_NETNS);
}

static const struct scene scenes[] = {
    {{0}, have_nothing},
    {{.name = "new%d",
      .queues = 3,
      .mtu = 9000,
      .addresses = addresses,
      .address_count = COUNT(addresses),
      .owner = &owner,
      .group = &group,
      .link = GROVE_TUN_LINK_UP,
      .persistent = true},
     have_nothing},
    {{.name = "old",
      .mtu = 1400,
      .addresses = addresses,
      .address_count = COUNT(addresses),
      .owner = &owner,
      .link = GROVE_TUN_LINK_UP,
      .persistent = true},
     have_device},
    {{.name = "old",
      .mtu = 9000,
      .addresses = addresses,
      .address_count = COUNT(addresses),
      .link = GROVE_TUN_LINK_DOWN,
      .no_offload = true},
     have_device_up},
    {{.netns = other_netns, .queues = 2, .mtu = 1400}, have_nothing},
    {{.netns = "/run/netns/1", .link = GROVE_TUN_LINK_UP}, have_nothing},
    {{.non_blocking = true}, have_descriptors},
    {{.mtu = 1400,
      .addresses = addresses,
      .address_count = COUNT(addresses),
      .persistent = true},
     have_far_descriptors},
    {{.name = "old", .tap = true, .link = GROVE_TUN_LINK_UP}, have_tap},
    {{.name = "old", .tap = true, .tunnels = tunnels, .tunnel_count = 2},
     have_old_tap},
};

/* The step of a call; NONE: opening succeeds though it fails. */
static enum grove_tun_step step_of(const char *call)
{
    static const struct {
        const char *call;
        enum grove_tun_step step;
    } steps[] = {
        {"malloc", GROVE_TUN_STEP_MEMORY},
        {"ioctl TUNGETIFF", GROVE_TUN_STEP_KIND},
        {"ioctl TUNGETDEVNETNS", GROVE_TUN_STEP_NAMESPACE},
        {"open namespace", GROVE_TUN_STEP_NAMESPACE},
        {"open own namespace", GROVE_TUN_STEP_NONE},
        {"fstat", GROVE_TUN_STEP_NONE},
        {"thread", GROVE_TUN_STEP_NAMESPACE},
        {"setns", GROVE_TUN_STEP_NAMESPACE},
        {"socket", GROVE_TUN_STEP_NETLINK},
        {"open /dev/net/tun", GROVE_TUN_STEP_NODE},
        {"ioctl TUNSETIFF", GROVE_TUN_STEP_ATTACH},
        {"netlink RTM_GETLINK", GROVE_TUN_STEP_LINK},
        {"netlink IFLA_MTU", GROVE_TUN_STEP_MTU},
        {"netlink RTM_NEWADDR", GROVE_TUN_STEP_ADDRESS},
        {"ioctl TUNSETOWNER", GROVE_TUN_STEP_OWNER},
        {"ioctl TUNSETGROUP", GROVE_TUN_STEP_GROUP},
        {"netlink IFF_UP", GROVE_TUN_STEP_STATE},
        {"netlink RTM_GETROUTE", GROVE_TUN_STEP_NONE},
        {"ioctl TUNGETVNETHDRSZ", GROVE_TUN_STEP_HEADER},
        {"ioctl TUNGETVNETLE", GROVE_TUN_STEP_HEADER},
        {"ioctl TUNSETVNETHDRSZ", GROVE_TUN_STEP_HEADER},
        {"ioctl TUNSETVNETLE", GROVE_TUN_STEP_HEADER},
        {"ioctl TUNSETOFFLOAD", GROVE_TUN_STEP_OFFLOAD},
        {"fcntl F_GETFL", GROVE_TUN_STEP_BLOCKING},
        {"fcntl F_SETFL", GROVE_TUN_STEP_BLOCKING},
        {"ioctl TUNSETPERSIST", GROVE_TUN_STEP_PERSIST},
    };

    for (size_t i = 0; i < COUNT(steps); i++)
        if (strcmp(steps[i].call, call) == 0)
            return steps[i].step;
    fail_msg("no step for %s", call);
    return GROVE_TUN_STEP_NONE;
}

/* The number of addresses; one whose answer was lost may stay. */
static size_t addresses_left(const struct fake_device *now,
                             const struct fake_device *before)
{
    const bool lost = fake.answer_lost &&
                      strcmp(fake.failed, "netlink RTM_NEWADDR") == 0 &&
                      now->address_count > before->address_count;

    return before->address_count + (lost ? 1 : 0);
}

/* The state that a failure must not change. */
static void assert_devices_equal(const struct fake_device *now,
                                 const struct fake_device *before)
{
    for (size_t i = 0; i < FAKE_DEVICES; i++) {
        assert_string_equal(now[i].name, before[i].name);
        assert_int_equal(now[i].mtu, before[i].mtu);
        assert_int_equal(now[i].up, before[i].up);
        assert_int_equal(now[i].persistent, before[i].persistent);
        assert_int_equal(now[i].queues, before[i].queues);
        assert_int_equal(now[i].header, before[i].header);
        assert_int_equal(now[i].little_endian, before[i].little_endian);
        assert_int_equal(now[i].offloads, 0);
        assert_int_equal(now[i].address_count,
                         addresses_left(&now[i], &before[i]));
        for (size_t k = 0; k < before[i].address_count; k++)
            assert_address(&now[i], k, &before[i].addresses[k]);
    }
}

static void assert_failure(const struct grove_tun_error *error)
{
    assert_int_equal(error->step, step_of(fake.failed));
    assert_int_equal(error->number,
                     error->step == GROVE_TUN_STEP_MEMORY ? ENOMEM : EIO);
}

/* Opens while call k fails. False: there are fewer calls. */
static bool play(const struct scene *scene, size_t k)
{
    struct grove_tun_config config = scene->config;
    struct fake_device before[FAKE_DEVICES];
    struct grove_tun_error error;
    struct grove_tun *tun;
    size_t open_before;
    size_t opening; /* calls */

    fake_reset();
    scene->prepare(&config);
    memcpy(before, fake.devices, sizeof before);
    open_before = fake_open_count();
    fake.fail = k;
    fake.error = EIO;
    if (tun_open(&fake_system, &config, &tun, &error)) {
        if (fake.failed != NULL)
            assert_int_equal(step_of(fake.failed), GROVE_TUN_STEP_NONE);
        opening = fake.calls;
        fake.fail = 0;
        grove_tun_close(tun);
        fake.calls = opening;
        assert_int_equal(fake_open_count(), 0);
    } else {
        assert_failure(&error);
        assert_null(tun);
        assert_int_equal(fake_open_count(), open_before);
        assert_devices_equal(fake.devices, before);
    }
    assert_int_equal(fake.bad_closes, 0);
    assert_int_equal(fake.netns, FAKE_NETNS);
    return fake.failed != NULL;
}

static void every_call_can_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i++) {
        size_t calls = 1;

        while (play(&scenes[i], calls))
            calls++;
        /* In the last round no call failed, since there are fewer. */
        assert_int_equal(fake.calls, calls - 1);
        assert_true(calls > 10);
    }
}

/* Opens the scene while the first call of this name fails with this errno. */
static enum grove_tun_cause cause_of(const struct scene *scene,
                                     const char *call, int number, bool nodev)
{
    for (size_t k = 1; k < 100; k++) {
        struct grove_tun_config config = scene->config;
        struct grove_tun_error error;
        struct grove_tun *tun;

        fake_reset();
        scene->prepare(&config);
        fake.fail = k;
        fake.error = number;
        fake.nodev = nodev;
        if (tun_open(&fake_system, &config, &tun, &error))
            grove_tun_close(tun);
        else if (strcmp(fake.failed, call) == 0)
            return error.cause;
    }
    fail_msg("%s was not called", call);
    return GROVE_TUN_CAUSE_UNKNOWN;
}

static void causes_by_errno(void **state)
{
    static const char node[] = "open /dev/net/tun";
    static const struct {
        const char *call;
        int number;
        enum grove_tun_cause cause;
    } cases[] = {
        {node, ENOENT, GROVE_TUN_CAUSE_NODE_MISSING},
        {node, EISDIR, GROVE_TUN_CAUSE_NODE_FOLDER},
        {node, ENXIO, GROVE_TUN_CAUSE_NODE_DRIVER},
        {node, ENODEV, GROVE_TUN_CAUSE_NODE_DRIVER},
        {node, EPERM, GROVE_TUN_CAUSE_NODE_CGROUP},
        {node, EACCES, GROVE_TUN_CAUSE_NODE_MODE},
        {node, EMFILE, GROVE_TUN_CAUSE_UNKNOWN},
        {"ioctl TUNSETIFF", ENOTTY, GROVE_TUN_CAUSE_NODE_FILE},
        {"ioctl TUNSETIFF", E2BIG, GROVE_TUN_CAUSE_TOO_MANY},
        {"ioctl TUNSETIFF", EINVAL, GROVE_TUN_CAUSE_UNKNOWN},
        {"netlink IFLA_MTU", EPERM, GROVE_TUN_CAUSE_RIGHTS},
        {"netlink RTM_NEWADDR", EACCES, GROVE_TUN_CAUSE_IP6_OFF},
        {"netlink RTM_NEWADDR", EOPNOTSUPP, GROVE_TUN_CAUSE_IP6_NONE},
        {"netlink RTM_NEWADDR", EADDRNOTAVAIL, GROVE_TUN_CAUSE_ADDRESS},
        {"netlink RTM_NEWADDR", EINVAL, GROVE_TUN_CAUSE_ADDRESS},
        {"netlink RTM_NEWADDR", EPERM, GROVE_TUN_CAUSE_RIGHTS},
        {"ioctl TUNSETOWNER", EPERM, GROVE_TUN_CAUSE_RIGHTS},
        {"ioctl TUNSETGROUP", EPERM, GROVE_TUN_CAUSE_RIGHTS},
        {"netlink IFF_UP", EPERM, GROVE_TUN_CAUSE_RIGHTS},
        {"ioctl TUNSETOFFLOAD", EIO, GROVE_TUN_CAUSE_UNKNOWN},
        {"ioctl TUNSETOFFLOAD", EBADFD, GROVE_TUN_CAUSE_DELETED},
        {"ioctl TUNSETVNETHDRSZ", EBADFD, GROVE_TUN_CAUSE_DELETED},
        {"ioctl TUNSETVNETHDRSZ", EFAULT, GROVE_TUN_CAUSE_UNKNOWN},
        {"ioctl TUNGETVNETHDRSZ", EBADFD, GROVE_TUN_CAUSE_DELETED},
        {"ioctl TUNSETVNETLE", EBADFD, GROVE_TUN_CAUSE_DELETED},
        {"ioctl TUNGETVNETLE", EBADFD, GROVE_TUN_CAUSE_DELETED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(
            cause_of(&scenes[1], cases[i].call, cases[i].number, false),
            cases[i].cause);
    assert_int_equal(cause_of(&scenes[1], node, EACCES, true),
                     GROVE_TUN_CAUSE_NODE_MOUNT);
    assert_int_equal(cause_of(&scenes[4], "open namespace", ENOENT, false),
                     GROVE_TUN_CAUSE_NETNS_MISSING);
    assert_int_equal(cause_of(&scenes[4], "setns", EINVAL, false),
                     GROVE_TUN_CAUSE_NETNS_KIND);
    assert_int_equal(cause_of(&scenes[4], "setns", EPERM, false),
                     GROVE_TUN_CAUSE_NETNS_TO);
}

/* The kernel has no IPv6 on a device whose MTU was too small before. */
static void address_of_a_small_device(void **state)
{
    const struct grove_tun_config config = {
        .name = "old", .addresses = &addresses[1], .address_count = 1};

    (void)state;
    fake_add("old", FAKE_NETNS, TUN)->mtu = 1279;
    assert_fails(&config, GROVE_TUN_STEP_ADDRESS, EINVAL, 0);
    assert_int_equal(last_error.cause, GROVE_TUN_CAUSE_IP6_MTU);
    assert_int_equal(cause_of(&(struct scene){config, have_device},
                              "netlink RTM_NEWADDR", EINVAL, false),
                     GROVE_TUN_CAUSE_ADDRESS);
}

/* When the look at the node fails, too, the mode is the likely cause. */
static void no_look_at_the_node(void **state)
{
    struct grove_tun *tun;
    size_t looks = 0;

    (void)state;
    for (size_t k = 1; k < 20; k++) {
        fake_reset();
        fake.nodev = true;
        fake.node_error = EACCES;
        fake.fail = k;
        fake.error = EIO;
        assert_false(tun_open(&fake_system, &(struct grove_tun_config){0}, &tun,
                              &last_error));
        if (last_error.step != GROVE_TUN_STEP_NODE || last_error.number == EIO)
            continue;
        assert_int_equal(last_error.cause, fake.failed != NULL
                                               ? GROVE_TUN_CAUSE_NODE_MODE
                                               : GROVE_TUN_CAUSE_NODE_MOUNT);
        looks += fake.failed != NULL;
        assert_int_equal(fake_open_count(), 0);
    }
    assert_int_equal(looks, 2); /* open() and fstatvfs() */
}

static void index_of_a_failure(void **state)
{
    const struct grove_tun_config config = {.queues = 4};
    struct grove_tun_error error;
    struct grove_tun *tun;
    size_t seen = 0;

    (void)state;
    for (size_t k = 1; k < 40; k++) {
        fake_reset();
        fake.fail = k;
        fake.error = EIO;
        if (tun_open(&fake_system, &config, &tun, &error)) {
            grove_tun_close(tun);
            continue;
        }
        if (error.step == GROVE_TUN_STEP_NODE ||
            error.step == GROVE_TUN_STEP_ATTACH)
            assert_int_equal(error.index, seen++ % 4);
        else
            assert_int_equal(error.index, 0);
    }
    assert_int_equal(seen, 8);
}

static void nothing_to_close(void **state)
{
    (void)state;
    grove_tun_close(NULL);
}

static void words_of_steps(void **state)
{
    static const int no_steps[] = {GROVE_TUN_STEP_PACKET + 1, INT_MAX, INT_MIN,
                                   -1};

    (void)state;
    for (int step = GROVE_TUN_STEP_NONE; step <= GROVE_TUN_STEP_PACKET;
         step++) {
        const char *words = grove_tun_step_words((enum grove_tun_step)step);

        assert_non_null(words);
        assert_string_not_equal(words, "unknown step");
        for (int other = GROVE_TUN_STEP_NONE; other < step; other++)
            assert_string_not_equal(
                words, grove_tun_step_words((enum grove_tun_step)other));
    }
    for (size_t i = 0; i < COUNT(no_steps); i++)
        assert_string_equal(
            grove_tun_step_words((enum grove_tun_step)no_steps[i]),
            "unknown step");
}

static void words_of_causes(void **state)
{
    static const int no_causes[] = {GROVE_TUN_CAUSE_UNKNOWN,
                                    GROVE_TUN_CAUSE_REDIRECT + 1, INT_MAX,
                                    INT_MIN, -1};

    (void)state;
    for (int i = 1; i <= GROVE_TUN_CAUSE_REDIRECT; i++) {
        const char *words = grove_tun_cause_words((enum grove_tun_cause)i);

        assert_non_null(words);
        assert_non_null(grove_tun_remedy_words((enum grove_tun_cause)i));
        for (int other = 0; other < i; other++)
            assert_string_not_equal(
                words, grove_tun_cause_words((enum grove_tun_cause)other));
    }
    for (size_t i = 0; i < COUNT(no_causes); i++) {
        const enum grove_tun_cause cause = (enum grove_tun_cause)no_causes[i];

        assert_string_equal(grove_tun_cause_words(cause), "unknown cause");
        assert_string_equal(grove_tun_remedy_words(cause), "see the errno");
        assert_false(grove_tun_cause_is_rights(cause));
    }
    assert_true(grove_tun_cause_is_rights(GROVE_TUN_CAUSE_RIGHTS));
    assert_true(grove_tun_cause_is_rights(GROVE_TUN_CAUSE_NODE_CGROUP));
    assert_false(grove_tun_cause_is_rights(GROVE_TUN_CAUSE_NODE_MISSING));
    assert_false(grove_tun_cause_is_rights(GROVE_TUN_CAUSE_IP6_OFF));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static const struct CMUnitTest tests[] = {
    TEST(nothing_asked),
    TEST(everything_asked),
    TEST(a_tap),
    TEST(an_adopted_tap),
    TEST(an_adopted_tap_without_headers),
    TEST(a_tap_of_an_old_kernel),
    TEST(tunnels_are_carried),
    TEST(tunnels_are_not_carried),
    TEST(addresses_are_awaited),
    TEST(the_most_queues),
    TEST(names),
    TEST(link_goes_down),
    TEST(what_is_not_asked_stays),
    TEST(same_mtu_is_not_set),
    TEST(persistence),
    TEST(offloads),
    TEST(probed),
    TEST(no_offload_clears_the_mask),
    TEST(closing_puts_back),
    TEST(closing_puts_back_long_headers),
    TEST(closing_cannot_fail),
    TEST(shared_without_headers),
    TEST(shared_with_headers),
    TEST(shared_with_other_headers),
    TEST(shared_with_long_headers),
    TEST(shared_at_the_end),
    TEST(another_namespace),
    TEST(own_namespace_is_not_entered),
    TEST(no_such_namespace),
    TEST(adopted),
    TEST(adopted_becomes_blocking),
    TEST(adopted_without_headers),
    TEST(adopted_from_another_namespace),
    TEST(adopted_without_rights),
    TEST(what_cannot_be_adopted),
    TEST(wrong_names),
    TEST(wrong_queues),
    TEST(wrong_addresses),
    TEST(wrong_others),
    TEST(wrong_tunnels),
    TEST(row_by_name),
    TEST(unknown_profile),
    TEST(limits_are_inside),
    TEST(public_function),
    TEST(taken_names),
    TEST(mtu_out_of_range),
    TEST(spoilt_answers),
    TEST(answer_without_pi),
    TEST(spoilt_acknowledgements),
    TEST(a_spoilt_route),
    TEST(failure_keeps_addresses_of_ipv6),
    TEST(every_call_can_fail),
    TEST(causes_by_errno),
    TEST(address_of_a_small_device),
    TEST(no_look_at_the_node),
    TEST(index_of_a_failure),
    TEST(nothing_to_close),
    TEST(words_of_steps),
    TEST(words_of_causes),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
