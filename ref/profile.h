/* SPDX-License-Identifier: MIT */
/* What differs between kernels, a row for each; SPEC.md, "Profiles". */
#ifndef GROVE_PROFILE_H
#define GROVE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

/* A bit for each profile, for the scopes of rule.def. */
enum profile_bit {
    PROFILE_6_1 = 1 << 0,
    PROFILE_6_12 = 1 << 1,
    PROFILE_6_18 = 1 << 2,
    PROFILE_7_2 = 1 << 3
};

struct profile {
    const char *name;
    enum profile_bit bit;
    uint16_t min_tcp_gso_size; /* VNET-015; 0: none */
    bool takes_uso;            /* VNET-002: gso_type UDP_L4 is known */
    bool checks_csum_start;    /* VNET-005 */
    bool dissects;             /* VNET-007 */
    bool refuses_cwr;          /* GRO-TCP-004 */
    bool compares_cwr;         /* GRO-TCP-005 */
    bool shows_cwr;            /* GRO-OUT-005: CWR sets the ECN bit */
    bool fixed_id_needs_df;    /* GRO-IP4-011 */
    bool strips_jumbo;         /* GSO-OUT-007 */
};

/* The profile of this name; the newest for NULL; NULL if there is none. */
const struct profile *profile_find(const char *name);

#endif
