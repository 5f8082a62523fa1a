/* SPDX-License-Identifier: MIT */
/* TUN devices in a network namespace where nothing else happens. */
#include "kernel_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "grove/vnet.h"

/* The largest MTU of a TUN device; a TAP needs room for its header. */
#define TUN_MTU 65535

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

bool kernel_file_write(const char *path, const char *text, char why[WHY_LEN])
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) >= 0;

    if (!written)
        kernel_lacks(why, "%s", path);
    if (fd >= 0)
        close(fd);
    return written;
}

/* The name may be in the name of a kernel thread, so it must be unique. */
static bool choose_name(char name[IFNAMSIZ], char why[WHY_LEN])
{
    uint32_t number;

    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return kernel_lacks(why, "getrandom");
    snprintf(name, IFNAMSIZ, "g%06x", number & 0xffffff);
    return true;
}

static bool set_header(const struct kernel_tun *tun, char why[WHY_LEN])
{
    int header = (int)tun->vnet_len;
    int on = 1;

    return (ioctl(tun->fd, TUNSETVNETHDRSZ, &header) == 0 &&
            ioctl(tun->fd, TUNSETVNETLE, &on) == 0) ||
           kernel_lacks(why, "virtio headers of %d bytes on the device",
                        header);
}

/*
 * A device reads the fields of tunnels, which the header has from byte 20 on,
 * only if it may be given super-packets in tunnels. A kernel before 6.17 does
 * not know these offloads, and never reads them.
 */
static bool set_tunnels(const struct kernel_tun *tun, char why[WHY_LEN])
{
    return tun->vnet_len < RUN_VNET_MAX ||
           ioctl(tun->fd, TUNSETOFFLOAD, KERNEL_TUNNEL_OFFLOADS) == 0 ||
           errno == EINVAL ||
           kernel_lacks(why, "setting the offloads of a TUN device");
}

bool kernel_tun_open(struct kernel_tun *tun, const struct kernel_layers *layers,
                     int flags, char why[WHY_LEN])
{
    const bool tap = layers->link == GROVE_LINK_ETHERNET;
    struct ifreq request = {0};

    tun->link_len = tap ? KERNEL_ETHERNET_LEN : 0;
    tun->vnet_len = layers->vnet_len;
    tun->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (tun->fd < 0)
        return kernel_lacks(why, "/dev/net/tun");
    if (!choose_name(tun->name, why))
        return false;
    memcpy(request.ifr_name, tun->name, IFNAMSIZ);
    request.ifr_flags =
        (short)((tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI | IFF_VNET_HDR | flags);
    if (ioctl(tun->fd, TUNSETIFF, &request) != 0)
        return kernel_lacks(why, "a %s device (needs CAP_NET_ADMIN)",
                            tap ? "TAP" : "TUN");
    return set_header(tun, why) && set_tunnels(tun, why);
}

/* A kernel without IPv6, or with it switched off, has no such file. */
static bool disable_ipv6(const struct kernel_tun *tun, char why[WHY_LEN])
{
    char path[128];

    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
             tun->name);
    return access(path, F_OK) != 0 || kernel_file_write(path, "1", why);
}

bool kernel_tun_up(const struct kernel_tun *tun, int socket, char why[WHY_LEN])
{
    struct ifreq request = {0};

    if (!disable_ipv6(tun, why))
        return false;
    memcpy(request.ifr_name, tun->name, IFNAMSIZ);
    request.ifr_mtu = TUN_MTU - (int)tun->link_len;
    if (ioctl(socket, SIOCSIFMTU, &request) != 0)
        return kernel_lacks(why, "an MTU of %d", request.ifr_mtu);
    request.ifr_flags = IFF_UP | IFF_NOARP;
    if (tun->link_len == 0)
        request.ifr_flags |= IFF_POINTOPOINT;
    if (ioctl(socket, SIOCSIFFLAGS, &request) != 0)
        return kernel_lacks(why, "setting the device up");
    return true;
}

bool kernel_tun_write(const struct kernel_tun *tun,
                      const struct run_input *input)
{
    static const uint8_t zero[RUN_VNET_MAX];
    const uint8_t *vnet = input->has_vnet ? input->vnet : zero;
    const struct iovec iov[] = {
        {(void *)(uintptr_t)vnet, tun->vnet_len},
        {(void *)(uintptr_t)input->packet, input->len},
    };

    return writev(tun->fd, iov, 2) >= 0;
}

void kernel_tun_close(struct kernel_tun *tun)
{
    if (tun->fd >= 0)
        close(tun->fd);
    tun->fd = -1;
}
