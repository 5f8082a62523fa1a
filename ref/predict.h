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

/*
 * The held super-packet into which the stages would merge `given`, and which
 * would stay held. Its gso_size is then the length of the packet's payload, its
 * `first` has the packet's offsets, and its flags and fixed_id do not change.
 * NULL if the stages must find out.
 */
#ifdef GROVE_NO_PREDICT
static inline struct held *predict(const struct policy *policy,
                                   const struct flows *flows,
                                   const struct grove_packet *given)
{
    (void)policy;
    (void)flows;
    (void)given;
    return NULL;
}
#else
struct held *predict(const struct policy *policy, const struct flows *flows,
                     const struct grove_packet *given);
#endif

#endif
