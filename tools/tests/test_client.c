/* SPDX-License-Identifier: MIT */
/* When the client of the adapter protocol gives an adapter up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <time.h>

#include "adapter.h"

/* How often an adapter may fail in vain. */
#define MAX_FAILURES 10

#define TIMEOUT_MS 60000

/* Answers all questions; `end` is what it does at a question of op gso. */
#define ADAPTER(end)                                                           \
    "while read -r line; do case $line in "                                    \
    "*hello*) printf '%s\n' '{\"impl\":\"a\\nb\",\"version\":\"1\","           \
    "\"profiles\":[],\"ops\":[\"gro\",\"gso\"],\"tiers\":[\"output\"]}' ;; "   \
    "*bye*) exit 0 ;; *gso*) " end " ;; "                                      \
    "*) seq=${line#*seq\\\":}; "                                               \
    "printf '{\"seq\":%s,\"output\":[]}\n' ${seq%%,*} ;; esac; done"

static struct implementation adapter;
static struct answer answer;
static struct run run;

/* The tests replace poll(2): so often it says that the time limit is over. */
static int late;

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
    const struct timespec limit = {
        .tv_sec = timeout / 1000,
        .tv_nsec = timeout % 1000 * 1000000L,
    };

    if (late > 0) {
        late--;
        return 0;
    }
    return ppoll(fds, nfds, timeout < 0 ? NULL : &limit, NULL);
}

static void open_adapter(const char *command)
{
    char why[256] = "";

    if (!adapter_open(&adapter, command, TIMEOUT_MS, why))
        fail_msg("%s", why);
}

static int tear_down(void **state)
{
    (void)state;
    late = 0;
    answer_free(&answer);
    implementation_close(&adapter);
    return 0;
}

static void ask(enum run_op op, enum answer_kind kind)
{
    run =
        (struct run){.op = op, .profile = "p", .config = run_config_default()};
    adapter.ask(adapter.self, &run, &answer);
    if (answer.kind != kind)
        fail_msg("the answer is of kind %d, expected %d: %s", answer.kind, kind,
                 answer.reason != NULL ? answer.reason : "no reason");
}

static void ask_late(enum answer_kind kind)
{
    late = 1;
    ask(RUN_GRO, kind);
    assert_int_equal(late, 0);
    assert_non_null(
        strstr(answer.reason, "no answer in 60 s: did the adapter flush"));
}

static void late_at_its_first_question(void **state)
{
    (void)state;
    open_adapter(ADAPTER("exit 3"));
    ask_late(ANSWER_LOST);
    assert_non_null(strstr(answer.reason, "answered 0 of 1 questions"));
    late = 1;
    ask(RUN_GRO, ANSWER_LOST);
    assert_int_equal(late, 1); /* nothing was asked */
}

static void late_too_often(void **state)
{
    (void)state;
    open_adapter(ADAPTER("exit 3"));
    for (int i = 1; i < MAX_FAILURES; i++) {
        ask(RUN_GRO, ANSWER_OUTPUT);
        ask_late(ANSWER_LATE);
    }
    ask(RUN_GRO, ANSWER_OUTPUT);
    ask_late(ANSWER_LOST);
    assert_non_null(strstr(answer.reason, "answered 10 of 20 questions"));
    ask(RUN_GRO, ANSWER_LOST);
}

static void a_crash_at_each_question(void **state)
{
    (void)state;
    open_adapter(ADAPTER("exit 3"));
    for (int i = 1; i < MAX_FAILURES; i++) {
        ask(RUN_GSO, ANSWER_DEAD);
        assert_string_equal(answer.reason,
                            "the adapter crashed: exit status 3");
    }
    ask(RUN_GSO, ANSWER_LOST);
    ask(RUN_GRO, ANSWER_LOST);
}

/* However many there are: a new process is asked the next question. */
static void crashes_after_an_answer(void **state)
{
    (void)state;
    open_adapter(ADAPTER("exit 3"));
    ask(RUN_GRO, ANSWER_OUTPUT);
    for (int i = 0; i < 3 * MAX_FAILURES; i++)
        ask(RUN_GSO, ANSWER_DEAD);
    ask(RUN_GRO, ANSWER_OUTPUT);
}

static void the_name_is_printable(void **state)
{
    (void)state;
    open_adapter(ADAPTER("exit 3"));
    assert_string_equal(adapter.name, "a?b 1");
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(late_at_its_first_question), TEST(late_too_often),
        TEST(a_crash_at_each_question),   TEST(crashes_after_an_answer),
        TEST(the_name_is_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
