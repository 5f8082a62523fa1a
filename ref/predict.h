/* SPDX-License-Identifier: MIT */
/*
 * Header prediction: a packet that is exactly what its held super-packet waits
 * for is recognized by a few comparisons, before it is parsed.
 */
#ifndef GROVE_PREDICT_H
#define GROVE_PREDICT_H

#include <stddef.h>

#include "flows.h"
#include "grove/table.h"
#include "policy.h"

/* What holds if predict() gives `held`. */
static inline bool predict_is_valid(const struct policy *policy,
                                    const struct held *held,
                                    const struct grove_packet *given)
{
    const struct input *first = &held->first.input;

    return given->len == first->bytes.len &&
           held->total - first->network + held->gso_size <= policy->max_bytes;
}

/*
 * The held super-packet into which the stages would merge `given`, and which
 * would stay held, if the L4 checksum is right or trusted; it is not looked at
 * here. The gso_size is the length of the packet's payload, `first` has the
 * packet's offsets, and flags and fixed_id would not change. NULL if the stages
 * must find out. Then *hash, which the caller sets to 0, may have become the
 * hash of the packet's flow, if no held one has it, and flows_spare() has its
 * key.
 */
#ifdef GROVE_NO_PREDICT
static inline struct held *predict(const struct policy *policy,
                                   const struct flows *flows,
                                   const struct grove_packet *given,
                                   uint32_t *hash)
{
    (void)policy;
    (void)flows;
    (void)given;
    (void)hash;
    return NULL;
}
#else
struct held *predict(const struct policy *policy, const struct flows *flows,
                     const struct grove_packet *given, uint32_t *hash);
#endif

#endif
