/* SPDX-License-Identifier: MIT */
/*
 * All packets in one poll. A kernel thread polls the device. It cannot run
 * before the writer blocks (kernel_schedule.c); then it handles all that was
 * written. This is fast and needs no clock, but the kernel limits the packets
 * of a poll. The sentinel may be the first packet of the next poll, since a
 * poll that reached the limit also flushes.
 */
#include "kernel_private.h"

#include <errno.h>

/* How often a question is repeated after an early poll. */
#define MAX_REPEATS 1000

static bool prepare(struct kernel_device *device, char why[WHY_LEN])
{
    return kernel_attribute_set(device->tun.name, "threaded", "1", why);
}

static bool write_all(struct kernel_poll *poll)
{
    kernel_poll_restart(poll);
    for (size_t i = 0; i < poll->packets; i++)
        if (!kernel_poll_write(poll, i))
            return false;
    return kernel_poll_end(poll);
}

/* A poll that began before all was written is the answer to another question.
 */
static bool ask(struct kernel_poll *poll)
{
    for (int repeats = 0; repeats <= MAX_REPEATS; repeats++) {
        bool early;

        if (!write_all(poll))
            return false;
        early = capture_ready(poll->device->capture);
        if (!kernel_poll_read(poll, !early))
            return false;
        if (!early)
            return true;
    }
    errno = EAGAIN;
    return kernel_poll_fail(poll, "every poll began early");
}

const struct kernel_way kernel_threaded = {.prepare = prepare, .ask = ask};
