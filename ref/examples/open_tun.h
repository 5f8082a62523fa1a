/* SPDX-License-Identifier: MIT */
/* Opens a TUN device whose packets have a virtio_net_hdr in front. */
#ifndef OPEN_TUN_H
#define OPEN_TUN_H

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <grove/vnet.h>

/* Since Linux 6.2; older headers do not have them. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

/*
 * Returns a non-blocking descriptor, or -1 and errno. `offloads` are the TUN_F_
 * bits of the super-packets that the program can read.
 */
static inline int open_tun(const char *name, unsigned long offloads)
{
    const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    int header_len = GROVE_VNET_LEN;
    int little_endian = 1;
    struct ifreq interface;
    int error = 0;

    memset(&interface, 0, sizeof interface);
    interface.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
    if (strlen(name) >= sizeof interface.ifr_name)
        error = ENAMETOOLONG;
    else
        memcpy(interface.ifr_name, name, strlen(name));
    if (error == 0 && (fd < 0 || ioctl(fd, TUNSETIFF, &interface) != 0 ||
                       ioctl(fd, TUNSETVNETHDRSZ, &header_len) != 0 ||
                       ioctl(fd, TUNSETVNETLE, &little_endian) != 0 ||
                       ioctl(fd, TUNSETOFFLOAD, offloads) != 0))
        error = errno;
    if (error == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

#endif
