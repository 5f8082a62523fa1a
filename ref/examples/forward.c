/* SPDX-License-Identifier: MIT */
/*
 * Joins two TUN devices: what one gives is written to the other, and back.
 *
 *     forward DEVICE DEVICE
 *
 * Before that it asks the kernel what it does to super-packets. While a device
 * is down, packets for it wait in the queue of the other one.
 * Exit status: 1 if a device fails, 2 if it cannot be opened.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* README.md shows the text from here */
#include <grove/tun.h>

enum { BATCH = GROVE_DEFAULT_BATCH };

/* Packets of one queue go into another one. */
struct path {
    struct grove_tun_queue *from;
    struct grove_tun_queue *to;
    struct grove_table *table;
    struct grove_tun_buffer buffers[BATCH]; /* GROVE_MAX_PACKET_LEN bytes */
    struct grove_packet packets[BATCH];     /* in the buffers */
};

/*
 * Moves one batch, or the rest of the last one. If grove_tun_pending(path->to)
 * is not 0 afterwards, a write failed: call again when poll(2) reports POLLOUT
 * for path->to, and leave the buffers alone until then. Otherwise the result is
 * that of the read: on AGAIN, wait for POLLIN of path->from.
 */
static enum grove_tun_result forward(struct path *path)
{
    enum grove_tun_result result;
    size_t count = 0;

    if (grove_tun_pending(path->to) != 0)
        return grove_tun_resume(path->to);
    result = grove_tun_recv(path->from, path->buffers, BATCH, 0, &count);
    if (result != GROVE_TUN_OK)
        return result;
    for (size_t i = 0; i < count; i++) {
        path->packets[i].data = path->buffers[i].data;
        path->packets[i].len = path->buffers[i].len;
        path->packets[i].vnet = NULL;
    }
    return grove_tun_send(path->to, path->table, path->packets, count);
}
/* to here. */

enum { PAUSE_MS = 10 };

/* Waits until forward() can go on. False: it never will. */
static bool wait_after(const struct path *path, enum grove_tun_result result)
{
    struct pollfd wait = {grove_tun_fd(path->from), POLLIN, 0};

    if (grove_tun_pending(path->to) != 0) {
        wait.fd = grove_tun_fd(path->to);
        wait.events = POLLOUT; /* not while the device is down */
    }
    switch (result) {
    case GROVE_TUN_OK:
    case GROVE_TUN_INTERRUPTED:
        return true;
    case GROVE_TUN_AGAIN:
    case GROVE_TUN_DOWN:
        poll(&wait, 1, -1);
        return true;
    case GROVE_TUN_NO_MEMORY:
        poll(NULL, 0, PAUSE_MS);
        return true;
    default:
        return false;
    }
}

/* Ends the program when a device fails. */
static void *run(void *argument)
{
    struct path *path = (struct path *)argument;
    enum grove_tun_result result;

    do
        result = forward(path);
    while (wait_after(path, result));
    fprintf(stderr, "forward: %s; %zu packets are lost\n",
            result == GROVE_TUN_SYSTEM ? strerror(errno)
                                       : grove_tun_result_words(result),
            grove_tun_discard(path->to));
    exit(1);
}

/* NULL: the kernel cannot be asked. What it gets wrong is shown. */
static const struct grove_tun_kernel *
probe_kernel(struct grove_tun_kernel *kernel)
{
    struct grove_tun_error error;

    if (!grove_tun_probe(kernel, &error)) {
        fprintf(stderr, "forward: not probed: %s: %s (%s); %s\n",
                grove_tun_step_words(error.step),
                grove_tun_cause_words(error.cause), strerror(error.number),
                grove_tun_remedy_words(error.cause));
        return NULL;
    }
    for (size_t i = 0; i < kernel->finding_count; i++)
        fprintf(stderr, "forward: %s: %s\n", kernel->findings[i].packet,
                grove_tun_symptom_words(kernel->findings[i].symptom));
    return kernel;
}

static struct grove_tun *open_device(const char *name,
                                     const struct grove_tun_kernel *kernel)
{
    struct grove_tun_config config;
    struct grove_tun_error error;
    struct grove_tun *tun;

    memset(&config, 0, sizeof config);
    config.name = name;
    config.kernel = kernel;
    config.link = GROVE_TUN_LINK_UP;
    config.non_blocking = true;
    if (!grove_tun_open(&config, &tun, &error)) {
        fprintf(stderr, "forward: %s: %s: %s (%s); %s\n", name,
                grove_tun_step_words(error.step),
                grove_tun_cause_words(error.cause), strerror(error.number),
                grove_tun_remedy_words(error.cause));
        exit(2);
    }
    return tun;
}

static void make_path(struct path *path, struct grove_tun *from,
                      struct grove_tun *to, const char *profile)
{
    uint8_t *memory = (uint8_t *)malloc((size_t)BATCH * GROVE_MAX_PACKET_LEN);
    struct grove_config config;

    memset(&config, 0, sizeof config);
    config.profile = profile;
    path->from = grove_tun_queue(from, 0);
    path->to = grove_tun_queue(to, 0);
    if (memory == NULL || grove_table_new(&config, &path->table) != GROVE_OK) {
        fprintf(stderr, "forward: out of memory\n");
        exit(2);
    }
    for (size_t i = 0; i < BATCH; i++) {
        path->buffers[i].data = memory + i * GROVE_MAX_PACKET_LEN;
        path->buffers[i].size = GROVE_MAX_PACKET_LEN;
    }
}

int main(int argc, char **argv)
{
    static struct path paths[2];
    char profile[GROVE_PROFILE_NAME_SIZE];
    struct grove_tun_kernel kernel;
    const struct grove_tun_kernel *known;
    struct grove_tun *left;
    struct grove_tun *right;
    pthread_t thread;

    if (argc != 3) {
        fprintf(stderr, "usage: forward DEVICE DEVICE\n");
        return 2;
    }
    known = probe_kernel(&kernel);
    left = open_device(argv[1], known);
    right = open_device(argv[2], known);
    grove_tun_profile(known, profile);
    make_path(&paths[0], left, right, profile);
    make_path(&paths[1], right, left, profile);
    if (pthread_create(&thread, NULL, run, &paths[1]) != 0) {
        fprintf(stderr, "forward: no thread\n");
        return 2;
    }
    run(&paths[0]);
    return 1;
}
