/* SPDX-License-Identifier: MIT */
#include "tun/columns.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What series_of() gives. */
enum {
    MINORS = 1000,
    LINUX_6_2 = 6 * MINORS + 2,   /* has TUN_F_USO4 */
    LINUX_6_17 = 6 * MINORS + 17, /* has TUN_F_UDP_TUNNEL_GSO */
    LINUX_7_3 = 7 * MINORS + 3    /* has GRO-TUN-009 */
};

/* The series of a release: 6012 for "6.12.43"; 0 if it does not begin so. */
static unsigned long series_of(const char *release)
{
    char *end;
    const unsigned long major = strtoul(release, &end, 10);

    return major * MINORS + (*end == '.' ? strtoul(end + 1, NULL, 10) : 0);
}

/* The row of the newest series that is not newer; of the oldest, if all are. */
static const char *row_of(const char *release)
{
    static const char prefix[] = "linux-";
    const char *const *names = grove_profiles();
    const char *row = *names;

    for (; *names != NULL; names++)
        if (series_of(*names + strlen(prefix)) <= series_of(release))
            row = *names;
    return row;
}

static bool is_known(const struct grove_column *column, uint16_t value)
{
    for (size_t i = 0; i < column->known_count; i++)
        if (column->known[i] == value)
            return true;
    return false;
}

/* A value that no known kernel has is left out. */
static void set_column(struct grove_profile *profile, const char *name,
                       uint16_t value)
{
    const struct grove_column *column;

    for (size_t i = 0; (column = grove_column(i)) != NULL; i++)
        if (strcmp(column->name, name) == 0 && is_known(column, value))
            profile->values[i] = value;
}

static void set_known(struct grove_profile *profile,
                      const struct grove_tun_kernel *kernel)
{
    set_column(profile, "min_tcp_gso_size", kernel->min_tcp_gso_size);
    set_column(profile, "takes_uso", kernel->takes_uso);
    set_column(profile, "checks_csum_start", kernel->checks_csum_start);
    set_column(profile, "dissects", kernel->dissects);
    set_column(profile, "takes_tunnels", kernel->takes_tunnels);
}

/* The rows have names, and known values. */
static void must_succeed(enum grove_error error)
{
    assert(error == GROVE_OK);
    (void)error;
}

/* The columns that *kernel knows, or else what the release tells of them. */
static struct grove_profile
running_profile(const struct tun_system *system,
                const struct grove_tun_kernel *kernel)
{
    struct utsname running = {.release = ""};
    struct grove_profile profile;

    (void)system->uname(&running); /* without a release: the oldest row */
    must_succeed(grove_profile_values(row_of(running.release), &profile));
    set_column(&profile, "takes_tunnels",
               series_of(running.release) >= LINUX_6_17);
    set_column(&profile, "checks_tunnel_length",
               series_of(running.release) >= LINUX_7_3);
    if (kernel != NULL)
        set_known(&profile, kernel);
    else
        set_column(&profile, "takes_uso",
                   series_of(running.release) >= LINUX_6_2);
    return profile;
}

void tun_profile(const struct tun_system *system,
                 const struct grove_tun_kernel *kernel,
                 char name[GROVE_PROFILE_NAME_SIZE])
{
    const struct grove_profile profile = running_profile(system, kernel);

    must_succeed(grove_profile_name(&profile, name));
}

void tun_profile_of_reads(const struct tun_system *system,
                          const struct grove_tun_kernel *kernel,
                          char name[GROVE_PROFILE_NAME_SIZE])
{
    struct grove_profile profile = running_profile(system, kernel);

    set_column(&profile, "takes_uso", true);
    set_column(&profile, "takes_tunnels", true);
    must_succeed(grove_profile_name(&profile, name));
}

void grove_tun_profile(const struct grove_tun_kernel *kernel,
                       char name[GROVE_PROFILE_NAME_SIZE])
{
    tun_profile(&tun_system_linux, kernel, name);
}
