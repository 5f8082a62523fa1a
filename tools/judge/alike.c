/* SPDX-License-Identifier: MIT */
#include "alike.h"

#include <string.h>

/* The header as a reader must have it. */
static struct grove_vnet without_hints(struct grove_vnet vnet)
{
    vnet.flags &= (uint8_t)~GROVE_VNET_F_DATA_VALID;
    vnet.hdr_len = 0;
    if (vnet.gso_type == GROVE_VNET_GSO_NONE && vnet.flags == 0)
        vnet = (struct grove_vnet){0};
    return vnet;
}

bool vnets_alike(const struct run_output *a, const struct run_output *b)
{
    const struct grove_vnet one = without_hints(a->vnet);
    const struct grove_vnet other = without_hints(b->vnet);

    return one.flags == other.flags && one.gso_type == other.gso_type &&
           one.gso_size == other.gso_size &&
           one.csum_start == other.csum_start &&
           one.csum_offset == other.csum_offset;
}

bool outputs_alike(const struct run_output *a, const struct run_output *b)
{
    return a->len == b->len && vnets_alike(a, b) &&
           (a->len == 0 || memcmp(a->packet, b->packet, a->len) == 0);
}
