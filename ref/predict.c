/* SPDX-License-Identifier: MIT */
/*
 * Header prediction, as V. Jacobson described it for TCP receivers.
 *
 * A port may leave this file out, and a reader may skip it, together with
 * predict_layers.c, follows.h and parse_usual.c. It decides nothing that the
 * stages (parse.c, flows.c, decide.c) do not decide: for a packet that
 * predict() accepts they have the verdict "merged", and nothing leaves the
 * table. It only finds that out sooner. -DGROVE_PREDICT=OFF builds the library
 * without it; outputs, verdicts and counts of rules are the same.
 */
#include "predict.h"

#ifndef GROVE_NO_PREDICT

#include "flatten.h"
#include "follows.h"
#include "predict_layers.h"

/* The held one that the packet may follow, or NULL. */
FLATTEN_PART static struct held *candidate(const struct policy *policy,
                                           const struct flows *flows,
                                           struct bytes packet, uint32_t *hash)
{
    struct held *held = follows_near(flows, packet);

    if (held != NULL)
        return held;
    *hash = flows_hash_bytes(flows, packet, policy->lossless,
                             &flows_spare(flows)->key);
    if (*hash == 0)
        return NULL;
    held = flows_probe(flows, *hash);
    if (held != NULL)
        *hash = 0; /* it begins nothing */
    return held;
}

FLATTEN struct held *predict(const struct policy *policy,
                             const struct flows *flows,
                             const struct grove_packet *given, uint32_t *hash)
{
    struct bytes packet;
    struct held *held;

    if (!vnet_is_zero(given->vnet) || given->len > GROVE_MAX_PACKET_LEN)
        return NULL;
    packet = (struct bytes){given->data, (uint32_t)given->len};
    if (policy->fraglist) /* the stages find out what a list takes */
        return NULL;
    if (!policy->plain)
        return predict_layers(policy, flows, packet, given->hash);
    held = candidate(policy, flows, packet, hash);
    return held != NULL && follows_len(policy, packet, held) &&
                   follows_ip(twin_of(packet, held), 0, held, policy)
               ? held
               : NULL;
}

#endif
