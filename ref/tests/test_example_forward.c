/* SPDX-License-Identifier: MIT */
/*
 * ref/examples/forward.c with a device that fails: every packet is written once
 * and in order. One scripted queue is both ends of the path.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tun_script.h"

#define main example_main
int example_main(int argc, char **argv);
/* NOLINTNEXTLINE(bugprone-suspicious-include): it is what is tested. */
#include "../examples/forward.c"
#undef main

enum { PACKETS = 6, STEPS = 100 };

struct line {
    struct grove_tun *tun;
    struct path path;
    struct wire wires[PACKETS];
};

static void make_line(struct line *line)
{
    line->tun = script_open(true);
    make_path(&line->path, line->tun, line->tun, NULL);
    for (size_t i = 0; i < PACKETS; i++) {
        struct fields fields = fields_of(i % 2 == 0 ? 4 : 6, TCP);
        struct grove_packet packet;

        fields.sequence += (uint32_t)i;
        line->wires[i] = wire_of(&fields);
        packet = wire_input(line->wires[i]);
        script.reads[i] = script_packet(&packet);
    }
}

static void release(struct line *line)
{
    grove_table_free(line->path.table);
    free(line->path.buffers[0].data);
    tun_unmake(line->tun);
    wires_release(NULL);
}

/* Moves all packets. Returns how many results were `result` with packets
 * pending. */
static size_t move_all(struct line *line, enum grove_tun_result result)
{
    size_t times = 0;

    for (int step = 0; step < STEPS; step++) {
        const enum grove_tun_result now = forward(&line->path);

        if (grove_tun_pending(line->path.to) != 0) {
            assert_int_equal(now, result);
            times++;
        } else if (now == GROVE_TUN_AGAIN) {
            return times;
        }
    }
    fail_msg("it is stuck");
    return times;
}

static void assert_moved(const struct line *line)
{
    assert_int_equal(script.writes_done, PACKETS);
    for (size_t i = 0; i < PACKETS; i++) {
        assert_int_equal(script.writes[i].wire.len, line->wires[i].len);
        assert_memory_equal(script.writes[i].wire.data, line->wires[i].data,
                            line->wires[i].len);
    }
}

/* Each write fails twice, one after the other. */
static void moves_each_packet_once(void **state)
{
    static const struct {
        int error;
        enum grove_tun_result result;
    } cases[] = {
        {EAGAIN, GROVE_TUN_AGAIN},     {ENOBUFS, GROVE_TUN_NO_MEMORY},
        {ENOMEM, GROVE_TUN_NO_MEMORY}, {EIO, GROVE_TUN_DOWN},
        {ENETDOWN, GROVE_TUN_DOWN},    {EBADFD, GROVE_TUN_GONE},
        {EFAULT, GROVE_TUN_SYSTEM},
    };
    static struct line line;

    (void)state;
    for (size_t fail = 0; fail < PACKETS; fail++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            make_line(&line);
            script.errors[fail] = cases[i].error;
            script.errors[fail + 1] = cases[i].error;
            assert_int_equal(move_all(&line, cases[i].result), 2);
            assert_moved(&line);
            release(&line);
        }
    }
}

static void interrupted_write_is_repeated(void **state)
{
    static struct line line;

    (void)state;
    make_line(&line);
    script.errors[2] = EINTR;
    assert_int_equal(move_all(&line, GROVE_TUN_OK), 0);
    assert_moved(&line);
    release(&line);
}

/* Nothing was read, and what is read later is moved. */
static void failed_read(void **state)
{
    static const struct {
        int error;
        enum grove_tun_result result;
    } cases[] = {
        {EAGAIN, GROVE_TUN_AGAIN},
        {EINTR, GROVE_TUN_INTERRUPTED},
        {EBADFD, GROVE_TUN_GONE},
    };
    static struct line line;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_line(&line);
        script.reads[PACKETS] = script.reads[0];
        script.reads[0].error = cases[i].error;
        assert_int_equal(forward(&line.path), cases[i].result);
        assert_int_equal(grove_tun_pending(line.path.to), 0);
        assert_int_equal(move_all(&line, GROVE_TUN_OK), 0);
        assert_int_equal(script.writes_done, PACKETS);
        release(&line);
    }
}

/* What ends the program, and what does not. */
static void waits(void **state)
{
    static struct line line;

    (void)state;
    make_line(&line);
    assert_true(wait_after(&line.path, GROVE_TUN_OK));
    assert_true(wait_after(&line.path, GROVE_TUN_INTERRUPTED));
    assert_true(wait_after(&line.path, GROVE_TUN_NO_MEMORY));
    assert_false(wait_after(&line.path, GROVE_TUN_GONE));
    assert_false(wait_after(&line.path, GROVE_TUN_SYSTEM));
    release(&line);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_each_packet_once),
        cmocka_unit_test(interrupted_write_is_repeated),
        cmocka_unit_test(failed_read),
        cmocka_unit_test(waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
