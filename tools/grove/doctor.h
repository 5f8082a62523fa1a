/* SPDX-License-Identifier: MIT */
/*
 * The checks of `grove doctor`: what this machine has, and what helps where
 * something is missing.
 */
#ifndef GROVE_TOOLS_DOCTOR_H
#define GROVE_TOOLS_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "checked.h"

/* The checks, in the order in which they are shown. */
enum check_id {
    CHECK_RIGHTS,
    CHECK_NODE,
    CHECK_NAMESPACES,
    CHECK_IPV6,
    CHECK_DEVICE,
    CHECK_PROBE,
    CHECK_KERNEL,
    CHECK_LEFTOVERS,
    CHECK_CAPTURES,
    CHECKS
};

struct doctor {
    struct checked checked[CHECKS];
    char kernel[80]; /* "linux-6.18.44"; "" if it was not asked */
    char profile[GROVE_PROFILE_NAME_SIZE]; /* its profile, or "" */
};

/* The name of a check, in words. */
const char *check_name(enum check_id id);

/* Does all checks. */
void doctor_examine(struct doctor *doctor);

/* Whether all of them work. */
bool doctor_is_content(const struct doctor *doctor);

/* Prints them for people, or as one JSON object. */
void doctor_print(const struct doctor *doctor);
void doctor_print_json(const struct doctor *doctor);

/* The checks. Those of the second group change the namespaces of the process.
 */
void check_rights(struct doctor *doctor, struct checked *checked);
void check_node(struct doctor *doctor, struct checked *checked);
void check_ipv6(struct doctor *doctor, struct checked *checked);
void check_leftovers(struct doctor *doctor, struct checked *checked);
void check_captures(struct doctor *doctor, struct checked *checked);

void check_namespaces(struct doctor *doctor, struct checked *checked);
void check_device(struct doctor *doctor, struct checked *checked);
void check_probe(struct doctor *doctor, struct checked *checked);
void check_kernel(struct doctor *doctor, struct checked *checked);

/*
 * Switches off what a killed process left on the device of this name. Returns
 * an exit code; if it is not 0 there was a message.
 */
int doctor_mend(const char *name);

#endif
