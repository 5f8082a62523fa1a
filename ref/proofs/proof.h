/* SPDX-License-Identifier: MIT */
/*
 * What the harnesses share. A harness is a function proof_NAME() without
 * parameters. It makes any input that the precondition allows, calls the code,
 * and asserts what must hold. A local variable without a value has any value.
 */
#ifndef GROVE_PROOF_H
#define GROVE_PROOF_H

#include <stdlib.h>

#include "bytes.h"
#include "grove/checksum.h"
#include "grove/table.h"
#include "link.h"
#include "policy.h"

/* Any value of a type. */
bool nondet_bool(void);
uint16_t nondet_u16(void);
uint32_t nondet_u32(void);

#define ASSUME(condition) __CPROVER_assume(condition)
#define PROVE(condition)  __CPROVER_assert(condition, #condition)

/*
 * Some run gets here with this condition. tools/proofs wants a counterexample
 * to the claim that none does, so that no assumption excludes everything.
 */
#ifdef GROVE_PROOF_CONTROL
#define REACHES(condition) ((void)0)
#else
#define REACHES(condition)                                                     \
    __CPROVER_assert(!(condition), "reaches: " #condition)
#endif

/* Any bytes, `most` of them at most, in memory that ends with the last. */
static inline struct bytes any_bytes(uint32_t most)
{
    const uint32_t len = nondet_u32();

    ASSUME(len <= most);
    return (struct bytes){
        len == 0 && nondet_bool() ? NULL : (uint8_t *)malloc(len), len};
}

/* Any sum of `len` bytes at `data`, which must be readable. */
static inline uint16_t any_sum(const uint8_t *data, size_t len)
{
    PROVE(len == 0 || __CPROVER_r_ok(data, len));
    return nondet_u16();
}

/* What the proofs of bytes_equal() allow. A harness defines it to be this. */
static inline bool any_equal(struct bytes a, struct bytes b)
{
    const bool equal = nondet_bool();

    PROVE(a.len == 0 || __CPROVER_r_ok(a.at, a.len));
    PROVE(b.len == 0 || __CPROVER_r_ok(b.at, b.len));
    ASSUME(!equal || a.len == b.len);
    return equal;
}

/*
 * Any profile: each column has one of the values that kernels have. So this is
 * every profile that has a name.
 */
static inline struct profile any_profile(void)
{
    return (struct profile){
        .min_tcp_gso_size = nondet_bool() ? 8 : 0,
        .takes_uso = nondet_bool(),
        .checks_csum_start = nondet_bool(),
        .dissects = nondet_bool(),
        .refuses_cwr = nondet_bool(),
        .compares_cwr = nondet_bool(),
        .shows_cwr = nondet_bool(),
        .fixed_id_needs_df = nondet_bool(),
        .max_udp_segments = 64,
        .strips_jumbo = nondet_bool(),
        .probes_tcp = nondet_bool(),
        .takes_tunnels = nondet_bool(),
        .counts_unread = nondet_bool(),
        .big_ip4 = nondet_bool(),
        .lists_tcp = nondet_bool(),
        .flushed_beside = nondet_bool(),
        .checks_tunnel_length = nondet_bool(),
    };
}

/* No link, or Ethernet. */
static inline enum grove_link any_link(void)
{
    return nondet_bool() ? GROVE_LINK_ETHERNET : GROVE_LINK_NONE;
}

/* The length of a virtio header. */
static inline uint8_t any_vnet_len(void)
{
    if (nondet_bool())
        return GROVE_VNET_TUNNEL_LEN;
    return nondet_bool() ? GROVE_VNET_LEN : GROVE_VNET_BUFFERS_LEN;
}

/* The limit of super-packets, or one that only some tables have. */
static inline uint32_t any_max_bytes(bool big)
{
    const uint32_t max_bytes = nondet_u32();

    ASSUME(max_bytes >= GROVE_DEFAULT_BYTES && max_bytes <= GROVE_MAX_BYTES);
    return big ? max_bytes : GROVE_DEFAULT_BYTES;
}

/* Any policy without tunnels. */
static inline struct policy any_policy(void)
{
    const enum grove_link link = any_link();
    const bool lossless = nondet_bool();
    const bool fraglist = nondet_bool() && link == GROVE_LINK_NONE && !lossless;
    const bool hash = nondet_bool() && !lossless && !fraglist;
    const bool plain = link == GROVE_LINK_NONE && !hash;

    return (struct policy){
        .profile = any_profile(),
        .sum = any_sum,
        .link = link,
        .vnet_len = any_vnet_len(),
        .tags_max = (uint8_t)(nondet_u16() % (LINK_TAGS_MAX + 1)),
        .plain = plain,
        .lossless = lossless,
        .fraglist = fraglist,
        .hash = hash,
        .no_udp = nondet_bool(),
        .csum_trusted = nondet_bool(),
        .max_bytes = any_max_bytes(plain && !lossless && !fraglist),
    };
}

#endif
