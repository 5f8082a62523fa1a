/* SPDX-License-Identifier: MIT */
/*
 * Each queue has a thread that receives and one that sends. Another thread
 * reads the statistics and switches protocols on and off. ThreadSanitizer
 * watches in tools/tests/tun_control.py.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "packets.h"
#include "tun_make.h"

enum { BATCH = 32, BATCHES = 2000, TOTAL = BATCH * BATCHES };
enum { BUFFERS = 16, ROOM = 2048 };

static const struct tun_system system_of_sockets = {
    .read = read,
    .writev = writev,
};

/* Two devices that are joined, and the number of threads that still run. */
struct pair {
    struct grove_tun *ends[2];
    struct grove_packet packets[BATCH];
    atomic_int working;
};

/* The argument of a thread. */
struct job {
    struct pair *pair;
    struct grove_tun *tun;
    bool good;
};

static void *send_batches(void *argument)
{
    struct job *job = argument;
    struct grove_tun_queue *queue = grove_tun_queue(job->tun, 0);
    struct grove_table *table;

    job->good = grove_table_new(&(struct grove_config){0}, &table) == GROVE_OK;
    for (int i = 0; i < BATCHES && job->good; i++)
        job->good = grove_tun_send(queue, table, job->pair->packets, BATCH) ==
                    GROVE_TUN_OK;
    grove_table_free(table);
    job->pair->working--;
    return NULL;
}

static void *receive_all(void *argument)
{
    static _Thread_local uint8_t memory[BUFFERS][ROOM];
    struct job *job = argument;
    struct grove_tun_buffer buffers[BUFFERS];
    size_t total = 0;
    size_t received;

    for (size_t i = 0; i < BUFFERS; i++)
        buffers[i] = (struct grove_tun_buffer){memory[i], ROOM, 0};
    job->good = true;
    for (; total < TOTAL && job->good; total += received)
        job->good = grove_tun_recv(grove_tun_queue(job->tun, 0), buffers,
                                   BUFFERS, 0, &received) == GROVE_TUN_OK;
    job->good = job->good && total == TOTAL;
    job->pair->working--;
    return NULL;
}

static void look_and_switch(struct pair *pair)
{
    struct grove_tun_stats stats;

    for (uint32_t i = 0; pair->working > 0; i++) {
        grove_tun_stats(pair->ends[i % 2], &stats);
        grove_tun_set_coalescing(pair->ends[i % 2], i / 2 % 4);
    }
}

static void make_packets(struct pair *pair)
{
    struct fields fields[] = {fields_of(4, TCP), fields_of(6, UDP)};

    for (size_t i = 0; i < BATCH; i++) {
        pair->packets[i] = wire_input(wire_of(&fields[i % 2]));
        fields[i % 2] = fields_next(fields[i % 2]);
    }
}

static void all_at_once(void **state)
{
    struct pair pair = {.working = 4};
    pthread_t threads[4];
    struct job jobs[4];
    int fds[2];

    (void)state;
    make_packets(&pair);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    for (size_t i = 0; i < 2; i++)
        pair.ends[i] = tun_make(&system_of_sockets, fds[i], true);
    for (size_t i = 0; i < 4; i++) {
        jobs[i] = (struct job){.pair = &pair, .tun = pair.ends[i % 2]};
        assert_int_equal(pthread_create(&threads[i], NULL,
                                        i < 2 ? send_batches : receive_all,
                                        &jobs[i]),
                         0);
    }
    look_and_switch(&pair);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(jobs[i].good);
    }
    for (size_t i = 0; i < 2; i++) {
        tun_unmake(pair.ends[i]);
        close(fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_at_once, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
