/* SPDX-License-Identifier: MIT */
/* Header prediction where packets have a link or a hash, or tunnels end. */
#ifndef GROVE_PREDICT_LAYERS_H
#define GROVE_PREDICT_LAYERS_H

#include "bytes.h"
#include "flows.h"
#include "policy.h"

/*
 * As predict(), for a packet whose virtio header is zero. `hash` is the one
 * that it came with. The hash of its flow is not known.
 */
struct held *predict_layers(const struct policy *policy,
                            const struct flows *flows, struct bytes packet,
                            uint32_t hash);

#endif
