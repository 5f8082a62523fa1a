/* SPDX-License-Identifier: MIT */
/*
 * A TUN device that coalesces, in a network namespace where nothing else
 * happens. The namespaces are made in a thread of their own, and live on in
 * the device and the socket after it has ended.
 */
#include "kernel_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grove/vnet.h"

/* The largest MTU of a TUN device. */
#define DEVICE_MTU 65535

/* Room for the outputs of a poll of the longest packets, several times. */
#define CAPTURE_BYTES (64 << 20)

bool kernel_lacks(char why[WHY_LEN], const char *format, ...)
{
    int error = errno;
    va_list args;
    size_t len;

    va_start(args, format);
    vsnprintf(why, WHY_LEN, format, args);
    va_end(args);
    len = strlen(why);
    if (error != 0)
        snprintf(why + len, WHY_LEN - len, ": %s", strerror(error));
    return false;
}

/* The device's name is in the name of its thread, so it must be unique. */
static bool choose_name(char name[IFNAMSIZ], char why[WHY_LEN])
{
    uint32_t number;

    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return kernel_lacks(why, "getrandom");
    snprintf(name, IFNAMSIZ, "g%06x", number & 0xffffff);
    return true;
}

static bool enter_namespaces(char why[WHY_LEN])
{
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
        return kernel_lacks(why, "a new network namespace "
                                 "(needs root or CAP_SYS_ADMIN)");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("sysfs", "/sys", "sysfs", 0, NULL) != 0)
        return kernel_lacks(why, "mounting sysfs for the namespace "
                                 "(needs CAP_SYS_ADMIN)");
    return true;
}

static int open_file(const char *path, char why[WHY_LEN])
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        kernel_lacks(why, "%s", path);
    return fd;
}

static bool write_and_close(int fd, const char *path, const char *text,
                            char why[WHY_LEN])
{
    ssize_t written;

    if (fd < 0)
        return false;
    written = write(fd, text, strlen(text));
    if (written < 0)
        kernel_lacks(why, "%s", path);
    close(fd);
    return written >= 0;
}

int kernel_attribute_open(const struct kernel_device *device, const char *name,
                          char why[WHY_LEN])
{
    char path[128];

    snprintf(path, sizeof path, "/sys/class/net/%s/%s", device->name, name);
    return open_file(path, why);
}

bool kernel_attribute_set(const struct kernel_device *device, const char *name,
                          const char *value, char why[WHY_LEN])
{
    return write_and_close(kernel_attribute_open(device, name, why), name,
                           value, why);
}

static bool open_tun(struct kernel_device *device, char why[WHY_LEN])
{
    struct ifreq request = {0};
    int header = GROVE_VNET_LEN;
    int on = 1;

    device->tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (device->tun < 0)
        return kernel_lacks(why, "/dev/net/tun");
    memcpy(request.ifr_name, device->name, IFNAMSIZ);
    request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_NAPI;
    if (ioctl(device->tun, TUNSETIFF, &request) != 0)
        return kernel_lacks(why, "a TUN device with IFF_NAPI "
                                 "(needs CAP_NET_ADMIN)");
    if (ioctl(device->tun, TUNSETVNETHDRSZ, &header) != 0 ||
        ioctl(device->tun, TUNSETVNETLE, &on) != 0)
        return kernel_lacks(why, "virtio headers on the TUN device");
    return true;
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

/* Up, and without the packets of IPv6's own protocols. */
static bool configure(const struct kernel_device *device, char why[WHY_LEN])
{
    struct ifreq request = {0};
    char path[128];

    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
             device->name);
    if (!write_and_close(open_file(path, why), path, "1", why))
        return false;
    memcpy(request.ifr_name, device->name, IFNAMSIZ);
    request.ifr_mtu = DEVICE_MTU;
    if (ioctl(device->socket, SIOCSIFMTU, &request) != 0)
        return kernel_lacks(why, "an MTU of %d", DEVICE_MTU);
    request.ifr_flags = IFF_UP | IFF_POINTOPOINT | IFF_NOARP;
    if (ioctl(device->socket, SIOCSIFFLAGS, &request) != 0)
        return kernel_lacks(why, "setting the TUN device up");
    return true;
}

/* The device is up by now, or the socket would report that it is down. */
static bool bind_capture(const struct kernel_device *device, char why[WHY_LEN])
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)if_nametoindex(device->name),
    };

    if (bind(device->socket, (const struct sockaddr *)&address,
             sizeof address) != 0)
        return kernel_lacks(why, "binding the AF_PACKET socket");
    return true;
}

void kernel_device_close(struct kernel_device *device)
{
    int *const fds[] = {&device->tun, &device->socket, &device->flush_timeout,
                        &device->clock};

    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
    capture_free(device->capture);
    device->capture = NULL;
}

/* What the thread that makes the namespace is given and gives back. */
struct opening {
    struct kernel_device *device;
    char *why;
    bool good;
};

static void *open_in_namespace(void *argument)
{
    struct opening *opening = argument;
    struct kernel_device *device = opening->device;
    char *why = opening->why;

    opening->good = enter_namespaces(why) && open_tun(device, why) &&
                    open_capture(device, why) &&
                    device->way->prepare(device, why) &&
                    configure(device, why) && bind_capture(device, why);
    return NULL;
}

/* What needs no namespace. */
static bool complete(struct kernel_device *device, char why[WHY_LEN])
{
    if (!kernel_feature_find(device->socket, device->name, KERNEL_UDP_FEATURE,
                             &device->udp))
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
    struct opening opening = {.device = device, .why = why};
    pthread_t thread;

    *device = (struct kernel_device){
        .way = way, .tun = -1, .socket = -1, .flush_timeout = -1, .clock = -1};
    if (!choose_name(device->name, why))
        return false;
    errno = pthread_create(&thread, NULL, open_in_namespace, &opening);
    if (errno != 0)
        return kernel_lacks(why, "a thread");
    pthread_join(thread, NULL);
    if (opening.good && complete(device, why))
        return true;
    kernel_device_close(device);
    return false;
}
