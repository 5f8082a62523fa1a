/* SPDX-License-Identifier: MIT */
/*
 * What holds for every batch, garbage too: no packet is lost or doubled, none
 * is written to, and the table stays inside the memory that it was given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batch.h"
#include "grove/table.h"

enum { BATCHES = 4000, ROUNDS = 3 };

static struct grove_config random_config(struct dice *dice)
{
    return (struct grove_config){
        .profile = pick_profile(dice),
        .max_flows = pick(dice, 10),
        .max_packets = BATCH_PACKETS,
        .mode = pick(dice, 2) ? GROVE_MODE_LINUX : GROVE_MODE_LOSSLESS,
        .no_udp = pick(dice, 8) == 0,
        .csum_trusted = pick(dice, 2) == 0,
        .seed = roll(dice),
    };
}

static void randomize(uint8_t *data, size_t len, struct dice *dice)
{
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)roll(dice);
}

/* Random bytes, some of them after a plausible first byte. */
static struct grove_packet noise(struct dice *dice)
{
    static const uint8_t first[] = {0x45, 0x60, 0x46, 0x4f};
    struct wire wire = {.len = pick(dice, 200)};

    wire.data = wire_memory(wire.len);
    randomize(wire.data, wire.len, dice);
    if (wire.len != 0 && pick(dice, 2) == 0)
        wire_put8(wire, 0, first[pick(dice, 4)]);
    return wire_input(wire);
}

/* A packet of the batch, cut or with a byte or a bit of its headers changed. */
static struct grove_packet mutant(const struct grove_packet *packet,
                                  struct dice *dice)
{
    const uint32_t cut =
        pick(dice, 3) == 0 ? pick(dice, (uint32_t)packet->len) : 0;
    struct wire wire = {.len = (uint32_t)packet->len - cut};
    const uint32_t at = pick(dice, wire.len < 100 ? wire.len : 100);

    wire.data = wire_memory(wire.len);
    memcpy(wire.data, packet->data, wire.len);
    if (pick(dice, 2) == 0)
        wire.data[at] = (uint8_t)roll(dice);
    else
        wire.data[at] ^= (uint8_t)(1 << pick(dice, 8));
    return wire_input(wire);
}

/* Values of fields near the right ones, in any combination. */
static const uint8_t *random_vnet(struct dice *dice)
{
    static const uint8_t types[] = {0, 1, 3, 4, 5, 0x81, 0x84, 2};
    static const uint16_t values[] = {0, 6, 16, 20, 40, 48, 100, 0xffff};
    const struct grove_vnet vnet = {
        .flags = (uint8_t)pick(dice, 4),
        .gso_type = types[pick(dice, 8)],
        .hdr_len = values[pick(dice, 8)],
        .gso_size = values[pick(dice, 8)],
        .csum_start = values[pick(dice, 8)],
        .csum_offset = values[pick(dice, 8)],
    };
    uint8_t *wire = wire_memory(GROVE_VNET_LEN);

    grove_vnet_store(wire, &vnet);
    if (pick(dice, 4) == 0)
        randomize(wire, GROVE_VNET_LEN, dice);
    return wire;
}

static void spoil(struct batch *batch, struct dice *dice)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const uint32_t what = pick(dice, 8);

        if (what == 0)
            batch->inputs[i] = noise(dice);
        else if (what == 1)
            batch->inputs[i] = mutant(&batch->inputs[i], dice);
        else if (what == 2)
            batch->inputs[i].vnet = random_vnet(dice);
    }
}

/* Every byte of every packet, in one piece. */
static struct wire copy_of(const struct batch *batch)
{
    struct wire copy = {.len = 0};
    uint32_t at = 0;

    for (uint32_t i = 0; i < batch->count; i++)
        copy.len += (uint32_t)batch->inputs[i].len;
    copy.data = wire_memory(copy.len);
    for (uint32_t i = 0; i < batch->count; i++) {
        memcpy(copy.data + at, batch->inputs[i].data, batch->inputs[i].len);
        at += (uint32_t)batch->inputs[i].len;
    }
    return copy;
}

/* One output: its length, its slices, and its packets. */
static void assert_output(const struct grove_table *table,
                          const struct grove_output *output, uint32_t *times)
{
    uint32_t packets = 0;
    size_t len = 0;

    for (int i = 0; i < output->iovcnt; i++) {
        assert_int_not_equal(output->iov[i].iov_len, 0);
        len += output->iov[i].iov_len;
    }
    assert_int_equal(output->iov[0].iov_len, GROVE_VNET_LEN);
    assert_int_equal(len, GROVE_VNET_LEN + output->len);
    assert_true((uint32_t)output->iovcnt <= 4 + output->packets);
    for (uint32_t number = output->first; number != GROVE_NO_PACKET;
         number = grove_next_packet(table, number)) {
        assert_true(number < grove_received(table));
        times[number]++;
        packets++;
    }
    assert_int_equal(packets, output->packets);
}

/* A verdict agrees with the place of its packet. */
static void assert_fates(const struct grove_table *table,
                         const struct grove_output *outputs, size_t count)
{
    enum grove_verdict expected[BATCH_PACKETS] = {GROVE_HELD};

    for (uint32_t i = 0; i < grove_received(table); i++)
        expected[i] = GROVE_REJECTED;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = outputs[i].first;

        expected[number] =
            outputs[i].rule == GROVE_RULE_NONE ? GROVE_PASSED : GROVE_HELD;
        while ((number = grove_next_packet(table, number)) != GROVE_NO_PACKET)
            expected[number] = GROVE_MERGED;
    }
    for (uint32_t i = 0; i < grove_received(table); i++)
        assert_int_equal(grove_fate_of(table, i).verdict, expected[i]);
}

static void assert_conserved(const struct grove_table *table)
{
    uint32_t times[BATCH_PACKETS] = {0};
    size_t count;
    const struct grove_output *outputs = grove_to_write(table, &count);

    for (size_t i = 0; i < count; i++)
        assert_output(table, &outputs[i], times);
    for (uint32_t i = 0; i < grove_received(table); i++)
        assert_int_equal(times[i],
                         grove_fate_of(table, i).verdict == GROVE_REJECTED ? 0
                                                                           : 1);
    assert_fates(table, outputs, count);
}

/* One by one: every received packet is held or has left. */
static void receive_singly(struct grove_table *table, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        uint32_t packets;
        size_t count;
        const struct grove_output *outputs;

        assert_int_equal(grove_receive(table, &batch->inputs[i]), GROVE_OK);
        packets = grove_held(table);
        outputs = grove_to_write(table, &count);
        for (size_t j = 0; j < count; j++)
            packets += outputs[j].packets;
        for (uint32_t j = 0; j <= i; j++)
            packets += grove_fate_of(table, j).verdict == GROVE_REJECTED;
        assert_int_equal(packets, i + 1);
    }
    grove_flush(table);
}

static void poll_once(struct grove_table *table, struct dice *dice)
{
    struct batch batch;
    struct wire before;

    batch_make(&batch, dice, false);
    spoil(&batch, dice);
    before = copy_of(&batch);
    if (pick(dice, 4) == 0)
        receive_singly(table, &batch);
    else
        assert_int_equal(grove_coalesce(table, batch.inputs, batch.count),
                         GROVE_OK);
    assert_int_equal(grove_received(table), batch.count);
    assert_int_equal(grove_held(table), 0);
    assert_conserved(table);
    assert_memory_equal(before.data, copy_of(&batch).data, before.len);
    assert_int_equal(grove_clear(table), GROVE_OK);
}

/* Memory of exactly the table's size, which is not zero at first. */
static void conservation(void **state)
{
    struct dice dice = {42};

    (void)state;
    for (uint32_t i = 0; i < BATCHES / ROUNDS; i++) {
        const struct grove_config config = random_config(&dice);
        const size_t size = grove_table_size(&config);
        void *memory = malloc(size);
        struct grove_table *table;

        assert_non_null(memory);
        memset(memory, 0xa5, size);
        assert_int_equal(grove_table_init(memory, size, &config, &table),
                         GROVE_OK);
        for (uint32_t round = 0; round < ROUNDS; round++) {
            poll_once(table, &dice);
            wires_release(NULL);
        }
        free(memory);
    }
}

static struct grove_table *coalesced(struct grove_config config,
                                     const struct batch *batch)
{
    struct grove_table *table;

    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    assert_int_equal(grove_coalesce(table, batch->inputs, batch->count),
                     GROVE_OK);
    return table;
}

/* The same outputs, byte for byte, and the same fates. */
static void assert_same(const struct grove_table *a,
                        const struct grove_table *b)
{
    size_t count;
    size_t other;
    const struct grove_output *x = grove_to_write(a, &count);
    const struct grove_output *y = grove_to_write(b, &other);

    assert_int_equal(count, other);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(x[i].first, y[i].first);
        assert_int_equal(x[i].len, y[i].len);
        assert_int_equal(x[i].rule, y[i].rule);
        assert_memory_equal(x[i].iov[0].iov_base, y[i].iov[0].iov_base,
                            GROVE_VNET_LEN);
        assert_memory_equal(wire_of_output(&x[i]).data,
                            wire_of_output(&y[i]).data, x[i].len);
    }
    for (uint32_t i = 0; i < grove_received(a); i++) {
        assert_int_equal(grove_fate_of(a, i).verdict,
                         grove_fate_of(b, i).verdict);
        assert_int_equal(grove_fate_of(a, i).rule, grove_fate_of(b, i).rule);
    }
}

/* For valid packets, csum_trusted and the seed of the hash change nothing. */
static void trusted_is_verified(void **state)
{
    struct dice dice = {4711};
    struct batch batch;

    (void)state;
    for (uint32_t i = 0; i < BATCHES / 2; i++) {
        struct grove_config config = random_config(&dice);
        struct grove_table *verified;
        struct grove_table *trusted;

        batch_make(&batch, &dice, true);
        config.csum_trusted = false;
        verified = coalesced(config, &batch);
        config.csum_trusted = true;
        config.seed = roll(&dice);
        trusted = coalesced(config, &batch);
        assert_same(verified, trusted);
        grove_table_free(verified);
        grove_table_free(trusted);
        wires_release(NULL);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(conservation, wires_release),
        cmocka_unit_test_teardown(trusted_is_verified, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
