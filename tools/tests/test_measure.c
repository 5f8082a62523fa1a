/* SPDX-License-Identifier: MIT */
/*
 * The profile of an implementation is found, whichever of all profiles it is.
 * The implementations are the reference, with faults.
 */
#include "measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "generate.h"
#include "generate_gso.h"

/* Batches that are asked to show that two profiles do the same. */
#define BATCHES 50

/* The reference under one profile, whichever it is asked about. */
static struct {
    struct implementation reference;
    char profile[GROVE_PROFILE_NAME_SIZE];
    bool hides_udp;   /* answers with UDP super-packets are skipped */
    bool adds_output; /* gives every answer once more */
    bool dies;
} fake;

static bool shows_udp(const struct answer *answer)
{
    for (size_t i = 0; i < answer->outputs; i++)
        if (answer->output[i].vnet.gso_type == GROVE_VNET_GSO_UDP_L4)
            return true;
    return false;
}

static void ask(void *self, const struct run *run, struct answer *answer)
{
    struct run question = *run;

    (void)self;
    question.profile = fake.profile;
    fake.reference.ask(fake.reference.self, &question, answer);
    if (fake.hides_udp && shows_udp(answer))
        answer_fail(answer, ANSWER_SKIPPED, "it cannot be shown");
    if (fake.adds_output && answer->outputs == 1) {
        struct run_output *twice =
            arena_alloc(&answer->arena, 2, sizeof *twice);

        twice[0] = twice[1] = answer->output[0];
        answer->output = twice;
        answer->outputs = 2;
    }
    if (fake.dies)
        answer_fail(answer, ANSWER_DEAD, "it died");
}

static struct implementation implementation = {.name = "fake", .ask = ask};

static void set_profile(const char *name)
{
    snprintf(fake.profile, sizeof fake.profile, "%s", name);
}

/* The profile of this number; false if there are not so many. */
static bool set_combination(size_t number)
{
    struct grove_profile profile = {{0}};
    const struct grove_column *column;

    for (size_t i = 0; (column = grove_column(i)) != NULL; i++) {
        profile.values[i] = column->known[number % column->known_count];
        number /= column->known_count;
    }
    assert_int_equal(grove_profile_name(&profile, fake.profile), GROVE_OK);
    return number == 0;
}

static bool answers_are_equal(const struct run *run, const char *a,
                              const char *b)
{
    static struct answer answers[2];
    struct arena words = {0};
    struct run question = *run;
    const char *why;
    bool equal;

    question.profile = a;
    fake.reference.ask(fake.reference.self, &question, &answers[0]);
    question.profile = b;
    fake.reference.ask(fake.reference.self, &question, &answers[1]);
    equal = answers_agree(&answers[0], &answers[1], &words, &why);
    arena_free(&words);
    return equal;
}

/* Whether random batches of both ops show no difference. */
static bool do_the_same(const char *a, const char *b)
{
    struct arena arena = {0};
    struct run run;
    bool same = true;

    for (uint64_t i = 0; same && i < BATCHES; i++) {
        generate_batch(1, i, a, &arena, &run);
        same = answers_are_equal(&run, a, b);
        generate_gso(1, i, a, &arena, &run);
        same = same && answers_are_equal(&run, a, b);
        arena_reset(&arena);
    }
    arena_free(&arena);
    return same;
}

/* Another value only in columns that no vector decided. */
static void assert_decided(const struct measured *measured)
{
    struct grove_profile is;

    assert_int_equal(grove_profile_values(fake.profile, &is), GROVE_OK);
    for (size_t i = 0; grove_column(i) != NULL; i++)
        if (measured->columns[i].vector != NULL)
            assert_int_equal(measured->profile.values[i], is.values[i]);
    if (strcmp(measured->name, fake.profile) != 0)
        assert_true(do_the_same(measured->name, fake.profile));
}

/* One profile of STRIDE: each choice of values of any four columns occurs. */
static void each_profile_is_found(void **state)
{
    enum { STRIDE = 251 };
    size_t number = 0;
    size_t other = 0;

    (void)state;
    for (; set_combination(number * STRIDE); number++) {
        struct measured measured = {0};

        assert_true(measure(&measured, &implementation, NULL));
        assert_int_equal(measured.misfit_count, 0);
        assert_decided(&measured);
        other += strcmp(measured.name, fake.profile) != 0;
        measured_free(&measured);
    }
    assert_true(number >= 256);
    /* With refuses_cwr and compares_cwr, nothing shows shows_cwr: 1 of 8. */
    assert_true(other <= number / 7);
}

static void each_row_is_found(void **state)
{
    (void)state;
    for (const char *const *name = grove_profiles(); *name != NULL; name++) {
        struct measured measured = {0};

        set_profile(*name);
        assert_true(measure(&measured, &implementation, NULL));
        assert_string_equal(measured.name, *name);
        measured_free(&measured);
    }
}

/* Two profiles are found to differ: what do_the_same() says is no accident. */
static void batches_show_differences(void **state)
{
    (void)state;
    assert_false(do_the_same("linux-6.16", "linux-6.18"));
    assert_false(do_the_same("linux-7.2", "linux-7.2:min_tcp_gso_size=0"));
}

/* What cannot be shown has the value of the nearest row, and a reason. */
static void what_is_hidden(void **state)
{
    struct measured measured = {0};
    size_t index = 0;

    (void)state;
    set_profile("linux-6.1:min_tcp_gso_size=0");
    fake.hides_udp = true;
    assert_true(measure(&measured, &implementation, NULL));
    fake.hides_udp = false;
    assert_string_equal(measured.name, fake.profile);
    assert_int_equal(measured.misfit_count, 0);
    while (strcmp(grove_column(index)->name, "max_udp_segments") != 0)
        index++;
    assert_null(measured.columns[index].vector);
    assert_string_equal(measured.columns[index].reason, "it cannot be shown");
    measured_free(&measured);
}

/* Answers of no profile are told, and the others still count. */
static void misfits(void **state)
{
    struct measured measured = {0};

    (void)state;
    set_profile("linux-6.12");
    fake.adds_output = true;
    assert_true(measure(&measured, &implementation, NULL));
    fake.adds_output = false;
    assert_true(measured.misfit_count > 0);
    for (size_t i = 0; i < measured.misfit_count; i++) {
        assert_non_null(measured.misfits[i].vector);
        assert_true(strlen(measured.misfits[i].why) > 0);
    }
    measured_free(&measured);
}

static void failure(void **state)
{
    struct measured measured = {0};

    (void)state;
    set_profile("linux-6.12");
    fake.dies = true;
    assert_false(measure(&measured, &implementation, NULL));
    fake.dies = false;
    assert_non_null(strstr(measured.failure, "it died"));
    measured_free(&measured);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_profile_is_found),
        cmocka_unit_test(each_row_is_found),
        cmocka_unit_test(batches_show_differences),
        cmocka_unit_test(what_is_hidden),
        cmocka_unit_test(misfits),
        cmocka_unit_test(failure),
    };

    reference_open(&fake.reference);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
