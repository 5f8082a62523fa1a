/* SPDX-License-Identifier: MIT */
/* Entries of the table of Linux that do more than one system call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "tun/system.h"

static const struct tun_system *const linux_calls = &tun_system_linux;

/* See test_setup.c. NOLINTNEXTLINE(bugprone-reserved-identifier) */
const char *__asan_default_options(void);

/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* The linker replaces pthread_create() by the first; the second calls it. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);

static int thread_error;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument)
{
    return thread_error != 0
               ? thread_error
               : __real_pthread_create(thread, attributes, run, argument);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void memory_is_zero_and_aligned(void **state)
{
    (void)state;
    for (size_t size = 1; size < 5000; size += 617) {
        uint8_t *memory = linux_calls->allocate(size);

        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memory[size - 1] = 1;
        free(memory);
    }
}

static void memory_can_be_too_little(void **state)
{
    (void)state;
    assert_null(linux_calls->allocate(SIZE_MAX / 2));
}

static void files(void **state)
{
    const int fd = linux_calls->open("/dev/zero", O_RDONLY | O_CLOEXEC);
    int number = 1;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(linux_calls->fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
    assert_int_equal(linux_calls->fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    assert_int_not_equal(linux_calls->fcntl(fd, F_GETFL, 0) & O_NONBLOCK, 0);
    assert_int_equal(linux_calls->ioctl(fd, FIONREAD, &number), -1);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(linux_calls->close(fd), 0);
}

struct seen {
    pthread_t thread;
    bool blocked; /* signals are */
};

static void *look(void *argument)
{
    struct seen *seen = argument;
    sigset_t mask;

    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    seen->thread = pthread_self();
    seen->blocked = sigismember(&mask, SIGTERM) == 1;
    return NULL;
}

static void thread_is_another_one(void **state)
{
    struct seen seen = {.thread = pthread_self()};
    struct seen here;

    (void)state;
    assert_int_equal(linux_calls->run_in_thread(look, &seen), 0);
    assert_false(pthread_equal(seen.thread, pthread_self()));
    assert_true(seen.blocked);
    look(&here);
    assert_false(here.blocked);
}

static void thread_can_fail(void **state)
{
    struct seen seen;

    (void)state;
    thread_error = EAGAIN;
    assert_int_equal(linux_calls->run_in_thread(look, &seen), EAGAIN);
    thread_error = 0;
    look(&seen);
    assert_false(seen.blocked);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zero_and_aligned),
        cmocka_unit_test(memory_can_be_too_little),
        cmocka_unit_test(files),
        cmocka_unit_test(thread_is_another_one),
        cmocka_unit_test(thread_can_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
