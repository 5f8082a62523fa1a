/* SPDX-License-Identifier: MIT */
/*
 * The live kernel's GSO as an implementation. The tests check facts that hold
 * for every Linux of a profile, and that no answer depends on the questions
 * before it. If the kernel cannot be asked, the exit status is 77.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "draft.h"
#include "generate_gso.h"
#include "kernel_tests.h"
#include "run.h"
#include "tcp_fields.h"

static struct implementation kernel;
static struct answer answer;
static struct arena arena;

/* The test's question, and the draft and the header that it is made from. */
static struct run run;
static struct run_input input[2];
static struct draft draft;
static struct grove_vnet vnet;

/* The tests replace writev(2), by which the tools write a packet. */
static int failures; /* calls that fail from now on */

ssize_t writev(int fd, const struct iovec *iovec, int count)
{
    if (failures == 0)
        return syscall(SYS_writev, fd, iovec, count);
    failures--;
    errno = ENOMEM;
    return -1;
}

static int set_up(void **state)
{
    (void)state;
    run = (struct run){.op = RUN_GSO,
                       .config = run_config_default(),
                       .input = input,
                       .inputs = 1};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    answer_free(&answer);
    arena_free(&arena);
    failures = 0;
    return 0;
}

/* Its identification and its sequence number wrap soon. */
static struct draft_fields tcp4(uint32_t payload)
{
    struct draft_fields fields = tcp_fields(0, payload);

    fields.id = 65535;
    fields.sequence = 0xffffff00;
    fields.tcp_options = 3;
    return fields;
}

static struct draft_fields udp6(uint32_t payload)
{
    struct draft_fields fields = tcp4(payload);

    fields.version = 6;
    fields.protocol = 17;
    fields.extensions = 2;
    fields.extension[0] = 0;
    fields.extension[1] = 60;
    return fields;
}

static uint8_t type_of(const struct draft_fields *fields)
{
    if (fields->protocol == 17)
        return GROVE_VNET_GSO_UDP_L4;
    return fields->version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;
}

/* Makes the draft and its header the question. */
static void use(void)
{
    input[0] = (struct run_input){
        .has_vnet = true, .packet = draft.bytes, .len = draft.len};
    grove_vnet_store(input[0].vnet, &vnet);
}

static void make_super(const struct draft_fields *fields, uint16_t gso_size)
{
    draft_build(&draft, fields);
    draft_partial(&draft, fields);
    vnet = (struct grove_vnet){
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = type_of(fields),
        .hdr_len = (uint16_t)draft.payload,
        .gso_size = gso_size,
        .csum_start = (uint16_t)draft.l4,
        .csum_offset = fields->protocol == 17 ? 6 : 16,
    };
    use();
}

static void ask(size_t outputs)
{
    kernel.ask(kernel.self, &run, &answer);
    if (answer.kind != ANSWER_OUTPUT)
        fail_msg("no output: %s", answer.reason);
    assert_null(answer.fate);
    assert_int_equal(answer.outputs, outputs);
}

static void ask_in_vain(enum answer_kind kind, const char *words)
{
    kernel.ask(kernel.self, &run, &answer);
    assert_int_equal(answer.kind, kind);
    assert_non_null(strstr(answer.reason, words));
}

static void ask_rejected(void)
{
    ask_in_vain(ANSWER_REJECTED, "EINVAL");
    assert_string_equal(answer.reason, "EINVAL");
}

/* Output `number` has these bytes and a header of zeros. */
static void assert_bytes(size_t number, const struct draft *expected)
{
    static const struct grove_vnet nothing;
    const struct run_output *output = &answer.output[number];

    assert_int_equal(output->len, expected->len);
    assert_memory_equal(output->packet, expected->bytes, expected->len);
    assert_true(output->has_hdr_len);
    assert_memory_equal(&output->vnet, &nothing, sizeof nothing);
    assert_false(output->has_of);
}

/* Output `number` is the packet that draft_build() makes of these fields. */
static void assert_segment(size_t number, const struct draft_fields *fields)
{
    static struct draft expected;

    draft_build(&expected, fields);
    assert_bytes(number, &expected);
}

static struct draft_fields segment_of(struct draft_fields fields, uint32_t from,
                                      uint32_t len, uint16_t number)
{
    fields.payload = len;
    fields.payload_fill = (uint8_t)(fields.payload_fill + from);
    fields.sequence += from;
    fields.id = (uint16_t)(fields.id + number);
    return fields;
}

static void tcp_is_split_into_segments(void **state)
{
    const struct draft_fields fields = tcp4(250);

    (void)state;
    make_super(&fields, 100);
    ask(3);
    for (uint16_t i = 0; i < 3; i++) {
        const struct draft_fields segment =
            segment_of(fields, i * 100U, i < 2 ? 100 : 50, i);

        assert_segment(i, &segment);
    }
}

static void udp_is_split_into_datagrams(void **state)
{
    const struct draft_fields fields = udp6(250);

    (void)state;
    make_super(&fields, 125);
    ask(2);
    for (uint16_t i = 0; i < 2; i++) {
        const struct draft_fields segment =
            segment_of(fields, i * 125U, 125, i);

        assert_segment(i, &segment);
    }
}

static void flags_go_to_the_first_and_the_last_segment(void **state)
{
    struct draft_fields fields = tcp4(30);

    (void)state;
    fields.flags = 0x0ff;
    make_super(&fields, 10);
    ask(3);
    assert_int_equal(answer.output[0].packet[33], 0xf6);
    assert_int_equal(answer.output[1].packet[33], 0x76);
    assert_int_equal(answer.output[2].packet[33], 0x7f);
}

static void a_receiver_may_compute_checksums(void **state)
{
    const struct draft_fields fields = tcp4(250);

    (void)state;
    make_super(&fields, 100);
    run.config.csum_offload = true;
    ask(3);
    for (uint16_t i = 0; i < 3; i++) {
        const struct draft_fields segment =
            segment_of(fields, i * 100U, i < 2 ? 100 : 50, i);
        const struct run_output *output = &answer.output[i];
        static struct draft expected;

        draft_build(&expected, &segment);
        draft_partial(&expected, &segment);
        assert_int_equal(output->vnet.flags, GROVE_VNET_F_NEEDS_CSUM);
        assert_int_equal(output->vnet.gso_type, GROVE_VNET_GSO_NONE);
        assert_int_equal(output->vnet.csum_start, 20);
        assert_int_equal(output->vnet.csum_offset, 16);
        assert_memory_equal(output->packet, expected.bytes, expected.len);
    }
    run.config.csum_offload = false;
    ask(3);
    assert_int_equal(answer.output[0].vnet.flags, 0);
}

static void every_byte_may_be_a_segment(void **state)
{
    const struct draft_fields fields = tcp4(65535 - 20 - 32);

    (void)state;
    make_super(&fields, 1);
    vnet.gso_size = 1;
    use();
    /* 6.1, 6.12 and 7.2 raise it to 8. */
    kernel.ask(kernel.self, &run, &answer);
    assert_int_equal(answer.kind, ANSWER_OUTPUT);
    if (answer.output[0].len == 53)
        assert_int_equal(answer.outputs, fields.payload);
    else
        assert_int_equal(answer.outputs, (fields.payload + 7) / 8);
}

static void plain_packets_of_any_length_pass(void **state)
{
    const struct draft_fields fields = udp6(100);

    (void)state;
    draft_build(&draft, &fields);
    vnet = (struct grove_vnet){0};
    for (uint32_t len = 1; len <= GROVE_MAX_PACKET_LEN; len += 2731 * 3) {
        draft.len = len;
        use();
        ask(1);
        assert_bytes(0, &draft);
    }
    input[0].has_vnet = false;
    input[0].len = draft.len = GROVE_MAX_PACKET_LEN;
    ask(1);
    assert_bytes(0, &draft);
    input[0].len++;
    ask_in_vain(ANSWER_SKIPPED, "longer");
}

static void missing_checksum_is_computed(void **state)
{
    const struct draft_fields fields = udp6(100);
    static struct draft expected;

    (void)state;
    make_super(&fields, 0);
    vnet.gso_type = GROVE_VNET_GSO_NONE;
    use();
    draft_build(&expected, &fields);
    ask(1);
    assert_bytes(0, &expected);
    run.config.csum_offload = true;
    ask(1);
    assert_memory_equal(answer.output[0].packet, draft.bytes, draft.len);
    assert_int_equal(answer.output[0].vnet.csum_start, draft.l4);
}

static void the_ip_version_is_checked(void **state)
{
    const struct draft_fields fields = tcp4(10);

    (void)state;
    draft_build(&draft, &fields);
    vnet = (struct grove_vnet){0};
    draft.bytes[0] = 0x55;
    use();
    ask_rejected();
    input[0].len = 0;
    ask_rejected();
}

/* What a TUN device checks. Before 7.2 that is only the length. */
static void a_dropped_packet_has_no_segment(void **state)
{
    const struct draft_fields fields = tcp4(250);

    (void)state;
    make_super(&fields, 100);
    vnet.csum_start = 24;
    use();
    ask(0);
    make_super(&fields, 100);
    draft_put8(&draft, 9, 253);
    use();
    ask(0);
    make_super(&fields, 100);
    ask(3);
}

static void a_refused_packet_leaves_no_trace(void **state)
{
    const struct draft_fields fields = tcp4(250);

    (void)state;
    for (int i = 0; i < 100; i++) {
        make_super(&fields, 0);
        ask_rejected();
        make_super(&fields, 100);
        ask(3);
        run.config.csum_offload = !run.config.csum_offload;
    }
}

static void a_failed_write_is_asked_again(void **state)
{
    const struct draft_fields fields = tcp4(250);

    (void)state;
    make_super(&fields, 100);
    failures = 1;
    ask(3);
    failures = 2;
    ask_in_vain(ANSWER_LOST, "Cannot allocate memory");
    ask(3);
}

static void questions_that_cannot_be_asked_are_skipped(void **state)
{
    const struct draft_fields fields = tcp4(250);
    char release[64];

    (void)state;
    make_super(&fields, 100);
    input[1] = input[0];
    run.inputs = 2;
    ask_in_vain(ANSWER_SKIPPED, "one packet");
    input[0].flush = true;
    run.inputs = 1;
    ask_in_vain(ANSWER_SKIPPED, "one packet");
    input[0].flush = false;
    run.profile = "linux-0.9";
    if (kernel_profile(release) != NULL)
        ask_in_vain(ANSWER_SKIPPED, "another profile");
    run.profile = kernel_profile(release);
    ask(3);
}

static void fragments_are_skipped(void **state)
{
    struct draft_fields fields = udp6(250);

    (void)state;
    fields.version = 4;
    make_super(&fields, 104);
    vnet.gso_type = GROVE_VNET_GSO_UDP;
    use();
    ask_in_vain(ANSWER_SKIPPED, "fragments");
    make_super(&fields, 125);
    ask(2);
}

/* No question changes the answer to the next one. */
static void same_question_same_answer(void **state)
{
    enum { QUESTIONS = 3000 };
    struct answer first = {0};
    const char *why;

    (void)state;
    for (uint64_t number = 0; number < QUESTIONS; number++) {
        arena_reset(&arena);
        generate_gso(3, number, NULL, &arena, &run);
        kernel.ask(kernel.self, &run, &first);
        kernel.ask(kernel.self, &run, &answer);
        if (first.kind == ANSWER_SKIPPED)
            continue;
        if (!answers_agree(&first, &answer, &arena, &why))
            fail_msg("the second answer differs: %s", why);
    }
    answer_free(&first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tcp_is_split_into_segments),
        TEST(udp_is_split_into_datagrams),
        TEST(flags_go_to_the_first_and_the_last_segment),
        TEST(a_receiver_may_compute_checksums),
        TEST(every_byte_may_be_a_segment),
        TEST(plain_packets_of_any_length_pass),
        TEST(missing_checksum_is_computed),
        TEST(the_ip_version_is_checked),
        TEST(a_dropped_packet_has_no_segment),
        TEST(a_refused_packet_leaves_no_trace),
        TEST(a_failed_write_is_asked_again),
        TEST(questions_that_cannot_be_asked_are_skipped),
        TEST(fragments_are_skipped),
        TEST(same_question_same_answer),
    };

    return kernel_tests_run(&kernel, tests, sizeof tests / sizeof tests[0]);
}
