/* SPDX-License-Identifier: MIT */
/* predict.c, predict_layers.c: a packet is compared with held ones inside. */
#include "bytes_model.h"

#include "../predict.c"
#include "../predict_layers.c"

static struct held held;
static struct held spare;

uint32_t flows_hash_bytes(const struct flows *flows, struct bytes ip,
                          bool lossless, struct flow_key *key)
{
    (void)flows;
    (void)lossless;
    PROVE(__CPROVER_w_ok(key, sizeof *key));
    PROVE(ip.len == 0 || __CPROVER_r_ok(ip.at, ip.len));
    return nondet_u32();
}

/* What flows_probe() gave. */
static struct held *probed;

struct held *flows_probe(const struct flows *flows, uint32_t hash)
{
    (void)flows;
    PROVE(hash != 0);
    probed = nondet_bool() ? &held : NULL;
    return probed;
}

bool decide_may_grow(const struct policy *policy, const struct held *of,
                     uint32_t total)
{
    const bool grows = nondet_bool();

    PROVE(of == &held && held_is_valid(of) && total > GROVE_DEFAULT_BYTES);
    ASSUME(!grows || total <= policy->max_bytes);
    return grows;
}

/*
 * A flow table with this policy that holds any super-packet. It may be the one
 * that was touched last, and the one behind that.
 */
static struct flows any_flow(const struct policy *policy)
{
    struct held any;
    struct flows flows;

    any.first.input.bytes = any_packet_bytes();
    held = any;
    ASSUME(held_is_valid(&held));
    ASSUME(policy_network_is_valid(policy, held.first.input.network));
    ASSUME(!policy->plain || !packet_in_tunnel(&held.first));
    held.younger = nondet_bool() ? &held : NULL;
    flows.spare = &spare;
    flows.oldest = &held;
    flows.recent = nondet_bool() ? &held : NULL;
    return flows;
}

/* Whatever is held, whatever the packet is. */
static const struct held *check_predict(const struct policy *policy)
{
    const struct bytes bytes = any_bytes(UINT32_MAX);
    uint8_t wire[GROVE_VNET_LEN];
    const struct grove_packet given = {
        bytes.at, bytes.len, nondet_bool() ? wire : NULL, nondet_u32()};
    const struct flows flows = any_flow(policy);
    uint32_t hash = 0;
    const struct held *found = predict(policy, &flows, &given, &hash);

    PROVE(found == NULL || found == &held);
    PROVE(found == NULL || predict_is_valid(policy, found, &given));
    PROVE(hash == 0 || (found == NULL && probed == NULL));
    PROVE(found == NULL || !policy->hash || found->first.hash == given.hash);
    PROVE(found == NULL || given.vnet == NULL || wire[3] == 0);
    REACHES(found != NULL && found->first.version == 6);
    REACHES(found != NULL && found->packets == 60 &&
            found->first.protocol == IP_PROTO_UDP);
    return found;
}

void proof_predict(void)
{
    struct policy policy = any_policy();
    const struct held *found;

    policy.link = GROVE_LINK_NONE;
    policy.hash = false;
    policy.plain = true;
    found = check_predict(&policy);
    REACHES(found != NULL && found->total > GROVE_DEFAULT_BYTES);
}

/* Behind a link, in any tunnel, and with hashes. */
void proof_predict_layers(void)
{
    struct policy policy = any_policy();

    policy.plain = false;
    (void)check_predict(&policy);
}
