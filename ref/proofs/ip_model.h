/* SPDX-License-Identifier: MIT */
/*
 * A model of ip.c: each function gives any result that the proofs of ip.c
 * allow. A harness includes it instead of linking ip.c.
 */
#ifndef GROVE_PROOF_IP_MODEL_H
#define GROVE_PROOF_IP_MODEL_H

#include "header.h"
#include "ip.h"
#include "proof.h"

static struct ip_headers any_headers(struct bytes network, uint8_t version)
{
    struct ip_headers ip = {.fixed = nondet_bool(),
                            .whole = nondet_bool(),
                            .protocol = (uint8_t)nondet_u16(),
                            .l4 = nondet_u32(),
                            .extensions = nondet_u32()};

    ASSUME(ip_headers_is_valid(network, version, &ip));
    return ip;
}

/* Where the walk ended, and so where a probe ends at the latest. */
static uint32_t walked;

struct ip_headers ip_walk(struct bytes network, uint8_t version)
{
    const struct ip_headers ip = any_headers(network, version);

    walked = ip.whole ? ip.l4 : network.len;
    return ip;
}

/* What ip_dissect() says of the packet, whenever it is asked. */
static struct ip_headers dissected;
static bool is_dissected;

struct ip_headers ip_dissect(struct bytes network, uint8_t version)
{
    if (!is_dissected)
        dissected = any_headers(network, version);
    is_dissected = true;
    return dissected;
}

uint32_t ip_probe(struct bytes network, uint8_t version)
{
    const uint32_t at = nondet_u32();

    (void)version;
    ASSUME(at <= walked && at <= (uint16_t)network.len);
    return at;
}

uint16_t ip4_header_sum(struct bytes network)
{
    PROVE(network.len >= IP4_HEADER);
    return nondet_u16();
}

uint16_t ip_pseudo_sum(struct bytes network, uint8_t version, uint8_t protocol,
                       uint32_t len)
{
    const uint16_t sum = nondet_u16();

    PROVE(network.len >= (version == 4 ? IP4_HEADER : IP6_HEADER));
    ASSUME(sum != 0);
    return sum;
}

bool ip_l4_is_right(grove_sum_fn *sum, struct bytes network, uint8_t version,
                    uint8_t protocol, struct bytes l4)
{
    (void)sum(l4.at, l4.len);
    (void)ip_pseudo_sum(network, version, protocol, l4.len);
    return nondet_bool();
}

#endif
