/* SPDX-License-Identifier: MIT */
/*
 * Lossless mode's promise: splitting what leaves the table gives back every
 * packet to the byte, in the order of each flow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batch.h"
#include "grove/table.h"
#include "input.h"
#include "kernel_split.h"
#include "rule.h"
#include "tables.h"

enum { BATCHES = 4000 };

/* How often the cases that must occur have occurred. */
struct seen {
    uint64_t rules[RULE_LIMIT];
    uint64_t merged;
    uint64_t outputs[6]; /* by gso_type */
};

/* The profile's kernel accepts the output. */
static void assert_taken_back(const struct grove_output *output,
                              const char *name)
{
    const struct profile profile = profile_named(name);
    const struct grove_vnet given = vnet_of_output(output);
    struct grove_packet packet = wire_input(wire_of_output(output));
    struct input input;

    packet.vnet = output->iov[0].iov_base;
    input_accept(&profile, GROVE_LINK_NONE, GROVE_VNET_LEN, &packet, &input);
    assert_int_equal(input.reject, GROVE_RULE_NONE);
    assert_int_equal(input.change, GROVE_RULE_NONE);
    assert_int_equal(input.vnet.gso_type, given.gso_type);
    assert_int_equal(input.vnet.gso_size, given.gso_size);
}

static void assert_split(const struct grove_table *table,
                         const struct batch *batch,
                         const struct grove_output *output)
{
    uint32_t number = output->first;

    assert_int_equal(segments_of_output(output), output->packets);
    for (uint32_t i = 0; i < output->packets; i++) {
        const struct wire wire = split_packet(output, i);

        assert_true(number < batch->count);
        assert_int_equal(wire.len, batch->inputs[number].len);
        assert_memory_equal(wire.data, batch->inputs[number].data, wire.len);
        number = grove_next_packet(table, number);
    }
    assert_int_equal(number, GROVE_NO_PACKET);
}

/* `last` of each flow, in the order in which they leave: it only grows. */
static void assert_flow_order(const struct grove_table *table,
                              const struct batch *batch,
                              const struct grove_output *output, int64_t *last)
{
    for (uint32_t number = output->first; number != GROVE_NO_PACKET;
         number = grove_next_packet(table, number)) {
        const uint32_t flow = batch->flow[number];

        assert_true(last[flow] < number);
        last[flow] = number;
    }
}

static void assert_lossless(const struct grove_table *table,
                            const struct batch *batch, const char *profile,
                            struct seen *seen)
{
    int64_t last[BATCH_FLOWS] = {-1, -1, -1, -1, -1, -1};
    uint32_t packets = 0;
    size_t count;
    const struct grove_output *outputs = grove_to_write(table, &count);

    for (size_t i = 0; i < count; i++) {
        const uint8_t type = vnet_of_output(&outputs[i]).gso_type;

        assert_split(table, batch, &outputs[i]);
        assert_flow_order(table, batch, &outputs[i], last);
        if (outputs[i].packets > 1)
            assert_taken_back(&outputs[i], profile);
        packets += outputs[i].packets;
        seen->outputs[type & 7]++;
        seen->merged += outputs[i].packets - 1;
    }
    assert_int_equal(packets, batch->count);
}

static void run(struct dice *dice, struct seen *seen)
{
    const struct grove_config config = {
        .profile = pick_profile(dice),
        .mode = GROVE_MODE_LOSSLESS,
        .max_flows = 1 + pick(dice, BATCH_FLOWS),
        .max_packets = BATCH_PACKETS,
        .seed = roll(dice),
    };
    struct grove_table *table;
    struct batch batch;

    batch_make(&batch, dice, false);
    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    assert_int_equal(grove_coalesce(table, batch.inputs, batch.count),
                     GROVE_OK);
    assert_lossless(table, &batch, config.profile, seen);
    for (int i = 0; i < RULE_LIMIT; i++)
        seen->rules[i] += grove_rule_count(table, (enum grove_rule)i);
    grove_table_free(table);
}

/* Batches here have no such headers; vectors have. */
static bool needs_headers(enum grove_rule rule)
{
    return rule == GROVE_RULE_LL_FAR || rule == GROVE_RULE_LL_TUN_LENGTH ||
           rule == GROVE_RULE_LL_TUN_VERSION;
}

/* A rule that no batch reached is not tested here, so this fails. */
static void assert_seen(const struct seen *seen)
{
    enum grove_rule rule = GROVE_RULE_LL_VNET;

    while (rule != GROVE_RULE_GSO_TAG) {
        if (seen->rules[rule] == 0 && !needs_headers(rule))
            fail_msg("%s decided nothing", grove_rule_id(rule));
        rule = grove_rule_next(rule);
    }
    assert_true(seen->outputs[GROVE_VNET_GSO_TCPV4] > 1000);
    assert_true(seen->outputs[GROVE_VNET_GSO_TCPV6] > 1000);
    assert_true(seen->outputs[GROVE_VNET_GSO_UDP_L4] > 1000);
    assert_true(seen->merged > 10000);
}

static void split_of_coalesce(void **state)
{
    struct dice dice = {20260101};
    struct seen seen = {.merged = 0};

    (void)state;
    for (uint32_t i = 0; i < BATCHES; i++) {
        run(&dice, &seen);
        wires_release(NULL);
    }
    assert_seen(&seen);
}

/* The splitter shows that not all merges of Linux can be undone. */
static void linux_is_not_lossless(void **state)
{
    struct grove_table *table;
    struct fields fields = fields_of(4, TCP);
    struct grove_packet inputs[2];
    size_t count;
    const struct grove_output *output;
    struct wire back;

    (void)state;
    inputs[0] = wire_input(wire_of(&fields));
    fields = fields_next(fields);
    fields.id--;
    inputs[1] = wire_input(wire_of(&fields));
    assert_int_equal(grove_table_new(&(struct grove_config){0}, &table),
                     GROVE_OK);
    assert_int_equal(grove_coalesce(table, inputs, 2), GROVE_OK);
    output = grove_to_write(table, &count);
    assert_int_equal(count, 1);
    assert_int_equal(segments_of_output(output), 2);
    back = split_packet(output, 0);
    assert_memory_equal(back.data, inputs[0].data, back.len);
    back = split_packet(output, 1);
    assert_memory_not_equal(back.data, inputs[1].data, back.len);
    grove_table_free(table);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(split_of_coalesce, wires_release),
        cmocka_unit_test_teardown(linux_is_not_lossless, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
