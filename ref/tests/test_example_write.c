/* SPDX-License-Identifier: MIT */
/*
 * ref/examples/write_batch.c with a writev() that fails: every output is
 * written once and in order, and a packet that the kernel refuses is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "packets.h"

#define main example_main
int example_main(int argc, char **argv);
/* NOLINTNEXTLINE(bugprone-suspicious-include): it is what is tested. */
#include "../examples/write_batch.c"
#undef main

enum { PACKETS = 8, OUTPUTS = 3, FD = 4711 };

/* The write that fails, and what was written. */
static struct {
    size_t tried;
    size_t fail; /* the number of the write that fails, from 0 */
    int error;   /* its errno; 0: none fails */
    size_t done;
    uint32_t lens[OUTPUTS];
    uint8_t packets[OUTPUTS][4096];
} kernel;

/* The linker puts it in the place of writev(). */
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
ssize_t __wrap_writev(int fd, const struct iovec *iov, int count);

/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
ssize_t __wrap_writev(int fd, const struct iovec *iov, int count)
{
    uint32_t len = 0;

    assert_int_equal(fd, FD);
    if (kernel.error != 0 && kernel.tried++ == kernel.fail) {
        errno = kernel.error;
        return -1;
    }
    assert_true(kernel.done < OUTPUTS);
    for (int i = 0; i < count; i++) {
        memcpy(kernel.packets[kernel.done] + len, iov[i].iov_base,
               iov[i].iov_len);
        len += (uint32_t)iov[i].iov_len;
    }
    kernel.lens[kernel.done++] = len;
    return len;
}

/* Two flows, which coalesce, and one packet that passes between them. */
struct batch {
    struct batch_writer writer;
    struct grove_packet packets[PACKETS];
    struct wire wires[PACKETS];
};

static void make_batch(struct batch *batch)
{
    const struct grove_config config = {.max_packets = PACKETS};
    struct fields fields[] = {fields_of(4, TCP), fields_of(6, UDP)};

    batch->writer = (struct batch_writer){.tun = FD};
    assert_int_equal(grove_table_new(&config, &batch->writer.table), GROVE_OK);
    for (size_t i = 0; i < PACKETS; i++) {
        batch->wires[i] = wire_of(&fields[i % 2]);
        batch->packets[i] = wire_input(batch->wires[i]);
        fields[i % 2] = fields_next(fields[i % 2]);
    }
    wire_put8(batch->wires[0], 8, 1); /* TTL: packet 0 is not coalesced */
    wire_mend(batch->wires[0]);
    memset(&kernel, 0, sizeof kernel);
}

static void release(struct batch *batch)
{
    grove_table_free(batch->writer.table);
    wires_release(NULL);
}

static int write_all(struct batch *batch)
{
    return write_batch(&batch->writer, batch->packets, PACKETS);
}

/* Writes the batch while write `fail` fails once. */
static void write_failing(struct batch *batch, size_t fail, int error)
{
    make_batch(batch);
    kernel.fail = fail;
    kernel.error = error;
    assert_int_equal(write_all(batch), error);
    assert_int_equal(kernel.done, fail);
    assert_int_equal(write_all(batch), EBUSY);
    assert_int_equal(kernel.done, fail);
    assert_int_equal(resume_batch(&batch->writer), 0);
}

static void writes_each_output_once(void **state)
{
    static const int errors[] = {EAGAIN, ENOBUFS, ENOMEM, EIO, EBADFD};
    uint8_t expected[OUTPUTS][4096];
    struct batch batch;

    (void)state;
    make_batch(&batch);
    assert_int_equal(write_all(&batch), 0);
    assert_int_equal(kernel.done, OUTPUTS);
    memcpy(expected, kernel.packets, sizeof expected);
    release(&batch);
    for (size_t fail = 0; fail < OUTPUTS; fail++) {
        for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
            write_failing(&batch, fail, errors[i]);
            assert_int_equal(kernel.done, OUTPUTS);
            assert_memory_equal(kernel.packets, expected, sizeof expected);
            assert_int_equal(batch.writer.refused, 0);
            kernel.done = 0;
            assert_int_equal(write_all(&batch), 0);
            assert_memory_equal(kernel.packets, expected, sizeof expected);
            release(&batch);
        }
    }
}

static void interrupted_write_is_repeated(void **state)
{
    struct batch batch;

    (void)state;
    make_batch(&batch);
    kernel.fail = 1;
    kernel.error = EINTR;
    assert_int_equal(write_all(&batch), 0);
    assert_int_equal(kernel.done, OUTPUTS);
    assert_int_equal(kernel.tried, OUTPUTS + 1);
    release(&batch);
}

/* What the kernel never accepts stops nothing. */
static void refused_output_is_counted(void **state)
{
    struct batch batch;

    (void)state;
    make_batch(&batch);
    kernel.fail = 1;
    kernel.error = EINVAL;
    assert_int_equal(write_all(&batch), 0);
    assert_int_equal(kernel.done, OUTPUTS - 1);
    assert_int_equal(batch.writer.refused, PACKETS / 2);
    release(&batch);
}

static void rejected_packet_is_counted(void **state)
{
    struct batch batch;

    (void)state;
    make_batch(&batch);
    batch.packets[2].len = 0;
    assert_int_equal(write_all(&batch), 0);
    assert_int_equal(batch.writer.refused, 1);
    release(&batch);
}

static void too_many_packets_are_not_taken(void **state)
{
    struct batch batch;

    (void)state;
    make_batch(&batch);
    assert_int_equal(write_batch(&batch.writer, batch.packets, PACKETS + 1),
                     E2BIG);
    assert_int_equal(kernel.done, 0);
    assert_int_equal(write_all(&batch), 0);
    release(&batch);
}

static void temporary_errors(void **state)
{
    (void)state;
    assert_true(is_temporary(0));
    assert_true(is_temporary(EAGAIN));
    assert_true(is_temporary(EIO));
    assert_true(is_temporary(ENOBUFS));
    assert_true(is_temporary(ENOMEM));
    assert_false(is_temporary(EBADFD));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_output_once),
        cmocka_unit_test(interrupted_write_is_repeated),
        cmocka_unit_test(refused_output_is_counted),
        cmocka_unit_test(rejected_packet_is_counted),
        cmocka_unit_test(too_many_packets_are_not_taken),
        cmocka_unit_test(temporary_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
