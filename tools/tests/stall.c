/* SPDX-License-Identifier: MIT */
/*
 * A library to preload: as often as GROVE_STALLS says, poll(2) with a time
 * limit reports that nothing has happened, at once. To its caller the other
 * side seems to be dead.
 */
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

static long stalls_left(void)
{
    const char *text = getenv("GROVE_STALLS");

    return text != NULL ? strtol(text, NULL, 10) : 0;
}

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
    static long done;
    const struct timespec limit = {
        .tv_sec = timeout / 1000,
        .tv_nsec = timeout % 1000 * 1000000L,
    };

    if (timeout > 0 && done < stalls_left()) {
        done++;
        return 0;
    }
    return ppoll(fds, nfds, timeout < 0 ? NULL : &limit, NULL);
}
