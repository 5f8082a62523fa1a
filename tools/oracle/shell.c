/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

/* The least length of a frame, without its check sequence, in bytes. */
#define FRAME_MIN 60

enum { UDP_LEN = 8, GRE_LEN = 4, WORD = 4 };

/* The length field of PPPoE, and where what it counts begins. */
enum { PPPOE_LENGTH = 4, PPPOE_BEHIND = 6 };

/* The bits of GRE's flags that add a word. */
enum { GRE_CHECKSUM = 0x8000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000 };

static void append16(struct draft *draft, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};

    draft_append(draft, bytes, sizeof bytes);
}

static void append32(struct draft *draft, uint32_t value)
{
    append16(draft, value >> 16);
    append16(draft, value);
}

static uint16_t type_of(uint8_t version)
{
    return version == 4 ? ETH_P_IP : ETH_P_IPV6;
}

/* What stands before an IP header or PPPoE, by the IP version behind it. */
static uint16_t type_before(const struct shell_frame *frame, uint8_t version)
{
    return frame->pppoe.there ? ETH_P_PPP_SES : type_of(version);
}

static void append_frame(struct draft *draft, const struct shell_frame *frame,
                         uint8_t version)
{
    draft_append(draft, frame->addresses, sizeof frame->addresses);
    for (uint32_t i = 0; i < frame->tags; i++) {
        append16(draft, frame->tpid[i]);
        append16(draft, frame->tci[i]);
    }
    append16(draft,
             frame->type != 0 ? frame->type : type_before(frame, version));
}

/* Returns its offset; 0: there is none. */
static uint32_t append_pppoe(struct draft *draft,
                             const struct shell_pppoe *pppoe, uint8_t version)
{
    const uint32_t at = draft->len;

    if (!pppoe->there)
        return 0;
    append16(draft, pppoe->code);
    append16(draft, pppoe->session);
    append16(draft, 0);
    append16(draft, pppoe->protocol != 0 ? pppoe->protocol
                    : version == 4       ? 0x0021U
                                         : 0x0057U);
    return at;
}

/* What is inside of a tunnel, as its header says it. */
static uint16_t inner_type(const struct shell_tunnel *tunnel, uint8_t version)
{
    if (tunnel->type != 0)
        return tunnel->type;
    return tunnel->framed ? ETH_P_TEB : type_before(&tunnel->frame, version);
}

static void append_gre(struct draft *draft, const struct shell_tunnel *tunnel,
                       uint8_t version)
{
    append16(draft, tunnel->flags);
    append16(draft, inner_type(tunnel, version));
    if ((tunnel->flags & GRE_CHECKSUM) != 0)
        append32(draft, 0);
    if ((tunnel->flags & GRE_KEY) != 0)
        append32(draft, tunnel->number);
    if ((tunnel->flags & GRE_SEQUENCE) != 0)
        append32(draft, tunnel->number);
}

static void append_vxlan(struct draft *draft, const struct shell_tunnel *tunnel,
                         uint8_t version)
{
    uint16_t next = tunnel->type;

    if (tunnel->protocol == GROVE_TUNNEL_VXLAN_GPE && next == 0)
        next = tunnel->framed ? 3 : version == 4 ? 1 : 2;
    append16(draft, tunnel->flags);
    append16(draft, next);
    append32(draft, tunnel->number);
}

static void append_geneve(struct draft *draft,
                          const struct shell_tunnel *tunnel, uint8_t version)
{
    append16(draft, (uint32_t)tunnel->options << 8 | tunnel->flags);
    append16(draft, inner_type(tunnel, version));
    append32(draft, tunnel->number);
    draft_append_fill(draft, tunnel->fill, tunnel->options * WORD);
}

static void append_udp(struct draft *draft, const struct shell_tunnel *tunnel,
                       uint8_t version)
{
    append16(draft, tunnel->ip.source_port);
    append16(draft, tunnel->ip.destination_port);
    append32(draft, 0);
    if (tunnel->protocol == GROVE_TUNNEL_GENEVE)
        append_geneve(draft, tunnel, version);
    else
        append_vxlan(draft, tunnel, version);
}

static uint8_t protocol_of(const struct shell_tunnel *tunnel, uint8_t version)
{
    if (tunnel->protocol == GROVE_TUNNEL_IPIP)
        return version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
    return tunnel->protocol == GROVE_TUNNEL_GRE ? IPPROTO_GRE : IPPROTO_UDP;
}

static void append_ip(struct draft *draft, const struct shell_tunnel *tunnel,
                      uint8_t version)
{
    static struct draft header;
    struct draft_fields fields = tunnel->ip;

    fields.protocol = protocol_of(tunnel, version);
    draft_build_ip(&header, &fields);
    draft_put16(&header, fields.version == 4 ? 2 : 4, 0);
    if (fields.version == 4)
        draft_put16(&header, 10, 0);
    draft_append(draft, header.bytes, header.len);
}

/* The IP version of what is inside of tunnel `number`. */
static uint8_t version_in(const struct shell *shell, uint32_t number,
                          uint8_t version)
{
    return number + 1 < shell->tunnels ? shell->tunnel[number + 1].ip.version
                                       : version;
}

static void append_tunnel(struct draft *draft, const struct shell *shell,
                          uint32_t number, uint8_t version, struct shell_at *at)
{
    const struct shell_tunnel *tunnel = &shell->tunnel[number];
    const uint8_t inner = version_in(shell, number, version);

    at->ip[number] = draft->len;
    append_ip(draft, tunnel, inner);
    at->l4[number] = draft->len;
    if (tunnel->protocol == GROVE_TUNNEL_GRE)
        append_gre(draft, tunnel, inner);
    else if (tunnel->protocol != GROVE_TUNNEL_IPIP)
        append_udp(draft, tunnel, inner);
    if (tunnel->framed)
        append_frame(draft, &tunnel->frame, inner);
    at->pppoe[number + 1] = append_pppoe(draft, &tunnel->frame.pppoe, inner);
}

/* All headers, without lengths and checksums. */
static struct shell_at append_all(struct draft *draft,
                                  const struct shell *shell, uint8_t version)
{
    const uint8_t outermost =
        shell->tunnels != 0 ? shell->tunnel[0].ip.version : version;
    struct shell_at at = {{0}, {0}, {0}};

    draft->len = 0;
    if (shell->framed) {
        append_frame(draft, &shell->frame, outermost);
        at.pppoe[0] = append_pppoe(draft, &shell->frame.pppoe, outermost);
    }
    for (uint32_t i = 0; i < shell->tunnels; i++)
        append_tunnel(draft, shell, i, version, &at);
    return at;
}

struct shell_at shell_find(const struct shell *shell, uint8_t version)
{
    static struct draft scratch;

    return append_all(&scratch, shell, version);
}

static void mend_udp(struct draft *draft, const struct shell_tunnel *tunnel,
                     uint32_t ip, uint32_t l4)
{
    const uint32_t len = draft->len - l4;
    const uint32_t addresses = tunnel->ip.version == 4 ? ip + 12 : ip + 8;
    const uint32_t end = tunnel->ip.version == 4 ? ip + 20 : ip + 40;
    uint32_t total;

    draft_put16(draft, l4 + 4, (uint16_t)len);
    draft_put16(draft, l4 + 6, 0);
    if (tunnel->zero_checksum)
        return;
    total = (uint32_t)draft_sum(draft, addresses, end) + IPPROTO_UDP + len +
            draft_sum(draft, l4, draft->len);
    while (total > 0xffff)
        total = (total & 0xffff) + (total >> 16);
    draft_put16(draft, l4 + 6, total == 0xffff ? 0xffff : (uint16_t)~total);
}

static void mend_gre(struct draft *draft, uint32_t l4)
{
    if ((draft_get16(draft, l4) & GRE_CHECKSUM) == 0)
        return;
    draft_put16(draft, l4 + GRE_LEN, 0);
    draft_put16(draft, l4 + GRE_LEN,
                (uint16_t)~draft_sum(draft, l4, draft->len));
}

static void mend_ip(struct draft *draft, const struct draft_fields *fields,
                    uint32_t ip)
{
    const uint32_t len = draft->len - ip;

    if (fields->version == 6) {
        draft_put16(draft, ip + 4, (uint16_t)(len - 40));
        return;
    }
    draft_put16(draft, ip + 2, (uint16_t)len);
    draft_put16(draft, ip + 10, 0);
    draft_put16(
        draft, ip + 10,
        (uint16_t)~draft_sum(draft, ip, ip + 20 + fields->ip_options * 4U));
}

/* The length field of the PPPoE header at `at`, if there is one. */
static void mend_pppoe(struct draft *draft, const struct shell_pppoe *pppoe,
                       uint32_t at)
{
    if (at != 0)
        draft_put16(
            draft, at + PPPOE_LENGTH,
            (uint16_t)(draft->len - at - PPPOE_BEHIND + pppoe->length_by));
}

void shell_mend(struct draft *draft, const struct shell *shell,
                const struct shell_at *at, uint32_t number)
{
    const struct shell_tunnel *tunnel = &shell->tunnel[number];

    mend_pppoe(draft, &tunnel->frame.pppoe, at->pppoe[number + 1]);
    if (tunnel->protocol == GROVE_TUNNEL_GRE)
        mend_gre(draft, at->l4[number]);
    else if (tunnel->protocol != GROVE_TUNNEL_IPIP)
        mend_udp(draft, tunnel, at->ip[number], at->l4[number]);
    mend_ip(draft, &tunnel->ip, at->ip[number]);
}

static void pad(struct draft *draft)
{
    if (draft->len < FRAME_MIN)
        draft_append_fill(draft, 0, FRAME_MIN - draft->len);
}

uint32_t shell_build(struct draft *draft, const struct shell *shell,
                     const struct draft *inner, uint8_t version)
{
    const struct shell_at at = append_all(draft, shell, version);
    const uint32_t head = draft->len;
    const uint32_t room = DRAFT_MAX - head;

    draft_append(draft, inner->bytes, inner->len < room ? inner->len : room);
    mend_pppoe(draft, &shell->frame.pppoe, at.pppoe[0]);
    for (uint32_t i = shell->tunnels; i > 0; i--)
        shell_mend(draft, shell, &at, i - 1);
    if (shell->framed && shell->padded)
        pad(draft);
    draft->l4 = head + inner->l4;
    draft->payload = head + inner->payload;
    return head;
}
