/* SPDX-License-Identifier: MIT */
/* Makes tables and splitters: checks the configuration, lays out memory. */
#include <stdalign.h>
#include <stdlib.h>

#include "seed.h"
#include "split.h"
#include "table.h"
#include "vnet.h"

/* Where the parts of a table lie in its memory, in bytes from its start. */
struct layout {
    uint32_t max_flows; /* in a bucket */
    uint32_t max_held;  /* in all buckets */
    uint32_t max_packets;
    size_t held;
    size_t slots;
    size_t records;
    size_t list;
    size_t vnets;
    size_t headers;
    size_t outers;
    size_t jumbos;
    size_t iov;
    size_t kept_vnets;
    size_t size;
};

/* Of a configuration in which 0 means the usual one. */
static uint8_t vnet_len_of(uint8_t given)
{
    return given != 0 ? given : GROVE_VNET_LEN;
}

static uint32_t max_bytes_of(const struct grove_config *config)
{
    return config->max_bytes != 0 ? config->max_bytes : GROVE_DEFAULT_BYTES;
}

/* Whether there are super-packets over the usual length. */
static bool is_big(const struct grove_config *config)
{
    return max_bytes_of(config) != GROVE_DEFAULT_BYTES;
}

/* Checks what stands before a packet's IP header. */
static enum grove_error check_frame(enum grove_link link, uint8_t vnet_len)
{
    if (!link_exists(link))
        return GROVE_E_CONFIG_LINK;
    if (!vnet_len_exists(vnet_len_of(vnet_len)))
        return GROVE_E_CONFIG_VNET_LEN;
    return GROVE_OK;
}

/* Lossless mode has the tunnels of which a split gives all packets back. */
static enum grove_error check_tunnels(const struct grove_config *config,
                                      const struct profile *profile)
{
    struct policy policy = {.profile = *profile,
                            .link = config->link,
                            .vnet_len = config->vnet_len};

    if (config->tunnel_count > GROVE_MAX_TUNNELS)
        return GROVE_E_CONFIG_TUNNELS;
    if (!tunnels_copy(&policy.tunnels, config->tunnels, config->tunnel_count))
        return GROVE_E_CONFIG_TUNNEL;
    if (config->mode == GROVE_MODE_LOSSLESS && config->tunnel_count != 0 &&
        !policy_tells_tunnels(&policy))
        return GROVE_E_CONFIG_LOSSLESS;
    return GROVE_OK;
}

static enum grove_error check_bytes(const struct grove_config *config)
{
    const uint32_t max_bytes = max_bytes_of(config);

    if (max_bytes < GROVE_DEFAULT_BYTES || max_bytes > GROVE_MAX_BYTES)
        return GROVE_E_CONFIG_BYTES;
    if (is_big(config) &&
        (config->mode != GROVE_MODE_LINUX || config->link != GROVE_LINK_NONE ||
         config->tunnel_count != 0))
        return GROVE_E_CONFIG_BIG;
    return GROVE_OK;
}

/*
 * Lists are covered in linux mode, of packets that begin with the IP header,
 * and with the usual max_bytes.
 */
static enum grove_error check_fraglist(const struct grove_config *config)
{
    if (config->fraglist &&
        (config->mode == GROVE_MODE_LOSSLESS || is_big(config) ||
         config->link != GROVE_LINK_NONE || config->tunnel_count != 0))
        return GROVE_E_CONFIG_FRAGLIST;
    return GROVE_OK;
}

/* Hashes are covered in linux mode, without lists, and with the usual
 * max_bytes.
 */
static enum grove_error check_hash(const struct grove_config *config)
{
    if (config->hash && (config->mode == GROVE_MODE_LOSSLESS ||
                         config->fraglist || is_big(config)))
        return GROVE_E_CONFIG_HASH;
    return GROVE_OK;
}

/* Checks the configuration, and finds the row of its profile. */
static enum grove_error check_config(const struct grove_config *config,
                                     struct profile *profile)
{
    enum grove_error error;

    if (config->max_flows > GROVE_MAX_FLOWS)
        return GROVE_E_CONFIG_FLOWS;
    if (config->max_packets > GROVE_MAX_PACKETS)
        return GROVE_E_CONFIG_PACKETS;
    error = check_frame(config->link, config->vnet_len);
    if (error == GROVE_OK)
        error = profile_find(config->profile, profile);
    if (error == GROVE_OK)
        error = check_tunnels(config, profile);
    if (error == GROVE_OK)
        error = check_bytes(config);
    if (error == GROVE_OK)
        error = check_fraglist(config);
    return error != GROVE_OK ? error : check_hash(config);
}

/* Room for `count` objects of `size` at the end; returns its offset. */
static size_t place(struct layout *layout, size_t count, size_t size)
{
    const size_t align = alignof(max_align_t);
    const size_t offset = (layout->size + align - 1) / align * align;

    layout->size = offset + count * size;
    return offset;
}

/* The limits of check_config() keep every product far below SIZE_MAX. */
static struct layout lay_out(const struct grove_config *config)
{
    struct layout l = {.size = sizeof(struct grove_table)};

    l.max_flows = config->max_flows ? config->max_flows : GROVE_DEFAULT_BATCH;
    l.max_held = config->hash ? GROVE_BUCKETS * l.max_flows : l.max_flows;
    l.max_packets = config->max_packets;
    if (l.max_packets == 0)
        l.max_packets = l.max_flows > GROVE_DEFAULT_BATCH ? l.max_flows
                                                          : GROVE_DEFAULT_BATCH;
    l.held = place(&l, (size_t)l.max_held + 1, sizeof(struct held));
    l.slots = place(&l, flows_slots(l.max_held), sizeof(struct held *));
    l.records = place(&l, l.max_packets, sizeof(struct record));
    l.list = place(&l, l.max_packets, sizeof(struct grove_output));
    l.vnets = place(&l, l.max_packets, vnet_len_of(config->vnet_len));
    l.headers = place(&l, l.max_packets, sizeof(struct headers));
    l.outers = place(&l, config->tunnel_count != 0 ? l.max_packets : 0,
                     sizeof(struct outer_headers));
    l.jumbos = place(&l, is_big(config) ? l.max_packets : 0,
                     sizeof(struct jumbo_headers));
    l.iov = place(&l,
                  (size_t)l.max_packets *
                      outputs_iovecs(config->link, config->tunnel_count != 0),
                  sizeof(struct iovec));
    l.kept_vnets = place(&l, config->fraglist ? l.max_packets : 0,
                         vnet_len_of(config->vnet_len));
    return l;
}

size_t grove_table_size(const struct grove_config *config)
{
    struct profile profile;

    return check_config(config, &profile) == GROVE_OK ? lay_out(config).size
                                                      : 0;
}

/* In lossless mode, no more than a split passes. */
static uint8_t tags_max_of(const struct grove_config *config)
{
    return config->mode == GROVE_MODE_LOSSLESS ? (uint8_t)SPLIT_TAGS_MAX
                                               : (uint8_t)LINK_TAGS_MAX;
}

static void set_up(struct grove_table *table, const struct layout *layout,
                   const struct grove_config *config,
                   const struct profile *profile)
{
    char *memory = (char *)table;
    const uint64_t seed = config->seed ? config->seed : seed_draw(table);

    *table = (struct grove_table){
        .policy =
            {
                .profile = *profile,
                .sum = grove_sum_fastest(),
                .link = config->link,
                .vnet_len = vnet_len_of(config->vnet_len),
                .tags_max = tags_max_of(config),
                .plain = config->link == GROVE_LINK_NONE &&
                         config->tunnel_count == 0 && !config->hash,
                .lossless = config->mode == GROVE_MODE_LOSSLESS,
                .fraglist = config->fraglist,
                .hash = config->hash,
                .no_udp = config->no_udp && !config->fraglist,
                .csum_trusted = config->csum_trusted,
                .max_bytes = max_bytes_of(config),
            },
        .outputs =
            {
                .records = (struct record *)(memory + layout->records),
                .max = layout->max_packets,
                .list = (struct grove_output *)(memory + layout->list),
                .vnets = (uint8_t *)(memory + layout->vnets),
                .headers = (struct headers *)(memory + layout->headers),
                .outers = (struct outer_headers *)(memory + layout->outers),
                .jumbos = (struct jumbo_headers *)(memory + layout->jumbos),
                .vnet_len = vnet_len_of(config->vnet_len),
                .iov = (struct iovec *)(memory + layout->iov),
                .kept_vnets = (uint8_t *)(memory + layout->kept_vnets),
            },
    };
    (void)tunnels_copy(&table->policy.tunnels, config->tunnels,
                       config->tunnel_count);
    table->policy.pppoe = tunnels_have_pppoe(&table->policy.tunnels);
    flows_init(&table->flows, layout->max_held, layout->max_flows, seed,
               (struct held *)(memory + layout->held),
               (struct held **)(memory + layout->slots));
}

static enum grove_error check_memory(const void *memory, size_t size,
                                     size_t needed)
{
    if (memory == NULL)
        return GROVE_E_ALLOCATION;
    if (size < needed)
        return GROVE_E_MEMORY_SIZE;
    if ((uintptr_t)memory % alignof(max_align_t) != 0)
        return GROVE_E_MEMORY_ALIGN;
    return GROVE_OK;
}

enum grove_error grove_table_init(void *memory, size_t size,
                                  const struct grove_config *config,
                                  struct grove_table **table)
{
    struct profile profile;
    enum grove_error error = check_config(config, &profile);
    struct layout layout;

    if (error != GROVE_OK)
        return error;
    layout = lay_out(config);
    error = check_memory(memory, size, layout.size);
    if (error != GROVE_OK)
        return error;
    *table = (struct grove_table *)memory;
    set_up(*table, &layout, config, &profile);
    return GROVE_OK;
}

enum grove_error grove_table_new(const struct grove_config *config,
                                 struct grove_table **table)
{
    struct profile profile;
    const enum grove_error error = check_config(config, &profile);
    size_t size;

    if (error != GROVE_OK)
        return error;
    size = lay_out(config).size;
    /* The memory is the table. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    return grove_table_init(malloc(size), size, config, table);
}

/* Whether the configuration has this tunnel. */
static bool lists(const struct grove_config *config,
                  const struct grove_tunnel *tunnel)
{
    for (uint32_t i = 0; i < config->tunnel_count; i++)
        if (config->tunnels[i].protocol == tunnel->protocol &&
            config->tunnels[i].port == tunnel->port)
            return true;
    return false;
}

bool grove_table_fits(const struct grove_table *table,
                      const struct grove_config *config)
{
    const struct policy *policy = &table->policy;

    for (uint32_t i = 0; i < policy->tunnels.count; i++)
        if (!lists(config, &policy->tunnels.list[i]))
            return false;
    return policy->link == config->link &&
           policy->vnet_len == vnet_len_of(config->vnet_len) &&
           policy->max_bytes <= max_bytes_of(config);
}

void grove_table_free(struct grove_table *table)
{
    free(table);
}

size_t grove_split_size(void)
{
    return sizeof(struct grove_split);
}

/* As check_config(). */
static enum grove_error
check_split_config(const struct grove_split_config *config,
                   struct profile *profile)
{
    const enum grove_error error = check_frame(config->link, config->vnet_len);

    return error != GROVE_OK ? error : profile_find(config->profile, profile);
}

enum grove_error grove_split_init(void *memory, size_t size,
                                  const struct grove_split_config *config,
                                  struct grove_split **split)
{
    struct profile profile;
    enum grove_error error = check_split_config(config, &profile);

    if (error != GROVE_OK)
        return error;
    error = check_memory(memory, size, sizeof **split);
    if (error != GROVE_OK)
        return error;
    *split = (struct grove_split *)memory;
    **split = (struct grove_split){
        .profile = profile,
        .sum = grove_sum_fastest(),
        .copy = grove_copy_fastest(),
        .link = config->link,
        .csum_offload = config->csum_offload,
        .vnet_len = vnet_len_of(config->vnet_len),
    };
    return GROVE_OK;
}

enum grove_error grove_split_new(const struct grove_split_config *config,
                                 struct grove_split **split)
{
    struct profile profile;
    const enum grove_error error = check_split_config(config, &profile);
    const size_t size = grove_split_size();

    if (error != GROVE_OK)
        return error;
    /* Likewise. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    return grove_split_init(malloc(size), size, config, split);
}

void grove_split_free(struct grove_split *split)
{
    free(split);
}

const char *grove_error_words(enum grove_error error)
{
    switch (error) {
    case GROVE_OK:
        return "no error";
    case GROVE_E_CONFIG_FLOWS:
        return "max_flows is over the limit";
    case GROVE_E_CONFIG_PACKETS:
        return "max_packets is over the limit";
    case GROVE_E_CONFIG_PROFILE:
        return "no profile has this name";
    case GROVE_E_MEMORY_SIZE:
        return "the memory is too small";
    case GROVE_E_MEMORY_ALIGN:
        return "the memory is not aligned";
    case GROVE_E_ALLOCATION:
        return "out of memory";
    case GROVE_E_FULL:
        return "max_packets were received: write, then clear";
    case GROVE_E_HELD:
        return "packets are held: flush before clearing";
    case GROVE_E_CONFIG_COLUMN:
        return "the profile's name has an unknown column, or one twice";
    case GROVE_E_CONFIG_VALUE:
        return "the profile has a value that no kernel has";
    case GROVE_E_CONFIG_SPELLING:
        return "the profile's name is not canonical";
    case GROVE_E_CONFIG_LINK:
        return "there is no such link";
    case GROVE_E_CONFIG_TUNNELS:
        return "there are more tunnels than the limit";
    case GROVE_E_CONFIG_TUNNEL:
        return "a tunnel is not one that this version covers";
    case GROVE_E_CONFIG_VNET_LEN:
        return "vnet_len is not one that this version covers";
    case GROVE_E_CONFIG_BYTES:
        return "max_bytes is not from 65535 to 524280";
    case GROVE_E_CONFIG_BIG:
        return "max_bytes over 65535 is for linux mode without a link and "
               "tunnels";
    case GROVE_E_CONFIG_LOSSLESS:
        return "in lossless mode, tunnels need Ethernet, a vnet_len of 24, and "
               "a profile that takes tunnels over UDP, and these only";
    case GROVE_E_CONFIG_FRAGLIST:
        return "fraglist is for linux mode with the usual max_bytes, without a "
               "link and tunnels";
    case GROVE_E_CONFIG_HASH:
        return "hash is for linux mode with the usual max_bytes, without "
               "fraglist";
    }
    return "unknown error";
}

const char *grove_version(void)
{
    return GROVE_VERSION;
}
