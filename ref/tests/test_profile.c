/* SPDX-License-Identifier: MIT */
/* The profiles: their names, and the columns of those that were released. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grove/table.h"
#include "profile.h"

/* "linux-6.12" as a number that grows with the version. */
static long version_of(const char *name)
{
    static const char prefix[] = "linux-";
    char *end;
    long major;
    long minor;

    assert_int_equal(strncmp(name, prefix, strlen(prefix)), 0);
    major = strtol(name + strlen(prefix), &end, 10);
    assert_int_equal(*end, '.');
    minor = strtol(end + 1, &end, 10);
    assert_int_equal(*end, '\0');
    assert_in_range(minor, 0, 999);
    return 1000 * major + minor;
}

static void names(void **state)
{
    long last = 0;

    (void)state;
    for (const char *const *name = grove_profiles(); *name != NULL; name++) {
        assert_true(version_of(*name) > last);
        last = version_of(*name);
        assert_non_null(profile_find(*name));
        assert_string_equal(profile_find(*name)->name, *name);
    }
}

static void newest_is_the_default(void **state)
{
    const char *newest = NULL;

    (void)state;
    for (const char *const *name = grove_profiles(); *name != NULL; name++)
        newest = *name;
    assert_non_null(newest);
    assert_ptr_equal(profile_find(NULL), profile_find(newest));
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

/* A second time, on purpose: what a released row says never changes. */
static void columns(void **state)
{
    static const struct profile expected[] = {
        {"linux-6.1", 8, false, false, false, true, false, true, true, 64,
         true},
        {"linux-6.12", 8, true, true, false, true, false, true, true, 64, true},
        {"linux-6.18", 0, true, true, false, true, true, false, false, 64,
         true},
        {"linux-7.2", 8, true, true, true, false, true, false, false, 64,
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct profile *want = &expected[i];
        const struct profile *got = profile_find(want->name);

        assert_non_null(got);
#define GROVE_COLUMN(type, name, rules, words)                                 \
    assert_int_equal(got->name, want->name);
#include "profile.def"
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
