/* SPDX-License-Identifier: MIT */
/* The system calls of Linux. */
#include "tun/system.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* In bytes; device.h aligns to it, too. */
#define CACHE_LINE 64

static void *allocate(size_t size)
{
    void *memory = NULL;

    if (posix_memalign(&memory, CACHE_LINE, size) != 0)
        return NULL;
    return memset(memory, 0, size);
}

static int open_file(const char *path, int flags)
{
    return open(path, flags);
}

static int control(int fd, unsigned long request, void *argument)
{
    return ioctl(fd, request, argument);
}

static int control_flags(int fd, int command, int argument)
{
    return fcntl(fd, command, argument);
}

/* The thread blocks all signals, so that it handles none of the program's. */
static int run_in_thread(void *(*run)(void *), void *argument)
{
    sigset_t all;
    sigset_t before;
    pthread_t thread;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0)
        pthread_join(thread, NULL);
    return error;
}

const struct tun_system tun_system_linux = {
    .allocate = allocate,
    .open = open_file,
    .close = close,
    .fstat = fstat,
    .fstatvfs = fstatvfs,
    .ioctl = control,
    .fcntl = control_flags,
    .read = read,
    .writev = writev,
    .socket = socket,
    .send = send,
    .recv = recv,
    .setns = setns,
    .unshare = unshare,
    .poll = poll,
    .uname = uname,
    .run_in_thread = run_in_thread,
};
