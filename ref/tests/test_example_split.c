/* SPDX-License-Identifier: MIT */
/*
 * ref/examples/read_split.c with a socket that fails: every segment is sent
 * once and in order, and what cannot be split or sent is counted.
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
#include "../examples/read_split.c"
#undef main

enum { SEGMENTS = 5, FD = 4711 };

/* The write that fails, and what was sent. */
static struct {
    size_t tried;
    size_t fail; /* the number of the write that fails, from 0 */
    int error;   /* its errno; 0: none fails */
    size_t done;
    struct wire sent[SEGMENTS];
} network;

/* The linker puts the first in the place of writev(), the second. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
ssize_t __wrap_writev(int fd, const struct iovec *iov, int count);
ssize_t __real_writev(int fd, const struct iovec *iov, int count);

ssize_t __wrap_writev(int fd, const struct iovec *iov, int count)
{
    struct wire *sent = &network.sent[network.done];

    assert_int_equal(fd, FD);
    if (network.error != 0 && network.tried++ == network.fail) {
        errno = network.error;
        return -1;
    }
    assert_true(network.done++ < SEGMENTS);
    for (int i = 0; i < count; i++)
        sent->len += (uint32_t)iov[i].iov_len;
    sent->data = wire_memory(sent->len);
    sent->len = 0;
    for (int i = 0; i < count; i++) {
        memcpy(sent->data + sent->len, iov[i].iov_base, iov[i].iov_len);
        sent->len += (uint32_t)iov[i].iov_len;
    }
    return sent->len;
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* A reader, the far end of its device, and the segments of a super-packet. */
struct device {
    struct split_reader reader;
    int far;
    struct wire segments[SEGMENTS];
};

static void make_device(struct device *device)
{
    static const struct grove_split_config config;
    int fds[2];

    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
    memset(device, 0, sizeof *device);
    assert_int_equal(grove_split_new(&config, &device->reader.split), GROVE_OK);
    device->reader.tun = fds[0];
    device->reader.to = FD;
    device->far = fds[1];
    memset(&network, 0, sizeof network);
}

static void release(struct device *device)
{
    grove_split_free(device->reader.split);
    close(device->reader.tun);
    close(device->far);
    wires_release(NULL);
}

/* The device gives a super-packet of SEGMENTS segments. */
static void give_super(struct device *device)
{
    struct fields fields = fields_of(4, TCP);
    const struct grove_config config = {.profile = NULL};
    struct grove_table *table;
    const struct grove_output *output;
    size_t count;

    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    for (size_t i = 0; i < SEGMENTS; i++) {
        struct grove_packet packet;

        device->segments[i] = wire_of(&fields);
        packet = wire_input(device->segments[i]);
        assert_int_equal(grove_receive(table, &packet), GROVE_OK);
        fields = fields_next(fields);
    }
    grove_flush(table);
    output = grove_to_write(table, &count);
    assert_int_equal(count, 1);
    assert_int_equal(__real_writev(device->far, output->iov, output->iovcnt),
                     GROVE_VNET_LEN + output->len);
    grove_table_free(table);
}

/* All segments were sent, except the one of this number. */
static void assert_sent(const struct device *device, size_t except)
{
    size_t at = 0;

    for (size_t i = 0; i < SEGMENTS; i++) {
        if (i == except)
            continue;
        assert_int_equal(network.sent[at].len, device->segments[i].len);
        assert_memory_equal(network.sent[at].data, device->segments[i].data,
                            device->segments[i].len);
        at++;
    }
    assert_int_equal(network.done, at);
}

static void sends_each_segment_once(void **state)
{
    static const int errors[] = {EAGAIN, ENOBUFS, ENETDOWN, EBADF};
    static struct device device;

    (void)state;
    for (size_t fail = 0; fail < SEGMENTS; fail++) {
        for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
            make_device(&device);
            give_super(&device);
            network.fail = fail;
            network.error = errors[i];
            assert_int_equal(read_split(&device.reader), errors[i]);
            assert_true(device.reader.waiting);
            assert_int_equal(network.done, fail);
            assert_int_equal(read_split(&device.reader), EBUSY);
            assert_int_equal(resume_segments(&device.reader), 0);
            assert_false(device.reader.waiting);
            assert_sent(&device, SEGMENTS);
            assert_int_equal(read_split(&device.reader), EAGAIN);
            assert_false(device.reader.waiting);
            release(&device);
        }
    }
}

static void repeated_at_once(void **state)
{
    static const int errors[] = {EINTR, ECONNREFUSED};
    static struct device device;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make_device(&device);
        give_super(&device);
        network.fail = 2;
        network.error = errors[i];
        assert_int_equal(read_split(&device.reader), 0);
        assert_sent(&device, SEGMENTS);
        release(&device);
    }
}

static void too_long_segment_is_counted(void **state)
{
    static struct device device;

    (void)state;
    make_device(&device);
    give_super(&device);
    network.fail = 3;
    network.error = EMSGSIZE;
    assert_int_equal(read_split(&device.reader), 0);
    assert_sent(&device, 3);
    assert_int_equal(device.reader.refused, 1);
    release(&device);
}

/* The next read is not disturbed. */
static void bad_read_is_counted(void **state)
{
    static const uint8_t wrong[GROVE_VNET_LEN + 1] = {0, 0x7f};
    static struct device device;

    (void)state;
    make_device(&device);
    assert_int_equal(write(device.far, wrong, sizeof wrong), sizeof wrong);
    assert_int_equal(write(device.far, wrong, GROVE_VNET_LEN - 1),
                     GROVE_VNET_LEN - 1);
    give_super(&device);
    assert_int_equal(read_split(&device.reader), 0);
    assert_int_equal(device.reader.dropped, 1);
    assert_int_equal(read_split(&device.reader), EPROTO);
    assert_int_equal(read_split(&device.reader), 0);
    assert_sent(&device, SEGMENTS);
    release(&device);
}

static void temporary_errors(void **state)
{
    static const int errors[] = {0,        EAGAIN,      EINTR,       ENOBUFS,
                                 ENETDOWN, ENETUNREACH, EHOSTUNREACH};

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        assert_true(is_temporary(errors[i]));
    assert_false(is_temporary(EBADFD));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_each_segment_once),
        cmocka_unit_test(repeated_at_once),
        cmocka_unit_test(too_long_segment_is_counted),
        cmocka_unit_test(bad_read_is_counted),
        cmocka_unit_test(temporary_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
