/* SPDX-License-Identifier: MIT */
/* What releases.def and defects.def tell of a kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "grove/profile.h"
#include "releases.h"

/* Whether the release has the defect. */
static int has(const char *release, const char *id)
{
    const struct known_defect *defect;
    size_t at = 0;

    while ((defect = known_defect(release, &at)) != NULL)
        if (strcmp(defect->id, id) == 0)
            return 1;
    return 0;
}

static void a_range_has_its_ends(void **state)
{
    (void)state;
    assert_false(has("6.1.102", "short-tail"));
    assert_true(has("6.1.103", "short-tail"));
    assert_true(has("6.1.106", "short-tail"));
    assert_false(has("6.1.107", "short-tail"));
}

static void versions_are_numbers(void **state)
{
    (void)state;
    assert_true(has("6.12.100", "tiny-segments"));
    assert_false(has("6.12.5", "tiny-segments"));
    assert_true(has("6.12.43-1~bpo12+1", "tiny-segments"));
    assert_true(has("7.0", "udp-length"));
    assert_true(has("7.1~rc2", "udp-length"));
    assert_false(has("7.1.5", "udp-length"));
    assert_false(has("", "udp-length"));
}

static void a_release_may_have_no_defect(void **state)
{
    size_t at = 0;

    (void)state;
    assert_null(known_defect("6.18.44", &at));
    assert_null(known_defect("6.18.44", &at));
}

static void each_range_has_a_defect(void **state)
{
    (void)state;
#define GROVE_DEFECT_IN(id, first, last, how)                                  \
    assert_true(has(first, id));                                               \
    assert_true(has(last, id));
#include "defects.def"
}

static void each_profile_has_its_canonical_name(void **state)
{
    struct grove_profile profile;

    (void)state;
#define GROVE_RELEASE(name, profile_name, ...)                                 \
    assert_int_equal(grove_profile_values(profile_name, &profile), GROVE_OK);
#include "releases.def"
    assert_int_not_equal(
        grove_profile_values("linux-6.12:min_tcp_gso_size=8", &profile),
        GROVE_OK);
}

static void releases_of_a_profile(void **state)
{
    const struct known_release *one;
    size_t found = 0;
    size_t at = 0;

    (void)state;
    while ((one = known_release("linux-6.18", &at)) != NULL) {
        assert_int_equal(strncmp(one->name, "6.18.", 5), 0);
        found++;
    }
    assert_true(found > 0);
    at = 0;
    assert_null(known_release("linux-0.1", &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_has_its_ends),
        cmocka_unit_test(versions_are_numbers),
        cmocka_unit_test(a_release_may_have_no_defect),
        cmocka_unit_test(each_range_has_a_defect),
        cmocka_unit_test(each_profile_has_its_canonical_name),
        cmocka_unit_test(releases_of_a_profile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
