/* SPDX-License-Identifier: MIT */
#include "generate_shell.h"

#include <linux/if_ether.h>
#include <string.h>

/* The longest options of GENEVE, in words of 4 bytes. */
enum { OPTIONS_MAX = 63 };

/* The usual ports; the configuration may give others. */
static const struct grove_tunnel usual[] = {
    {GROVE_TUNNEL_VXLAN, 4789},
    {GROVE_TUNNEL_GENEVE, 6081},
    {GROVE_TUNNEL_VXLAN_GPE, 4790},
};

static const struct grove_tunnel pppoe = {GROVE_TUNNEL_PPPOE, 0};

/*
 * IP in IP and GRE are always ended: a kernel coalesces them whether they are
 * asked for or not (K-2).
 */
void layers_pick(struct dice *dice, struct run_config *config)
{
    config->link = one_in(dice, 2) ? GROVE_LINK_ETHERNET : GROVE_LINK_NONE;
    config->tunnels[0] = (struct grove_tunnel){GROVE_TUNNEL_IPIP, 0};
    config->tunnels[1] = (struct grove_tunnel){GROVE_TUNNEL_GRE, 0};
    config->tunnel_count = 2;
    if (one_in(dice, 3))
        config->vnet_len = one_in(dice, 3) ? 12 : RUN_VNET_MAX;
    if (!one_in(dice, 3))
        config->tunnels[config->tunnel_count++] =
            usual[one_in(dice, 3) ? 1 + pick(dice, 2) : 0];
    if (one_in(dice, 6))
        config->tunnels[config->tunnel_count++] = pppoe;
}

static void begin_frame(struct dice *dice, struct shell_frame *frame, bool tags)
{
    static const uint8_t addresses[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};

    *frame = (struct shell_frame){.tags = 0};
    memcpy(frame->addresses, addresses, sizeof addresses);
    frame->addresses[5] = (uint8_t)(1 + pick(dice, 3));
    if (!tags)
        return;
    frame->tags = (uint8_t)(1 + pick(dice, 2));
    if (one_in(dice, 20))
        frame->tags = (uint8_t)(1 + pick(dice, SHELL_TAGS));
    for (uint32_t i = 0; i < SHELL_TAGS; i++) {
        frame->tpid[i] = one_in(dice, 3) ? ETH_P_8021AD : ETH_P_8021Q;
        frame->tci[i] = (uint16_t)(1 + pick(dice, 3));
    }
}

/* PPPoE of the link, or inside of a tunnel. */
static void begin_pppoe(struct dice *dice, struct shell_pppoe *one, bool there)
{
    *one = (struct shell_pppoe){.there = there,
                                .code = 0x1100,
                                .session = (uint16_t)(1 + pick(dice, 3))};
}

/* On the link most often, and now and then where a tunnel names its type. */
static void begin_all_pppoe(struct dice *dice, struct shell *shell)
{
    begin_pppoe(dice, &shell->frame.pppoe, !one_in(dice, 4));
    for (uint32_t i = 0; i < shell->tunnels; i++) {
        struct shell_tunnel *tunnel = &shell->tunnel[i];
        const bool names = tunnel->framed ||
                           tunnel->protocol == GROVE_TUNNEL_GRE ||
                           tunnel->protocol == GROVE_TUNNEL_GENEVE;

        begin_pppoe(dice, &tunnel->frame.pppoe, names && one_in(dice, 3));
    }
}

static void begin_ip(struct dice *dice, struct draft_fields *ip)
{
    static const uint8_t ip6[16] = {0x20, 0x01, 0x0d, 0xb8, 1};

    *ip = (struct draft_fields){.version = one_in(dice, 3) ? 6 : 4};
    memcpy(ip->source, ip6, sizeof ip6);
    memcpy(ip->destination, ip6, sizeof ip6);
    ip->source[ip->version == 4 ? 3 : 15] = (uint8_t)(1 + pick(dice, 2));
    ip->destination[ip->version == 4 ? 3 : 15] = (uint8_t)(3 + pick(dice, 2));
    ip->hop = 64;
    ip->traffic_class = one_in(dice, 2) ? 0 : (uint8_t)pick(dice, 256);
    ip->id = one_in(dice, 6) ? 65534 : (uint16_t)pick(dice, 65536);
    ip->fragment = one_in(dice, 2) ? 0x4000 : 0;
    ip->flow_label = one_in(dice, 2) ? 0 : pick(dice, 1 << 20);
    if (ip->version == 6 && one_in(dice, 8)) {
        ip->extensions = (uint8_t)(1 + pick(dice, 2));
        memset(ip->extension, 60, sizeof ip->extension);
    }
}

static void begin_udp(struct dice *dice, struct shell_tunnel *tunnel,
                      uint16_t port)
{
    tunnel->ip.source_port = (uint16_t)(40000 + pick(dice, 2));
    tunnel->ip.destination_port = port;
    tunnel->zero_checksum = one_in(dice, 2);
    tunnel->number = (1 + pick(dice, 3)) << 8;
}

static void begin_kind(struct dice *dice, struct shell_tunnel *tunnel,
                       uint16_t port)
{
    switch (tunnel->protocol) {
    case GROVE_TUNNEL_IPIP:
        return;
    case GROVE_TUNNEL_GRE:
        tunnel->framed = one_in(dice, 2);
        tunnel->flags = (uint16_t)((one_in(dice, 2) ? 0x2000 : 0) |
                                   (one_in(dice, 2) ? 0x8000 : 0));
        tunnel->number = pick(dice, 3);
        return;
    case GROVE_TUNNEL_VXLAN:
        tunnel->framed = true;
        tunnel->flags = 0x0800;
        break;
    case GROVE_TUNNEL_VXLAN_GPE:
        tunnel->framed = one_in(dice, 2);
        tunnel->flags = 0x0c00;
        break;
    case GROVE_TUNNEL_GENEVE:
        tunnel->framed = !one_in(dice, 3);
        tunnel->options = one_in(dice, 2) ? 0 : (uint8_t)pick(dice, 8);
        break;
    case GROVE_TUNNEL_PPPOE:
        return; /* it is none of shell->tunnel */
    }
    begin_udp(dice, tunnel, port);
}

static void begin_tunnel(struct dice *dice, struct shell_tunnel *tunnel,
                         const struct grove_tunnel *kind, bool tags)
{
    *tunnel = (struct shell_tunnel){.protocol = kind->protocol,
                                    .fill = (uint8_t)pick(dice, 256)};
    begin_ip(dice, &tunnel->ip);
    tunnel->same_id = one_in(dice, 3);
    begin_kind(dice, tunnel, kind->port);
    begin_frame(dice, &tunnel->frame, tags && one_in(dice, 3));
}

/* The tunnels of the configuration without PPPoE; returns how many. */
static uint32_t tunnels_with_ip(const struct run_config *config,
                                struct grove_tunnel tunnels[GROVE_MAX_TUNNELS])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < config->tunnel_count; i++)
        if (config->tunnels[i].protocol != GROVE_TUNNEL_PPPOE)
            tunnels[count++] = config->tunnels[i];
    return count;
}

void shell_begin(struct dice *dice, struct shell *shell,
                 const struct run_config *config)
{
    const bool tags = one_in(dice, 10);
    struct grove_tunnel tunnels[GROVE_MAX_TUNNELS] = {{0}};
    const uint32_t count = tunnels_with_ip(config, tunnels);

    *shell = (struct shell){.framed = config->link == GROVE_LINK_ETHERNET,
                            .padded = one_in(dice, 2)};
    begin_frame(dice, &shell->frame, tags);
    if (count != 0 && !one_in(dice, 5))
        shell->tunnels = one_in(dice, 20) ? 2 : 1;
    for (uint32_t i = 0; i < shell->tunnels; i++)
        begin_tunnel(dice, &shell->tunnel[i], &tunnels[pick(dice, count)],
                     tags);
    if (run_config_has(config, GROVE_TUNNEL_PPPOE))
        begin_all_pppoe(dice, shell);
}

static void vary_frame(struct dice *dice, struct shell_frame *frame)
{
    if (frame->pppoe.there && one_in(dice, 3)) {
        frame->pppoe.session ^= (uint16_t)(1U << pick(dice, 16));
        return;
    }
    if (frame->tags != 0 && one_in(dice, 2))
        frame->tci[pick(dice, frame->tags)] ^= (uint16_t)(1U << pick(dice, 16));
    else
        frame->addresses[pick(dice, sizeof frame->addresses)] ^=
            (uint8_t)(1U << pick(dice, 8));
}

static void vary_tunnel(struct dice *dice, struct shell_tunnel *tunnel)
{
    const uint32_t last = tunnel->ip.version == 4 ? 3 : 15;

    switch (pick(dice, 7)) {
    case 0:
        tunnel->ip.source[last] ^= 8;
        break;
    case 1:
        tunnel->ip.destination[last] ^= 8;
        break;
    case 2:
        tunnel->ip.flow_label ^= 1U << pick(dice, 20);
        break;
    case 3:
        tunnel->ip.source_port ^= 0x10;
        break;
    case 4:
        tunnel->number ^= 1U << pick(dice, 32);
        break;
    case 5:
        tunnel->ip.extension_fill ^= 1;
        break;
    default:
        vary_frame(dice, &tunnel->frame);
        break;
    }
}

void shell_vary(struct dice *dice, struct shell *shell)
{
    if (shell->tunnels != 0 && !one_in(dice, 3))
        vary_tunnel(dice, &shell->tunnel[pick(dice, shell->tunnels)]);
    else
        vary_frame(dice, &shell->frame);
}

/* The identification goes on, or mostly stays. */
void shell_advance(struct dice *dice, struct shell *shell)
{
    for (uint32_t i = 0; i < shell->tunnels; i++) {
        struct draft_fields *ip = &shell->tunnel[i].ip;

        if (!shell->tunnel[i].same_id)
            ip->id++;
        else if (one_in(dice, 8))
            ip->id += (uint16_t)pick(dice, 3);
    }
}

/* A field of PPPoE. */
static void spoil_pppoe(struct dice *dice, struct shell_pppoe *one)
{
    static const uint16_t protocols[] = {0x0021, 0x0057, 0xc021, 0x2145};

    switch (pick(dice, 4)) {
    case 0:
        one->code ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 1:
        one->session ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 2:
        one->length_by = (uint16_t)(pick(dice, 5) - 2);
        break;
    default:
        one->protocol =
            protocols[pick(dice, sizeof protocols / sizeof protocols[0])];
        break;
    }
}

static void spoil_frame(struct dice *dice, struct shell_frame *frame)
{
    static const uint16_t types[] = {ETH_P_ARP, 0x0801,        100,
                                     0x9100,    ETH_P_PPP_SES, ETH_P_TEB,
                                     ETH_P_IP,  ETH_P_IPV6};

    if (frame->pppoe.there && one_in(dice, 2)) {
        spoil_pppoe(dice, &frame->pppoe);
        return;
    }
    switch (pick(dice, 3)) {
    case 0:
        frame->type = types[pick(dice, sizeof types / sizeof types[0])];
        break;
    case 1:
        if (frame->tags != 0)
            frame->tags--;
        break;
    default:
        vary_frame(dice, frame);
        break;
    }
}

static void spoil_ip4(struct dice *dice, struct draft_fields *ip)
{
    switch (pick(dice, 6)) {
    case 0:
        ip->fragment ^= 0x4000;
        break;
    case 1:
        ip->fragment ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 2:
        ip->ip_options = (uint8_t)(1 + pick(dice, 10));
        break;
    default:
        ip->id += (uint16_t)(pick(dice, 5) - 2);
        break;
    }
}

static void spoil_ip(struct dice *dice, struct draft_fields *ip)
{
    switch (pick(dice, 4)) {
    case 0:
        ip->hop ^= (uint8_t)(1U << pick(dice, 8));
        break;
    case 1:
        ip->traffic_class ^= (uint8_t)(1U << pick(dice, 8));
        break;
    default:
        if (ip->version == 4)
            spoil_ip4(dice, ip);
        else
            ip->flow_label ^= 1U << pick(dice, 20);
        break;
    }
}

/* The fields of the tunnel's own header. */
static void spoil_own(struct dice *dice, struct shell_tunnel *tunnel)
{
    static const uint16_t types[] = {ETH_P_ARP, 1, 2, 3, 4, ETH_P_8021Q};

    switch (pick(dice, 5)) {
    case 0:
        tunnel->flags ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 1:
        tunnel->number ^= 1U << pick(dice, 32);
        break;
    case 2:
        tunnel->type = types[pick(dice, sizeof types / sizeof types[0])];
        break;
    case 3:
        tunnel->options = (uint8_t)pick(dice, OPTIONS_MAX + 1);
        break;
    default:
        tunnel->zero_checksum = !tunnel->zero_checksum;
        break;
    }
}

static void spoil_tunnel(struct dice *dice, struct shell_tunnel *tunnel)
{
    switch (pick(dice, 4)) {
    case 0:
        spoil_own(dice, tunnel);
        break;
    case 1:
        vary_tunnel(dice, tunnel);
        break;
    case 2:
        spoil_frame(dice, &tunnel->frame);
        break;
    default:
        spoil_ip(dice, &tunnel->ip);
        break;
    }
}

void shell_spoil(struct dice *dice, struct shell *shell)
{
    if (shell->tunnels != 0 && !one_in(dice, 4))
        spoil_tunnel(dice, &shell->tunnel[pick(dice, shell->tunnels)]);
    else
        spoil_frame(dice, &shell->frame);
}

/* A word of a header becomes wrong, at its edges or by a bit. */
static void spoil_word(struct dice *dice, struct draft *draft, uint32_t at)
{
    switch (pick(dice, 4)) {
    case 0:
        draft_put16(draft, at, 0);
        break;
    case 1:
        draft_put16(draft, at, 0xffff);
        break;
    case 2:
        draft_put16(draft, at,
                    (uint16_t)(draft_get16(draft, at) + pick(dice, 5) - 2));
        break;
    default:
        draft_put16(draft, at,
                    draft_get16(draft, at) ^ (uint16_t)(1U << pick(dice, 16)));
        break;
    }
}

/* A length or a checksum of a tunnel. */
static void spoil_tunnel_word(struct dice *dice, struct draft *draft,
                              const struct shell *shell,
                              const struct shell_at *at)
{
    const uint32_t number = pick(dice, shell->tunnels);
    const struct draft_fields *ip = &shell->tunnel[number].ip;
    const uint32_t words[] = {
        at->ip[number] + (ip->version == 4 ? 2 : 4),
        at->ip[number] + (ip->version == 4 ? 10 : 4),
        at->l4[number],
        at->l4[number] + 4,
        at->l4[number] + 6,
        at->l4[number] + 8,
    };
    const uint32_t word = words[pick(dice, sizeof words / sizeof words[0])];

    if (word + 2 <= draft->len)
        spoil_word(dice, draft, word);
}

/* Cuts the end off, most likely within the headers, or adds to it. */
static void spoil_end(struct dice *dice, struct draft *draft)
{
    const uint32_t room = DRAFT_MAX - draft->len;

    if (one_in(dice, 2))
        draft_append_fill(draft, (uint8_t)pick(dice, 256),
                          pick(dice, room < 20 ? room + 1 : 20));
    else if (one_in(dice, 2))
        draft->len = pick(dice, draft->payload + 1);
    else
        draft->len -= pick(dice, draft->len < 20 ? draft->len : 20);
}

void shell_spoil_bytes(struct dice *dice, struct draft *draft,
                       const struct shell *shell, uint8_t version)
{
    const struct shell_at at = shell_find(shell, version);
    bool mend = one_in(dice, 2);

    if (shell->tunnels == 0 || one_in(dice, 4)) {
        spoil_end(dice, draft);
        mend = false;
    } else {
        spoil_tunnel_word(dice, draft, shell, &at);
    }
    if (mend && draft->len > draft->l4)
        for (uint32_t i = pick(dice, shell->tunnels); i > 0; i--)
            shell_mend(draft, shell, &at, i - 1);
}
