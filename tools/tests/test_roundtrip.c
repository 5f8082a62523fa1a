/* SPDX-License-Identifier: MIT */
/*
 * The check of lossless mode: it finds a difference if the promise is broken,
 * and none if it is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draft.h"
#include "roundtrip.h"

enum { PACKETS = 4 };

static struct implementation whole;
static struct implementation split;
static struct answer expected;
static struct answer got;
static struct arena arena;

static struct run run;
static struct run_input input[PACKETS];
static struct draft draft[PACKETS];

static int set_up(void **state)
{
    (void)state;
    roundtrip_open_packets(&whole);
    roundtrip_open_split(&split);
    run = (struct run){.op = RUN_GRO,
                       .profile = "linux-6.18",
                       .config = run_config_default(),
                       .input = input};
    run.config.lossless = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    implementation_close(&whole);
    implementation_close(&split);
    answer_free(&expected);
    answer_free(&got);
    arena_free(&arena);
    return 0;
}

/* Appends segment `number` of a TCP flow. */
static void add(uint16_t port, uint32_t number, uint16_t id)
{
    const struct draft_fields fields = {
        .version = 4,
        .protocol = 6,
        .source = {10, 0, 0, 1},
        .destination = {10, 0, 0, 2},
        .hop = 64,
        .id = id,
        .fragment = 0x4000,
        .source_port = port,
        .destination_port = 80,
        .sequence = 1 + number * 100,
        .flags = 0x010,
        .payload = 100,
    };
    const size_t at = run.inputs++;

    assert_true(at < PACKETS);
    draft_build(&draft[at], &fields);
    input[at] =
        (struct run_input){.packet = draft[at].bytes, .len = draft[at].len};
}

static bool agree(void)
{
    const char *why;

    whole.ask(whole.self, &run, &expected);
    split.ask(split.self, &run, &got);
    return answers_agree(&expected, &got, &arena, &why);
}

static void two_flows_come_back(void **state)
{
    (void)state;
    add(1001, 0, 7);
    add(1000, 0, 7);
    add(1001, 1, 8);
    add(1000, 1, 8);
    assert_true(agree());
    assert_int_equal(expected.outputs, PACKETS);
}

/* Packets that linux mode merges have other identifications when split. */
static void a_loss_is_seen(void **state)
{
    (void)state;
    add(1000, 0, 7);
    add(1000, 1, 7);
    assert_true(agree());
    assert_int_equal(roundtrip_count(&split, GROVE_RULE_LL_ID), 1);
    run.config.lossless = false;
    assert_false(agree());
}

/* In linux mode a packet with a bad checksum overtakes its flow. */
static void a_wrong_order_is_seen(void **state)
{
    (void)state;
    add(1000, 0, 7);
    add(1000, 1, 8);
    draft_put8(&draft[1], 60, 0xee);
    assert_true(agree());
    run.config.lossless = false;
    assert_false(agree());
}

/* A packet that the kernel would reject is in neither answer. */
static void a_refused_packet_is_left_out(void **state)
{
    (void)state;
    add(1000, 0, 7);
    add(1000, 1, 8);
    draft_put8(&draft[1], 0, 0x55);
    assert_true(agree());
    assert_int_equal(expected.outputs, 1);
}

/*
 * If csum_offset says so, Linux 6.1 writes a checksum over the protocol field.
 * One in 256 UDP packets becomes TCP and appears to have overtaken its flow.
 */
static void a_forged_protocol_is_no_flow(void **state)
{
    const struct grove_vnet vnet = {
        .flags = GROVE_VNET_F_NEEDS_CSUM, .csum_start = 2, .csum_offset = 6};

    (void)state;
    run.profile = "linux-6.1";
    for (uint16_t i = 0; i < 256; i++) {
        run.inputs = 0;
        add(1000, 0, 7);
        add(1000, 0, 7);
        draft_put8(&draft[1], 9, 17);
        draft_put16(&draft[1], 60, i);
        draft_ip_checksum(&draft[1]);
        input[1].has_vnet = true;
        grove_vnet_store(input[1].vnet, &vnet);
        assert_true(agree());
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_flows_come_back),          TEST(a_loss_is_seen),
        TEST(a_wrong_order_is_seen),        TEST(a_refused_packet_is_left_out),
        TEST(a_forged_protocol_is_no_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
