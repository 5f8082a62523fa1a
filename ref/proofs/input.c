/* SPDX-License-Identifier: MIT */
/*
 * input.c: any header and any packet is accepted or rejected without an access
 * outside them, and exactly as SPEC.md, "The virtio header", says. The header
 * is memory that another process may change.
 */
#include "../input.c"
#include "ip_model.h"

static uint8_t wire[GROVE_VNET_LEN];
static struct grove_vnet seen;
static uint32_t loads;

/* Any header. What was read once is no longer there. */
void grove_vnet_load(struct grove_vnet *vnet, const uint8_t from[GROVE_VNET_LEN])
{
    struct grove_vnet any;

    PROVE(from == wire);
    *vnet = seen = any;
    loads++;
}

/* Any packet and header; `accepted` gets what input_accept() says of them. */
static void accept_any(const struct profile *profile, struct input *accepted)
{
    const struct bytes bytes = any_bytes(UINT32_MAX);
    const struct grove_packet given = {bytes.at, bytes.len,
                                       nondet_bool() ? wire : NULL};

    input_accept(profile, &given, accepted);
    PROVE(loads <= 1);
    PROVE(accepted->reject != GROVE_RULE_NONE ||
          accepted->bytes.at == bytes.at && accepted->bytes.len == bytes.len);
}

void proof_input(void)
{
    const struct profile profile = any_profile();
    struct input input;

    accept_any(&profile, &input);
    PROVE(input_is_valid(&input));
    REACHES(input.reject == GROVE_RULE_NONE && input.gso);
    REACHES(input.reject == GROVE_RULE_NONE && input.bytes.len == 65575);
    REACHES(input.reject == GROVE_RULE_IN_LENGTH);
    REACHES(input.reject == GROVE_RULE_VNET_PROTOCOL);
}
