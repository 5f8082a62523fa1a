/* SPDX-License-Identifier: MIT */
/* Descriptors that are closed all at once. */
#include "kernel_private.h"

#include <pthread.h>
#include <unistd.h>

static void *close_one(void *argument)
{
    int *fd = argument;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return NULL;
}

void kernel_close_all(int *fds, size_t count)
{
    pthread_t threads[KERNEL_SLOW_SOCKETS];
    bool started[KERNEL_SLOW_SOCKETS];

    for (size_t i = 1; i < count; i++)
        started[i] = pthread_create(&threads[i], NULL, close_one, &fds[i]) == 0;
    close_one(&fds[0]);
    for (size_t i = 1; i < count; i++) {
        if (started[i])
            pthread_join(threads[i], NULL);
        else
            close_one(&fds[i]);
    }
}
