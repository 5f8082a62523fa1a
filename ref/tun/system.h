/* SPDX-License-Identifier: MIT */
/*
 * The system calls that the TUN backend makes, in a table, so that tests and
 * fuzzers can put a system of their own in their place. Each is called as in
 * its manual page: -1 and errno if it fails.
 */
#ifndef GROVE_TUN_SYSTEM_H
#define GROVE_TUN_SYSTEM_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

struct tun_system {
    /* Zeroed, aligned to a line of the cache; released by free(3). */
    void *(*allocate)(size_t size);
    int (*open)(const char *path, int flags);
    int (*close)(int fd);
    int (*fstat)(int fd, struct stat *status);
    int (*ioctl)(int fd, unsigned long request, void *argument);
    int (*fcntl)(int fd, int command, int argument);
    ssize_t (*read)(int fd, void *buffer, size_t size);
    ssize_t (*writev)(int fd, const struct iovec *iov, int count);
    int (*socket)(int domain, int type, int protocol);
    ssize_t (*send)(int fd, const void *message, size_t len, int flags);
    ssize_t (*recv)(int fd, void *buffer, size_t size, int flags);
    int (*setns)(int fd, int type);
    /* pthread_create() and pthread_join() in one; an errno, or 0. */
    int (*run_in_thread)(void *(*run)(void *), void *argument);
};

/* The argument of an ioctl() that takes a number instead of a pointer. */
static inline void *tun_value(unsigned long number)
{
    return (void *)number;
}

/* The real ones. */
extern const struct tun_system tun_system_linux;

#endif
