/* SPDX-License-Identifier: MIT */
/* Every rule has its own id and words, and the kernels that rule.def says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grove/rule.h"
#include "grove/table.h"

static void ids_are_found_again(void **state)
{
    (void)state;
    for (int rule = 1; rule < GROVE_RULE_COUNT; rule++) {
        const char *id = grove_rule_id((enum grove_rule)rule);

        assert_non_null(id);
        assert_int_equal(grove_rule_find(id), rule);
        assert_non_null(grove_rule_words((enum grove_rule)rule));
        assert_true(strlen(grove_rule_words((enum grove_rule)rule)) > 0);
    }
    assert_string_equal(grove_rule_id(GROVE_RULE_TCP_WINDOW), "GRO-TCP-006");
    assert_string_equal(grove_rule_words(GROVE_RULE_TCP_WINDOW),
                        "the window differs");
}

static void what_is_no_rule(void **state)
{
    static const int none[] = {GROVE_RULE_NONE, GROVE_RULE_COUNT, -1, 1 << 30};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        const enum grove_rule rule = (enum grove_rule)none[i];

        assert_null(grove_rule_id(rule));
        assert_null(grove_rule_words(rule));
        assert_false(grove_rule_in_kernel(rule, "linux-6.18"));
    }
    assert_int_equal(grove_rule_find(""), GROVE_RULE_NONE);
    assert_int_equal(grove_rule_find("GRO-TCP-99"), GROVE_RULE_NONE);
    assert_int_equal(grove_rule_find("gro-tcp-006"), GROVE_RULE_NONE);
}

/* Which kernels have the rule, a letter for each of grove_profiles(). */
static void assert_in_kernels(enum grove_rule rule, const char *expected)
{
    for (size_t i = 0; grove_profiles()[i] != NULL; i++)
        assert_int_equal(grove_rule_in_kernel(rule, grove_profiles()[i]),
                         expected[i] == 'y');
}

static void scopes(void **state)
{
    (void)state;
    assert_in_kernels(GROVE_RULE_TCP_WINDOW, "yyyy");
    assert_in_kernels(GROVE_RULE_TCP_CWR, "yyyn");
    assert_in_kernels(GROVE_RULE_VNET_CSUM_START, "nyyy");
    assert_in_kernels(GROVE_RULE_VNET_CLAMP, "yyny");
    assert_in_kernels(GROVE_RULE_VNET_PROTOCOL, "nnny");
    assert_in_kernels(GROVE_RULE_IN_LENGTH, "nnnn");
    assert_in_kernels(GROVE_RULE_LL_ID, "nnnn");
    assert_in_kernels(GROVE_RULE_END_ORDER, "nnnn");
}

static void unknown_profiles(void **state)
{
    (void)state;
    assert_false(grove_rule_in_kernel(GROVE_RULE_TCP_WINDOW, "linux-5"));
    assert_false(grove_rule_in_kernel(GROVE_RULE_TCP_WINDOW, NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_found_again),
        cmocka_unit_test(what_is_no_rule),
        cmocka_unit_test(scopes),
        cmocka_unit_test(unknown_profiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
