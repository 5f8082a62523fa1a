/* SPDX-License-Identifier: MIT */
/*
 * tun/columns.c: whatever release the kernel tells, each column has a value
 * that kernels have, so that the profile has a name.
 */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/columns.c"

enum { COLUMNS = 2, VALUES = 2, RELEASE_MOST = 3 };

/* C11, 7.22.1.4: the end is in the text, and any number comes of it. */
unsigned long strtoul(const char *text, char **end, int base)
{
    uint32_t at = 0;

    PROVE(base == 10);
    while (text[at] != '\0' && nondet_bool())
        at++;
    if (end != NULL)
        *end = (char *)(uintptr_t)(text + at);
    return nondet_u32();
}

/* C11, 7.24.4.2: names of columns may be equal or not. */
int strcmp(const char *a, const char *b)
{
    PROVE(__CPROVER_r_ok(a, 1) && __CPROVER_r_ok(b, 1));
    return nondet_bool() ? 1 : 0;
}

static int any_uname(struct utsname *name)
{
    struct utsname any;

    if (nondet_bool())
        return -1;
    any.release[RELEASE_MOST] = '\0';
    *name = any;
    return 0;
}

/* ---- profile.c and profile_name.c, by what their proofs say ---- */

static uint16_t known[COLUMNS][VALUES];
static struct grove_column columns[COLUMNS];

static void make_columns(void)
{
    __CPROVER_havoc_object(known);
    for (uint32_t i = 0; i < COLUMNS; i++) {
        columns[i].name = "column";
        columns[i].known = known[i];
        columns[i].known_count = nondet_bool() ? 1 : VALUES;
    }
}

const struct grove_column *grove_column(size_t index)
{
    return index < COLUMNS ? &columns[index] : NULL;
}

static bool has_known_values(const struct grove_profile *profile)
{
    for (uint32_t i = 0; i < COLUMNS; i++)
        if (profile->values[i] != known[i][0] &&
            (columns[i].known_count < VALUES ||
             profile->values[i] != known[i][1]))
            return false;
    return true;
}

static const char *const rows[] = {"linux-1", "linux-2", NULL};

const char *const *grove_profiles(void)
{
    return rows;
}

enum grove_error grove_profile_values(const char *name,
                                      struct grove_profile *profile)
{
    struct grove_profile any;

    PROVE(name == rows[0] || name == rows[1]);
    ASSUME(has_known_values(&any));
    *profile = any;
    return GROVE_OK;
}

enum grove_error grove_profile_name(const struct grove_profile *profile,
                                    char *name)
{
    PROVE(__CPROVER_w_ok(name, GROVE_PROFILE_NAME_SIZE));
    PROVE(has_known_values(profile));
    return GROVE_OK;
}

void proof_tun_profile(void)
{
    static const struct tun_system any_system = {.uname = any_uname};
    struct grove_tun_kernel any;
    const struct grove_tun_kernel *const kernel = nondet_bool() ? &any : NULL;
    char name[GROVE_PROFILE_NAME_SIZE];
    const bool reads = nondet_bool();

    make_columns();
    if (reads)
        tun_profile_of_reads(&any_system, kernel, name);
    else
        tun_profile(&any_system, kernel, name);
    REACHES(reads && kernel == NULL);
    REACHES(!reads && kernel != NULL && any.min_tcp_gso_size == known[1][1]);
}
