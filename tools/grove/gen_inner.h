/* SPDX-License-Identifier: MIT */
/* What is inside of a packet with a link and tunnels. */
#ifndef GROVE_TOOLS_GEN_INNER_H
#define GROVE_TOOLS_GEN_INNER_H

#include "../../ref/bytes.h"
#include "describe.h"
#include "run.h"

/* The innermost IP packet. */
struct bytes gen_inner(const struct run_config *config, const uint8_t *packet,
                       size_t len);

/* Describes the innermost IP packet. */
void gen_describe(const struct run_config *config, const uint8_t *packet,
                  size_t len, struct description *description);

#endif
