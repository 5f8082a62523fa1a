/* SPDX-License-Identifier: MIT */
/*
 * The live kernel as an implementation: facts that every Linux of a profile
 * agrees on, and that the way of asking is sound: the same question has the
 * same answer, a poll that began early is seen, a failure leaves nothing
 * behind. Without the rights to ask it, exit 77.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "draft.h"
#include "run.h"

#define MAX_INPUTS 66
#define FLOWS      10

static struct implementation kernel;
static struct answer answer;
static struct arena arena;

/* The question of the test: entries, and the packets that they show. */
static struct run run;
static struct run_input input[MAX_INPUTS];
static struct draft draft[MAX_INPUTS];

/*
 * The tests' own writev(2), which the tools call to write a packet. It can let
 * the kernel poll too early, or fail, after some good calls.
 */
static struct {
    int good;     /* calls until it happens; -1: never */
    int times;    /* how often it happens */
    int interval; /* good calls in between */
    int error;    /* fail with this errno; 0: an early poll */
} fault = {.good = -1};

/* For a moment the calling thread is an ordinary one: the poller runs. */
static void let_the_kernel_poll(void)
{
    struct sched_param before;
    const struct sched_param other = {0};
    int policy = sched_getscheduler(0);

    assert_int_equal(policy, SCHED_FIFO);
    assert_int_equal(sched_getparam(0, &before), 0);
    assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &other), 0);
    assert_int_equal(sched_setscheduler(0, policy, &before), 0);
}

ssize_t writev(int fd, const struct iovec *iovec, int count)
{
    ssize_t written;
    bool now = fault.times > 0 && fault.good-- == 0;

    if (now && fault.error != 0) {
        fault.times--;
        errno = fault.error;
        return -1;
    }
    written = syscall(SYS_writev, fd, iovec, count);
    if (now) {
        fault.times--;
        fault.good = fault.interval;
        let_the_kernel_poll();
    }
    return written;
}

/* The tests' own poll(2), which can find that nothing ever happens. */
static bool stalled;

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
    if (stalled && timeout > 0)
        return 0;
    return (int)syscall(SYS_poll, fds, nfds, timeout);
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
    return 0;
}

/* Segment `number` of TCP flow `flow`, all of `payload` bytes. */
static struct draft_fields tcp(uint16_t flow, uint32_t number, uint32_t payload)
{
    return (struct draft_fields){
        .version = 4,
        .protocol = 6,
        .source = {10, 0, 0, 1},
        .destination = {10, 0, 0, 2},
        .hop = 64,
        .id = (uint16_t)number,
        .fragment = 0x4000,
        .source_port = (uint16_t)(1000 + flow),
        .destination_port = 80,
        .sequence = number * payload,
        .flags = 0x10,
        .window = 1000,
        .payload = payload,
        .payload_fill = (uint8_t)number,
    };
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

/* Output `number` has this length and was merged, or not if 0, like this. */
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

static void wrong_checksum_passes_first(void **state)
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

static void vnet_header_of_the_input_counts(void **state)
{
    /* NEEDS_CSUM, csum_start 20, csum_offset 16: the sum is not looked at. */
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

/* As the sentinel looks, save its number. */
static void look_alike_of_the_sentinel_is_a_packet(void **state)
{
    static const uint8_t twin[36] = {0x45, 0, 0, 36, 0, 0, 0, 0, 64, 253};

    (void)state;
    input[run.inputs++] = (struct run_input){.packet = twin, .len = 36};
    add(tcp(0, 0, 100));
    input[run.inputs++] = (struct run_input){.packet = twin, .len = 36};
    add(tcp(0, 1, 100));
    ask();
    assert_int_equal(answer.outputs, 3);
    assert_output(0, 36, 0);
    assert_output(1, 36, 0);
    assert_output(2, 240, 100);
    assert_memory_equal(answer.output[1].packet, twin, sizeof twin);
}

static void a_poll_takes_64_packets(void **state)
{
    static const uint32_t lengths[] = {1, 2, 60, 62, 63, 64};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        set_up(state);
        for (uint32_t number = 0; number < lengths[i]; number++)
            add(tcp(0, number, 100));
        ask();
        assert_int_equal(answer.outputs, 1);
        assert_output(0, 40 + lengths[i] * 100, lengths[i] > 1 ? 100 : 0);
    }
    add(tcp(0, 64, 100));
    ask_in_vain(ANSWER_SKIPPED, "64 packets");
}

/* A full poll ends in the order of age, as a shorter one does. */
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

/* The largest poll there is: nothing is lost on the way. */
static void the_largest_poll_is_seen_whole(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 64; i++)
        add(tcp((uint16_t)i, 0, 65495));
    ask();
    assert_int_equal(answer.outputs, 64);
    for (size_t i = 0; i < 64; i++)
        assert_output(i, 65535, 0);
}

static void what_cannot_be_asked_is_skipped(void **state)
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
        ask_in_vain(ANSWER_SKIPPED, "series");
    run.profile = kernel_profile(release);
    ask();
}

/* A packet longer than IP allows is taken by the kernel, but by nobody else. */
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

/* AF_PACKET knows no word for UFO; the run after it is not touched. */
static void what_cannot_be_seen_is_skipped(void **state)
{
    static const uint8_t ufo[GROVE_VNET_LEN] = {1, 3, 0, 0, 50, 0, 20, 0, 6, 0};

    (void)state;
    add(udp(0));
    memcpy(input[0].vnet, ufo, sizeof ufo);
    input[0].has_vnet = true;
    add(udp(1));
    ask_in_vain(ANSWER_SKIPPED, "AF_PACKET");
    input[0].has_vnet = false;
    ask();
    assert_int_equal(answer.outputs, 1);
}

/* Ten flows: some are evicted, some end by PSH, one has wrong checksums. */
static void add_mixture(void)
{
    for (uint32_t i = 0; i < 40; i++) {
        struct draft_fields fields =
            tcp((uint16_t)(i * 7 % FLOWS), i / FLOWS, 200);

        if (i % 13 == 5)
            fields.flags |= 8;
        add(fields);
        if (i % FLOWS == 3)
            draft_put8(&draft[i], 60, 0xee);
    }
}

static void assert_same_as(const struct answer *before)
{
    const char *why;

    if (!answers_agree(before, &answer, &arena, &why))
        fail_msg("not the same answer again: %s", why);
}

static void same_question_same_answer(void **state)
{
    struct answer first = {0};

    (void)state;
    add_mixture();
    kernel.ask(kernel.self, &run, &first);
    assert_int_equal(first.kind, ANSWER_OUTPUT);
    assert_true(first.outputs > FLOWS);
    for (int i = 0; i < 2000; i++) {
        ask();
        assert_same_as(&first);
    }
    answer_free(&first);
}

/* A poll in the middle of the batch, three times, then none. */
static void early_poll_is_asked_again(void **state)
{
    struct answer first = {0};

    (void)state;
    add_mixture();
    kernel.ask(kernel.self, &run, &first);
    for (int after = 0; after <= 40; after++) {
        fault.good = after;
        fault.times = 3;
        fault.interval = 40;
        fault.error = 0;
        ask();
        assert_int_equal(fault.times, 0);
        assert_same_as(&first);
    }
    answer_free(&first);
}

static void polls_that_are_all_early_are_an_error(void **state)
{
    (void)state;
    add(tcp(0, 0, 100));
    add(tcp(0, 1, 100));
    fault.good = 0;
    fault.times = INT32_MAX;
    fault.interval = 0;
    fault.error = 0;
    ask_in_vain(ANSWER_ERROR, "early");
    fault.times = 0;
    ask();
    assert_int_equal(answer.outputs, 1);
}

static void failed_write_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    add(tcp(0, 0, 100));
    add(tcp(0, 1, 100));
    for (int after = 0; after < 3; after++) {
        fault.good = after;
        fault.times = 1;
        fault.error = ENOMEM;
        ask_in_vain(ANSWER_ERROR, "Cannot allocate memory");
        ask();
        assert_int_equal(answer.outputs, 1);
    }
}

static void kernel_that_stops_polling_is_dead(void **state)
{
    struct implementation second;
    char why[256];

    (void)state;
    assert_true(kernel_open(&second, why));
    add(tcp(0, 0, 100));
    stalled = true;
    second.ask(second.self, &run, &answer);
    stalled = false;
    assert_int_equal(answer.kind, ANSWER_DEAD);
    second.ask(second.self, &run, &answer);
    assert_int_equal(answer.kind, ANSWER_DEAD);
    implementation_close(&second);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

static ino_t namespace_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_ino;
}

static void caller_stays_as_it_was(void **state)
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

/* In a process of an ordinary user; its exit status is the verdict. */
static void try_without_rights(void)
{
    struct implementation second;
    char why[256] = "";
    bool opened;

    if (setresgid(65534, 65534, 65534) != 0 ||
        setresuid(65534, 65534, 65534) != 0)
        _exit(2);
    opened = kernel_open(&second, why);
    _exit(!opened && why[0] != '\0' && strchr(why, '\n') == NULL ? 0 : 1);
}

static void without_rights_it_says_what_is_missing(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        try_without_rights();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(name_and_profile_are_of_this_kernel),
        TEST(two_segments_merge),
        TEST(wrong_checksum_passes_first),
        TEST(udp_is_coalesced_if_asked),
        TEST(vnet_header_of_the_input_counts),
        TEST(rejected_packet_leaves_no_trace),
        TEST(flush_ends_a_poll),
        TEST(nothing_in_nothing_out),
        TEST(look_alike_of_the_sentinel_is_a_packet),
        TEST(a_poll_takes_64_packets),
        TEST(a_full_poll_flushes_the_oldest_first),
        TEST(the_largest_poll_is_seen_whole),
        TEST(what_cannot_be_asked_is_skipped),
        TEST(overlong_packet_is_skipped),
        TEST(what_cannot_be_seen_is_skipped),
        TEST(same_question_same_answer),
        TEST(early_poll_is_asked_again),
        TEST(polls_that_are_all_early_are_an_error),
        TEST(failed_write_is_an_error_and_leaves_nothing),
        TEST(kernel_that_stops_polling_is_dead),
        TEST(caller_stays_as_it_was),
        TEST(without_rights_it_says_what_is_missing),
    };
    char why[256];
    int failed;

    if (!kernel_open(&kernel, why)) {
        fprintf(stderr, "skipped, the kernel cannot be asked: %s\n", why);
        return 77;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    implementation_close(&kernel);
    return failed;
}
