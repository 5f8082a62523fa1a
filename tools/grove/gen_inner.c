/* SPDX-License-Identifier: MIT */
#include "gen_inner.h"

#include "layers.h"

struct bytes gen_inner(const struct run_config *config, const uint8_t *packet,
                       size_t len)
{
    const struct layers layers = layers_of(config, packet, len);

    return bytes_from((struct bytes){packet, (uint32_t)len}, layers.ip);
}

void gen_describe(const struct run_config *config, const uint8_t *packet,
                  size_t len, struct description *description)
{
    const struct bytes inner = gen_inner(config, packet, len);

    describe(inner.at, inner.len, description);
}
