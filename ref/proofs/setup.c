/* SPDX-License-Identifier: MIT */
/*
 * setup.c: the parts of a table lie in its memory, none over another. What
 * fails makes no table.
 */
#include "../setup.c"

#include "proof.h"

/* Any profile, or an error, but the same whenever it is asked. */
static enum grove_error profile_error;

enum grove_error profile_find(const char *name, struct profile *profile)
{
    (void)name;
    if (profile_error == GROVE_OK)
        *profile = any_profile();
    return profile_error;
}

uint64_t seed_draw(const void *memory)
{
    PROVE(memory != NULL);
    return (uint64_t)nondet_u32() << 32 | nondet_u32();
}

grove_sum_fn *grove_sum_fastest(void)
{
    return any_sum;
}

static uint16_t any_copy(uint8_t *to, const uint8_t *from, size_t len)
{
    (void)to;
    (void)from;
    (void)len;
    return nondet_u16();
}

grove_copy_fn *grove_copy_fastest(void)
{
    return any_copy;
}

/* Which tunnels are covered is the same whenever it is asked. */
static struct tunnels covered;

bool tunnels_copy(struct tunnels *tunnels, const struct grove_tunnel *list,
                  uint32_t count)
{
    (void)list;
    *tunnels = covered;
    return count == covered.count;
}

bool tunnels_have_pppoe(const struct tunnels *tunnels)
{
    PROVE(tunnels_is_valid(tunnels));
    return nondet_bool();
}

static bool bytes_are_wrong(const struct grove_config *config)
{
    const uint32_t bytes = config->max_bytes;

    if (bytes == 0 || bytes == GROVE_DEFAULT_BYTES)
        return false;
    return bytes < GROVE_DEFAULT_BYTES || bytes > GROVE_MAX_BYTES ||
           config->mode != GROVE_MODE_LINUX || config->link != GROVE_LINK_NONE;
}

/* What is wrong with the configuration, in the order of check_config(). */
static bool config_is_wrong(const struct grove_config *config)
{
    return config->max_flows > GROVE_MAX_FLOWS ||
           config->max_packets > GROVE_MAX_PACKETS ||
           config->tunnel_count != covered.count ||
           !link_exists(config->link) ||
           (config->vnet_len != 0 && config->vnet_len != GROVE_VNET_LEN &&
            config->vnet_len != GROVE_VNET_BUFFERS_LEN &&
            config->vnet_len != GROVE_VNET_TUNNEL_LEN) ||
           profile_error != GROVE_OK || bytes_are_wrong(config) ||
           (config->fraglist &&
            (config->mode == GROVE_MODE_LOSSLESS || is_big(config) ||
             config->link != GROVE_LINK_NONE)) ||
           (config->hash && (config->mode == GROVE_MODE_LOSSLESS ||
                             config->fraglist || is_big(config)));
}

/* Offset `at` of a part, behind one that ends at `end`. */
static void prove_part(size_t at, size_t end)
{
    PROVE(at >= end && at % alignof(max_align_t) == 0);
}

/* The parts lie one behind the other. */
void proof_setup_layout(void)
{
    struct grove_config config;

    ASSUME(config.max_flows <= GROVE_MAX_FLOWS);
    ASSUME(config.max_packets <= GROVE_MAX_PACKETS);
    ASSUME(config.tunnel_count == 0 && config.vnet_len == GROVE_VNET_LEN);
    const struct layout l = lay_out(&config);
    const size_t flows = l.max_flows;
    const size_t held = config.hash ? GROVE_BUCKETS * flows : flows;
    const size_t packets = l.max_packets;

    PROVE(flows ==
          (config.max_flows != 0 ? config.max_flows : GROVE_DEFAULT_BATCH));
    PROVE(l.max_held == held);
    PROVE(config.max_packets == 0 || packets == config.max_packets);
    PROVE(packets >= 1 && packets <= GROVE_MAX_PACKETS);
    prove_part(l.held, sizeof(struct grove_table));
    prove_part(l.slots, l.held + (held + 1) * sizeof(struct held));
    prove_part(l.records,
               l.slots + flows_slots(l.max_held) * sizeof(struct held *));
    prove_part(l.list, l.records + packets * sizeof(struct record));
    prove_part(l.vnets, l.list + packets * sizeof(struct grove_output));
    prove_part(l.headers, l.vnets + packets * GROVE_VNET_LEN);
    prove_part(l.outers, l.headers + packets * sizeof(struct headers));
    prove_part(l.jumbos, l.outers);
    prove_part(l.iov, l.jumbos + (is_big(&config) ? packets : 0) *
                                     sizeof(struct jumbo_headers));
    prove_part(l.kept_vnets, l.iov + packets *
                                         outputs_iovecs(config.link, false) *
                                         sizeof(struct iovec));
    PROVE(l.size ==
          l.kept_vnets + (config.fraglist ? packets * GROVE_VNET_LEN : 0));
    REACHES(packets == GROVE_MAX_PACKETS && flows == GROVE_MAX_FLOWS);
    REACHES(packets == GROVE_DEFAULT_BATCH && flows == 1);
    REACHES(held == (size_t)GROVE_BUCKETS * GROVE_MAX_FLOWS);
}

/* The memory of a table of 3 flows and 4 packets. */
enum { FLOWS = 3, PACKETS = 4 };
#define ALIGNED __attribute__((aligned(alignof(max_align_t))))
static struct {
    struct grove_table table;
    struct held held[FLOWS + 1] ALIGNED;
    struct held *slots[8] ALIGNED;
    struct record records[PACKETS] ALIGNED;
    struct grove_output list[PACKETS] ALIGNED;
    uint8_t vnets[PACKETS * GROVE_VNET_LEN_MAX] ALIGNED;
    struct headers headers[PACKETS] ALIGNED;
    struct jumbo_headers jumbos[PACKETS] ALIGNED;
    struct iovec iov[(IOVECS_PER_PACKET + 1) * PACKETS] ALIGNED;
    uint8_t kept_vnets[PACKETS * GROVE_VNET_LEN_MAX] ALIGNED;
} memory;

/* Where a table has its slices: with the usual limit it has no jumbo headers.
 */
static void *slices_of(const struct grove_config *config)
{
    return is_big(config) ? (void *)memory.iov : (void *)memory.jumbos;
}

/* The bytes that a table of this configuration needs of it. */
static size_t needed(const struct grove_config *config)
{
    return (size_t)((char *)slices_of(config) - (char *)&memory) +
           (size_t)PACKETS * outputs_iovecs(config->link, false) *
               sizeof(struct iovec) +
           (config->fraglist ? sizeof memory.kept_vnets : 0);
}

/* A table is valid, or why there is none is said. */
void proof_setup_table(void)
{
    struct grove_config config;
    struct grove_table *table = NULL;
    const size_t size = nondet_u32();
    void *const given = nondet_bool() ? &memory : NULL;

    ASSUME(!config.hash);
    config.max_flows = FLOWS;
    config.max_packets = PACKETS;
    config.vnet_len = GROVE_VNET_LEN_MAX;
    const enum grove_error error =
        grove_table_init(given, size, &config, &table);

    PROVE((error == GROVE_OK) == (table != NULL));
    PROVE(error == GROVE_OK || config_is_wrong(&config) || given == NULL ||
          size < needed(&config));
    if (error == GROVE_OK) {
        PROVE(table == &memory.table && size >= needed(&config));
        PROVE(!config_is_wrong(&config) && table_is_valid(table));
        PROVE(table->flows.slots == memory.slots);
        PROVE((void *)table->outputs.iov == slices_of(&config));
        PROVE(table->outputs.jumbos == memory.jumbos);
        PROVE(table->policy.link == config.link);
        PROVE(table->policy.vnet_len == vnet_len_of(config.vnet_len));
        PROVE(table->outputs.vnet_len == table->policy.vnet_len);
        PROVE(table->policy.lossless == (config.mode == GROVE_MODE_LOSSLESS));
        PROVE(table->policy.fraglist == config.fraglist);
        PROVE(table->policy.hash == config.hash);
        PROVE(table->policy.no_udp == (config.no_udp && !config.fraglist));
        PROVE(table->policy.csum_trusted == config.csum_trusted);
        PROVE(table->policy.max_bytes == max_bytes_of(&config));
    }
    REACHES(error == GROVE_OK && table->policy.lossless);
    REACHES(error == GROVE_OK && table->policy.max_bytes == GROVE_MAX_BYTES);
    REACHES(error == GROVE_E_MEMORY_SIZE);
    REACHES(error == GROVE_E_ALLOCATION);
    REACHES(error == GROVE_E_CONFIG_TUNNELS);
}

/* The same memory of a table with tunnels. */
static struct {
    struct grove_table table;
    struct held held[FLOWS + 1] ALIGNED;
    struct held *slots[8] ALIGNED;
    struct record records[PACKETS] ALIGNED;
    struct grove_output list[PACKETS] ALIGNED;
    uint8_t vnets[PACKETS * GROVE_VNET_LEN_MAX] ALIGNED;
    struct headers headers[PACKETS] ALIGNED;
    struct outer_headers outers[PACKETS] ALIGNED;
    struct iovec iov[(IOVECS_PER_PACKET_IN_TUNNEL + 1) * PACKETS] ALIGNED;
} tunneled;

/* A table with tunnels is valid, too, or there is a reason. */
void proof_setup_tunnels(void)
{
    struct grove_config config;
    struct grove_table *table = NULL;
    const size_t size = nondet_u32();
    struct tunnels any;

    ASSUME(any.count >= 1 && any.count <= 2 && tunnels_is_valid(&any));
    covered = any;
    config.tunnel_count = any.count;
    ASSUME(!config.hash);
    config.max_flows = FLOWS;
    config.max_packets = PACKETS;
    config.vnet_len = GROVE_VNET_LEN_MAX;
    config.link = GROVE_LINK_ETHERNET;
    const enum grove_error error =
        grove_table_init(&tunneled, size, &config, &table);

    PROVE((error == GROVE_OK) == (table != NULL));
    if (error == GROVE_OK) {
        PROVE(table == &tunneled.table && size >= sizeof tunneled);
        PROVE(table_is_valid(table));
        PROVE(table->policy.tunnels.count == config.tunnel_count);
        PROVE(table->outputs.outers == tunneled.outers);
        PROVE(table->outputs.iov == tunneled.iov);
    }
    REACHES(error == GROVE_OK && table->policy.lossless);
    REACHES(error == GROVE_E_CONFIG_LOSSLESS && size >= sizeof tunneled);
}

void proof_setup_split(void)
{
    struct grove_split memory;
    struct grove_split_config config;
    struct grove_split *split = NULL;
    const size_t size = nondet_u32();
    void *const given = nondet_bool() ? &memory : NULL;
    const enum grove_error error =
        grove_split_init(given, size, &config, &split);

    PROVE((error == GROVE_OK) == (split != NULL));
    if (error == GROVE_OK) {
        PROVE(split == &memory && size >= grove_split_size());
        PROVE(split_is_valid(split) && split->count == 0);
        PROVE(split->link == config.link && link_exists(split->link));
        PROVE(split->vnet_len == vnet_len_of(config.vnet_len));
        PROVE(split->csum_offload == config.csum_offload);
    }
    REACHES(error == GROVE_OK && split->link == GROVE_LINK_ETHERNET);
    REACHES(error == GROVE_E_MEMORY_SIZE);
    REACHES(error == GROVE_E_ALLOCATION);
}

/* What is wrong with a configuration is found, and nothing else. */
void proof_setup_config(void)
{
    struct grove_config config;
    struct profile profile;
    const enum grove_error error = check_config(&config, &profile);

    PROVE((error != GROVE_OK) == config_is_wrong(&config));
    REACHES(error == GROVE_OK && config.max_flows == GROVE_MAX_FLOWS);
    REACHES(error == GROVE_E_CONFIG_VNET_LEN);
    REACHES(error == GROVE_E_CONFIG_BIG);
}

/* Any value of the type has words. */
void proof_setup_words(void)
{
    const enum grove_error error = (enum grove_error)nondet_u32();
    const char *const words = grove_error_words(error);

    PROVE(__CPROVER_r_ok(words, 2) && words[0] != '\0');
    REACHES(error == (enum grove_error)1000);
}
