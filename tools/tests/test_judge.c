/* SPDX-License-Identifier: MIT */
/*
 * The judgement of answers. Each test plants one fault into the answer of the
 * reference, or into none, and expects exactly its level, kind and field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "draft.h"
#include "judge.h"
#include "shell.h"
#include "tcp_fields.h"

enum { PACKETS = 6, OUTPUTS = 12, PUSH = 0x018 };

static struct judge judge;
static struct implementation reference;
static struct answer answer;
static struct judgement found;

static struct run run;
static struct run_input input[PACKETS];
static struct draft draft[PACKETS];

/* A copy of the answer that a test changes. */
static struct run_output output[OUTPUTS];
static uint8_t bytes[OUTPUTS][DRAFT_MAX];

/* The identification is not the number. */
static struct draft_fields tcp4(uint32_t number)
{
    struct draft_fields fields = tcp_fields(number, 100);

    fields.id = (uint16_t)(7 + number);
    return fields;
}

static void add(const struct draft_fields *fields)
{
    const size_t at = run.inputs++;

    assert_true(at < PACKETS);
    draft_build(&draft[at], fields);
    input[at] =
        (struct run_input){.packet = draft[at].bytes, .len = draft[at].len};
}

/* Segments `first` to `last` of the flow of this port. */
static void add_segments(uint16_t port, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i <= last; i++) {
        struct draft_fields fields = tcp4(i);

        fields.source_port = port;
        add(&fields);
    }
}

static int set_up(void **state)
{
    (void)state;
    judge_open(&judge);
    reference_open(&reference);
    run = (struct run){.op = RUN_GRO,
                       .profile = "linux-6.18",
                       .config = run_config_default(),
                       .input = input};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    judge_close(&judge);
    implementation_close(&reference);
    answer_free(&answer);
    return 0;
}

static void copy(size_t to, const uint8_t *packet, size_t len)
{
    memcpy(bytes[to], packet, len);
    output[to].packet = bytes[to];
    output[to].len = len;
}

/* Asks the reference, and makes its outputs writable. */
static void ask(void)
{
    reference.ask(reference.self, &run, &answer);
    assert_int_equal(answer.kind, ANSWER_OUTPUT);
    assert_true(answer.outputs <= OUTPUTS);
    for (size_t i = 0; i < answer.outputs; i++) {
        output[i] = answer.output[i];
        copy(i, answer.output[i].packet, answer.output[i].len);
    }
    answer.output = output;
}

/* The outputs become the packets as they came. */
static void let_all_pass(void)
{
    ask();
    answer.outputs = run.inputs;
    for (size_t i = 0; i < run.inputs; i++) {
        output[i] = (struct run_output){0};
        copy(i, input[i].packet, input[i].len);
    }
}

static void swap(size_t one, size_t other)
{
    const struct run_output kept = output[one];

    output[one] = output[other];
    output[other] = kept;
}

static void expect(enum level level, enum harm harm, const char *field)
{
    found = judge_answer(&judge, &run, NULL, &answer);
    if (found.level != level || found.harm != harm)
        print_error("%s %s: %s\n", level_words(found.level),
                    harm_words(found.harm), found.why);
    assert_int_equal(found.level, level);
    assert_int_equal(found.harm, harm);
    if (field != NULL)
        assert_string_equal(found.field, field);
    assert_int_equal(*found.why != '\0', level == LEVEL_UNSAFE);
}

/* ---- the levels ---- */

static void an_equal_answer_is_exact(void **state)
{
    (void)state;
    add_segments(1000, 0, 2);
    ask();
    expect(LEVEL_EXACT, HARM_NONE, NULL);
    assert_int_equal(found.outputs, 1);
    assert_int_equal(found.linux_outputs, 1);
}

static void a_flag_and_a_length_are_hints(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    add_segments(1001, 0, 0);
    ask();
    assert_int_equal(output[1].vnet.flags, GROVE_VNET_F_DATA_VALID);
    output[1].vnet = (struct grove_vnet){.gso_size = 9, .csum_start = 9};
    output[0].vnet.hdr_len = 0;
    expect(LEVEL_HINTS, HARM_NONE, NULL);
}

/* A verdict is nothing that a receiver gets. */
static void a_verdict_is_a_hint(void **state)
{
    static const struct run_fate held = {.has_verdict = true,
                                         .verdict = GROVE_HELD};

    (void)state;
    add_segments(1000, 0, 0);
    draft_put8(&draft[0], 9, 1);
    draft_ip_checksum(&draft[0]);
    ask();
    assert_int_equal(answer.fate[0].verdict, GROVE_PASSED);
    answer.fate = &held;
    expect(LEVEL_HINTS, HARM_NONE, NULL);
}

static void packets_that_do_not_merge_are_safe(void **state)
{
    (void)state;
    add_segments(1000, 0, 3);
    let_all_pass();
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    assert_int_equal(found.outputs, 4);
    assert_int_equal(found.linux_outputs, 1);
}

static void two_flows_may_leave_in_any_order(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    add_segments(1001, 0, 1);
    ask();
    swap(0, 1);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/* ---- each kind of harm ---- */

static void no_answer_has_two_kinds(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    answer_fail(&answer, ANSWER_DEAD, "signal 11");
    expect(LEVEL_UNSAFE, HARM_CRASHES, NULL);
    answer_fail(&answer, ANSWER_LATE, "no answer in 10 s");
    expect(LEVEL_UNSAFE, HARM_HANGS, NULL);
    answer_fail(&answer, ANSWER_ERROR, "no memory");
    expect(LEVEL_UNSAFE, HARM_LOSES, NULL);
    assert_string_equal(found.why, "no memory");
}

static void a_refused_output_is_found(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    ask();
    output[0].vnet.csum_offset = 6;
    expect(LEVEL_UNSAFE, HARM_REFUSED, NULL);
    assert_non_null(strstr(found.why, "VNET-012"));
}

static void a_lost_output_is_found(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    add_segments(1001, 0, 1);
    ask();
    answer.outputs = 1;
    expect(LEVEL_UNSAFE, HARM_LOSES, NULL);
    assert_non_null(strstr(found.why, "packet 3"));
}

/* No split reads total_length, but the receiving host does. */
static void a_stale_length_loses_the_packets(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    ask();
    bytes[0][3] = 140;
    expect(LEVEL_UNSAFE, HARM_LOSES, NULL);
}

static void a_packet_that_is_too_long_is_lost(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    ask();
    output[0].len = GROVE_MAX_PACKET_LEN + 1;
    expect(LEVEL_UNSAFE, HARM_LOSES, NULL);
}

static void a_duplicate_is_found(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    ask();
    output[answer.outputs++] = output[0];
    expect(LEVEL_UNSAFE, HARM_DUPLICATES, NULL);
}

static void a_loss_is_worse_than_a_duplicate(void **state)
{
    (void)state;
    add_segments(1000, 0, 2);
    let_all_pass();
    output[1] = output[0];
    expect(LEVEL_UNSAFE, HARM_LOSES, NULL);
}

static void a_mended_checksum_is_laundered(void **state)
{
    const struct draft_fields fields = tcp4(0);

    (void)state;
    add(&fields);
    draft_put8(&draft[0], 60, 0xee);
    ask();
    expect(LEVEL_EXACT, HARM_NONE, NULL);
    draft_l4_checksum(&draft[0], &fields);
    copy(0, draft[0].bytes, draft[0].len);
    draft_put16(&draft[0], 36, 0x1234);
    expect(LEVEL_UNSAFE, HARM_LAUNDERS, "TCP checksum");
}

static void a_mended_header_is_laundered(void **state)
{
    (void)state;
    add_segments(1000, 0, 0);
    copy(0, input[0].packet, input[0].len);
    draft_put8(&draft[0], 11, 0x12);
    reference.ask(reference.self, &run, &answer);
    output[0] = answer.output[0];
    output[0].packet = bytes[0];
    answer.output = output;
    expect(LEVEL_UNSAFE, HARM_LAUNDERS, "IPv4 header checksum");
}

/* The window of the second segment is lost in a super-packet. */
static void a_lost_window_is_a_change(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    ask();
    draft_put16(&draft[1], 34, 99);
    draft_l4_checksum(&draft[1],
                      &(struct draft_fields){.version = 4, .protocol = 6});
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP window");
    assert_non_null(strstr(found.why, "packet 1"));
}

/* A checksum of the first packet follows from what the merge loses. */
static void of_two_changes_the_cause_is_named(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    let_all_pass();
    bytes[0][36] ^= 1;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP checksum");
    bytes[1][34] ^= 1;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP window");
    assert_non_null(strstr(found.why, "packet 0: its TCP checksum"));
}

static void a_changed_port_is_no_loss(void **state)
{
    (void)state;
    add_segments(1000, 0, 0);
    ask();
    bytes[0][21] ^= 1;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP source port");
}

static void a_changed_payload_is_found(void **state)
{
    (void)state;
    add_segments(1000, 0, 2);
    let_all_pass();
    bytes[1][60] ^= 1;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "payload");
    assert_non_null(strstr(found.why, "packet 1"));
    bytes[1][60] ^= 1;
    output[1].len--;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "packet length");
}

static void bits_that_share_a_byte_have_names(void **state)
{
    struct draft_fields fields = tcp4(0);

    (void)state;
    fields.version = 6;
    add(&fields);
    ask();
    bytes[0][1] ^= 1;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "IPv6 flow label");
    bytes[0][1] ^= 0x11;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "IPv6 traffic class");
    bytes[0][1] ^= 0x10;
    bytes[0][52] ^= 1;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP reserved bits");
}

static void a_wrong_order_is_found(void **state)
{
    (void)state;
    add_segments(1000, 0, 2);
    let_all_pass();
    swap(0, 2);
    expect(LEVEL_UNSAFE, HARM_REORDERS, NULL);
}

/* An equal packet of another poll is not mistaken for the first one. */
static void equal_packets_have_no_order(void **state)
{
    struct draft_fields fields = tcp4(0);

    (void)state;
    fields.protocol = 17;
    add(&fields);
    add(&fields);
    input[run.inputs++] = (struct run_input){.flush = true};
    add(&fields);
    ask();
    assert_int_equal(answer.outputs, 2);
    for (size_t i = 0; i < 3; i++) {
        output[i] = (struct run_output){0};
        copy(i, draft[0].bytes, draft[0].len);
    }
    answer.outputs = 3;
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/* Packets without ports are one flow. */
static void an_order_without_ports_counts(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    for (size_t i = 0; i < 2; i++) {
        draft_put8(&draft[i], 9, 1);
        draft_put8(&draft[i], 15, (uint8_t)i);
        draft_ip_checksum(&draft[i]);
    }
    let_all_pass();
    swap(0, 1);
    expect(LEVEL_UNSAFE, HARM_REORDERS, NULL);
}

/* ---- what Linux does itself ---- */

/* Segments 0 to 3 have one identification, which a split counts up. */
static void add_equal_ids(void)
{
    add_segments(1000, 0, 3);
    for (size_t i = 1; i < 4; i++) {
        draft_put16(&draft[i], 4, 7);
        draft_ip_checksum(&draft[i]);
    }
}

/* A super-packet of the packets `first` and `first` + 1, as Linux makes it. */
static struct run_output merged(size_t first)
{
    const struct run two = {.op = RUN_GRO,
                            .profile = run.profile,
                            .config = run.config,
                            .input = input + first,
                            .inputs = 2};
    static struct answer halves[2];
    struct answer *half = &halves[first / 2];

    reference.ask(reference.self, &two, half);
    assert_int_equal(half->outputs, 1);
    return half->output[0];
}

static void what_linux_merges_may_be_merged_elsewhere(void **state)
{
    (void)state;
    add_equal_ids();
    ask();
    assert_int_equal(answer.outputs, 1);
    output[0] = merged(0);
    output[1] = merged(2);
    answer.outputs = 2;
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/*
 * With one flow, datagrams 2 and 3 merge. With eight, 0 and 2 do, which have
 * the same payload, so that the super-packet has the same bytes.
 */
static void an_output_stands_for_the_packets_that_it_names(void **state)
{
    struct draft_fields fields = tcp4(0);

    (void)state;
    run.config.max_flows = 1;
    fields.protocol = 17;
    add(&fields);
    add_segments(1001, 0, 0);
    add(&fields);
    fields.id++;
    add(&fields);
    ask();
    assert_int_equal(answer.outputs, 3);
    run.config.max_flows = 8;
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

static void lossless_mode_may_not(void **state)
{
    (void)state;
    add_equal_ids();
    ask();
    run.config.lossless = true;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "IPv4 identification");
}

/* A wrong checksum overtakes held packets before it, and no others do. */
static void what_linux_sends_first_may_overtake(void **state)
{
    (void)state;
    add_segments(1000, 0, 3);
    draft_put8(&draft[3], 60, 0xee);
    let_all_pass();
    swap(2, 3);
    swap(1, 2);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    swap(0, 1);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    swap(1, 2);
    expect(LEVEL_UNSAFE, HARM_REORDERS, NULL);
}

/*
 * A flushed datagram overtakes a list if its identification is the next one of
 * the list. It would not be the next one if only the first packet was there.
 */
static void what_overtakes_a_list_may(void **state)
{
    (void)state;
    run.config.fraglist = true;
    for (uint32_t i = 0; i < 3; i++) {
        struct draft_fields fields = tcp4(i);

        fields.protocol = 17;
        fields.fragment |= i == 2 ? 0x8000 : 0; /* GRO-IP4-007 */
        add(&fields);
    }
    add_segments(1001, 0, 0);
    ask();
    assert_int_equal(answer.outputs, 4);
    expect(LEVEL_EXACT, HARM_NONE, NULL);
    swap(2, 3);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    swap(0, 1);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    swap(0, 3);
    expect(LEVEL_UNSAFE, HARM_REORDERS, NULL);
}

/*
 * A super-packet with a wrong IP checksum overtakes. Its first segment, whose
 * checksum a split computes, is equal to the packet that it overtakes.
 */
static void of_equal_packets_any_may_be_first(void **state)
{
    static const uint8_t vnet[] = {0, GROVE_VNET_GSO_TCPV4, 40, 0, 100, 0};
    struct draft_fields fields = tcp4(0);

    (void)state;
    add_segments(1000, 0, 0);
    fields.source_port = 1000;
    fields.payload = 150;
    add(&fields);
    draft_put8(&draft[1], 10, 0xee);
    input[1].has_vnet = true;
    memcpy(input[1].vnet, vnet, sizeof vnet);
    add_segments(1001, 0, 0);
    ask();
    assert_int_equal(answer.outputs, 3);
    assert_int_equal(answer.output[0].of[0], 1);
    swap(1, 2);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/* Linux 6.1 itself makes super-packets of UDP that it refuses. */
static void what_linux_gives_is_not_refused(void **state)
{
    struct draft_fields fields = tcp4(0);

    (void)state;
    run.profile = "linux-6.1";
    fields.protocol = 17;
    add(&fields);
    add(&fields);
    ask();
    assert_int_equal(answer.outputs, 1);
    add_segments(1000, 0, 0);
    output[1] = (struct run_output){0};
    copy(1, input[2].packet, input[2].len);
    answer.outputs = 2;
    expect(LEVEL_HINTS, HARM_NONE, NULL);
    swap(0, 1);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    run.config.lossless = true;
    expect(LEVEL_UNSAFE, HARM_REFUSED, NULL);
}

/* What Linux refuses does not arrive, and needs not. */
static void a_refused_packet_is_no_loss(void **state)
{
    (void)state;
    add_segments(1000, 0, 1);
    draft_put8(&draft[1], 0, 0x55);
    let_all_pass();
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/* ---- op gso ---- */

static void ask_split(void)
{
    const struct grove_vnet vnet = {.flags = GROVE_VNET_F_NEEDS_CSUM,
                                    .gso_type = GROVE_VNET_GSO_TCPV4,
                                    .gso_size = 40,
                                    .csum_start = 20,
                                    .csum_offset = 16};

    run.op = RUN_GSO;
    add_segments(1000, 0, 0);
    input[0].has_vnet = true;
    grove_vnet_store(input[0].vnet, &vnet);
    ask();
    assert_int_equal(answer.outputs, 3);
}

static void segments_may_have_any_identification(void **state)
{
    (void)state;
    ask_split();
    expect(LEVEL_EXACT, HARM_NONE, NULL);
    bytes[1][5] = 7;
    bytes[1][11]++; /* the header checksum */
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    bytes[1][11]++;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "IPv4 identification");
}

static void each_kind_of_a_splitter(void **state)
{
    (void)state;
    ask_split();
    answer.outputs = 2;
    expect(LEVEL_UNSAFE, HARM_LOSES, NULL);
    answer.outputs = 3;
    output[2].vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "virtio header");
    output[2].vnet.flags = 0;
    bytes[1][33] |= 8;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP flags");
    bytes[1][33] &= (uint8_t)~8U;
    bytes[1][36] ^= 8;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP checksum");
    bytes[2][33] ^= 1;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP flags");
    bytes[2][33] ^= 1;
    bytes[1][36] ^= 8;
    output[answer.outputs++] = output[2];
    expect(LEVEL_UNSAFE, HARM_CHANGES, "number of segments");
    answer_fail(&answer, ANSWER_REJECTED, "EINVAL");
    expect(LEVEL_UNSAFE, HARM_REFUSED, NULL);
    answer_fail(&answer, ANSWER_DEAD, "signal 11");
    expect(LEVEL_UNSAFE, HARM_CRASHES, NULL);
    answer_fail(&answer, ANSWER_LATE, "no answer in 10 s");
    expect(LEVEL_UNSAFE, HARM_HANGS, NULL);
}

static void what_linux_drops_may_be_refused(void **state)
{
    (void)state;
    ask_split();
    draft_put8(&draft[0], 32, 0x40); /* the data offset: GSO-007 */
    expect(LEVEL_UNSAFE, HARM_ACCEPTS, NULL);
    answer_fail(&answer, ANSWER_REJECTED, "EINVAL");
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/* K-3: the segments of the last question stand for fragments. */
static void fragments_are_not_compared(void **state)
{
    (void)state;
    ask_split();
    input[0].vnet[1] = GROVE_VNET_GSO_UDP; /* GSO-001 */
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/* It stands where IPv4 has the identification. */
static void segments_have_one_payload_length(void **state)
{
    const struct grove_vnet vnet = {.flags = GROVE_VNET_F_NEEDS_CSUM,
                                    .gso_type = GROVE_VNET_GSO_TCPV6,
                                    .gso_size = 40,
                                    .csum_start = 40,
                                    .csum_offset = 16};
    struct draft_fields fields = tcp4(0);

    (void)state;
    run.op = RUN_GSO;
    fields.version = 6;
    add(&fields);
    input[0].has_vnet = true;
    grove_vnet_store(input[0].vnet, &vnet);
    ask();
    assert_int_equal(answer.outputs, 3);
    expect(LEVEL_EXACT, HARM_NONE, NULL);
    bytes[1][5]--;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "IPv6 payload length");
}

static void what_linux_refuses_must_give_nothing(void **state)
{
    (void)state;
    ask_split();
    input[0].vnet[4] = 0; /* gso_size: VNET-003 */
    expect(LEVEL_UNSAFE, HARM_ACCEPTS, NULL);
    answer.outputs = 0;
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

/* ---- the words ---- */

/* ---- layers ---- */

/* Offsets in a frame with a VLAN tag, VXLAN over IPv4 and TCP. */
enum {
    IN_TAG = 14,
    OUTER_IP = 18,
    IN_VNI = OUTER_IP + 20 + 8 + 6,
    INNER_IP = OUTER_IP + 20 + 8 + 8 + 14,
    INNER_TCP = INNER_IP + 20
};

static struct shell vxlan(uint32_t number)
{
    struct shell shell = {
        .framed = true,
        .frame = {.addresses = {2}, .tags = 1, .tpid = {0x8100}, .tci = {42}},
        .tunnels = 1};
    struct shell_tunnel *tunnel = &shell.tunnel[0];

    tunnel->protocol = GROVE_TUNNEL_VXLAN;
    tunnel->ip = tcp4(number);
    tunnel->ip.destination_port = 4789;
    tunnel->flags = 0x0800;
    tunnel->number = 7 << 8;
    tunnel->framed = true;
    return shell;
}

/* Segments of a flow of this port in VXLAN. */
static void add_in_vxlan(uint16_t port, uint32_t first, uint32_t last)
{
    static struct draft inner;

    run.config.link = GROVE_LINK_ETHERNET;
    run.config.tunnels[0] = (struct grove_tunnel){GROVE_TUNNEL_VXLAN, 4789};
    run.config.tunnel_count = 1;
    run.config.vnet_len = GROVE_VNET_TUNNEL_LEN;
    for (uint32_t i = first; i <= last; i++) {
        const struct shell shell = vxlan(i);
        struct draft_fields fields = tcp4(i);
        const size_t at = run.inputs++;

        fields.source_port = port;
        draft_build(&inner, &fields);
        assert_int_equal(shell_build(&draft[at], &shell, &inner, 4), INNER_IP);
        input[at] =
            (struct run_input){.packet = draft[at].bytes, .len = draft[at].len};
    }
}

static void frames_have_levels(void **state)
{
    (void)state;
    add_in_vxlan(1000, 0, 2);
    add_in_vxlan(1001, 0, 1);
    ask();
    assert_int_equal(answer.outputs, 2);
    expect(LEVEL_EXACT, HARM_NONE, NULL);
    swap(0, 1);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    let_all_pass();
    expect(LEVEL_SAFE, HARM_NONE, NULL);
    swap(1, 2);
    expect(LEVEL_UNSAFE, HARM_REORDERS, NULL);
}

static void changes_of_layers_have_names(void **state)
{
    static const struct {
        size_t at;
        const char *field;
    } cases[] = {{0, "Ethernet header"},
                 {IN_TAG + 1, "VLAN tag"},
                 {OUTER_IP + 1, "outer IPv4 header"},
                 {OUTER_IP + 20, "outer UDP header"},
                 {IN_VNI, "VXLAN header"},
                 {INNER_IP + 8, "IPv4 TTL"},
                 {INNER_TCP + 14, "TCP window"}};

    (void)state;
    add_in_vxlan(1000, 0, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        let_all_pass();
        bytes[1][cases[i].at] ^= 1;
        expect(LEVEL_UNSAFE, HARM_CHANGES, cases[i].field);
        assert_non_null(strstr(found.why, "packet 1: its "));
    }
}

/* The outer header of a super-packet has the length of one packet. */
static void a_stale_outer_length_loses_the_packets(void **state)
{
    (void)state;
    add_in_vxlan(1000, 0, 2);
    ask();
    bytes[0][OUTER_IP + 2] ^= 1;
    expect(LEVEL_UNSAFE, HARM_LOSES, NULL);
}

/* Puts an identification into the outer IPv4 header, with a right checksum. */
static void set_outer_id(uint8_t *packet, uint16_t id)
{
    static struct draft header;

    header.len = 20;
    memcpy(header.bytes, packet + OUTER_IP, header.len);
    draft_put16(&header, 4, id);
    draft_ip_checksum(&header);
    memcpy(packet + OUTER_IP, header.bytes, header.len);
}

static void segments_of_frames_have_names(void **state)
{
    (void)state;
    add_in_vxlan(1000, 0, 2);
    ask();
    input[0] = (struct run_input){
        .has_vnet = true, .packet = draft[0].bytes, .len = output[0].len};
    memcpy(draft[0].bytes, bytes[0], output[0].len);
    grove_vnet_store_len(input[0].vnet, run.config.vnet_len, &output[0].vnet);
    run.inputs = 1;
    run.op = RUN_GSO;
    ask();
    assert_int_equal(answer.outputs, 3);
    expect(LEVEL_EXACT, HARM_NONE, NULL);
    bytes[2][INNER_TCP + 13] ^= 8;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "TCP flags");
    ask();
    bytes[1][OUTER_IP + 8] ^= 8;
    expect(LEVEL_UNSAFE, HARM_CHANGES, "outer IPv4 header");
    ask();
    bytes[1][OUTER_IP + 5] ^= 1; /* the identification, not the checksum */
    expect(LEVEL_UNSAFE, HARM_CHANGES, "outer IPv4 header");
    ask();
    set_outer_id(bytes[1], 999);
    expect(LEVEL_SAFE, HARM_NONE, NULL);
}

static void words_have_levels(void **state)
{
    enum level level = LEVEL_UNSAFE;

    (void)state;
    assert_true(level_find("hints", &level));
    assert_int_equal(level, LEVEL_HINTS);
    assert_false(level_find("unsafe", &level));
    assert_false(level_find("", &level));
    assert_string_equal(level_words(LEVEL_UNSAFE), "unsafe");
    assert_string_equal(harm_words(HARM_LAUNDERS), "launders");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_equal_answer_is_exact),
        TEST(a_flag_and_a_length_are_hints),
        TEST(a_verdict_is_a_hint),
        TEST(packets_that_do_not_merge_are_safe),
        TEST(two_flows_may_leave_in_any_order),
        TEST(no_answer_has_two_kinds),
        TEST(a_refused_output_is_found),
        TEST(a_lost_output_is_found),
        TEST(a_stale_length_loses_the_packets),
        TEST(a_packet_that_is_too_long_is_lost),
        TEST(a_duplicate_is_found),
        TEST(a_loss_is_worse_than_a_duplicate),
        TEST(a_mended_checksum_is_laundered),
        TEST(a_mended_header_is_laundered),
        TEST(a_lost_window_is_a_change),
        TEST(of_two_changes_the_cause_is_named),
        TEST(a_changed_port_is_no_loss),
        TEST(a_changed_payload_is_found),
        TEST(bits_that_share_a_byte_have_names),
        TEST(a_wrong_order_is_found),
        TEST(equal_packets_have_no_order),
        TEST(an_order_without_ports_counts),
        TEST(what_linux_merges_may_be_merged_elsewhere),
        TEST(an_output_stands_for_the_packets_that_it_names),
        TEST(lossless_mode_may_not),
        TEST(what_linux_sends_first_may_overtake),
        TEST(what_overtakes_a_list_may),
        TEST(of_equal_packets_any_may_be_first),
        TEST(what_linux_gives_is_not_refused),
        TEST(a_refused_packet_is_no_loss),
        TEST(segments_may_have_any_identification),
        TEST(each_kind_of_a_splitter),
        TEST(what_linux_drops_may_be_refused),
        TEST(fragments_are_not_compared),
        TEST(segments_have_one_payload_length),
        TEST(what_linux_refuses_must_give_nothing),
        TEST(frames_have_levels),
        TEST(changes_of_layers_have_names),
        TEST(a_stale_outer_length_loses_the_packets),
        TEST(segments_of_frames_have_names),
        TEST(words_have_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
