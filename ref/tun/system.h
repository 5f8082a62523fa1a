/* SPDX-License-Identifier: MIT */
/*
 * The system calls of the TUN backend, in a table, so that tests and fuzzers
 * can replace them. Each behaves as its manual page says: it returns -1 and
 * sets errno if it fails.
 */
#ifndef GROVE_TUN_SYSTEM_H
#define GROVE_TUN_SYSTEM_H

#include <poll.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/utsname.h>

/* The node of the driver. */
#define TUN_NODE "/dev/net/tun"

struct tun_system {
    /* All zero, aligned to a cache line; the caller releases it by free(3). */
    void *(*allocate)(size_t size);
    int (*open)(const char *path, int flags);
    int (*close)(int fd);
    int (*fstat)(int fd, struct stat *status);
    int (*fstatvfs)(int fd, struct statvfs *status);
    int (*ioctl)(int fd, unsigned long request, void *argument);
    int (*fcntl)(int fd, int command, int argument);
    ssize_t (*read)(int fd, void *buffer, size_t size);
    ssize_t (*writev)(int fd, const struct iovec *iov, int count);
    int (*socket)(int domain, int type, int protocol);
    ssize_t (*send)(int fd, const void *message, size_t len, int flags);
    ssize_t (*recv)(int fd, void *buffer, size_t size, int flags);
    int (*setns)(int fd, int type);
    int (*unshare)(int flags);
    int (*poll)(struct pollfd *polls, nfds_t count, int milliseconds);
    int (*uname)(struct utsname *name);
    /* pthread_create() and pthread_join(). Returns 0 or an errno. */
    int (*run_in_thread)(void *(*run)(void *), void *argument);
};

/* The argument of an ioctl() that takes a number instead of a pointer. */
static inline void *tun_value(unsigned long number)
{
    return (void *)number;
}

/* Those of Linux. */
extern const struct tun_system tun_system_linux;

#endif
