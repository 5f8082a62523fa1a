/* SPDX-License-Identifier: MIT */
/*
 * The profiles: their columns, and their names. The rows that were released
 * stand here a second time.
 */
#include "profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tables.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

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
    assert_true(minor >= 0 && minor <= 999);
    return 1000 * major + minor;
}

static void names(void **state)
{
    struct grove_profile profile;
    char canonical[GROVE_PROFILE_NAME_SIZE];
    long last = 0;

    (void)state;
    for (const char *const *name = grove_profiles(); *name != NULL; name++) {
        assert_true(version_of(*name) > last);
        last = version_of(*name);
        assert_int_equal(grove_profile_values(*name, &profile), GROVE_OK);
        assert_int_equal(grove_profile_name(&profile, canonical), GROVE_OK);
        assert_string_equal(canonical, *name);
    }
}

static void newest_is_the_default(void **state)
{
    const char *newest = NULL;
    struct profile a;
    struct profile b;

    (void)state;
    for (const char *const *name = grove_profiles(); *name != NULL; name++)
        newest = *name;
    a = profile_named(NULL);
    b = profile_named(newest);
    assert_same_profile(&a, &b);
}

/* An alias has the values of its profile, is no row, and stands alone. */
static void aliases(void **state)
{
    static const char name[] = "linux-7.2:checks_tunnel_length=yes";
    const struct profile alias = profile_named("linux-7.3");
    const struct profile profile = profile_named(name);
    char canonical[GROVE_PROFILE_NAME_SIZE];

    (void)state;
    assert_same_profile(&alias, &profile);
    assert_int_equal(grove_profile_canonical("linux-7.3", canonical), GROVE_OK);
    assert_string_equal(canonical, name);
    for (const char *const *row = grove_profiles(); *row != NULL; row++)
        assert_string_not_equal(*row, "linux-7.3");
}

/* What cannot be read leaves the output as it was. */
static void assert_error(const char *name, enum grove_error error)
{
    struct grove_profile profile = {{7, 7}};
    const struct grove_profile before = profile;
    char canonical[GROVE_PROFILE_NAME_SIZE];
    struct profile row;

    if (grove_profile_values(name, &profile) != error)
        fail_msg("%s: not the right error", name);
    assert_memory_equal(&profile, &before, sizeof profile);
    assert_int_equal(profile_find(name, &row), error);
    if (error != GROVE_E_CONFIG_SPELLING)
        assert_int_equal(grove_profile_canonical(name, canonical), error);
}

static void unreadable(void **state)
{
    static const struct {
        const char *name;
        enum grove_error error;
    } wrong[] = {
        {"", GROVE_E_CONFIG_PROFILE},
        {"linux", GROVE_E_CONFIG_PROFILE},
        {"linux-6", GROVE_E_CONFIG_PROFILE},
        {"linux-6.1 ", GROVE_E_CONFIG_PROFILE},
        {" linux-6.1", GROVE_E_CONFIG_PROFILE},
        {"LINUX-6.1", GROVE_E_CONFIG_PROFILE},
        {"linux-6.19", GROVE_E_CONFIG_PROFILE},
        {"linux-6.120", GROVE_E_CONFIG_PROFILE},
        {":takes_uso=yes", GROVE_E_CONFIG_PROFILE},
        {"takes_uso=yes", GROVE_E_CONFIG_PROFILE},
        {"linux-6.1,takes_uso=yes", GROVE_E_CONFIG_PROFILE},
        {"linux-6.1:", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:,", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1::takes_uso=yes", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:uso=yes", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1: takes_uso=yes", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:takes_uso =yes", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:Takes_uso=yes", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:takes_uso=yes,", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:takes_uso=yes:dissects=yes", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:takes_uso=yes,takes_uso=yes", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:takes_uso=yes,takes_uso=no", GROVE_E_CONFIG_COLUMN},
        {"linux-6.1:takes_uso", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:takes_uso=", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:takes_uso=1", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:takes_uso=true", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:takes_uso=YES", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:takes_uso=yes ", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:takes_uso==yes", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:min_tcp_gso_size=", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:min_tcp_gso_size=00", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:min_tcp_gso_size=+0", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:min_tcp_gso_size=0x0", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:min_tcp_gso_size=no", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:min_tcp_gso_size=7", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:min_tcp_gso_size=65536", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:max_udp_segments=6", GROVE_E_CONFIG_VALUE},
        {"linux-6.1:max_udp_segments=640", GROVE_E_CONFIG_VALUE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_error(wrong[i].name, wrong[i].error);
}

/* What can be read, but has another canonical name. */
static void not_canonical(void **state)
{
    static const char *const wrong[][2] = {
        /* the value of the row, alone and beside another */
        {"linux-6.1:takes_uso=no", "linux-6.1"},
        {"linux-6.18:min_tcp_gso_size=8,dissects=no",
         "linux-6.18:min_tcp_gso_size=8"},
        /* the order of the columns */
        {"linux-6.12:dissects=yes,min_tcp_gso_size=0",
         "linux-6.12:min_tcp_gso_size=0,dissects=yes"},
        /* another row has it, or differs in less */
        {"linux-6.18:fixed_id_needs_df=yes,takes_tunnels=no", "linux-6.16"},
        {"linux-6.18:min_tcp_gso_size=8,fixed_id_needs_df=yes",
         "linux-6.16:min_tcp_gso_size=8,takes_tunnels=yes"},
        /* two rows differ in as much; the older one counts */
        {"linux-6.18:fixed_id_needs_df=yes", "linux-6.16:takes_tunnels=yes"},
        /* an alias with a column */
        {"linux-7.3:dissects=no",
         "linux-7.2:dissects=no,checks_tunnel_length=yes"},
        {"linux-7.3:checks_tunnel_length=no", "linux-7.2"},
    };
    char canonical[GROVE_PROFILE_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_error(wrong[i][0], GROVE_E_CONFIG_SPELLING);
        assert_int_equal(grove_profile_canonical(wrong[i][0], canonical),
                         GROVE_OK);
        assert_string_equal(canonical, wrong[i][1]);
        assert_int_equal(grove_profile_canonical(wrong[i][1], canonical),
                         GROVE_OK);
        assert_string_equal(canonical, wrong[i][1]);
    }
}

static size_t differences(const struct grove_profile *a, const char *row)
{
    struct grove_profile b;
    size_t count = 0;

    assert_int_equal(grove_profile_values(row, &b), GROVE_OK);
    for (size_t i = 0; i < GROVE_MAX_COLUMNS; i++)
        count += a->values[i] != b.values[i];
    return count;
}

/* No row has fewer differences, and no older one has as few. */
static void assert_nearest(const struct grove_profile *profile,
                           const char *name)
{
    bool older = true;
    size_t changes = 0;

    for (const char *at = name; (at = strchr(at, '=')) != NULL; at++)
        changes++;
    for (const char *const *row = grove_profiles(); *row != NULL; row++) {
        const size_t count = differences(profile, *row);

        if (strncmp(name, *row, strcspn(name, ":")) == 0 &&
            (*row)[strcspn(name, ":")] == '\0') {
            assert_int_equal(count, changes);
            older = false;
        } else {
            assert_true(older ? count > changes : count >= changes);
        }
    }
    assert_false(older);
}

/* Combination `number` of known values; false if there are not so many. */
static bool combine(size_t number, struct grove_profile *profile)
{
    const struct grove_column *column;

    *profile = (struct grove_profile){{0}};
    for (size_t i = 0; (column = grove_column(i)) != NULL; i++) {
        profile->values[i] = column->known[number % column->known_count];
        number /= column->known_count;
    }
    return number == 0;
}

static void each_combination_has_one_name(void **state)
{
    struct grove_profile made;
    struct grove_profile read;
    char name[GROVE_PROFILE_NAME_SIZE];
    size_t number = 0;

    (void)state;
    for (; combine(number, &made); number++) {
        assert_int_equal(grove_profile_name(&made, name), GROVE_OK);
        assert_int_equal(grove_profile_values(name, &read), GROVE_OK);
        assert_memory_equal(&read, &made, sizeof read);
        assert_nearest(&made, name);
    }
    assert_true(number >= 512);
}

/* Bytes that names consist of, and a few others. */
static char pick_byte(struct dice *dice)
{
    static const char bytes[] = "linux-6.182:,=_yesnotakdCWR 0\n\x80";

    return bytes[pick(dice, sizeof bytes - 1)];
}

/* Changes, adds or removes a byte. */
static void spoil(char *name, struct dice *dice)
{
    const size_t len = strlen(name);
    const size_t at = pick(dice, (uint32_t)len + 1);

    switch (pick(dice, 3)) {
    case 0:
        if (at < len)
            name[at] = pick_byte(dice);
        break;
    case 1:
        memmove(name + at + 1, name + at, len - at + 1);
        name[at] = pick_byte(dice);
        break;
    default:
        if (at < len)
            memmove(name + at, name + at + 1, len - at);
    }
}

/* Every name that is taken is the only one of its profile. */
static void random_names(void **state)
{
    struct dice dice = {1};
    size_t taken = 0;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        char name[GROVE_PROFILE_NAME_SIZE + 4];
        char again[GROVE_PROFILE_NAME_SIZE];
        struct grove_profile profile;

        (void)combine(pick(&dice, 512), &profile);
        assert_int_equal(grove_profile_name(&profile, name), GROVE_OK);
        for (uint32_t times = pick(&dice, 3); times != UINT32_MAX; times--)
            spoil(name, &dice);
        if (grove_profile_values(name, &profile) != GROVE_OK)
            continue;
        assert_int_equal(grove_profile_name(&profile, again), GROVE_OK);
        assert_string_equal(again, name);
        taken++;
    }
    assert_true(taken >= 1 && taken <= 20000);
}

static void unknown_values(void **state)
{
    struct grove_profile profile;
    char name[GROVE_PROFILE_NAME_SIZE] = "unchanged";

    (void)state;
    assert_int_equal(grove_profile_values(NULL, &profile), GROVE_OK);
    for (size_t i = 0; i < GROVE_MAX_COLUMNS; i++) {
        const uint16_t value = profile.values[i];

        profile.values[i] = 9;
        assert_int_equal(grove_profile_name(&profile, name),
                         GROVE_E_CONFIG_VALUE);
        profile.values[i] = value;
    }
    assert_string_equal(name, "unchanged");
}

static void one_column(void **state)
{
    uint16_t value = 7;

    (void)state;
    assert_int_equal(grove_profile_value("linux-6.1", "uso", &value),
                     GROVE_E_CONFIG_COLUMN);
    assert_int_equal(grove_profile_value("linux-6.1", "", &value),
                     GROVE_E_CONFIG_COLUMN);
    assert_int_equal(grove_profile_value("linux-5", "takes_uso", &value),
                     GROVE_E_CONFIG_PROFILE);
    assert_int_equal(value, 7);
    assert_int_equal(
        grove_profile_value("linux-6.1", "max_udp_segments", &value), GROVE_OK);
    assert_int_equal(value, 64);
    assert_int_equal(
        grove_profile_value("linux-7.2:dissects=no", "dissects", &value),
        GROVE_OK);
    assert_int_equal(value, 0);
}

/* A column has known values, and each row has some of them. */
static void known_values(void **state)
{
    const struct grove_column *column;

    (void)state;
    for (size_t i = 0; (column = grove_column(i)) != NULL; i++) {
        assert_true(column->known_count > 0);
        assert_true(strlen(column->words) > 0 && strlen(column->rules) > 0);
        for (size_t k = 1; k < column->known_count; k++)
            assert_true(column->known[k - 1] < column->known[k]);
        if (column->is_flag) {
            assert_int_equal(column->known_count, 2);
            assert_int_equal(column->known[1], 1);
        }
    }
    assert_string_equal(grove_column(1)->name, "takes_uso");
}

/* What a released row says never changes. */
static void columns(void **state)
{
    static const struct {
        const char *name;
        struct profile row;
    } expected[] = {
        {"linux-6.1",
         {8, false, false, false, true, false, true, true, 64, true, false,
          false, false, false, false, false, false}},
        {"linux-6.12",
         {8, true, true, false, true, false, true, true, 64, true, false, false,
          false, true, true, true, false}},
        {"linux-6.16",
         {0, true, true, false, true, true, false, true, 64, true, false, false,
          true, true, true, true, false}},
        {"linux-6.18",
         {0, true, true, false, true, true, false, false, 64, true, false, true,
          true, true, true, true, false}},
        {"linux-7.2",
         {8, true, true, true, false, true, false, false, 64, false, false,
          true, true, true, true, true, false}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(expected); i++) {
        const struct profile row = profile_named(expected[i].name);

        assert_same_profile(&row, &expected[i].row);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(newest_is_the_default),
        cmocka_unit_test(aliases),
        cmocka_unit_test(unreadable),
        cmocka_unit_test(not_canonical),
        cmocka_unit_test(each_combination_has_one_name),
        cmocka_unit_test(random_names),
        cmocka_unit_test(unknown_values),
        cmocka_unit_test(one_column),
        cmocka_unit_test(known_values),
        cmocka_unit_test(columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
