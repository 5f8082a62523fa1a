/* SPDX-License-Identifier: MIT */
/* Header prediction where packets have a link or tunnels end. */
#ifndef GROVE_PREDICT_LAYERS_H
#define GROVE_PREDICT_LAYERS_H

#include "bytes.h"
#include "flows.h"
#include "policy.h"

/* As predict(), for a packet whose virtio header is zero. No hash is known. */
struct held *predict_layers(const struct policy *policy,
                            const struct flows *flows, struct bytes packet);

#endif
