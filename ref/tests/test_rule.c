/* SPDX-License-Identifier: MIT */
/* Every rule has its own number, id and words, and the kernels of its column.
 */
#include "rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grove/table.h"
#include "profile.h"
#include "tables.h"

static void ids_are_found_again(void **state)
{
    (void)state;
    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        const char *id = grove_rule_id(rule);

        assert_non_null(id);
        assert_int_equal(grove_rule_find(id), rule);
        assert_non_null(grove_rule_words(rule));
        assert_true(strlen(grove_rule_words(rule)) > 0);
    }
    assert_string_equal(grove_rule_id(GROVE_RULE_TCP_WINDOW), "GRO-TCP-006");
    assert_string_equal(grove_rule_words(GROVE_RULE_TCP_WINDOW),
                        "the window differs");
}

/* In the order of SPEC.md, which is not that of the numbers. */
static void each_rule_comes_once(void **state)
{
    bool seen[RULE_LIMIT] = {false};
    enum grove_rule rule = GROVE_RULE_NONE;

    (void)state;
    assert_int_equal(grove_rule_limit(), RULE_LIMIT);
#define GROVE_RULE(name, number, id, scope, words)                             \
    rule = grove_rule_next(rule);                                              \
    assert_int_equal(rule, GROVE_RULE_##name);                                 \
    assert_int_equal(rule, number);                                            \
    assert_false(seen[number]);                                                \
    seen[number] = true;
#include "grove/rule.def"
#undef GROVE_RULE
    assert_int_equal(grove_rule_next(rule), GROVE_RULE_NONE);
}

/* Programs that were compiled with an older header know these numbers. */
static void numbers_are_stable(void **state)
{
    (void)state;
    assert_int_equal(GROVE_RULE_VNET_HDR_LEN, 1);
    assert_int_equal(GROVE_RULE_TCP_WINDOW, 41);
    assert_int_equal(GROVE_RULE_GSO_ONE_SEGMENT, 81);
}

static void what_is_no_rule(void **state)
{
    static const int none[] = {GROVE_RULE_NONE, RULE_LIMIT, -1, 1 << 30};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const enum grove_rule rule = (enum grove_rule)none[i];
        bool in_kernel = true;

        assert_null(grove_rule_id(rule));
        assert_null(grove_rule_words(rule));
        assert_int_equal(grove_rule_in_kernel(rule, "linux-6.18", &in_kernel),
                         GROVE_OK);
        assert_false(in_kernel);
        if (rule != GROVE_RULE_NONE)
            assert_int_equal(grove_rule_next(rule), GROVE_RULE_NONE);
    }
    assert_int_equal(grove_rule_find(""), GROVE_RULE_NONE);
    assert_int_equal(grove_rule_find("GRO-TCP-99"), GROVE_RULE_NONE);
    assert_int_equal(grove_rule_find("gro-tcp-006"), GROVE_RULE_NONE);
}

static void assert_in_kernel(enum grove_rule rule, const char *profile,
                             bool expected)
{
    bool in_kernel = !expected;

    assert_int_equal(grove_rule_in_kernel(rule, profile, &in_kernel), GROVE_OK);
    assert_int_equal(in_kernel, expected);
}

/* NULL is the newest profile, as in a configuration. */
static void assert_scopes(const char *name)
{
    const struct profile row = profile_named(name);

    assert_in_kernel(GROVE_RULE_TCP_WINDOW, name, true);
    assert_in_kernel(GROVE_RULE_TCP_CWR, name, row.refuses_cwr);
    assert_in_kernel(GROVE_RULE_VNET_CSUM_START, name, row.checks_csum_start);
    assert_in_kernel(GROVE_RULE_VNET_CLAMP, name, row.min_tcp_gso_size > 0);
    assert_in_kernel(GROVE_RULE_VNET_PROTOCOL, name, row.dissects);
    assert_in_kernel(GROVE_RULE_GSO_TCP_SHORT, name, !row.dissects);
    assert_in_kernel(GROVE_RULE_GSO_PROBE, name, row.probes_tcp);
    assert_in_kernel(GROVE_RULE_TUN_LENGTH, name, row.checks_tunnel_length);
    assert_in_kernel(GROVE_RULE_VNET_TUNNEL_CSUM, name, row.takes_tunnels);
    assert_in_kernel(GROVE_RULE_VNET_UDP_ECN, name, row.takes_uso);
    assert_in_kernel(GROVE_RULE_IN_LENGTH, name, false);
    assert_in_kernel(GROVE_RULE_LL_ID, name, false);
    assert_in_kernel(GROVE_RULE_END_ORDER, name, false);
}

static void scopes(void **state)
{
    (void)state;
    for (const char *const *name = grove_profiles(); *name != NULL; name++)
        assert_scopes(*name);
    assert_scopes(NULL);
}

static void unknown_profiles(void **state)
{
    bool in_kernel = true;

    (void)state;
    assert_int_equal(
        grove_rule_in_kernel(GROVE_RULE_TCP_WINDOW, "linux-5", &in_kernel),
        GROVE_E_CONFIG_PROFILE);
    assert_int_equal(
        grove_rule_in_kernel(GROVE_RULE_TCP_WINDOW, "", &in_kernel),
        GROVE_E_CONFIG_PROFILE);
    assert_true(in_kernel);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_found_again),
        cmocka_unit_test(each_rule_comes_once),
        cmocka_unit_test(numbers_are_stable),
        cmocka_unit_test(what_is_no_rule),
        cmocka_unit_test(scopes),
        cmocka_unit_test(unknown_profiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
