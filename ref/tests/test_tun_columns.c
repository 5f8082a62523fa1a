/* SPDX-License-Identifier: MIT */
/* The profile of a kernel: by its release, and by what a probe found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tun/columns.h"
#include "tun_system.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char name[GROVE_PROFILE_NAME_SIZE];

static void name_of(const char *release, const struct grove_tun_kernel *kernel)
{
    fake_reset();
    fake.release = release;
    tun_profile(&fake_system, kernel, name);
}

static void assert_column(const char *column, uint16_t expected)
{
    uint16_t value = UINT16_MAX;

    assert_int_equal(grove_profile_value(name, column, &value), GROVE_OK);
    assert_int_equal(value, expected);
}

/* A series without a row has that of the one before it. */
static void by_release(void **state)
{
    static const struct {
        const char *release;
        const char *profile;
    } cases[] = {
        {"6.1.0", "linux-6.1"},
        {"6.1.170", "linux-6.1"},
        {"6.12.43+deb13-cloud-amd64", "linux-6.12"},
        {"6.14.0", "linux-6.12"},
        {"6.16.3", "linux-6.16"},
        {"6.17.13", "linux-6.16:takes_tunnels=yes"},
        {"6.18", "linux-6.18"},
        {"7.0.2-6-pve", "linux-6.18"},
        {"7.2.12", "linux-7.2"},
        {"7.3~rc7", "linux-7.2:checks_tunnel_length=yes"},
        {"5.15.0", "linux-6.1"},
        {"2.6.78", "linux-6.1"},
        {"my-kernel", "linux-6.1"},
        {"", "linux-6.1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        name_of(cases[i].release, NULL);
        assert_string_equal(name, cases[i].profile);
    }
}

/* UDP super-packets are since 6.2; what splits those that come knows them. */
static void uso(void **state)
{
    static const struct {
        const char *release;
        uint16_t takes_uso;
    } cases[] = {{"5.15.0", 0},  {"6.1.170", 0}, {"6.2.0", 1}, {"6.8.0-31", 1},
                 {"6.11.11", 1}, {"6.18", 1},    {"", 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        name_of(cases[i].release, NULL);
        assert_column("takes_uso", cases[i].takes_uso);
        tun_profile_of_reads(&fake_system, NULL, name);
        assert_column("takes_uso", 1);
    }
    tun_profile_of_reads(&fake_system, &(struct grove_tun_kernel){.tried = 0},
                         name);
    assert_column("takes_uso", 1);
}

/* Super-packets in tunnels are since 6.17. */
static void tunnels(void **state)
{
    static const struct {
        const char *release;
        uint16_t takes_tunnels;
    } cases[] = {{"6.1.170", 0}, {"6.16.12", 0}, {"6.17.0", 1},
                 {"6.18", 1},    {"7.2.9", 1},   {"", 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        name_of(cases[i].release, NULL);
        assert_column("takes_tunnels", cases[i].takes_tunnels);
        tun_profile_of_reads(&fake_system, NULL, name);
        assert_column("takes_tunnels", 1);
    }
}

static void newer_than_all(void **state)
{
    const char *newest = "";

    (void)state;
    for (const char *const *row = grove_profiles(); *row != NULL; row++)
        newest = *row;
    name_of("100.1.2", NULL);
    assert_memory_equal(name, newest, strlen(newest));
    assert_string_equal(name + strlen(newest), ":checks_tunnel_length=yes");
}

/* Each combination of columns, in each series; other columns are the row's. */
static void by_columns(void **state)
{
    static const char *const releases[] = {"6.1.9", "6.12.9", "6.18.9",
                                           "7.2.9"};

    (void)state;
    for (unsigned bits = 0; bits < 32; bits++) {
        const struct grove_tun_kernel kernel = {
            .min_tcp_gso_size = (bits & 1) != 0 ? 8 : 0,
            .takes_uso = (bits & 2) != 0,
            .checks_csum_start = (bits & 4) != 0,
            .dissects = (bits & 8) != 0,
            .takes_tunnels = (bits & 16) != 0,
        };

        for (size_t i = 0; i < COUNT(releases); i++) {
            name_of(releases[i], &kernel);
            assert_column("min_tcp_gso_size", kernel.min_tcp_gso_size);
            assert_column("takes_uso", kernel.takes_uso);
            assert_column("checks_csum_start", kernel.checks_csum_start);
            assert_column("dissects", kernel.dissects);
            assert_column("takes_tunnels", kernel.takes_tunnels);
            assert_column("max_udp_segments", 64);
            assert_column("strips_jumbo", i < 3);
            assert_column("shows_cwr", i < 2);
        }
    }
}

/* Releases of one series that differ, as tools/kernels found them. */
static void known_releases(void **state)
{
    static const struct {
        const char *release;
        struct grove_tun_kernel kernel;
        const char *profile;
    } cases[] = {
        {"6.1.170", {.min_tcp_gso_size = 0}, "linux-6.1:min_tcp_gso_size=0"},
        {"6.1.190", {.min_tcp_gso_size = 8}, "linux-6.1"},
        {"6.12.43",
         {.takes_uso = true, .checks_csum_start = true},
         "linux-6.12:min_tcp_gso_size=0"},
        {"6.12.113",
         {.min_tcp_gso_size = 8, .takes_uso = true, .checks_csum_start = true},
         "linux-6.12"},
        {"7.2.9",
         {.min_tcp_gso_size = 8,
          .takes_uso = true,
          .checks_csum_start = true,
          .takes_tunnels = true},
         "linux-7.2:dissects=no"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        name_of(cases[i].release, &cases[i].kernel);
        assert_string_equal(name, cases[i].profile);
    }
}

static void unknown_value(void **state)
{
    const struct grove_tun_kernel kernel = {.min_tcp_gso_size = 12,
                                            .takes_uso = true};

    (void)state;
    name_of("6.12.113", &kernel);
    assert_column("min_tcp_gso_size", 8);
    assert_column("takes_uso", true);
}

/* It is one that a table takes. */
static void for_tables(void **state)
{
    const struct grove_tun_kernel kernel = {.takes_uso = true};
    struct grove_table *table;

    (void)state;
    grove_tun_profile(&kernel, name);
    assert_int_equal(
        grove_table_new(&(struct grove_config){.profile = name}, &table),
        GROVE_OK);
    grove_table_free(table);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_release),     cmocka_unit_test(uso),
        cmocka_unit_test(newer_than_all), cmocka_unit_test(by_columns),
        cmocka_unit_test(known_releases), cmocka_unit_test(unknown_value),
        cmocka_unit_test(for_tables),     cmocka_unit_test(tunnels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
