/* SPDX-License-Identifier: MIT */
/*
 * kernel_behind_ask() tells whether the kernel thread waited for the caller's
 * CPU. Root puts the thread on a CPU and gives it a priority, so that each case
 * is certain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "draft.h"
#include "kernel_private.h"

/* Packets that one poll merges. */
#define PACKETS 40

/* The CPUs of the caller at first and of the kernel thread. */
static size_t first;
static size_t second;

static struct kernel_device device;
static struct answer answer;
static struct draft draft[PACKETS];
static struct run_input input[PACKETS];
static struct run_fate fate[PACKETS];
static struct run_output output[PACKETS];

static struct kernel_poll poll_of_all(void)
{
    return (struct kernel_poll){.device = &device,
                                .input = input,
                                .packets = PACKETS,
                                .fate = fate,
                                .output = output,
                                .answer = &answer};
}

static cpu_set_t only(size_t cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return set;
}

static void stay_on(size_t cpu)
{
    const cpu_set_t set = only(cpu);

    assert_int_equal(sched_setaffinity(0, sizeof set, &set), 0);
}

/* The caller may use two CPUs, and the thread runs on the second at once. */
static void the_thread_is_seen(void **state)
{
    cpu_set_t usable;
    cpu_set_t cpu;
    bool whole;
    struct kernel_poll poll = poll_of_all();

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof usable, &usable), 0);
    stay_on(second);
    assert_true(kernel_thread_pin(device.tun.name, &cpu));
    assert_int_equal(sched_setaffinity(0, sizeof usable, &usable), 0);
    assert_int_equal(device.cpu, first);
    assert_true(kernel_behind_ask(&poll, &whole));
    assert_false(whole);

    /* The caller follows it, but it does not wait there. */
    assert_int_equal(device.cpu, second);
    assert_true(kernel_behind_ask(&poll, &whole));
    assert_false(whole);
}

/* The thread waits, as the caller has a higher priority. */
static void all_packets_are_in_one_poll(void **state)
{
    const cpu_set_t cpu = only(second);
    struct kernel_poll poll = poll_of_all();
    struct kernel_writer saved;
    bool whole;

    (void)state;
    assert_int_equal(device.cpu, second);
    assert_true(kernel_writer_begin(&saved, &cpu));
    assert_true(kernel_behind_ask(&poll, &whole));
    kernel_writer_end(&saved);
    assert_true(whole);
    assert_int_equal(poll.outputs, 1);
    assert_int_equal(poll.output[0].len, 40 + PACKETS * 100);
}

static void make_packets(void)
{
    for (uint16_t number = 0; number < PACKETS; number++) {
        draft_build(&draft[number],
                    &(struct draft_fields){.version = 4,
                                           .protocol = 6,
                                           .source = {10, 0, 0, 1},
                                           .destination = {10, 0, 0, 2},
                                           .hop = 64,
                                           .id = number,
                                           .fragment = 0x4000,
                                           .source_port = 1000,
                                           .destination_port = 80,
                                           .sequence = number * 100U,
                                           .flags = 0x10,
                                           .window = 1000,
                                           .payload = 100});
        input[number] = (struct run_input){.packet = draft[number].bytes,
                                           .len = draft[number].len};
    }
}

/* Finds two CPUs. The caller is on the first when the device is made. */
static bool open_device(char why[WHY_LEN])
{
    cpu_set_t usable;
    cpu_set_t cpu;
    bool opened;

    CPU_ZERO(&usable);
    sched_getaffinity(0, sizeof usable, &usable);
    if (CPU_COUNT(&usable) < 2)
        return kernel_lacks(why, "a second CPU");
    while (!CPU_ISSET(first, &usable))
        first++;
    for (second = first + 1; !CPU_ISSET(second, &usable);)
        second++;
    stay_on(first);
    opened = kernel_device_open(&device, &kernel_plain_layers, &kernel_occupied,
                                why) &&
             (kernel_thread_pin(device.tun.name, &cpu) ||
              kernel_lacks(why, "CAP_SYS_NICE"));
    assert_int_equal(sched_setaffinity(0, sizeof usable, &usable), 0);
    return opened;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thread_is_seen),
        cmocka_unit_test(all_packets_are_in_one_poll),
    };
    char why[WHY_LEN] = "";
    int failed;

    make_packets();
    if (!open_device(why)) {
        fprintf(stderr, "SKIP: the kernel cannot be asked: %s\n", why);
        return 77;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    kernel_device_close(&device);
    answer_free(&answer);
    return failed;
}
