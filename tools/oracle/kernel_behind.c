/* SPDX-License-Identifier: MIT */
/*
 * All packets in one poll on a busy machine, without any right to decide when
 * the kernel thread runs. If no CPU is idle, the scheduler often puts the
 * thread on the CPU of the caller, who wakes it. There it waits until the
 * caller blocks, and then one poll handles all that was written.
 *
 * Whether it was so is known afterwards. The caller is bound to a CPU, and its
 * number of context switches shows that no other thread ran there meanwhile. A
 * socket shows whether a packet was delivered on another CPU. If none was, each
 * poll with a packet ran on this CPU, and thus after the last write.
 */
#include "kernel_private.h"

#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Shows packets that are not on this CPU, as many bytes as name theirs. */
static bool watch(const struct kernel_device *device)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_CPU),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)device->cpu, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    const struct sock_fprog program = {sizeof filter / sizeof filter[0],
                                       filter};

    return setsockopt(device->elsewhere, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                      sizeof program) == 0;
}

/* The capture is bound by now, so this socket sees a packet before it. */
bool kernel_behind_open(struct kernel_device *device)
{
    const int cpu = sched_getcpu();

    device->elsewhere = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    device->cpu = cpu < 0 ? 0 : (size_t)cpu;
    return device->elsewhere >= 0 && watch(device) &&
           capture_bind(device->elsewhere, device->interface);
}

/*
 * Takes what the socket shows. Returns the length of the last packet, 0 if
 * there is none.
 */
static size_t take_elsewhere(const struct kernel_device *device)
{
    uint8_t bytes[SENTINEL_LEN];
    ssize_t len = 0;
    ssize_t got;

    while ((got = recv(device->elsewhere, bytes, sizeof bytes, MSG_DONTWAIT)) >
           0)
        len = got;
    return (size_t)len;
}

/* The CPU after this one among those that the caller may use. */
static size_t next_cpu(const cpu_set_t *usable, size_t cpu)
{
    do
        cpu = (cpu + 1) % CPU_SETSIZE;
    while (!CPU_ISSET(cpu, usable));
    return cpu;
}

/* Follows the thread to the CPU that a packet of `len` bytes names. */
static bool follow(struct kernel_poll *poll, size_t len,
                   const cpu_set_t *usable)
{
    struct kernel_device *device = poll->device;
    const size_t cpu = len - 1;

    device->cpu = len < SENTINEL_LEN && CPU_ISSET(cpu, usable)
                      ? cpu
                      : next_cpu(usable, device->cpu);
    return watch(device) || kernel_poll_fail(poll, "a filter for a CPU");
}

static bool stay_on(size_t cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

static long count_switches(void)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw + usage.ru_nivcsw;
}

/* Writes all packets. `*alone` if no other thread was on the CPU meanwhile. */
static bool write_all(struct kernel_poll *poll, bool *alone)
{
    const bool stays = stay_on(poll->device->cpu);
    const long switches = count_switches();

    kernel_poll_restart(poll);
    for (size_t i = 0; i < poll->packets; i++)
        if (!kernel_poll_write(poll, i))
            return false;
    *alone = stays && count_switches() == switches;
    return kernel_poll_end(poll);
}

static bool ask_here(struct kernel_poll *poll, bool *alone)
{
    return write_all(poll, alone) && kernel_poll_read(poll, *alone) &&
           kernel_poll_flush(poll, *alone);
}

bool kernel_behind_ask(struct kernel_poll *poll, bool *whole)
{
    cpu_set_t usable;
    size_t elsewhere;
    bool alone;
    bool good;

    if (sched_getaffinity(0, sizeof usable, &usable) != 0)
        return kernel_poll_fail(poll, "reading the thread's CPUs");
    take_elsewhere(poll->device);
    good = ask_here(poll, &alone);
    sched_setaffinity(0, sizeof usable, &usable);
    if (!good)
        return false;
    elsewhere = take_elsewhere(poll->device);
    *whole = alone && elsewhere == 0;
    return elsewhere == 0 || follow(poll, elsewhere, &usable);
}
