/* SPDX-License-Identifier: MIT */
/*
 * Packets that are put one at a time are sent together. Each is sent once and
 * in order, whatever fails.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tun_script.h"

enum { PACKETS = GROVE_DEFAULT_BATCH + 2, ROUNDS = 500 };

/* The length of each packet. */
#define LEN ((size_t)50)

static uint8_t memory[PACKETS * LEN];

/* A device, and packets of one flow that merge. */
struct line {
    struct grove_tun *tun;
    struct grove_tun_outbox outbox;
    struct wire wires[PACKETS];
};

static void line_open(struct line *line, size_t size)
{
    struct fields fields = fields_of(4, UDP);

    memset(line, 0, sizeof *line);
    line->tun = script_open(true);
    line->outbox.queue = grove_tun_queue(line->tun, 0);
    line->outbox.memory = memory;
    line->outbox.size = size;
    assert_int_equal(
        grove_table_new(&(struct grove_config){0}, &line->outbox.table),
        GROVE_OK);
    fields.payload_len = LEN - 28;
    for (size_t i = 0; i < PACKETS; i++) {
        fields.payload = (uint8_t)i;
        line->wires[i] = wire_of(&fields);
        assert_int_equal(line->wires[i].len, LEN);
        fields = fields_next(fields);
    }
}

static void line_close(struct line *line)
{
    grove_table_free(line->outbox.table);
    tun_unmake(line->tun);
    wires_release(NULL);
}

/* Puts a packet, whose memory is used again at once. */
static enum grove_tun_result put(struct line *line, size_t number)
{
    uint8_t packet[LEN];
    enum grove_tun_result result;

    memcpy(packet, line->wires[number].data, LEN);
    result = grove_tun_put(&line->outbox, packet, LEN);
    memset(packet, 0xff, LEN);
    return result;
}

static void put_all(struct line *line, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        assert_int_equal(put(line, i), GROVE_TUN_OK);
}

/* Packets first to end - 1 were one write, which is not their plain bytes. */
static void assert_merged(const struct line *line, size_t number, size_t first,
                          size_t end)
{
    const struct script_write *write = &script.writes[number];

    assert_int_equal(write->vnet.gso_type, GROVE_VNET_GSO_UDP_L4);
    assert_int_equal(write->wire.len, 28 + (end - first) * (LEN - 28));
    for (size_t i = first; i < end; i++)
        assert_memory_equal(write->wire.data + 28 + (i - first) * (LEN - 28),
                            line->wires[i].data + 28, LEN - 28);
}

static void merges(void **state)
{
    struct line line;

    (void)state;
    line_open(&line, sizeof memory);
    put_all(&line, 0, 8);
    assert_int_equal(script.writes_tried, 0);
    assert_int_equal(line.outbox.count, 8);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 1);
    assert_merged(&line, 0, 0, 8);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
    put_all(&line, 8, 10);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
    assert_int_equal(script.writes_tried, 2);
    assert_merged(&line, 1, 8, 10);
    assert_int_equal(script_stats(line.tun).sent, 10);
    line_close(&line);
}

/* When there is no room, the packets that wait are sent before. */
static void full(void **state)
{
    static const struct {
        size_t size; /* of the memory */
        size_t fit;  /* packets */
    } cases[] = {{LEN, 1},
                 {2 * LEN - 1, 1},
                 {2 * LEN, 2},
                 {5 * LEN + 7, 5},
                 {sizeof memory, GROVE_DEFAULT_BATCH}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct line line;

        line_open(&line, cases[i].size);
        put_all(&line, 0, cases[i].fit);
        assert_int_equal(script.writes_tried, 0);
        put_all(&line, cases[i].fit, cases[i].fit + 1);
        assert_int_equal(script_stats(line.tun).sent, cases[i].fit);
        assert_int_equal(line.outbox.count, 1);
        assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
        assert_int_equal(script_stats(line.tun).sent, cases[i].fit + 1);
        line_close(&line);
    }
}

static void too_small(void **state)
{
    struct line line;

    (void)state;
    line_open(&line, LEN - 1);
    assert_int_equal(put(&line, 0), GROVE_TUN_TOO_SMALL);
    assert_int_equal(line.outbox.count, 0);
    /* A packet of no bytes is taken, and the table rejects it. */
    assert_int_equal(grove_tun_put(&line.outbox, NULL, 0), GROVE_TUN_OK);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
    assert_int_equal(script_stats(line.tun).refused, 1);
    assert_int_equal(script.writes_tried, 0);
    line_close(&line);
}

/* After an error no packet is taken until the rest is written. */
static void resumes(void **state)
{
    struct line line;

    (void)state;
    line_open(&line, sizeof memory);
    put_all(&line, 0, 4);
    script.errors[0] = EAGAIN;
    script.errors[1] = EIO;
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_AGAIN);
    assert_true(line.outbox.taken);
    assert_int_equal(put(&line, 4), GROVE_TUN_DOWN);
    assert_int_equal(errno, EIO);
    assert_int_equal(line.outbox.count, 4);
    put_all(&line, 4, 6);
    assert_merged(&line, 0, 0, 4);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
    assert_merged(&line, 1, 4, 6);
    assert_int_equal(script.writes_done, 2);
    line_close(&line);
}

/* What was given up is not sent. */
static void discarded(void **state)
{
    struct line line;

    (void)state;
    line_open(&line, sizeof memory);
    put_all(&line, 0, 4);
    script.errors[0] = EIO;
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_DOWN);
    assert_int_equal(grove_tun_discard(line.outbox.queue), 4);
    put_all(&line, 4, 6);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 1);
    assert_merged(&line, 0, 4, 6);
    line_close(&line);
}

/* Packets wait while the queue or the table is in use by something else. */
static void not_taken(void **state)
{
    struct line line;
    struct grove_packet other;

    (void)state;
    line_open(&line, sizeof memory);
    put_all(&line, 0, 4);
    other = wire_input(line.wires[9]);
    assert_int_equal(grove_receive(line.outbox.table, &other), GROVE_OK);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_TABLE);
    grove_flush(line.outbox.table);
    assert_int_equal(grove_clear(line.outbox.table), GROVE_OK);
    script.errors[0] = EAGAIN;
    assert_int_equal(
        grove_tun_send(line.outbox.queue, line.outbox.table, &other, 1),
        GROVE_TUN_AGAIN);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_PENDING);
    assert_false(line.outbox.taken);
    assert_int_equal(grove_tun_resume(line.outbox.queue), GROVE_TUN_OK);
    put_all(&line, 4, 6);
    assert_int_equal(grove_tun_flush(&line.outbox), GROVE_TUN_OK);
    assert_int_equal(script.writes_done, 2);
    assert_merged(&line, 1, 0, 6);
    line_close(&line);
}

/* The payloads of all writes, one after the other, are those of the packets. */
static void assert_all_written(const struct line *line, size_t packets)
{
    const size_t each = LEN - 28;
    size_t at = 0;

    for (size_t i = 0; i < script.writes_done; i++)
        for (size_t from = 28; from < script.writes[i].wire.len; from += each)
            assert_memory_equal(script.writes[i].wire.data + from,
                                line->wires[at++].data + 28, each);
    assert_int_equal(at, packets);
}

static void each_once_and_in_order(void **state)
{
    static const int errors[] = {0, 0, 0, EAGAIN, EIO, EINTR, ENOBUFS, 0};
    struct dice dice = {1};

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct line line;

        line_open(&line, LEN * (1 + pick(&dice, 20)));
        for (size_t i = 0; i < SCRIPT_MAX; i++)
            script.errors[i] = errors[pick(&dice, 8)];
        for (size_t i = 0; i < 40; i++) {
            while (put(&line, i) != GROVE_TUN_OK)
                continue;
            if (pick(&dice, 8) == 0)
                (void)!grove_tun_flush(&line.outbox);
        }
        while (grove_tun_flush(&line.outbox) != GROVE_TUN_OK)
            continue;
        assert_int_equal(script_stats(line.tun).sent, 40);
        assert_all_written(&line, 40);
        line_close(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges),
        cmocka_unit_test(full),
        cmocka_unit_test(too_small),
        cmocka_unit_test(resumes),
        cmocka_unit_test(discarded),
        cmocka_unit_test(not_taken),
        cmocka_unit_test(each_once_and_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
