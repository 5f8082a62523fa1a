/* SPDX-License-Identifier: MIT */
/*
 * TUN devices in a network namespace where nothing else happens. The
 * namespaces are made in a thread of their own, and live on in the devices and
 * sockets that were opened there after it has ended.
 */
#include "kernel_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
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

/* What the thread that makes the namespaces is given and gives back. */
struct opening {
    bool (*open)(void *what, char why[WHY_LEN]);
    void *what;
    char *why;
    bool good;
};

static void *open_in_namespace(void *argument)
{
    struct opening *opening = argument;

    opening->good = enter_namespaces(opening->why) &&
                    opening->open(opening->what, opening->why);
    return NULL;
}

bool kernel_open_apart(bool (*open)(void *what, char why[WHY_LEN]), void *what,
                       char why[WHY_LEN])
{
    struct opening opening = {.open = open, .what = what, .why = why};
    pthread_t thread;

    errno = pthread_create(&thread, NULL, open_in_namespace, &opening);
    if (errno != 0)
        return kernel_lacks(why, "a thread");
    pthread_join(thread, NULL);
    return opening.good;
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

bool kernel_tun_up(const struct kernel_tun *tun, int socket, char why[WHY_LEN])
{
    struct ifreq request = {0};
    char path[128];

    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
             tun->name);
    if (!kernel_file_write(path, "1", why))
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
