/* SPDX-License-Identifier: MIT */
/* The columns of each profile, SPEC.md, "Profiles". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "grove/table.h"
#include "profile.h"

static void names(void **state)
{
    static const char *const expected[] = {"linux-6.1", "linux-6.12",
                                           "linux-6.18", "linux-7.2"};
    const char *const *found = grove_profiles();

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(found[i], expected[i]);
        assert_non_null(profile_find(found[i]));
        assert_string_equal(profile_find(found[i])->name, expected[i]);
        assert_int_equal(profile_find(found[i])->bit, 1 << i);
    }
    assert_null(found[4]);
}

static void newest_is_the_default(void **state)
{
    (void)state;
    assert_ptr_equal(profile_find(NULL), profile_find("linux-7.2"));
}

static void unknown(void **state)
{
    static const char *const wrong[] = {"",           "linux",     "linux-6",
                                        "linux-6.1 ", "LINUX-6.1", "linux-6.19",
                                        "linux-6.120"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_null(profile_find(wrong[i]));
}

static void columns(void **state)
{
    static const struct profile expected[] = {
        {"linux-6.1", PROFILE_6_1, 8, false, false, false, true, false, true,
         true, true},
        {"linux-6.12", PROFILE_6_12, 8, true, true, false, true, false, true,
         true, true},
        {"linux-6.18", PROFILE_6_18, 0, true, true, false, true, true, false,
         false, true},
        {"linux-7.2", PROFILE_7_2, 8, true, true, true, false, true, false,
         false, false},
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct profile *want = &expected[i];
        const struct profile *got = profile_find(want->name);

        assert_non_null(got);
        assert_int_equal(got->min_tcp_gso_size, want->min_tcp_gso_size);
        assert_int_equal(got->takes_uso, want->takes_uso);
        assert_int_equal(got->checks_csum_start, want->checks_csum_start);
        assert_int_equal(got->dissects, want->dissects);
        assert_int_equal(got->refuses_cwr, want->refuses_cwr);
        assert_int_equal(got->compares_cwr, want->compares_cwr);
        assert_int_equal(got->shows_cwr, want->shows_cwr);
        assert_int_equal(got->fixed_id_needs_df, want->fixed_id_needs_df);
        assert_int_equal(got->strips_jumbo, want->strips_jumbo);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(newest_is_the_default),
        cmocka_unit_test(unknown),
        cmocka_unit_test(columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
