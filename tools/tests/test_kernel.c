/* SPDX-License-Identifier: MIT */
/*
 * The live kernel's GRO as an implementation. The tests check facts that hold
 * for every Linux of a profile, and all ways of asking: the same question has
 * the same answer in each way, each disturbance is noticed, and a failure
 * leaves nothing behind. If the kernel cannot be asked, the exit status is 77.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "draft.h"
#include "generate.h"
#include "kernel_private.h"
#include "kernel_tests.h"
#include "run.h"
#include "tcp_fields.h"

#define MAX_INPUTS 400
#define FLOWS      10

/* More packets than one poll of the kernel thread handles. */
#define LONG_POLL 70

/* The delay of a write that is disturbed. */
#define DELAY_NS 5000000L

static struct implementation kernel;
static struct answer answer;
static struct arena arena;

/* The test's question: its entries, and the packets that they point to. */
static struct run run;
static struct run_input input[MAX_INPUTS];
static struct draft draft[MAX_INPUTS];

/* Differs from the sentinel only in its number. GRO passes it unchanged. */
static const uint8_t twin[36] = {0x45, 0, 0, 36, 0, 0, 0, 0, 64, 253};

enum disturbance {
    FAILED_WRITE,
    ALTERED_WRITE, /* the packet is changed, each time in another way */
    EARLY_POLL,    /* the kernel thread runs after the write */
    PAUSE,         /* the writer sleeps for some milliseconds before it */
    DELAY,         /* the same, but the writer stays on its CPU */
    TICK           /* a jiffy passes after the write */
};

/*
 * The tests replace writev(2), by which the tools write a packet. After some
 * good calls it can cause a disturbance.
 */
static struct {
    enum disturbance what;
    int good;     /* good calls before the first disturbance */
    int times;    /* number of disturbances */
    int interval; /* good calls between two of them */
} fault;

/*
 * The calling thread takes the poller's priority for a moment and yields. It
 * runs again when the poller waits for work.
 */
static void let_the_kernel_poll(void)
{
    const struct sched_param poller = {.sched_priority = 1};
    struct sched_param before;

    assert_int_equal(sched_getscheduler(0), SCHED_FIFO);
    assert_int_equal(sched_getparam(0, &before), 0);
    assert_int_equal(sched_setparam(0, &poller), 0);
    assert_int_equal(sched_yield(), 0);
    assert_int_equal(sched_setparam(0, &before), 0);
}

static long long coarse_time(void)
{
    struct timespec now;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC_COARSE, &now), 0);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The clock may be behind the jiffies, but by less than two of them. */
static void let_a_jiffy_go_by(void)
{
    for (int steps = 0; steps < 2; steps++) {
        long long before = coarse_time();

        while (coarse_time() == before)
            ;
    }
}

static ssize_t write_altered(int fd, const struct iovec iovec[2])
{
    static uint32_t number;
    static uint8_t packet[GROVE_MAX_PACKET_LEN];
    const size_t len = iovec[1].iov_len;
    const struct iovec altered[] = {iovec[0], {packet, len}};

    assert_true(len >= sizeof number && len <= sizeof packet);
    memcpy(packet, iovec[1].iov_base, len);
    memcpy(packet + len - sizeof number, &number, sizeof number);
    number++;
    return syscall(SYS_writev, fd, altered, 2);
}

/* Long enough for a poll on another CPU. */
static void be_busy(void)
{
    long long end = coarse_time() + 2 * DELAY_NS;

    while (coarse_time() < end)
        ;
}

ssize_t writev(int fd, const struct iovec *iovec, int count)
{
    const bool sentinel = count == 2 && iovec[1].iov_len == sizeof twin;
    const bool now = fault.times > 0 && fault.good-- == 0;
    ssize_t written;

    if (!now)
        return syscall(SYS_writev, fd, iovec, count);
    fault.times--;
    fault.good = fault.interval;
    if (fault.what == FAILED_WRITE) {
        errno = ENOMEM;
        return -1;
    }
    if (fault.what == ALTERED_WRITE && !sentinel)
        return write_altered(fd, iovec);
    if (fault.what == PAUSE)
        nanosleep(&(struct timespec){.tv_nsec = DELAY_NS}, NULL);
    if (fault.what == DELAY)
        be_busy();
    written = syscall(SYS_writev, fd, iovec, count);
    if (fault.what == EARLY_POLL)
        let_the_kernel_poll();
    if (fault.what == TICK)
        let_a_jiffy_go_by();
    return written;
}

/* The tests replace poll(2), too: so often it reports that nothing happens. */
static int stalls;

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
    const struct timespec limit = {
        .tv_sec = timeout / 1000,
        .tv_nsec = timeout % 1000 * 1000000L,
    };

    if (timeout > 0 && stalls > 0) {
        stalls--;
        return 0;
    }
    return ppoll(fds, nfds, timeout < 0 ? NULL : &limit, NULL);
}

static void disturb(enum disturbance what, int good, int times, int interval)
{
    fault.what = what;
    fault.good = good;
    fault.times = times;
    fault.interval = interval;
}

static int set_up(void **state)
{
    (void)state;
    run = (struct run){
        .op = RUN_GRO, .config = run_config_default(), .input = input};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    answer_free(&answer);
    arena_free(&arena);
    fault.times = 0;
    stalls = 0;
    return 0;
}

/* Segment `number` of TCP flow `flow`; each has `payload` bytes. */
static struct draft_fields tcp(uint16_t flow, uint32_t number, uint32_t payload)
{
    struct draft_fields fields = tcp_fields(number, payload);

    fields.source_port = (uint16_t)(fields.source_port + flow);
    return fields;
}

static struct draft_fields udp(uint32_t number)
{
    struct draft_fields fields = tcp(0, number, 100);

    fields.protocol = 17;
    return fields;
}

/* Appends a packet to the question; it may still be changed. */
static struct draft *add(struct draft_fields fields)
{
    size_t number = run.inputs++;

    assert_true(number < MAX_INPUTS);
    draft_build(&draft[number], &fields);
    input[number] = (struct run_input){.packet = draft[number].bytes,
                                       .len = draft[number].len};
    return &draft[number];
}

static void add_flush(void)
{
    assert_true(run.inputs < MAX_INPUTS);
    input[run.inputs++] = (struct run_input){.flush = true};
}

static void ask(void)
{
    kernel.ask(kernel.self, &run, &answer);
    if (answer.kind != ANSWER_OUTPUT)
        fail_msg("no output: %s", answer.reason);
    assert_int_equal(answer.fates, run_packets(&run));
}

static void ask_in_vain(enum answer_kind kind, const char *words)
{
    kernel.ask(kernel.self, &run, &answer);
    assert_int_equal(answer.kind, kind);
    assert_non_null(strstr(answer.reason, words));
}

/* Output `number` has this length and gso_size; 0: it was not merged. */
static void assert_output(size_t number, size_t len, uint16_t gso_size)
{
    assert_true(number < answer.outputs);
    assert_int_equal(answer.output[number].len, len);
    assert_int_equal(answer.output[number].vnet.gso_size, gso_size);
    assert_false(answer.output[number].has_hdr_len);
    assert_false(answer.output[number].has_of);
}

static void assert_accepted(size_t number)
{
    assert_true(answer.fate[number].accepted);
    assert_false(answer.fate[number].has_verdict);
    assert_false(answer.fate[number].has_rule);
}

static void assert_rejected(size_t number)
{
    assert_false(answer.fate[number].accepted);
    assert_true(answer.fate[number].has_verdict);
    assert_int_equal(answer.fate[number].verdict, GROVE_REJECTED);
}

static void name_and_profile_are_of_this_kernel(void **state)
{
    char release[64];
    const char *profile = kernel_profile(release);

    (void)state;
    assert_int_equal(strncmp(kernel.name, "linux-", 6), 0);
    assert_string_equal(kernel.name + 6, release);
    if (profile != NULL)
        assert_int_equal(strncmp(kernel.name, profile, strlen(profile)), 0);
}

static void two_segments_merge(void **state)
{
    const struct grove_vnet *vnet;

    (void)state;
    add(tcp(0, 0, 100));
    add(tcp(0, 1, 100));
    ask();
    assert_int_equal(answer.outputs, 1);
    assert_output(0, 240, 100);
    vnet = &answer.output[0].vnet;
    assert_int_equal(vnet->flags, GROVE_VNET_F_NEEDS_CSUM);
    assert_int_equal(vnet->gso_type, GROVE_VNET_GSO_TCPV4);
    assert_int_equal(vnet->csum_start, 20);
    assert_int_equal(vnet->csum_offset, 16);
    assert_memory_equal(answer.output[0].packet + 40, draft[0].bytes + 40, 100);
    assert_memory_equal(answer.output[0].packet + 140, draft[1].bytes + 40,
                        100);
    assert_accepted(0);
    assert_accepted(1);
}

static void a_packet_with_a_bad_checksum_passes_first(void **state)
{
    struct draft *bad;

    (void)state;
    add(tcp(0, 0, 100));
    bad = add(tcp(0, 1, 100));
    draft_put8(bad, 60, 0xee);
    ask();
    assert_int_equal(answer.outputs, 2);
    assert_output(0, 140, 0);
    assert_int_equal(answer.output[0].vnet.flags, 0);
    assert_memory_equal(answer.output[0].packet, bad->bytes, bad->len);
    assert_int_equal(answer.output[1].vnet.flags, GROVE_VNET_F_DATA_VALID);
}

static void udp_is_coalesced_if_asked(void **state)
{
    (void)state;
    add(udp(0));
    add(udp(1));
    for (int round = 0; round < 2; round++) {
        run.config.udp = true;
        ask();
        assert_int_equal(answer.outputs, 1);
        assert_output(0, 228, 100);
        run.config.udp = false;
        ask();
        assert_int_equal(answer.outputs, 2);
        assert_output(0, 128, 0);
        assert_output(1, 128, 0);
    }
}

/* Every kernel with such a limit has it for TCP over IPv6. */
static void super_packets_are_as_long_as_asked(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        struct draft_fields fields = tcp(0, i, 30000);

        fields.version = 6;
        add(fields);
    }
    ask();
    assert_int_equal(answer.outputs, 2);
    run.config.max_bytes = 90059;
    ask();
    assert_int_equal(answer.outputs, 2);
    run.config.max_bytes = 90060;
    ask();
    assert_int_equal(answer.outputs, 1);
    assert_true(answer.output[0].len >= 90060);
    run.config.max_bytes = GROVE_MAX_BYTES;
    ask_in_vain(ANSWER_SKIPPED, "super-packets of 524280 bytes");
}

static void the_vnet_header_of_the_input_is_used(void **state)
{
    /* NEEDS_CSUM, csum_start 20, csum_offset 16: no checksum is verified. */
    static const uint8_t partial[GROVE_VNET_LEN] = {1, 0,  0, 0,  0,
                                                    0, 20, 0, 16, 0};

    (void)state;
    add(tcp(0, 0, 100));
    draft_put8(add(tcp(0, 1, 100)), 60, 0xee);
    input[1].has_vnet = true;
    memcpy(input[1].vnet, partial, sizeof partial);
    ask();
    assert_int_equal(answer.outputs, 1);
    assert_output(0, 240, 100);
}

static void rejected_packet_leaves_no_trace(void **state)
{
    (void)state;
    add(tcp(0, 0, 100));
    draft_put8(add(tcp(0, 1, 100)), 0, 0x55);
    add(tcp(0, 1, 100));
    add_flush();
    input[run.inputs++] = (struct run_input){.packet = NULL, .len = 0};
    ask();
    assert_int_equal(answer.outputs, 1);
    assert_output(0, 240, 100);
    assert_accepted(0);
    assert_rejected(1);
    assert_accepted(2);
    assert_rejected(3);
}

static void flush_ends_a_poll(void **state)
{
    (void)state;
    add_flush();
    add(tcp(0, 0, 100));
    add(tcp(0, 1, 100));
    add_flush();
    add_flush();
    add(tcp(0, 2, 100));
    ask();
    assert_int_equal(answer.outputs, 2);
    assert_output(0, 240, 100);
    assert_output(1, 140, 0);
    add_flush();
    ask();
    assert_int_equal(answer.outputs, 2);
}

static void nothing_in_nothing_out(void **state)
{
    (void)state;
    ask();
    assert_int_equal(answer.outputs, 0);
    add_flush();
    ask();
    assert_int_equal(answer.outputs, 0);
}

static void add_twin(void)
{
    assert_true(run.inputs < MAX_INPUTS);
    input[run.inputs++] =
        (struct run_input){.packet = twin, .len = sizeof twin};
}

static void look_alike_of_the_sentinel_is_a_packet(void **state)
{
    (void)state;
    add_twin();
    add(tcp(0, 0, 100));
    add_twin();
    add(tcp(0, 1, 100));
    ask();
    assert_int_equal(answer.outputs, 3);
    assert_output(0, 36, 0);
    assert_output(1, 36, 0);
    assert_output(2, 240, 100);
    assert_memory_equal(answer.output[1].packet, twin, sizeof twin);
}

static void a_poll_may_have_any_length(void **state)
{
    static const uint32_t lengths[] = {1, 2, 60, 62, 63, 64, 65, 66, 100, 199};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        set_up(state);
        for (uint32_t number = 0; number < lengths[i]; number++)
            add(tcp(0, number, 100));
        ask();
        assert_int_equal(answer.outputs, 1);
        assert_output(0, 40 + lengths[i] * 100, lengths[i] > 1 ? 100 : 0);
    }
}

static void a_poll_of_too_many_packets_is_skipped(void **state)
{
    enum { TOO_MANY = 4097 };
    struct run_input *many = arena_alloc(&arena, TOO_MANY, sizeof *many);

    (void)state;
    add(tcp(0, 0, 100));
    for (size_t i = 0; i < TOO_MANY; i++)
        many[i] = input[0];
    run.input = many;
    run.inputs = TOO_MANY;
    ask_in_vain(ANSWER_SKIPPED, "4096 packets");
}

/* In a poll of 64 packets the end of the poll would flush them, too. */
static void udp_leaves_at_64_datagrams(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 65; number++)
        add(udp(number));
    ask();
    assert_int_equal(answer.outputs, 2);
    assert_output(0, 28 + 64 * 100, 100);
    assert_output(1, 128, 0);
    for (uint32_t number = 65; number < 130; number++)
        add(udp(number));
    ask();
    assert_int_equal(answer.outputs, 3);
    assert_output(0, 28 + 64 * 100, 100);
    assert_output(1, 28 + 64 * 100, 100);
    assert_output(2, 28 + 2 * 100, 100);
}

static void polls_of_both_lengths_in_one_run(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < LONG_POLL; number++)
        add(udp(number));
    add_flush();
    add(udp(0));
    add(udp(1));
    add_flush();
    for (uint32_t number = 0; number < LONG_POLL; number++)
        add(tcp(0, number, 100));
    add_flush();
    add(tcp(0, LONG_POLL, 100));
    ask();
    assert_int_equal(answer.outputs, 5);
    assert_output(0, 28 + 64 * 100, 100);
    assert_output(1, 28 + (LONG_POLL - 64) * 100, 100);
    assert_output(2, 28 + 2 * 100, 100);
    assert_output(3, 40 + LONG_POLL * 100, 100);
    assert_output(4, 140, 0);
    run.config.udp = false;
    ask();
    assert_int_equal(answer.outputs, LONG_POLL + 4);
}

/* The end of a full poll flushes the oldest first, as in a shorter poll. */
static void a_full_poll_flushes_the_oldest_first(void **state)
{
    for (uint32_t packets = 56; packets <= 64; packets += 8) {
        set_up(state);
        for (uint32_t i = 0; i < packets; i++)
            add(tcp((uint16_t)(7 - i % 8), i / 8, 100));
        ask();
        assert_int_equal(answer.outputs, 8);
        for (uint8_t i = 0; i < 8; i++) {
            uint16_t port = (uint16_t)(1000 + 7 - i);

            assert_output(i, 40 + packets / 8 * 100, 100);
            assert_int_equal(answer.output[i].packet[21], port & 0xff);
        }
    }
}

/* No packet of the largest possible poll is lost. */
static void the_largest_poll_is_captured_completely(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 64; i++)
        add(tcp((uint16_t)i, 0, 65495));
    ask();
    assert_int_equal(answer.outputs, 64);
    for (size_t i = 0; i < 64; i++)
        assert_output(i, 65535, 0);
}

static void questions_that_cannot_be_asked_are_skipped(void **state)
{
    char release[64];

    (void)state;
    add(tcp(0, 0, 100));
    run.config.max_flows = 9;
    ask_in_vain(ANSWER_SKIPPED, "8 flows");
    set_up(state);
    run.config.csum_trusted = true;
    ask_in_vain(ANSWER_SKIPPED, "checksum");
    set_up(state);
    run.config.lossless = true;
    ask_in_vain(ANSWER_SKIPPED, "lossless");
    set_up(state);
    run.op = RUN_GSO;
    ask_in_vain(ANSWER_SKIPPED, "gso");
    set_up(state);
    run.profile = "linux-0.9";
    if (kernel_profile(release) != NULL)
        ask_in_vain(ANSWER_SKIPPED, "another profile");
    run.profile = kernel_profile(release);
    ask();
}

/* The kernel accepts a packet longer than IP allows; no other code does. */
static void overlong_packet_is_skipped(void **state)
{
    (void)state;
    add(tcp(0, 0, 100));
    input[0].len = GROVE_MAX_PACKET_LEN + 1;
    ask_in_vain(ANSWER_SKIPPED, "longer");
    input[0].len = GROVE_MAX_PACKET_LEN;
    ask();
    assert_output(0, GROVE_MAX_PACKET_LEN, 0);
}

/* AF_PACKET cannot express UFO. The next run is not affected. */
static void answers_that_cannot_be_captured_are_skipped(void **state)
{
    static const uint8_t ufo[GROVE_VNET_LEN] = {1, 3, 0, 0, 50, 0, 20, 0, 6, 0};

    (void)state;
    add(udp(0));
    memcpy(input[0].vnet, ufo, sizeof ufo);
    input[0].has_vnet = true;
    add(udp(1));
    ask_in_vain(ANSWER_SKIPPED, "cannot be shown");
    input[0].has_vnet = false;
    ask();
    assert_int_equal(answer.outputs, 1);
}

/* Ten flows: some are evicted, some end with PSH, one has bad checksums. */
static void add_mixture(uint32_t packets)
{
    for (uint32_t i = 0; i < packets; i++) {
        struct draft_fields fields =
            tcp((uint16_t)(i * 7 % FLOWS), i / FLOWS, 200);

        if (i % 13 == 5)
            fields.flags |= 8;
        add(fields);
        if (i % FLOWS == 3)
            draft_put8(&draft[i], 60, 0xee);
    }
}

static void assert_same(const struct answer *before, const struct answer *after)
{
    const char *why;

    if (!answers_agree(before, after, &arena, &why))
        fail_msg("the second answer differs: %s", why);
}

static void assert_same_as(const struct answer *before)
{
    assert_same(before, &answer);
}

static void ask_again(int times)
{
    struct answer first = {0};

    add_mixture(40);
    kernel.ask(kernel.self, &run, &first);
    assert_int_equal(first.kind, ANSWER_OUTPUT);
    assert_true(first.outputs > FLOWS);
    for (int i = 0; i < times; i++) {
        ask();
        assert_same_as(&first);
    }
    answer_free(&first);
}

static void same_question_same_answer(void **state)
{
    (void)state;
    ask_again(2000);
}

/* A question takes longer, up to 0.2 s on a busy machine. */
static void same_question_same_answer_without_root(void **state)
{
    (void)state;
    ask_again(40);
}

/* Three times a poll occurs in the middle of the batch, then none does. */
static void early_poll_is_asked_again(void **state)
{
    struct answer first = {0};

    (void)state;
    add_mixture(40);
    kernel.ask(kernel.self, &run, &first);
    for (int after = 0; after <= 40; after++) {
        disturb(EARLY_POLL, after, 3, 40);
        ask();
        assert_int_equal(fault.times, 0);
        assert_same_as(&first);
    }
    answer_free(&first);
}

static void same_long_question_same_answer(void **state)
{
    struct answer first = {0};

    (void)state;
    add_mixture(2 * LONG_POLL);
    kernel.ask(kernel.self, &run, &first);
    assert_int_equal(first.kind, ANSWER_OUTPUT);
    assert_true(first.outputs > FLOWS);
    for (int i = 0; i < 300; i++) {
        ask();
        assert_same_as(&first);
    }
    answer_free(&first);
}

/* Makes one poll of a batch's packets; the end of it may flush all of them. */
static void add_batch(uint64_t number)
{
    struct run batch;

    arena_reset(&arena);
    generate_batch(1, number, NULL, &arena, &batch);
    for (size_t i = 0; i < batch.inputs; i++)
        if (!batch.input[i].flush) {
            assert_true(run.inputs < MAX_INPUTS);
            input[run.inputs++] = batch.input[i];
        }
    run.config = batch.config;
}

/* Twins in front make a short poll long and do not change its answer. */
static void both_ways_give_the_same_answer(void **state)
{
    enum { BATCHES = 2000 };
    struct answer first = {0};
    int compared = 0;

    for (uint64_t number = 0; number < BATCHES; number++) {
        struct answer rest;

        set_up(state);
        add_batch(number);
        kernel.ask(kernel.self, &run, &first);
        if (first.kind == ANSWER_SKIPPED)
            continue;
        set_up(state);
        for (int i = 0; i < LONG_POLL; i++)
            add_twin();
        add_batch(number);
        ask();
        assert_true(answer.outputs >= LONG_POLL);
        rest = answer;
        rest.output += LONG_POLL;
        rest.outputs -= LONG_POLL;
        rest.fate += LONG_POLL;
        rest.fates -= LONG_POLL;
        assert_same(&first, &rest);
        compared++;
    }
    assert_true(compared > BATCHES / 2);
    answer_free(&first);
}

/* Some attempts have ticks or an altered packet; a later one has neither. */
static void disturbed_long_poll_is_asked_again(void **state)
{
    struct answer first = {0};

    (void)state;
    add_mixture(LONG_POLL);
    kernel.ask(kernel.self, &run, &first);
    assert_int_equal(first.kind, ANSWER_OUTPUT);
    for (int after = 1; after < 2 * LONG_POLL; after += 3) {
        disturb(TICK, after, 3, LONG_POLL / 2);
        ask();
        assert_int_equal(fault.times, 0);
        assert_same_as(&first);
        disturb(ALTERED_WRITE, after, 1, 0);
        ask();
        assert_int_equal(fault.times, 0);
        assert_same_as(&first);
    }
    answer_free(&first);
}

/* Two ticks in each attempt: waiting for more would take half a minute. */
static void long_poll_with_a_tick_each_time_is_skipped(void **state)
{
    (void)state;
    add_mixture(LONG_POLL);
    disturb(TICK, 1, INT32_MAX, LONG_POLL / 2);
    ask_in_vain(ANSWER_SKIPPED, "jiffy");
    fault.times = 0;
    ask();
}

static void long_poll_that_never_agrees_has_no_answer(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < LONG_POLL; number++)
        add(udp(number));
    disturb(ALTERED_WRITE, 0, INT32_MAX, 0);
    ask_in_vain(ANSWER_LOST, "no answer came twice");
    fault.times = 0;
    ask();
    assert_int_equal(answer.outputs, 2);
}

/* Devices that failed are not asked again, so nothing is left behind. */
static void fail_to_write(int after, size_t outputs)
{
    disturb(FAILED_WRITE, after, 1, 0);
    ask();
    assert_int_equal(fault.times, 0);
    assert_int_equal(answer.outputs, outputs);
    disturb(FAILED_WRITE, after, 2, after);
    ask_in_vain(ANSWER_LOST, "Cannot allocate memory");
    assert_int_equal(fault.times, 0);
    ask();
    assert_int_equal(answer.outputs, outputs);
}

/* As many packets leave as came, so that nothing else can be in between. */
static void failed_write_of_a_long_poll_is_asked_again(void **state)
{
    (void)state;
    for (uint16_t flow = 0; flow < LONG_POLL; flow++)
        add(tcp(flow, 0, 100));
    for (int after = 0; after <= LONG_POLL; after += 10)
        fail_to_write(after, LONG_POLL);
}

static void polls_that_are_all_early_are_no_answer(void **state)
{
    (void)state;
    add(tcp(0, 0, 100));
    add(tcp(0, 1, 100));
    disturb(EARLY_POLL, 0, INT32_MAX, 0);
    ask_in_vain(ANSWER_LOST, "early");
    fault.times = 0;
    ask();
    assert_int_equal(answer.outputs, 1);
}

static void failed_write_is_asked_again(void **state)
{
    (void)state;
    add(tcp(0, 0, 100));
    add(tcp(0, 1, 100));
    for (int after = 0; after < 3; after++)
        fail_to_write(after, 1);
}

/* Once, and the answer comes; twice, and it does not, but the next one does. */
static void kernel_that_stops_polling_is_asked_again(void **state)
{
    const int policy = sched_getscheduler(0);

    (void)state;
    for (int packet = 0; packet < 2; packet++)
        add(tcp(0, (uint32_t)packet, 100));
    for (int attempts = 1; attempts <= 2; attempts++) {
        stalls = attempts;
        if (attempts == 1)
            ask();
        else
            ask_in_vain(ANSWER_LOST, "the kernel has stopped polling");
        assert_int_equal(stalls, 0);
        assert_int_equal(sched_getscheduler(0), policy);
        ask();
        assert_output(0, 240, 100);
    }
}

static void long_poll_that_does_not_end_is_asked_again(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < LONG_POLL; number++)
        add(udp(number));
    stalls = 1;
    ask();
    assert_int_equal(answer.outputs, 2);
    stalls = 2;
    ask_in_vain(ANSWER_LOST, "the kernel has stopped polling");
    ask();
    assert_int_equal(answer.outputs, 2);
}

static ino_t namespace_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_ino;
}

static void the_calling_thread_keeps_its_settings(void **state)
{
    ino_t net = namespace_of("/proc/thread-self/ns/net");
    ino_t mnt = namespace_of("/proc/thread-self/ns/mnt");
    struct implementation second;
    cpu_set_t before;
    cpu_set_t after;
    char why[256];

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_true(kernel_open(&second, why));
    add(tcp(0, 0, 100));
    add(tcp(0, 1, 100));
    for (int i = 0; i < 100; i++) {
        ask();
        assert_output(0, 240, 100);
        second.ask(second.self, &run, &answer);
        assert_output(0, 240, 100);
    }
    implementation_close(&second);
    assert_int_equal(namespace_of("/proc/thread-self/ns/net"), net);
    assert_int_equal(namespace_of("/proc/thread-self/ns/mnt"), mnt);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
}

/* Without root's rights a poll ends after 64 packets. */
static void long_poll_needs_root(void **state)
{
    (void)state;
    add_mixture(LONG_POLL);
    ask_in_vain(ANSWER_SKIPPED, "only root");
}

/*
 * The kernel thread runs before all is written, so often that it does in both
 * ways, and then not.
 */
static void late_writes_are_asked_again(void **state)
{
    static const enum disturbance delays[] = {PAUSE, DELAY};
    struct answer first = {0};

    (void)state;
    add_mixture(40);
    kernel.ask(kernel.self, &run, &first);
    assert_int_equal(first.kind, ANSWER_OUTPUT);
    for (int after = 1; after <= 40; after += 3) {
        disturb(delays[after % 2], after, 7, 41);
        ask();
        assert_same_as(&first);
    }
    answer_free(&first);
}

/* Each write comes late: the ballast grows until its poll lasts longer. */
static void the_ballast_outlasts_a_busy_machine(void **state)
{
    struct answer first = {0};

    (void)state;
    add_mixture(40);
    kernel.ask(kernel.self, &run, &first);
    assert_int_equal(first.kind, ANSWER_OUTPUT);
    disturb(PAUSE, 1, INT32_MAX, 41);
    ask();
    assert_same_as(&first);
    answer_free(&first);
}

/* Makes the process one that an ordinary user started. */
static void become_ordinary(void)
{
    if (setresgid(65534, 65534, 65534) != 0 ||
        setresuid(65534, 65534, 65534) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
        _exit(2);
}

/* Forbids user namespaces to this process, in one of its own. */
static void forbid_namespaces(void)
{
    static const struct __user_cap_data_struct none[2];
    struct __user_cap_header_struct header = {.version =
                                                  _LINUX_CAPABILITY_VERSION_3};
    char why[256];
    int fd;

    if (!kernel_take_rights(why))
        _exit(2);
    fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1 ||
        syscall(SYS_capset, &header, none) != 0)
        _exit(2);
    close(fd);
}

/* Runs in a child process. Exit status 0: as expected. */
static void try_without_rights(void)
{
    struct implementation second;
    char why[256] = "";
    bool opened;

    become_ordinary();
    forbid_namespaces();
    opened = kernel_open(&second, why);
    _exit(!opened && strstr(why, "user.max_user_namespaces") != NULL &&
                  strchr(why, '\n') == NULL
              ? 0
              : 1);
}

static int status_of(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void without_rights_the_message_names_them(void **state)
{
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        try_without_rights();
    assert_int_equal(status_of(child), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest of_root[] = {
    TEST(name_and_profile_are_of_this_kernel),
    TEST(two_segments_merge),
    TEST(a_packet_with_a_bad_checksum_passes_first),
    TEST(udp_is_coalesced_if_asked),
    TEST(super_packets_are_as_long_as_asked),
    TEST(the_vnet_header_of_the_input_is_used),
    TEST(rejected_packet_leaves_no_trace),
    TEST(flush_ends_a_poll),
    TEST(nothing_in_nothing_out),
    TEST(look_alike_of_the_sentinel_is_a_packet),
    TEST(a_poll_may_have_any_length),
    TEST(a_poll_of_too_many_packets_is_skipped),
    TEST(udp_leaves_at_64_datagrams),
    TEST(polls_of_both_lengths_in_one_run),
    TEST(a_full_poll_flushes_the_oldest_first),
    TEST(the_largest_poll_is_captured_completely),
    TEST(questions_that_cannot_be_asked_are_skipped),
    TEST(overlong_packet_is_skipped),
    TEST(answers_that_cannot_be_captured_are_skipped),
    TEST(same_question_same_answer),
    TEST(same_long_question_same_answer),
    TEST(both_ways_give_the_same_answer),
    TEST(early_poll_is_asked_again),
    TEST(polls_that_are_all_early_are_no_answer),
    TEST(disturbed_long_poll_is_asked_again),
    TEST(long_poll_with_a_tick_each_time_is_skipped),
    TEST(long_poll_that_never_agrees_has_no_answer),
    TEST(failed_write_of_a_long_poll_is_asked_again),
    TEST(failed_write_is_asked_again),
    TEST(kernel_that_stops_polling_is_asked_again),
    TEST(long_poll_that_does_not_end_is_asked_again),
    TEST(the_calling_thread_keeps_its_settings),
    TEST(without_rights_the_message_names_them),
};

static const struct CMUnitTest of_any_user[] = {
    TEST(name_and_profile_are_of_this_kernel),
    TEST(two_segments_merge),
    TEST(a_packet_with_a_bad_checksum_passes_first),
    TEST(udp_is_coalesced_if_asked),
    TEST(super_packets_are_as_long_as_asked),
    TEST(the_vnet_header_of_the_input_is_used),
    TEST(rejected_packet_leaves_no_trace),
    TEST(flush_ends_a_poll),
    TEST(nothing_in_nothing_out),
    TEST(look_alike_of_the_sentinel_is_a_packet),
    TEST(a_full_poll_flushes_the_oldest_first),
    TEST(long_poll_needs_root),
    TEST(questions_that_cannot_be_asked_are_skipped),
    TEST(overlong_packet_is_skipped),
    TEST(answers_that_cannot_be_captured_are_skipped),
    TEST(same_question_same_answer_without_root),
    TEST(late_writes_are_asked_again),
    TEST(the_ballast_outlasts_a_busy_machine),
    TEST(failed_write_is_asked_again),
    TEST(kernel_that_stops_polling_is_asked_again),
};

int main(void)
{
    int status =
        kernel_tests_run(&kernel, of_root, sizeof of_root / sizeof of_root[0]);
    pid_t child;

    if (status != 0)
        return status;
    fflush(NULL);
    child = fork();
    if (child == 0) {
        become_ordinary();
        exit(kernel_tests_run(&kernel, of_any_user,
                              sizeof of_any_user / sizeof of_any_user[0]));
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return 1;
    return WEXITSTATUS(status);
}
