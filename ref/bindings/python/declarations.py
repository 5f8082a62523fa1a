# SPDX-License-Identifier: MIT
"""The declarations of grove.h that the package uses. The C compiler compares
them with the header.
"""

import cffi

builder = cffi.FFI()
builder.cdef("""
enum grove_error { GROVE_OK, GROVE_E_CONFIG_PROFILE, ... };
enum grove_link { GROVE_LINK_NONE, GROVE_LINK_ETHERNET };
enum grove_tunnel_protocol {
    GROVE_TUNNEL_IPIP = 1, GROVE_TUNNEL_GRE, GROVE_TUNNEL_VXLAN,
    GROVE_TUNNEL_VXLAN_GPE, GROVE_TUNNEL_GENEVE, GROVE_TUNNEL_PPPOE
};
enum grove_mode { GROVE_MODE_LINUX, GROVE_MODE_LOSSLESS };
enum grove_rule { GROVE_RULE_NONE, ... };
enum grove_verdict { GROVE_HELD, GROVE_MERGED, GROVE_PASSED, GROVE_REJECTED };
enum grove_split_result {
    GROVE_SPLIT_OK, GROVE_SPLIT_REJECTED, GROVE_SPLIT_DROPPED
};
struct iovec { void *iov_base; size_t iov_len; ...; };
struct grove_tunnel { enum grove_tunnel_protocol protocol; uint16_t port; };
struct grove_config {
    const char *profile;
    uint32_t max_flows, max_packets;
    enum grove_mode mode;
    bool no_udp, csum_trusted;
    uint64_t seed;
    enum grove_link link;
    const struct grove_tunnel *tunnels;
    uint32_t tunnel_count;
    uint8_t vnet_len;
    uint32_t max_bytes;
    bool fraglist, hash;
};
struct grove_packet {
    const uint8_t *data;
    size_t len;
    const uint8_t *vnet;
    uint32_t hash;
};
struct grove_fate { enum grove_verdict verdict; enum grove_rule rule; };
struct grove_output {
    const struct iovec *iov;
    int iovcnt;
    uint32_t len, packets, first;
    enum grove_rule rule;
    uint32_t rest;
};
struct grove_split_config {
    const char *profile;
    bool csum_offload;
    enum grove_link link;
    uint8_t vnet_len;
};
#define GROVE_NO_PACKET ...
#define GROVE_VNET_LEN ...

const char *grove_error_words(enum grove_error error);
const char *grove_verdict_words(enum grove_verdict verdict);
const char *grove_rule_id(enum grove_rule rule);
const char *const *grove_profiles(void);

enum grove_error grove_table_new(const struct grove_config *config,
                                 struct grove_table **table);
void grove_table_free(struct grove_table *table);
enum grove_error grove_receive(struct grove_table *table,
                               const struct grove_packet *packet);
void grove_flush(struct grove_table *table);
enum grove_error grove_clear(struct grove_table *table);
const struct grove_output *grove_to_write(const struct grove_table *table,
                                          size_t *count);
uint32_t grove_received(const struct grove_table *table);
uint32_t grove_next_packet(const struct grove_table *table, uint32_t number);
struct grove_fate grove_fate_of(const struct grove_table *table,
                                uint32_t number);

enum grove_error grove_split_new(const struct grove_split_config *config,
                                 struct grove_split **split);
void grove_split_free(struct grove_split *split);
enum grove_split_result grove_split_begin(struct grove_split *split,
                                          const struct grove_packet *packet,
                                          enum grove_rule *rule);
uint32_t grove_split_copy(struct grove_split *split, uint8_t *data, size_t size,
                          uint8_t *vnet);
""")
builder.set_source("grove._library", '#include "grove.h"', sources=["grove.c"],
                   include_dirs=["."], extra_compile_args=["-std=gnu11"])
