/* SPDX-License-Identifier: MIT */
/* A TUN or TAP device that coalesces, and the sockets that see what leaves. */
#include "kernel_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the name of an attribute of the device. */
#define PATH_LEN 128

static void attribute_path(char path[PATH_LEN], const char *device,
                           const char *name)
{
    snprintf(path, PATH_LEN, "/sys/class/net/%s/%s", device, name);
}

int kernel_attribute_open(const char *device, const char *name,
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

bool kernel_attribute_set(const char *device, const char *name,
                          const char *value, char why[WHY_LEN])
{
    char path[PATH_LEN];

    attribute_path(path, device, name);
    return kernel_file_write(path, value, why);
}

static bool open_socket(struct kernel_device *device, char why[WHY_LEN])
{
    device->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return device->socket >= 0 || kernel_lacks(why, "a socket");
}

/* The device is up by now, or the sockets would report that it is down. */
static bool open_capture(struct kernel_device *device, char why[WHY_LEN])
{
    device->capture = capture_new((int)if_nametoindex(device->coalescing),
                                  device->tun.link_len != 0);
    return device->capture != NULL ||
           kernel_lacks(why, "a group of AF_PACKET sockets");
}

void kernel_device_close(struct kernel_device *device)
{
    int *const fds[] = {&device->socket, &device->begin, &device->elsewhere,
                        &device->flush_timeout, &device->clock};

    kernel_tun_close(&device->tun);
    kernel_tun_close(&device->second);
    kernel_hashes_close(device->hashes);
    device->hashes = NULL;
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        kernel_close_all(fds[i], 1);
    if (device->slow[0] >= 0)
        kernel_close_all(device->slow, KERNEL_SLOW_SOCKETS);
    capture_free(device->capture);
    device->capture = NULL;
}

/* The usual limit is the one that a new device has. */
static bool set_bytes(const struct kernel_device *device, char why[WHY_LEN])
{
    const uint32_t bytes = device->layers.max_bytes;

    return bytes == GROVE_DEFAULT_BYTES ||
           kernel_bytes_set(device->coalescing, bytes) ||
           kernel_lacks(why, "super-packets of %u bytes", bytes);
}

static bool open_here(void *what, char why[WHY_LEN])
{
    struct kernel_device *device = what;

    return kernel_tunnels_make(&device->layers, why) &&
           kernel_tun_open(&device->tun, &device->layers, IFF_NAPI, why) &&
           open_socket(device, why) && kernel_hash_open(device, why) &&
           device->way->prepare(device, why) &&
           kernel_tun_up(&device->tun, device->socket, why) &&
           set_bytes(device, why) && kernel_second_open(device, why) &&
           kernel_list_open(device, why) && open_capture(device, why) &&
           (device->way->complete == NULL ||
            device->way->complete(device, why));
}

/* The part that needs no namespace. */
static bool complete(struct kernel_device *device, char why[WHY_LEN])
{
    if (!kernel_feature_find(device->socket, device->coalescing,
                             KERNEL_UDP_FEATURE, &device->udp))
        return kernel_lacks(why, "the device feature %s", KERNEL_UDP_FEATURE);
    return true;
}

static bool make_packets(struct kernel_device *device, char why[WHY_LEN])
{
    const size_t link =
        device->layers.link == GROVE_LINK_ETHERNET ? KERNEL_ETHERNET_LEN : 0;

    return (kernel_sentinel_make(device->sentinel, link, KERNEL_SENTINEL) &&
            kernel_sentinel_make(device->ballast, link, KERNEL_BALLAST)) ||
           kernel_lacks(why, "getrandom");
}

bool kernel_device_open(struct kernel_device *device,
                        const struct kernel_layers *layers,
                        const struct kernel_way *way, char why[WHY_LEN])
{
    *device = (struct kernel_device){.layers = *layers,
                                     .way = way,
                                     .tun.fd = -1,
                                     .second.fd = -1,
                                     .socket = -1,
                                     .begin = -1,
                                     .elsewhere = -1,
                                     .flush_timeout = -1,
                                     .clock = -1};
    memset(device->slow, -1, sizeof device->slow);
    if (make_packets(device, why) &&
        kernel_open_apart(open_here, device, why) && complete(device, why))
        return true;
    kernel_device_close(device);
    return false;
}
