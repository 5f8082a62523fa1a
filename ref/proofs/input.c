/* SPDX-License-Identifier: MIT */
/*
 * input.c: any header and any packet is accepted or rejected without an access
 * outside them, and exactly as SPEC.md, "The virtio header", says. The header
 * is memory that another process may change.
 */
#include "../input.c"
#include "ip_model.h"

static uint8_t wire[GROVE_VNET_LEN_MAX];
static struct grove_vnet seen;
static uint32_t loads;

/* Any header. What was read once is no longer there. */
void grove_vnet_load_len(struct grove_vnet *vnet, const uint8_t *from,
                         size_t len)
{
    struct grove_vnet any;

    PROVE(from == wire);
    *vnet = seen = any;
    loads++;
}

/* Any packet and header; `accepted` gets what input_accept() says of them. */
static void accept_any(const struct profile *profile, struct input *accepted)
{
    const struct bytes bytes = any_bytes(UINT32_MAX);
    const struct grove_packet given = {bytes.at, bytes.len,
                                       nondet_bool() ? wire : NULL};

    input_accept(profile, any_link(), any_vnet_len(), &given, accepted);
    PROVE(loads <= 1);
    PROVE(accepted->reject != GROVE_RULE_NONE ||
          accepted->bytes.at == bytes.at && accepted->bytes.len == bytes.len);
}

void proof_input(void)
{
    const struct profile profile = any_profile();
    struct input input;

    accept_any(&profile, &input);
    PROVE(input_is_valid(&input));
    REACHES(input.reject == GROVE_RULE_NONE && input.gso);
    REACHES(input.reject == GROVE_RULE_NONE && input.bytes.len == 65575);
    REACHES(input.reject == GROVE_RULE_IN_LENGTH);
    REACHES(input.reject == GROVE_RULE_VNET_PROTOCOL);
}

/* ---- SPEC.md, "The virtio header", row by row, as one condition each ---- */

/* The numbers of its table. */
enum { TCPV4 = 1, UDP = 3, TCPV6 = 4, UDP_L4 = 5, TUNNELS = 0x60, ECN = 0x80 };

/* What the rows read. */
struct header {
    uint32_t len;
    uint32_t unread; /* bytes of the virtio header behind its fields */
    uint32_t type;   /* gso_type without the ECN bit */
    uint32_t l3min;
    uint32_t l4min;
    uint8_t version; /* of IP; without a link, that of the first byte */
    bool needs_csum;
    bool tunnel;     /* the header tells of one */
    bool is_of_type; /* VNET-007: the packet is of the type */
};

static bool spec_is_of_type(const struct header *h)
{
    const bool tcp = h->type == TCPV4 || h->type == TCPV6;

    /* ip_model.h keeps what ip_dissect() says of the packet */
    return dissected.whole && dissected.extensions <= 16 &&
           (h->type == UDP || h->version == (h->type == TCPV4 ? 4 : 6)) &&
           dissected.protocol == (tcp ? 6 : 17) &&
           dissected.l4 + h->l4min <= h->len;
}

static struct header spec_header(const struct profile *profile,
                                 const struct input *input)
{
    struct header h = {.len = input->bytes.len,
                       .unread = input->unread,
                       .version = input->version,
                       .tunnel = input->tunnel,
                       .type = seen.gso_type & ~(uint32_t)ECN,
                       .needs_csum = (seen.flags & 1) != 0};
    h.type &= input->tunnel ? ~(uint32_t)TUNNELS : ~0u;

    const bool tcp = h.type == TCPV4 || h.type == TCPV6;

    h.l3min = !profile->checks_csum_start ? 0 : h.type == TCPV6 ? 40 : 20;
    h.l4min = tcp ? 20 : h.type == UDP || h.type == UDP_L4 ? 8 : 0;
    h.is_of_type = spec_is_of_type(&h);
    return h;
}

/* VNET-001, VNET-002, VNET-003. */
static bool spec_rejects_type(const struct profile *profile,
                              const struct header *h)
{
    const uint32_t end = seen.csum_start + seen.csum_offset + 2u;
    const bool after = h->needs_csum && end > seen.hdr_len;
    const bool known = h->type == TCPV4 || h->type == UDP || h->type == TCPV6 ||
                       (h->type == UDP_L4 && profile->takes_uso);

    return (after ? end & 0xffff : seen.hdr_len) > h->len + h->unread ||
           (seen.gso_type != 0 && (!known || seen.gso_size == 0));
}

/* VNET-018, VNET-019, VNET-020, VNET-021. */
static bool spec_rejects_tunnel(const struct header *h)
{
    const uint32_t bits = seen.gso_type & (uint32_t)TUNNELS;
    const uint32_t outer = bits == 0x40 ? 54 : 34;
    const uint32_t inner = h->type == TCPV6 ? 40 : 20;

    return h->tunnel && (bits == TUNNELS || h->type == 0 || h->type == UDP ||
                         !h->needs_csum || seen.outer_th_offset < outer ||
                         seen.inner_nh_offset < seen.outer_th_offset + 8 ||
                         seen.csum_start < seen.inner_nh_offset + inner);
}

/* VNET-022, of a header that no other row rejects. */
static bool spec_rejects_inner(const struct header *h, struct bytes packet)
{
    return h->tunnel && h->type == UDP_L4 &&
           packet.at[seen.inner_nh_offset] >> 4 == 6 &&
           seen.csum_start < seen.inner_nh_offset + 40;
}

/* Any header, which may tell of a tunnel. */
static void load_any(const struct profile *profile, struct input *input)
{
    grove_vnet_load_len(&input->vnet, wire, sizeof wire);
    input->tunnel = profile->takes_tunnels && nondet_bool() &&
                    (seen.gso_type & TUNNELS) != 0;
    input->unread = input->tunnel || nondet_bool() ? 0 : nondet_bool() ? 2 : 14;
}

/* VNET-004, VNET-016, VNET-005. */
static bool spec_rejects_csum(const struct header *h)
{
    const uint32_t after = seen.csum_offset + 2u;
    const uint32_t most = after > h->l4min ? after : h->l4min;

    return h->needs_csum &&
           (seen.csum_start + most > h->len || seen.csum_start > 65470 ||
            seen.csum_start < h->l3min);
}

/* VNET-006, VNET-007. */
static bool spec_rejects_unmarked(const struct profile *profile,
                                  const struct header *h)
{
    const bool uso = h->type == UDP_L4;

    return seen.gso_type != 0 && !h->needs_csum &&
           ((h->l3min + h->l4min > h->len && (!profile->dissects || uso)) ||
            (profile->dissects && !uso && !h->is_of_type));
}

/*
 * VNET-008, VNET-009, VNET-010, VNET-011, VNET-012, VNET-013. A header of type
 * UDP_L4 that gets here has takes_uso.
 */
static bool spec_rejects_gso(const struct header *h)
{
    const bool tcp = h->type == TCPV4 || h->type == TCPV6;
    const int64_t rest = (int64_t)h->len - seen.csum_start - 8;

    if (h->type == UDP_L4 &&
        (!h->needs_csum || seen.csum_offset != 6 ||
         (seen.gso_type & ECN) != 0 || rest > 128 * (int64_t)seen.gso_size))
        return true;
    return (tcp && h->needs_csum && seen.csum_offset != 16) ||
           (seen.gso_type != 0 && seen.gso_size == 65535);
}

/* The header is rejected if and only if a row of the table says so. */
void proof_vnet_accept(void)
{
    const struct profile profile = any_profile();
    struct input input = {.bytes = any_bytes(GROVE_MAX_PACKET_LEN),
                          .version = (uint8_t)nondet_u16()};
    struct header h;

    load_any(&profile, &input);
    const bool accepted = check_vnet(&profile, &input) == GROVE_RULE_NONE;

    h = spec_header(&profile, &input);
    PROVE(accepted ==
          !(spec_rejects_type(&profile, &h) || spec_rejects_tunnel(&h) ||
            spec_rejects_csum(&h) || spec_rejects_unmarked(&profile, &h) ||
            spec_rejects_gso(&h) || spec_rejects_inner(&h, input.bytes)));
    REACHES(accepted && h.tunnel);
    REACHES(accepted && h.type == UDP_L4);
    REACHES(accepted && h.type == TCPV6 && !h.needs_csum && profile.dissects);
    REACHES(!accepted && seen.csum_start == 65471);
}

/* An accepted header becomes what the list below the table says. */
void proof_vnet_change(void)
{
    const struct profile profile = any_profile();
    struct input input = {.bytes = any_bytes(GROVE_MAX_PACKET_LEN),
                          .version = (uint8_t)nondet_u16()};
    struct header h;

    load_any(&profile, &input);
    ASSUME(check_vnet(&profile, &input) == GROVE_RULE_NONE);
    h = spec_header(&profile, &input);
    normalize_vnet(&profile, &input);

    const bool tcp = h.type == TCPV4 || h.type == TCPV6;
    const uint32_t least = profile.min_tcp_gso_size;
    const uint32_t size = tcp && seen.gso_size < least ? least : seen.gso_size;
    const uint32_t before = h.needs_csum       ? seen.csum_start
                            : profile.dissects ? dissected.l4
                                               : h.l3min;
    const uint32_t headers = before + h.l4min - (h.type == UDP ? 8 : 0);
    const bool gso = seen.gso_type != 0 && size < h.len - headers;

    const bool told = h.tunnel && gso;

    PROVE(input.vnet.flags ==
          (h.needs_csum ? 1 : 0) + (told ? seen.flags & 8 : 0));
    PROVE(input.vnet.outer_th_offset == (told ? seen.outer_th_offset : 0));
    PROVE(input.vnet.inner_nh_offset == (told ? seen.inner_nh_offset : 0));
    PROVE(input.vnet.csum_start == (h.needs_csum ? seen.csum_start : 0));
    PROVE(input.vnet.csum_offset == (h.needs_csum ? seen.csum_offset : 0));
    PROVE(input.gso == gso);
    PROVE(input.vnet.gso_type == (gso ? seen.gso_type : 0));
    PROVE(input.vnet.gso_size == (gso ? size : 0));
    PROVE(input.vnet.hdr_len == (gso ? seen.hdr_len : 0));
    REACHES(gso && size == 8 && seen.gso_size == 1);
    REACHES(!gso && seen.gso_type != 0);
}
