/* SPDX-License-Identifier: MIT */
/* What is known of releases of Linux: their profiles and their defects. */
#ifndef GROVE_TOOLS_RELEASES_H
#define GROVE_TOOLS_RELEASES_H

#include <stddef.h>

/* A row of releases.def. */
struct known_release {
    const char *name;    /* 6.12.43, 7.3~rc7 */
    const char *profile; /* as it was measured */
};

/* A row of defects.def. */
struct known_defect {
    const char *id;
    const char *vector; /* that fails, or "" */
    const char *words;  /* what the kernel does, for "Linux N ..." */
    const char *mended; /* the change that ends it */
};

/*
 * The next release with this profile, the oldest first, or NULL. *at must be 0
 * at first, and is for this function alone. The result is static.
 */
const struct known_release *known_release(const char *profile, size_t *at);

/*
 * The next defect of the release, 6.1.192 or 6.1.192-1, or NULL; *at is as for
 * known_release().
 */
const struct known_defect *known_defect(const char *release, size_t *at);

#endif
