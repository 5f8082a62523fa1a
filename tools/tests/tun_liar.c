/* SPDX-License-Identifier: MIT */
/*
 * A kernel that lies, for LD_PRELOAD: TUNSETOFFLOAD succeeds, but what the
 * environment variable LIAR says goes wrong.
 *
 *     udp      the last byte of the length in UDP headers that are read
 *     tcp6     writes of TCP super-packets over IPv6 fail with EINVAL
 *     redirect requests to redirect packets fail: there is no such module
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "grove/vnet.h"

/* Packets of the probe that are longer than this are parts of super-packets. */
enum { SHORT = 400, IP4_PROTOCOL = 9, UDP = 17, UDP_LENGTH = 25 };

static int lies(const char *how)
{
    const char *chosen = getenv("LIAR");

    return chosen != NULL && strcmp(chosen, how) == 0;
}

/* ISO C has no conversion of a pointer to an object into one to a function. */
#define REAL(name)                                                             \
    union {                                                                    \
        void *object;                                                          \
        __typeof__(name) *function;                                            \
    } real = {dlsym(RTLD_NEXT, #name)}

/* The names of parameters in the C library's headers are reserved. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

ssize_t read(int fd, void *buffer, size_t size)
{
    REAL(read);
    const ssize_t len = real.function(fd, buffer, size);
    uint8_t *packet = (uint8_t *)buffer + GROVE_VNET_LEN;

    if (lies("udp") && len > SHORT && packet[0] == 0x45 &&
        packet[IP4_PROTOCOL] == UDP)
        packet[UDP_LENGTH] ^= 1;
    return len;
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
    REAL(writev);

    if (lies("tcp6") && iov[0].iov_len == GROVE_VNET_LEN &&
        ((const uint8_t *)iov[0].iov_base)[1] == GROVE_VNET_GSO_TCPV6) {
        errno = EINVAL;
        return -1;
    }
    return real.function(fd, iov, count);
}

ssize_t send(int fd, const void *message, size_t len, int flags)
{
    REAL(send);

    if (lies("redirect") && len >= sizeof(struct nlmsghdr) &&
        ((const struct nlmsghdr *)message)->nlmsg_type == RTM_NEWQDISC) {
        errno = ENOENT;
        return -1;
    }
    return real.function(fd, message, len, flags);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
