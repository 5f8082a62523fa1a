/* SPDX-License-Identifier: MIT */
/*
 * All packets in one poll, without any right to decide when the kernel thread
 * runs. There are two ways, and one after the other is tried. On a busy machine
 * the thread waits behind the caller (kernel_behind.c). Otherwise it runs on
 * another CPU, and is kept occupied: a packet, the ballast, is slow to deliver,
 * and while its poll lasts the others are written. So they are all in the next
 * poll.
 *
 * Sockets see a packet one after the other, the one that was bound last first.
 * One shows that the ballast's poll has begun. Some are slow: they have a
 * filter of many instructions, which only the ballast passes through. Those of
 * the capture are the last ones: as long as they do not show the ballast, that
 * poll has not ended. An answer counts only if they do not show the ballast
 * even after all packets have been written. So the load of the machine changes
 * no answer.
 *
 * It changes how often the question is asked. So the ballast grows, too, until
 * its poll outlasts the time that the caller waits for a CPU, up to 40
 * milliseconds; and it shrinks again.
 */
#include "kernel_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How often a poll may begin early. */
#define MAX_REPEATS 10000

/* After how many the caller asks in the other way. */
#define REPEATS_A_WAY 4

/* After how many, in both ways, the ballast grows by a quarter. */
#define REPEATS_A_STEP 8

/* After how many answers at the first attempt it shrinks, by a sixteenth. */
#define CALM_A_STEP 4

/* Slow sockets at first. */
#define FIRST_WEIGHT 8

/* How many are slow by 10 microseconds each; the others are by 200. */
#define LIGHT_SOCKETS 64

/* A time so long that a poll always begins before it ends. */
#define WAIT_MS 10000

/* How often the caller looks for the beginning of a poll before it blocks. */
#define LOOKS 500

/* Instructions of a filter: more exceed the memory of a socket's options. */
#define FILTER_LEN 2000

/* What a filter does over and over: a division, or a walk over headers. */
static const struct sock_filter light = BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3);
static const struct sock_filter heavy = BPF_STMT(
    BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PAY_OFFSET);

/* What a filter begins with, before it does nothing slowly: at a TUN. */
static const struct sock_filter head[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, KERNEL_BALLAST_MARK),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), /* the mark */
    BPF_STMT(BPF_RET | BPF_K, 0),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, KERNEL_BALLAST_WEIGHT),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0), /* the least weight */
    BPF_STMT(BPF_RET | BPF_K, 0),
};

enum {
    HEAD = sizeof head / sizeof head[0],
    LOAD_MARK = 0,
    MARK = 1,
    LOAD_WEIGHT = 3,
    LEAST = 4
};

/*
 * Makes a socket as slow as `len` instructions take, for a ballast of at least
 * this weight; then it sees the first `seen` bytes of it. False and errno.
 */
static bool slow_down(const struct kernel_device *device, int fd,
                      unsigned short len, uint32_t weight, uint32_t seen)
{
    const uint32_t link = (uint32_t)device->tun.link_len;
    struct sock_filter filter[FILTER_LEN];
    const struct sock_fprog program = {len, filter};
    uint32_t mark;

    memcpy(&mark, device->ballast + link + KERNEL_BALLAST_MARK, sizeof mark);
    for (unsigned i = HEAD; i + 1U < len; i++)
        filter[i] = weight < LIGHT_SOCKETS ? light : heavy;
    filter[len - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, seen);
    memcpy(filter, head, sizeof head);
    filter[LOAD_MARK].k += link;
    filter[MARK].k = ntohl(mark);
    filter[LOAD_WEIGHT].k += link;
    filter[LEAST].k = weight;
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                      sizeof program) == 0;
}

/* Where the ballast has its weight. */
static uint8_t *weight_of(struct kernel_device *device)
{
    return device->ballast + device->tun.link_len + KERNEL_BALLAST_WEIGHT;
}

/* Binds so many slow sockets. False and errno. */
static bool bind_slow(struct kernel_device *device, unsigned count)
{
    for (; device->slowed < count; device->slowed++) {
        const int fd = device->slow[device->slowed];

        if (!slow_down(device, fd, FILTER_LEN, device->slowed, 0) ||
            !capture_bind(fd, device->interface))
            return false;
    }
    return true;
}

/* Sockets can be opened only here, in the namespace, and bound later, too. */
static bool open_sockets(struct kernel_device *device)
{
    device->interface = (int)if_nametoindex(device->tun.name);
    device->begin = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    for (int i = 0; i < KERNEL_SLOW_SOCKETS; i++) {
        device->slow[i] = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (device->slow[i] < 0)
            return false;
    }
    return device->begin >= 0;
}

/* The capture is bound by now, so each of these sees a packet before it. */
static bool complete(struct kernel_device *device, char why[WHY_LEN])
{
    return (open_sockets(device) && bind_slow(device, FIRST_WEIGHT) &&
            slow_down(device, device->begin, HEAD + 1, 0, 1) &&
            capture_bind(device->begin, device->interface) &&
            kernel_behind_open(device)) ||
           kernel_lacks(why, "AF_PACKET sockets with filters");
}

static bool prepare(struct kernel_device *device, char why[WHY_LEN])
{
    *weight_of(device) = FIRST_WEIGHT - 1;
    return kernel_attribute_set(device->tun.name, "threaded", "1", why);
}

static bool wait_for_packet(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready;

    do
        ready = poll(&wait, 1, WAIT_MS);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* Whether the ballast's poll has begun. */
static bool has_begun(const struct kernel_poll *poll)
{
    const int begin = poll->device->begin;
    uint8_t byte;
    bool seen = false;

    while (recv(begin, &byte, sizeof byte, MSG_DONTWAIT) >= 0)
        seen = true;
    return seen;
}

/* Who waits by looking is on a CPU when it begins. */
static bool await_begin(struct kernel_poll *poll)
{
    for (int looks = 0; looks < LOOKS; looks++)
        if (has_begun(poll))
            return true;
    if (!wait_for_packet(poll->device->begin))
        return kernel_poll_stopped(poll);
    (void)has_begun(poll);
    return true;
}

/* Asks once. `*whole` if the ballast's poll lasted until all was written. */
static bool ask_loaded(struct kernel_poll *poll, bool *whole)
{
    kernel_poll_restart(poll);
    if (!kernel_poll_load(poll) || !await_begin(poll))
        return false;
    for (size_t i = 0; i < poll->packets; i++)
        if (!kernel_poll_write(poll, i))
            return false;
    if (!kernel_poll_end(poll))
        return false;
    *whole = !capture_ready(poll->device->capture);
    return kernel_poll_read(poll, *whole) && kernel_poll_flush(poll, *whole);
}

/* Makes the ballast heavier, up to what there are sockets for. */
static bool grow(struct kernel_poll *poll)
{
    struct kernel_device *device = poll->device;
    uint8_t *weight = weight_of(device);
    const unsigned wanted = *weight + *weight / 4U + 1;
    const unsigned heavier =
        wanted < KERNEL_SLOW_SOCKETS ? wanted : KERNEL_SLOW_SOCKETS - 1;

    *weight = (uint8_t)heavier;
    if (heavier < device->slowed)
        return true;
    /* The socket that shows the beginning must be bound after these. */
    return (capture_unbind(device->begin, device->interface) &&
            bind_slow(device, heavier + 1) &&
            capture_bind(device->begin, device->interface)) ||
           kernel_poll_fail(poll, "binding AF_PACKET sockets");
}

/* A heavy ballast takes time: it becomes lighter when it is not needed. */
static void relax(struct kernel_device *device)
{
    uint8_t *weight = weight_of(device);

    if (++device->calm % CALM_A_STEP == 0 && *weight >= FIRST_WEIGHT)
        *weight = (uint8_t)(*weight - *weight / 16U - 1);
}

/* Asks once in the way that comes first now. */
static bool ask_in_turn(struct kernel_poll *poll, bool *whole)
{
    return poll->device->behind ? kernel_behind_ask(poll, whole)
                                : ask_loaded(poll, whole);
}

/* Prepares for the next question. */
static bool adapt(struct kernel_poll *poll, int repeats, bool whole)
{
    struct kernel_device *device = poll->device;

    if (whole && repeats == 1)
        relax(device);
    if (whole || repeats % REPEATS_A_WAY != 0)
        return true;
    device->behind = !device->behind;
    return repeats % REPEATS_A_STEP != 0 || grow(poll);
}

static bool ask(struct kernel_poll *poll)
{
    bool whole = false;

    for (int repeats = 1; repeats <= MAX_REPEATS && !whole; repeats++)
        if (!ask_in_turn(poll, &whole) || !adapt(poll, repeats, whole))
            return false;
    errno = EAGAIN;
    return whole || kernel_poll_fail(poll, "every poll began early");
}

const struct kernel_way kernel_occupied = {
    .prepare = prepare, .complete = complete, .ask = ask};
