/* SPDX-License-Identifier: MIT */
#include "stop_signal.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>

static int event = -1;

static void on_signal(int number)
{
    const int error = errno;

    (void)number;
    (void)eventfd_write(event, 1);
    errno = error;
}

int stop_signal_open(void)
{
    const struct sigaction action = {
        .sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};

    event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event >= 0 && (sigaction(SIGINT, &action, NULL) != 0 ||
                       sigaction(SIGTERM, &action, NULL) != 0))
        return -1;
    return event;
}
