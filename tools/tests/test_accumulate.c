/* SPDX-License-Identifier: MIT */
/* The generated batches whose answers have published hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "accumulate.h"
#include "deviation.h"
#include "dice.h"
#include "grove/table.h"

#define BATCHES 10000

/* The most packets of a batch. */
#define BATCH_PACKETS 80

/* Published with the algorithm; Java 8's SplittableRandom gives the same. */
static void numbers_are_those_of_splitmix64(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
        UINT64_C(16408922859458223821)};
    struct dice dice = {1234567};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_true(roll(&dice) == expected[i]);
}

static bool is_of(enum grove_rule rule, const char *part)
{
    return strncmp(grove_rule_id(rule), part, strlen(part)) == 0;
}

static bool is_one_of(enum grove_rule rule, const char *const *ids)
{
    while (*ids != NULL && strcmp(grove_rule_id(rule), *ids) != 0)
        ids++;
    return *ids != NULL;
}

/* The list of vectors/accumulated/README.md, for the kernel of this profile. */
static bool must_decide(enum grove_rule rule, enum run_op op,
                        const char *profile)
{
    static const char *const out_of_reach[] = {"VNET-016",    "GRO-IN-002",
                                               "GRO-UDP-003", "GRO-LIM-001",
                                               "GRO-KEY-003", NULL};

    if (!kernel_has_rule(rule, profile) || rule_needs_layers(rule) ||
        rule_needs_bytes(rule) || rule_needs_fraglist(rule) ||
        is_one_of(rule, out_of_reach))
        return false;
    if (rule == GROVE_RULE_END_COUNT)
        return op == RUN_GRO &&
               profile_value(profile, "max_udp_segments") <= BATCH_PACKETS;
    if (op == RUN_GRO)
        return !is_of(rule, "GSO-");
    return is_of(rule, "GSO-") || is_of(rule, "VNET-");
}

/* Two rules of lossless mode stand in for one that the kernel lacks. */
static bool must_decide_lossless(enum grove_rule rule, const char *profile)
{
    static const char *const out_of_reach[] = {"GRO-LL-002", "GRO-LL-003",
                                               "GRO-LL-011", NULL};

    if (is_one_of(rule, out_of_reach) || rule_needs_layers(rule) ||
        (!is_of(rule, "GRO-LL-") && !is_of(rule, "GRO-END-006")))
        return false;
    if (rule == GROVE_RULE_LL_UDP_WRITE)
        return !kernel_has_rule(GROVE_RULE_VNET_UDP_CSUM, profile);
    if (rule == GROVE_RULE_LL_CWR)
        return !kernel_has_rule(GROVE_RULE_TCP_CWR, profile);
    return true;
}

/* The reference, after it was asked all batches. */
static struct implementation asked(enum run_op op, const char *profile,
                                   bool lossless)
{
    struct implementation reference;
    struct answer answer = {0};
    struct arena arena = {0};
    struct run run;

    reference_open(&reference);
    for (uint64_t i = 0; i < BATCHES; i++) {
        arena_reset(&arena);
        accumulate_batch(op, i, &arena, &run);
        run.profile = profile;
        run.config.lossless = lossless;
        reference.ask(reference.self, &run, &answer);
    }
    answer_free(&answer);
    arena_free(&arena);
    return reference;
}

static void expect_all(enum run_op op, const char *profile)
{
    struct implementation reference = asked(op, profile, false);

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        if (must_decide(rule, op, profile) &&
            reference_count(&reference, rule) == 0)
            fail_msg("%s: %s never decided", profile, grove_rule_id(rule));
    }
    implementation_close(&reference);
}

static void expect_lossless(const char *profile)
{
    struct implementation reference = asked(RUN_GRO, profile, true);

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        if (must_decide_lossless(rule, profile) &&
            reference_count(&reference, rule) == 0)
            fail_msg("%s: %s never decided", profile, grove_rule_id(rule));
    }
    implementation_close(&reference);
}

static void every_rule_in_reach_decides(void **state)
{
    (void)state;
    for (const char *const *at = grove_profiles(); *at != NULL; at++) {
        expect_all(RUN_GRO, *at);
        expect_all(RUN_GSO, *at);
    }
}

static void every_lossless_rule_in_reach_decides(void **state)
{
    (void)state;
    for (const char *const *at = grove_profiles(); *at != NULL; at++)
        expect_lossless(*at);
}

/* The batches with layers, of one profile. */
static void expect_kernels_asked(const char *profile, bool lossless)
{
    struct arena arena = {0};
    struct run run;

    for (uint64_t i = 0; i < BATCHES; i++) {
        arena_reset(&arena);
        accumulate_layered_batch(profile, lossless, i, &arena, &run);
        if (deviation(profile, &run) != NULL)
            fail_msg("%s: batch %d: %s", profile, (int)i,
                     deviation(profile, &run));
    }
    arena_free(&arena);
}

/* Of the published hashes with layers. */
static void kernels_can_give_the_hashes(void **state)
{
    (void)state;
    for (const char *const *at = grove_profiles(); *at != NULL; at++) {
        expect_kernels_asked(*at, false);
        expect_kernels_asked(*at, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_splitmix64),
        cmocka_unit_test(every_rule_in_reach_decides),
        cmocka_unit_test(every_lossless_rule_in_reach_decides),
        cmocka_unit_test(kernels_can_give_the_hashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
