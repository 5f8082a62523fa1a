/* SPDX-License-Identifier: MIT */
/* A TUN device that coalesces, and the socket that sees what leaves. */
#include "kernel_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the name of an attribute of the device. */
#define PATH_LEN 128

/* Room for the outputs of a poll of the longest packets, several times. */
#define CAPTURE_BYTES (64 << 20)

static void attribute_path(char path[PATH_LEN],
                           const struct kernel_device *device, const char *name)
{
    snprintf(path, PATH_LEN, "/sys/class/net/%s/%s", device->tun.name, name);
}

int kernel_attribute_open(const struct kernel_device *device, const char *name,
                          char why[WHY_LEN])
{
    char path[PATH_LEN];
    int fd;

    attribute_path(path, device, name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        kernel_lacks(why, "%s", path);
    return fd;
}

bool kernel_attribute_set(const struct kernel_device *device, const char *name,
                          const char *value, char why[WHY_LEN])
{
    char path[PATH_LEN];

    attribute_path(path, device, name);
    return kernel_file_write(path, value, why);
}

static bool open_capture(struct kernel_device *device, char why[WHY_LEN])
{
    const int size = CAPTURE_BYTES;
    const int on = 1;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    device->socket = fd;
    if (fd < 0)
        return kernel_lacks(why, "an AF_PACKET socket (needs CAP_NET_RAW)");
    if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0)
        return kernel_lacks(why, "virtio headers on the AF_PACKET socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        return kernel_lacks(why, "a large receive buffer "
                                 "(needs CAP_NET_ADMIN)");
    return true;
}

/* The device is up by now, or the socket would report that it is down. */
static bool bind_capture(const struct kernel_device *device, char why[WHY_LEN])
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)if_nametoindex(device->tun.name),
    };

    if (bind(device->socket, (const struct sockaddr *)&address,
             sizeof address) != 0)
        return kernel_lacks(why, "binding the AF_PACKET socket");
    return true;
}

void kernel_device_close(struct kernel_device *device)
{
    int *const fds[] = {&device->socket, &device->flush_timeout,
                        &device->clock};

    kernel_tun_close(&device->tun);
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
    capture_free(device->capture);
    device->capture = NULL;
}

static bool open_here(void *what, char why[WHY_LEN])
{
    struct kernel_device *device = what;

    return kernel_tun_open(&device->tun, IFF_NAPI, why) &&
           open_capture(device, why) && device->way->prepare(device, why) &&
           kernel_tun_up(&device->tun, device->socket, why) &&
           bind_capture(device, why);
}

/* What needs no namespace. */
static bool complete(struct kernel_device *device, char why[WHY_LEN])
{
    if (!kernel_feature_find(device->socket, device->tun.name,
                             KERNEL_UDP_FEATURE, &device->udp))
        return kernel_lacks(why, "the device feature %s", KERNEL_UDP_FEATURE);
    device->capture = capture_new(device->socket);
    if (device->capture == NULL)
        return kernel_lacks(why, "memory");
    return kernel_sentinel_make(device->sentinel) ||
           kernel_lacks(why, "getrandom");
}

bool kernel_device_open(struct kernel_device *device,
                        const struct kernel_way *way, char why[WHY_LEN])
{
    *device = (struct kernel_device){.way = way,
                                     .tun.fd = -1,
                                     .socket = -1,
                                     .flush_timeout = -1,
                                     .clock = -1};
    if (kernel_open_apart(open_here, device, why) && complete(device, why))
        return true;
    kernel_device_close(device);
    return false;
}
