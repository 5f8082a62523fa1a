/* SPDX-License-Identifier: MIT */
/*
 * Each write of a packet runs a poll for it. While a flush timeout is set such
 * a poll does not flush, so that any number of packets acts like one poll of a
 * faster device. But the end of each poll flushes what was held before the
 * current jiffy. So all packets must be written within one jiffy, or the
 * question is repeated. There are other disturbances (a write may leave its
 * poll to ksoftirqd), so a question is repeated until two answers are equal.
 */
#include "kernel_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* In nanoseconds; longer than any run. */
#define FLUSH_TIMEOUT "3600000000000"

/* How often a jiffy may end too early. */
#define MAX_REPEATS 50

/* How often answers may differ. */
#define MAX_PAIRS 10

/* The number of packets that are written between two looks at the clock. */
#define PACKETS_A_LOOK 64

/*
 * True if this kernel, one before 6.5, leaves polls to ksoftirqd as long as
 * that has work. It cannot run beside the writer, which has a higher priority.
 * So packets would accumulate, and a poll of 64 packets flushes.
 */
static bool piles_up(void)
{
    struct utsname system;
    char *point;
    long major;

    if (uname(&system) != 0)
        return true;
    major = strtol(system.release, &point, 10);
    return major < 6 || (major == 6 && strtol(point + 1, NULL, 10) < 5);
}

static bool prepare(struct kernel_device *device, char why[WHY_LEN])
{
    device->piles_up = piles_up();
    if (!kernel_attribute_set(device->coalescing, "napi_defer_hard_irqs", "0",
                              why))
        return false;
    device->flush_timeout =
        kernel_attribute_open(device->coalescing, "gro_flush_timeout", why);
    if (device->flush_timeout < 0)
        return false;
    device->clock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return device->clock >= 0 || kernel_lacks(why, "a TCP socket");
}

static bool set_flush_timeout(const struct kernel_poll *poll,
                              const char *timeout)
{
    return pwrite(poll->device->flush_timeout, timeout, strlen(timeout), 0) >
               0 ||
           kernel_poll_fail(poll, "setting gro_flush_timeout");
}

/*
 * A number that changes with every jiffy and at no other time: how long ago a
 * TCP socket that is not connected sent something. The coarse clocks are
 * useless here, since they may miss a jiffy and correct that later.
 */
static bool read_jiffy(const struct kernel_poll *poll, uint32_t *jiffy)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    if (getsockopt(poll->device->clock, IPPROTO_TCP, TCP_INFO, &info, &size) !=
        0)
        return kernel_poll_fail(poll, "reading a TCP socket's clock");
    *jiffy = info.tcpi_last_data_sent;
    return true;
}

static bool await_next_jiffy(const struct kernel_poll *poll)
{
    uint32_t first = 0;
    uint32_t now = 0;

    if (!read_jiffy(poll, &first))
        return false;
    do
        if (!read_jiffy(poll, &now))
            return false;
    while (now == first);
    return true;
}

/*
 * Writes the packets as long as the jiffy `first` lasts, and takes what leaves
 * meanwhile, so that no socket's buffer fills.
 */
static bool write_in_jiffy(struct kernel_poll *poll, uint32_t first)
{
    uint32_t now = first;

    for (size_t i = 0; i < poll->packets && now == first; i++) {
        if (!kernel_poll_write(poll, i) || !kernel_poll_take(poll))
            return false;
        if ((i + 1) % PACKETS_A_LOOK == 0 && !read_jiffy(poll, &now))
            return false;
    }
    return true;
}

static bool flush(struct kernel_poll *poll)
{
    poll->ended = false;
    return set_flush_timeout(poll, "0") && kernel_poll_end(poll) &&
           kernel_poll_read(poll, true);
}

/*
 * Asks once. `*whole` if the jiffy of the first packet still lasts when the
 * sentinel has been seen: then every poll ran within it, whoever ran it.
 */
static bool ask_once(struct kernel_poll *poll, bool *whole)
{
    uint32_t first = 0;
    uint32_t last = 0;

    kernel_poll_restart(poll);
    if (!set_flush_timeout(poll, FLUSH_TIMEOUT) || !read_jiffy(poll, &first) ||
        !write_in_jiffy(poll, first) || !flush(poll) ||
        !read_jiffy(poll, &last))
        return false;
    *whole = last == first;
    return true;
}

/* Lets ksoftirqd come to its end. */
static void rest(const struct kernel_poll *poll)
{
    static const struct timespec millisecond = {.tv_nsec = 1000000};

    if (poll->device->piles_up)
        nanosleep(&millisecond, NULL);
}

static bool ask_in_jiffy(struct kernel_poll *poll)
{
    for (int repeats = 0; repeats <= MAX_REPEATS; repeats++) {
        bool whole;

        rest(poll);
        if (!ask_once(poll, &whole))
            return false;
        if (whole)
            return true;
        if (!await_next_jiffy(poll))
            return false;
    }
    answer_fail(poll->answer, ANSWER_SKIPPED,
                "a jiffy of the kernel is too short for the packets of a poll");
    return false;
}

static bool agree(const struct kernel_poll *a, const struct kernel_poll *b)
{
    const struct answer first = {.output = a->output, .outputs = a->outputs};
    const struct answer second = {.output = b->output, .outputs = b->outputs};
    const char *why;

    return a->unseen == b->unseen &&
           answers_agree(&first, &second, &a->answer->arena, &why);
}

static bool ask(struct kernel_poll *poll)
{
    struct kernel_poll again = *poll;

    again.output =
        arena_alloc(&poll->answer->arena, poll->packets, sizeof *again.output);
    for (int pairs = 0; pairs < MAX_PAIRS; pairs++) {
        if (!ask_in_jiffy(poll) || !ask_in_jiffy(&again))
            return false;
        if (agree(poll, &again))
            return true;
    }
    errno = EAGAIN;
    return kernel_poll_fail(poll, "no answer came twice");
}

const struct kernel_way kernel_deferred = {.prepare = prepare, .ask = ask};
