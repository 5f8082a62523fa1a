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
#include <unistd.h>

#include "grove/vnet.h"

/* The largest MTU of a TUN device. */
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

bool kernel_tun_open(struct kernel_tun *tun, int flags, char why[WHY_LEN])
{
    struct ifreq request = {0};
    int header = GROVE_VNET_LEN;
    int on = 1;

    tun->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (tun->fd < 0)
        return kernel_lacks(why, "/dev/net/tun");
    if (!choose_name(tun->name, why))
        return false;
    memcpy(request.ifr_name, tun->name, IFNAMSIZ);
    request.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | flags);
    if (ioctl(tun->fd, TUNSETIFF, &request) != 0)
        return kernel_lacks(why, "a TUN device (needs CAP_NET_ADMIN)");
    if (ioctl(tun->fd, TUNSETVNETHDRSZ, &header) != 0 ||
        ioctl(tun->fd, TUNSETVNETLE, &on) != 0)
        return kernel_lacks(why, "virtio headers on the TUN device");
    return true;
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
    request.ifr_mtu = TUN_MTU;
    if (ioctl(socket, SIOCSIFMTU, &request) != 0)
        return kernel_lacks(why, "an MTU of %d", TUN_MTU);
    request.ifr_flags = IFF_UP | IFF_POINTOPOINT | IFF_NOARP;
    if (ioctl(socket, SIOCSIFFLAGS, &request) != 0)
        return kernel_lacks(why, "setting the TUN device up");
    return true;
}

void kernel_tun_close(struct kernel_tun *tun)
{
    if (tun->fd >= 0)
        close(tun->fd);
    tun->fd = -1;
}
