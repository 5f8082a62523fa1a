/* SPDX-License-Identifier: MIT */
/* predict.c: a packet is compared with a held one inside of both. */
#include "bytes_model.h"

#include "../predict.c"

static struct held held;

uint32_t flows_hash_bytes(const struct flows *flows, struct bytes ip,
                          bool lossless)
{
    (void)flows;
    (void)lossless;
    PROVE(ip.len == 0 || __CPROVER_r_ok(ip.at, ip.len));
    return nondet_u32();
}

struct held *flows_probe(const struct flows *flows, uint32_t hash)
{
    (void)flows;
    (void)hash;
    return nondet_bool() ? &held : NULL;
}

/* Whatever is held, whatever the packet is. */
void proof_predict(void)
{
    const struct bytes bytes = any_bytes(UINT32_MAX);
    uint8_t wire[GROVE_VNET_LEN];
    const struct grove_packet given = {bytes.at, bytes.len,
                                       nondet_bool() ? wire : NULL};
    const struct policy policy = any_policy();
    struct flows flows;
    struct held any;
    uint32_t hash;

    any.first.input.bytes = any_packet_bytes();
    held = any;
    ASSUME(held_is_valid(&held));
    ASSUME(policy_network_is_valid(&policy, held.first.input.network));
    ASSUME(!packet_in_tunnel(&held.first));
    flows.recent = nondet_bool() ? &held : NULL;
    const struct held *found = predict(&policy, &flows, &given, &hash);

    PROVE(found == NULL ||
          (found == &held && predict_is_valid(&policy, found, &given)));
    PROVE(found == NULL || given.vnet == NULL || wire[3] == 0);
    REACHES(found != NULL && held.first.version == 6);
    REACHES(found != NULL && held.packets == 60 &&
            held.first.protocol == IP_PROTO_UDP);
    REACHES(found == NULL && hash != 0);
}
