/* SPDX-License-Identifier: MIT */
#include "layered.h"

#include "mend.h"
#include "script.h"

static const struct {
    uint8_t bit;
    struct grove_tunnel tunnel;
} tunnels[] = {
    {INPUT_IPIP, {GROVE_TUNNEL_IPIP, 0}},
    {INPUT_GRE, {GROVE_TUNNEL_GRE, 0}},
    {INPUT_VXLAN, {GROVE_TUNNEL_VXLAN, 4789}},
    {INPUT_VXLAN_GPE, {GROVE_TUNNEL_VXLAN_GPE, 4790}},
    {INPUT_GENEVE, {GROVE_TUNNEL_GENEVE, 6081}},
};

enum { TUNNELS = sizeof tunnels / sizeof tunnels[0] };

void layered_config(uint8_t layers, struct run_config *config)
{
    config->link =
        (layers & INPUT_ETHERNET) != 0 ? GROVE_LINK_ETHERNET : GROVE_LINK_NONE;
    config->vnet_len = (uint8_t)script_vnet_len(layers);
    config->tunnel_count = 0;
    for (int i = 0; i < TUNNELS; i++)
        if ((layers & tunnels[i].bit) != 0)
            config->tunnels[config->tunnel_count++] = tunnels[i].tunnel;
}

/* The bit of a tunnel; 0: there is none. */
static uint8_t bit_of(const struct grove_tunnel *tunnel)
{
    for (int i = 0; i < TUNNELS; i++)
        if (tunnels[i].tunnel.protocol == tunnel->protocol &&
            tunnels[i].tunnel.port == tunnel->port)
            return tunnels[i].bit;
    return 0;
}

bool layered_byte(const struct run_config *config, uint8_t *layers)
{
    *layers = config->link == GROVE_LINK_ETHERNET ? INPUT_ETHERNET : 0;
    if (config->vnet_len == GROVE_VNET_TUNNEL_LEN)
        *layers |= INPUT_VNET_24;
    else if (config->vnet_len == GROVE_VNET_BUFFERS_LEN)
        *layers |= INPUT_VNET_12;
    for (uint32_t i = 0; i < config->tunnel_count; i++) {
        const uint8_t bit = bit_of(&config->tunnels[i]);

        if (bit == 0)
            return false;
        *layers |= bit;
    }
    return true;
}

/* Moves an offset that is there. */
static void move(size_t *offset, size_t by)
{
    if (*offset != 0)
        *offset += by;
}

struct inner inner_of(const struct run_config *config, const uint8_t *packet,
                      size_t len)
{
    const struct layers layers = layers_of(config, packet, len);
    struct inner inner = {.start = layers.ip};

    if (!layers.has_ip)
        return inner;
    inner.at = layout_of(packet + inner.start, len - inner.start);
    move(&inner.at.next, inner.start);
    move(&inner.at.body, inner.start);
    move(&inner.at.ports, inner.start);
    move(&inner.at.l4, inner.start);
    move(&inner.at.field, inner.start);
    move(&inner.at.payload, inner.start);
    return inner;
}

void layered_advance(const struct run_config *config, uint8_t *headers,
                     size_t len, size_t payload)
{
    const struct layers layers = layers_of(config, headers, len);

    for (unsigned i = 0; i < layers.count; i++)
        if (layers.layer[i].kind == LAYER_IP)
            headers_advance(headers + layers.layer[i].at,
                            len - layers.layer[i].at, payload);
}

/* ---- mending ---- */

struct mending {
    struct layers layers;
    struct inner inner;
    uint8_t *packet;
    size_t len;
    uint8_t kind;
    bool seeded; /* the device computes the outer UDP checksum */
};

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/*
 * The sum of all bytes from `from` on, as it is once the inner checksum is
 * complete: the inner L4 part then has the complement of its pseudo-header's
 * sum.
 */
static uint32_t sum_from(const struct mending *mending, size_t from)
{
    const struct layout *at = &mending->inner.at;

    if ((mending->kind & INPUT_L4) != INPUT_L4_PARTIAL || at->field == 0)
        return words_sum(mending->packet + from, mending->len - from);
    return words_sum(mending->packet + from, at->body - from) +
           (~get16(mending->packet + at->field) & 0xffff);
}

static void mend_outer_udp(const struct mending *mending, uint32_t ip,
                           uint32_t udp)
{
    const struct layout at = layout_of(mending->packet + ip, mending->len - ip);
    const uint32_t pseudo =
        pseudo_sum(&at, mending->packet + ip, mending->len - ip);
    uint8_t *field = mending->packet + udp + 6;
    uint32_t checksum;

    if (get16(field) == 0)
        return;
    put16(field, 0);
    checksum =
        mending->seeded
            ? words_fold(pseudo)
            : ~words_fold((uint64_t)pseudo + sum_from(mending, udp)) & 0xffff;
    put16(field, checksum != 0 ? checksum : 0xffff);
}

static void mend_gre(const struct mending *mending, uint32_t gre)
{
    uint8_t *header = mending->packet + gre;

    if ((header[0] & 0x80) == 0)
        return;
    put16(header + 4, 0);
    put16(header + 4, ~words_fold(sum_from(mending, gre)));
}

static void mend_l4(uint8_t *packet, size_t len, uint8_t kind)
{
    switch (kind & INPUT_L4) {
    case INPUT_L4_RIGHT:
        mend_l4_checksum(packet, len);
        break;
    case INPUT_L4_PARTIAL:
        mend_l4_partial(packet, len);
        break;
    case INPUT_L4_BY_PAYLOAD:
        mend_l4_payload(packet, len);
        break;
    default:
        break;
    }
}

/* What stands behind an IP header that is not the innermost one. */
static void mend_outer(const struct mending *mending, const struct layer *ip)
{
    const struct layer *next = ip + 1;

    if ((mending->kind & INPUT_L4) == 0 ||
        next == mending->layers.layer + mending->layers.count)
        return;
    if (next->kind == LAYER_UDP)
        mend_outer_udp(mending, ip->at, next->at);
    else if (next->kind == LAYER_GRE)
        mend_gre(mending, next->at);
}

static void mend_ip(const struct mending *mending, const struct layer *ip)
{
    uint8_t *at = mending->packet + ip->at;
    const size_t len = mending->len - ip->at;

    if ((mending->kind & INPUT_LENGTHS) != 0)
        mend_lengths(at, len);
    if (ip->at == mending->layers.ip)
        mend_l4(at, len, mending->kind);
    else
        mend_outer(mending, ip);
    if ((mending->kind & INPUT_IP) == INPUT_IP_RIGHT)
        mend_ip_checksum(at, len);
    else if ((mending->kind & INPUT_IP) == INPUT_IP_BY_ID)
        mend_ip_id(at, len);
}

/* Whether a header tells of a tunnel whose UDP has a checksum. */
static bool is_seeded(const struct run_config *config, const uint8_t *vnet)
{
    return config->vnet_len == GROVE_VNET_TUNNEL_LEN &&
           (vnet[0] & GROVE_VNET_F_TUNNEL_CSUM) != 0 &&
           (vnet[1] & (GROVE_VNET_GSO_TUNNEL4 | GROVE_VNET_GSO_TUNNEL6)) != 0;
}

void layered_mend(const struct run_config *config, uint8_t *packet, size_t len,
                  uint8_t kind, const uint8_t *vnet)
{
    const struct mending mending = {
        .layers = layers_of(config, packet, len),
        .inner = inner_of(config, packet, len),
        .packet = packet,
        .len = len,
        .kind = kind,
        .seeded =
            (kind & INPUT_L4) == INPUT_L4_PARTIAL && is_seeded(config, vnet),
    };

    for (unsigned i = mending.layers.count; i > 0; i--)
        if (mending.layers.layer[i - 1].kind == LAYER_IP)
            mend_ip(&mending, &mending.layers.layer[i - 1]);
}
