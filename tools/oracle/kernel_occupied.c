/* SPDX-License-Identifier: MIT */
/*
 * All packets in one poll, without any right to decide when the kernel thread
 * runs. The thread is kept occupied: a packet, the ballast, is slow to deliver,
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
 * It changes how often the question is asked. So the ballast grows until its
 * poll outlasts the time that the caller waits for a CPU, up to 40
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

/* After how many early polls the caller changes its CPUs. */
#define REPEATS_A_CPU 4

/* After how many the ballast grows, by a quarter. */
#define REPEATS_A_STEP 4

/* After how many answers at the first attempt it shrinks, by a sixteenth. */
#define CALM_A_STEP 4

/* Slow sockets at first. */
#define FIRST_WEIGHT 8

/* How many are slow by 10 microseconds each; the others are by 200. */
#define LIGHT_SOCKETS 64

/* A time so long that a poll always begins before it ends. */
#define WAIT_MS 10000

/* Instructions of a filter: more exceed the memory of a socket's options. */
#define FILTER_LEN 2000

/* What a filter does over and over: a division, or a walk over headers. */
static const struct sock_filter light = BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3);
static const struct sock_filter heavy = BPF_STMT(
    BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PAY_OFFSET);

/* What a filter begins with, before it does nothing slowly. */
static const struct sock_filter head[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, KERNEL_BALLAST_MARK),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), /* the mark */
    BPF_STMT(BPF_RET | BPF_K, 0),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, KERNEL_BALLAST_WEIGHT),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0), /* the least weight */
    BPF_STMT(BPF_RET | BPF_K, 0),
};

enum { HEAD = sizeof head / sizeof head[0], MARK = 1, LEAST = 4 };

/*
 * Makes a socket as slow as `len` instructions take, for a ballast of at least
 * this weight; then it sees the first `seen` bytes of it. False and errno.
 */
static bool slow_down(const struct kernel_device *device, int fd,
                      unsigned short len, uint32_t weight, uint32_t seen)
{
    struct sock_filter filter[FILTER_LEN];
    const struct sock_fprog program = {len, filter};
    uint32_t mark;

    memcpy(&mark, device->ballast + KERNEL_BALLAST_MARK, sizeof mark);
    for (unsigned i = HEAD; i + 1U < len; i++)
        filter[i] = weight < LIGHT_SOCKETS ? light : heavy;
    filter[len - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, seen);
    memcpy(filter, head, sizeof head);
    filter[MARK].k = ntohl(mark);
    filter[LEAST].k = weight;
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                      sizeof program) == 0;
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
            capture_bind(device->begin, device->interface)) ||
           kernel_lacks(why, "AF_PACKET sockets with filters");
}

static bool prepare(struct kernel_device *device, char why[WHY_LEN])
{
    device->ballast[KERNEL_BALLAST_WEIGHT] = FIRST_WEIGHT - 1;
    if (sched_getaffinity(0, sizeof device->cpus, &device->cpus) != 0 ||
        CPU_COUNT(&device->cpus) < 2) {
        errno = 0;
        return kernel_lacks(why, "a second CPU (root needs one only)");
    }
    return kernel_attribute_set(device, "threaded", "1", why);
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

/* Waits until the ballast's poll has begun. */
static bool await_begin(struct kernel_poll *poll)
{
    const int begin = poll->device->begin;
    uint8_t byte;

    if (!wait_for_packet(begin))
        return kernel_poll_stopped(poll);
    while (recv(begin, &byte, sizeof byte, MSG_DONTWAIT) >= 0)
        ;
    return true;
}

/*
 * The sentinel leaves before what its own poll flushes, and the thread may run
 * on another CPU. So a second sentinel follows, in a poll after that one.
 */
static bool read_flush(struct kernel_poll *poll, bool keep)
{
    poll->ended = false;
    return kernel_poll_end(poll) && kernel_poll_read(poll, keep);
}

static void stay_on(size_t cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/*
 * Writes the ballast, and waits for its poll. On a busy machine the kernel
 * thread runs where the ballast was written, and only on another CPU does the
 * caller go on before that poll is over.
 */
static bool load(struct kernel_poll *poll)
{
    const struct kernel_device *device = poll->device;

    if (device->apart)
        stay_on(device->load_cpu);
    if (!kernel_poll_load(poll))
        return false;
    if (device->apart)
        stay_on(device->write_cpu);
    return await_begin(poll);
}

/* Asks once. `*whole` if the ballast's poll lasted until all was written. */
static bool ask_once(struct kernel_poll *poll, bool *whole)
{
    kernel_poll_restart(poll);
    if (!load(poll))
        return false;
    for (size_t i = 0; i < poll->packets; i++)
        if (!kernel_poll_write(poll, i))
            return false;
    if (!kernel_poll_end(poll))
        return false;
    *whole = !capture_ready(poll->device->capture);
    return kernel_poll_read(poll, *whole) && read_flush(poll, *whole);
}

/* The CPU after this one among those that the caller may use. */
static size_t next_cpu(const struct kernel_device *device, size_t cpu)
{
    do
        cpu = (cpu + 1) % CPU_SETSIZE;
    while (!CPU_ISSET(cpu, &device->cpus));
    return cpu;
}

/* Changes the CPUs of the ballast and of what is written during its poll. */
static void change_cpus(struct kernel_device *device)
{
    device->load_cpu = device->write_cpu;
    device->write_cpu = next_cpu(device, device->load_cpu);
    device->apart = true;
}

/* Makes the ballast heavier by a quarter, up to what there are sockets for. */
static bool grow(struct kernel_poll *poll)
{
    struct kernel_device *device = poll->device;
    uint8_t *weight = &device->ballast[KERNEL_BALLAST_WEIGHT];
    const unsigned wanted = *weight + *weight / 4U + 1;
    const unsigned heavier =
        wanted < KERNEL_SLOW_SOCKETS ? wanted : KERNEL_SLOW_SOCKETS - 1;

    *weight = (uint8_t)heavier;
    if (heavier < device->slowed)
        return true;
    /* The socket that shows the beginning must be bound last. */
    return (capture_unbind(device->begin, device->interface) &&
            bind_slow(device, heavier + 1) &&
            capture_bind(device->begin, device->interface)) ||
           kernel_poll_fail(poll, "binding AF_PACKET sockets");
}

/* What a poll that began early suggests: another CPU, or a heavier ballast. */
static bool adapt(struct kernel_poll *poll, int repeats)
{
    if (repeats % REPEATS_A_CPU == 1)
        change_cpus(poll->device);
    return repeats % REPEATS_A_STEP != 0 || grow(poll);
}

/* A heavy ballast takes time: it becomes lighter when it is not needed. */
static void relax(struct kernel_device *device)
{
    uint8_t *weight = &device->ballast[KERNEL_BALLAST_WEIGHT];

    if (++device->calm % CALM_A_STEP == 0 && *weight >= FIRST_WEIGHT)
        *weight = (uint8_t)(*weight - *weight / 16U - 1);
    device->apart = device->apart && *weight >= FIRST_WEIGHT;
}

static bool ask_until_whole(struct kernel_poll *poll)
{
    for (int repeats = 1; repeats <= MAX_REPEATS; repeats++) {
        bool whole;

        if (!ask_once(poll, &whole))
            return false;
        if (whole && repeats == 1)
            relax(poll->device);
        if (whole)
            return true;
        if (!adapt(poll, repeats))
            return false;
    }
    errno = EAGAIN;
    return kernel_poll_fail(poll, "every poll began early");
}

static bool ask(struct kernel_poll *poll)
{
    cpu_set_t saved;
    bool good;

    if (sched_getaffinity(0, sizeof saved, &saved) != 0)
        return kernel_poll_fail(poll, "reading the thread's CPUs");
    good = ask_until_whole(poll);
    sched_setaffinity(0, sizeof saved, &saved);
    return good;
}

const struct kernel_way kernel_occupied = {
    .prepare = prepare, .complete = complete, .ask = ask};
