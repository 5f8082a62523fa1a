/* SPDX-License-Identifier: MIT */
/*
 * Scheduling. The thread that polls the device and the thread that writes to it
 * share one CPU. Both have real-time priorities, and the writer's is higher. So
 * all packets that are written before the writer blocks are in one poll,
 * whatever else the machine does. A poll runs with bottom halves disabled, so
 * it has ended when the writer runs again.
 */
#include "kernel_private.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/utsname.h>

#define POLLER_PRIORITY 1
#define WRITER_PRIORITY 2

/* True if the name of process `pid` begins with `prefix` and is longer. */
static bool has_name(const char *pid, const char *prefix)
{
    char path[sizeof "/proc//comm" + NAME_MAX];
    char name[64] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    if (fgets(name, sizeof name, file) == NULL)
        name[0] = '\0';
    fclose(file);
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The kernel thread "napi/<device>-<number>", or 0. */
static pid_t find_poller(const char *device)
{
    char prefix[32];
    struct dirent *entry;
    pid_t found = 0;
    DIR *proc = opendir("/proc");

    if (proc == NULL)
        return 0;
    snprintf(prefix, sizeof prefix, "napi/%s-", device);
    while (found == 0 && (entry = readdir(proc)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) &&
            has_name(entry->d_name, prefix))
            found = (pid_t)strtol(entry->d_name, NULL, 10);
    closedir(proc);
    return found;
}

/* The CPU that the calling thread is on, which it may stay on. */
static bool choose_cpu(cpu_set_t *cpu)
{
    int current = sched_getcpu();

    if (current < 0)
        return false;
    CPU_ZERO(cpu);
    CPU_SET((size_t)current, cpu);
    return true;
}

/* With PREEMPT_RT a poll may be interrupted, and nothing shows its end. */
static bool polls_are_whole(void)
{
    struct utsname system;

    return uname(&system) == 0 && strstr(system.version, "PREEMPT_RT") == NULL;
}

bool kernel_thread_pin(const char *device, cpu_set_t *cpu)
{
    const struct sched_param param = {.sched_priority = POLLER_PRIORITY};
    struct kernel_writer saved;
    pid_t poller = find_poller(device);

    if (!polls_are_whole() || poller == 0 || !choose_cpu(cpu) ||
        sched_setaffinity(poller, sizeof *cpu, cpu) != 0 ||
        sched_setscheduler(poller, SCHED_FIFO, &param) != 0 ||
        !kernel_writer_begin(&saved, cpu))
        return false;
    kernel_writer_end(&saved);
    return true;
}

static void move_back(const struct kernel_writer *saved)
{
    if (saved->moved)
        sched_setaffinity(0, sizeof saved->cpus, &saved->cpus);
}

bool kernel_writer_begin(struct kernel_writer *saved, const cpu_set_t *cpu)
{
    const struct sched_param param = {.sched_priority = WRITER_PRIORITY};

    saved->policy = sched_getscheduler(0);
    if (saved->policy < 0 || sched_getparam(0, &saved->param) != 0 ||
        sched_getaffinity(0, sizeof saved->cpus, &saved->cpus) != 0)
        return false;
    saved->moved = !CPU_EQUAL(cpu, &saved->cpus);
    if (saved->moved && sched_setaffinity(0, sizeof *cpu, cpu) != 0)
        return false;
    if (sched_setscheduler(0, SCHED_FIFO, &param) == 0)
        return true;
    move_back(saved);
    return false;
}

void kernel_writer_end(const struct kernel_writer *saved)
{
    sched_setscheduler(0, saved->policy, &saved->param);
    move_back(saved);
}
