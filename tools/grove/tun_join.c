/* SPDX-License-Identifier: MIT */
/*
 * `grove tun`: forwards packets between two devices in both directions. Thread
 * i serves queue i of both devices. The threads share only the order to stop.
 */
#include "tun_join.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "dice.h"
#include "grove.h"

enum { BATCH = GROVE_DEFAULT_BATCH };

/* One direction of one queue. */
struct way {
    struct grove_tun_queue *from;
    struct grove_tun_queue *to;
    struct grove_table *table;
    uint8_t *memory; /* of the slots and the spare */
    struct grove_tun_buffer slots[BATCH];
    struct grove_tun_buffer spare; /* for the packet that exceeds its slot */
    size_t wanted; /* bytes of that packet: for the next slots; 0: none did */
    struct grove_packet packets[BATCH]; /* the batch */
    size_t count;                       /* packets in the batch */
    bool more;    /* the last batch did not end with AGAIN */
    bool blocked; /* the last batch is not sent yet */
    struct dice dice;
    struct join_counts counts;
};

/* Why a worker ended; GROVE_TUN_OK: it was ordered to. */
struct failure {
    enum grove_tun_result result;
    int number; /* errno, if the result is GROVE_TUN_SYSTEM */
    int device;
};

struct worker {
    struct way ways[2]; /* ways[i] comes from device i */
    const struct join_faults *faults;
    int stop; /* an eventfd; all workers end when it is readable */
    struct failure failure;
    pthread_t thread;
};

/* ---- room for packets --------------------------------------------------- */

/*
 * Makes slots for packets of `len` bytes. The slots lie side by side and are
 * short, so that a batch stays in the cache. Only the spare buffer has room for
 * every packet. False: there is no memory, and nothing has changed.
 */
static bool make_slots(struct way *way, size_t len)
{
    const size_t slot = (len + 63) / 64 * 64;
    uint8_t *memory = malloc(BATCH * slot + GROVE_MAX_PACKET_LEN);

    if (memory == NULL)
        return false;
    free(way->memory);
    way->memory = memory;
    for (size_t i = 0; i < BATCH; i++)
        way->slots[i] =
            (struct grove_tun_buffer){.data = memory + i * slot, .size = slot};
    way->spare = (struct grove_tun_buffer){.data = memory + BATCH * slot,
                                           .size = GROVE_MAX_PACKET_LEN};
    return true;
}

/* The MTU was raised: gives the next packets slots, if there is memory. */
static void enlarge_slots(struct way *way)
{
    if (way->wanted != 0)
        (void)make_slots(way, way->wanted);
    way->wanted = 0;
}

/* ---- one batch ---------------------------------------------------------- */

static void add(struct way *way, const struct grove_tun_buffer *buffer)
{
    way->packets[way->count++] =
        (struct grove_packet){.data = buffer->data, .len = buffer->len};
}

static enum grove_tun_result receive_spare(struct way *way)
{
    size_t received = 0;
    const enum grove_tun_result result =
        grove_tun_recv(way->from, &way->spare, 1, 0, &received);

    if (received > 0)
        add(way, &way->spare);
    return result;
}

static enum grove_tun_result receive_some(struct way *way)
{
    struct grove_tun_buffer *slots = &way->slots[way->count];
    size_t received = 0;
    const enum grove_tun_result result =
        grove_tun_recv(way->from, slots, BATCH - way->count, 0, &received);

    for (size_t i = 0; i < received; i++)
        add(way, &slots[i]);
    return result;
}

/*
 * Receives until no packet is left or the batch is full. A packet that exceeds
 * its slot ends the batch, since there is only one spare buffer. A read may
 * return no packet, so the number of reads is limited: the other direction must
 * get its turn.
 */
static enum grove_tun_result receive(struct way *way)
{
    enum grove_tun_result result = GROVE_TUN_OK;

    enlarge_slots(way);
    way->count = 0;
    for (int reads = 0; reads < BATCH && way->count < BATCH; reads++) {
        result = receive_some(way);
        if (result != GROVE_TUN_OK && result != GROVE_TUN_INTERRUPTED)
            break;
    }
    if (result == GROVE_TUN_TOO_SMALL) {
        way->wanted = way->slots[way->count].len;
        result = receive_spare(way);
    }
    way->more = result == GROVE_TUN_OK || result == GROVE_TUN_INTERRUPTED;
    return result;
}

static void drop_some(struct way *way, uint32_t drop)
{
    size_t kept = 0;

    for (size_t i = 0; i < way->count; i++)
        if (!one_in(&way->dice, drop))
            way->packets[kept++] = way->packets[i];
    way->counts.dropped += way->count - kept;
    way->count = kept;
}

/* The last packet of a batch has no successor, and does not wait for one. */
static void swap_some(struct way *way, uint32_t swap)
{
    for (size_t i = 0; i + 1 < way->count; i++) {
        const struct grove_packet packet = way->packets[i];

        if (!one_in(&way->dice, swap))
            continue;
        way->packets[i] = way->packets[i + 1];
        way->packets[++i] = packet;
        way->counts.swapped++;
    }
}

/* Handles the result of sending a batch; returns the result that remains. */
static enum grove_tun_result settle(struct way *way,
                                    enum grove_tun_result result)
{
    way->blocked = result == GROVE_TUN_AGAIN;
    if (way->blocked || result == GROVE_TUN_OK)
        return GROVE_TUN_OK;
    (void)grove_tun_discard(way->to); /* counts the packets */
    if (result == GROVE_TUN_DOWN || result == GROVE_TUN_NO_MEMORY)
        return GROVE_TUN_OK;
    return result;
}

static enum grove_tun_result send_batch(struct way *way,
                                        const struct join_faults *faults)
{
    if (faults->drop > 0)
        drop_some(way, faults->drop);
    if (faults->swap > 0)
        swap_some(way, faults->swap);
    if (way->count == 0)
        return GROVE_TUN_OK;
    return settle(
        way, grove_tun_send(way->to, way->table, way->packets, way->count));
}

/* ---- a thread ----------------------------------------------------------- */

/* False if device `device` failed, which the worker records. */
static bool note(struct worker *worker, int device,
                 enum grove_tun_result result)
{
    if (result != GROVE_TUN_GONE && result != GROVE_TUN_SYSTEM)
        return true;
    worker->failure = (struct failure){result, errno, device};
    return false;
}

/* Continues with the direction from device i. False: a device failed. */
static bool go_on(struct worker *worker, int i)
{
    struct way *way = &worker->ways[i];
    bool good;

    if (way->blocked)
        return note(worker, !i, settle(way, grove_tun_resume(way->to)));
    good = note(worker, i, receive(way));
    /* Packets from before a failure are still sent. */
    return note(worker, !i, send_batch(way, worker->faults)) && good;
}

/*
 * Waits until a packet can be read or written. A direction that is blocked does
 * not stop the other one. poll() does not show packets that wait inside a
 * queue.
 */
static bool wait_for_work(const struct worker *worker, struct pollfd polls[3])
{
    int timeout = -1;

    for (int i = 0; i < 2; i++)
        polls[i] = (struct pollfd){.fd = grove_tun_fd(worker->ways[i].from)};
    polls[2] = (struct pollfd){.fd = worker->stop, .events = POLLIN};
    for (int i = 0; i < 2; i++) {
        if (worker->ways[i].blocked)
            polls[!i].events |= POLLOUT;
        else if (worker->ways[i].more)
            timeout = 0;
        else
            polls[i].events |= POLLIN;
    }
    /* The only errors are EINTR and ENOMEM, which are temporary. */
    if (poll(polls, 3, timeout) < 0)
        for (int i = 0; i < 3; i++)
            polls[i].revents = 0;
    return polls[2].revents == 0;
}

static bool ready(const struct worker *worker, int i,
                  const struct pollfd polls[3])
{
    const struct way *way = &worker->ways[i];

    if (way->blocked)
        return (polls[!i].revents & POLLOUT) != 0;
    return way->more || (polls[i].revents & POLLIN) != 0;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct pollfd polls[3];
    bool good = true;

    while (good && wait_for_work(worker, polls)) {
        for (int i = 0; i < 2 && good; i++) {
            if ((polls[i].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
                good = note(worker, i, GROVE_TUN_GONE);
            else if (ready(worker, i, polls))
                good = go_on(worker, i);
        }
    }
    for (int i = 0; i < 2; i++)
        (void)grove_tun_discard(worker->ways[i].to);
    if (!good)
        (void)eventfd_write(worker->stop, 1);
    return NULL;
}

/* ---- all threads -------------------------------------------------------- */

static bool way_begin(struct way *way, const struct grove_tun *to,
                      const char *profile, size_t slot)
{
    struct grove_config config = {.profile = profile, .max_packets = BATCH};

    grove_tun_layers(to, &config);
    return make_slots(way, slot) &&
           grove_table_new(&config, &way->table) == GROVE_OK;
}

static bool worker_begin(struct worker *worker, const struct join *join,
                         uint32_t number, int stop)
{
    bool good = true;

    worker->faults = &join->faults;
    worker->stop = stop;
    for (uint32_t i = 0; i < 2; i++) {
        struct way *way = &worker->ways[i];

        way->from = grove_tun_queue(join->tuns[i], number);
        way->to = grove_tun_queue(join->tuns[1 - i], number);
        way->dice.state = join->faults.seed + (uint64_t)2 * number + i;
        good = way_begin(way, join->tuns[1 - i], join->profile, join->slot) &&
               good;
    }
    return good;
}

static void worker_end(struct worker *worker)
{
    for (int i = 0; i < 2; i++) {
        grove_table_free(worker->ways[i].table);
        free(worker->ways[i].memory);
    }
}

/* Waits for a signal or for a worker that failed; returns an exit code. */
static int wait_for_end(int stop, int signals)
{
    struct pollfd polls[] = {{.fd = signals, .events = POLLIN},
                             {.fd = stop, .events = POLLIN}};

    while (poll(polls, 2, -1) < 0) {
        if (errno != EINTR) {
            complain("tun: poll: %s; forwarding has ended", strerror(errno));
            return GROVE_EXIT_DIFFERS;
        }
    }
    return GROVE_EXIT_HOLDS;
}

/* Starts the workers until one fails to start; returns how many run. */
static uint32_t start(struct worker *workers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const int error =
            pthread_create(&workers[i].thread, NULL, work, &workers[i]);

        if (error != 0) {
            complain("tun: no thread for queue %u: %s; try fewer --queues", i,
                     strerror(error));
            return i;
        }
    }
    return count;
}

static int tell_failure(const struct join *join, const struct failure *failure)
{
    const char *words = failure->result == GROVE_TUN_SYSTEM
                            ? strerror(failure->number)
                            : grove_tun_result_words(failure->result);

    complain("%s: %s; forwarding has ended",
             grove_tun_name(join->tuns[failure->device]), words);
    return GROVE_EXIT_DIFFERS;
}

/* Adds up the workers' counts. `status` is the exit code so far. */
static int sum_up(struct join *join, const struct worker *workers,
                  uint32_t count, int status)
{
    for (uint32_t i = 0; i < count; i++) {
        for (int way = 0; way < 2; way++) {
            join->counts[way].dropped += workers[i].ways[way].counts.dropped;
            join->counts[way].swapped += workers[i].ways[way].counts.swapped;
        }
        if (status == GROVE_EXIT_HOLDS &&
            workers[i].failure.result != GROVE_TUN_OK)
            status = tell_failure(join, &workers[i].failure);
    }
    return status;
}

static int run_workers(struct join *join, struct worker *workers,
                       uint32_t count, int stop, int signals)
{
    int status = GROVE_EXIT_USAGE;
    uint32_t started;

    for (uint32_t i = 0; i < count; i++) {
        if (!worker_begin(&workers[i], join, i, stop)) {
            complain("tun: out of memory; try fewer --queues");
            return GROVE_EXIT_USAGE;
        }
    }
    started = start(workers, count);
    if (started == count)
        status = wait_for_end(stop, signals);
    (void)eventfd_write(stop, 1);
    for (uint32_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    if (started < count)
        return status;
    return sum_up(join, workers, count, status);
}

static int signal_descriptor(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int join_run(struct join *join)
{
    const uint32_t count = grove_tun_queues(join->tuns[0]);
    struct worker *workers = calloc(count, sizeof *workers);
    const int stop = eventfd(0, EFD_CLOEXEC);
    const int signals = signal_descriptor();
    int status = GROVE_EXIT_USAGE;

    if (workers == NULL || stop < 0 || signals < 0)
        complain("tun: %s; try fewer --queues", strerror(errno));
    else
        status = run_workers(join, workers, count, stop, signals);
    for (uint32_t i = 0; i < count && workers != NULL; i++)
        worker_end(&workers[i]);
    free(workers);
    close(stop);
    close(signals);
    return status;
}
