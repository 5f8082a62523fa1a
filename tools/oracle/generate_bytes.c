/* SPDX-License-Identifier: MIT */
#include "generate_bytes.h"

/* Makes the L4 checksum 0 or 0xffff by changing two bytes of payload. */
static void spoil_zero_sum(struct dice *dice, struct draft *draft,
                           const struct draft_fields *fields)
{
    const uint32_t field = draft_checksum_field(draft, fields);
    uint32_t sum;

    if (field == 0 || fields->payload < 2)
        return;
    sum = (uint32_t)draft_get16(draft, draft->payload) +
          draft_get16(draft, field);
    draft_put16(draft, draft->payload,
                (uint16_t)((sum & 0xffff) + (sum >> 16)));
    draft_put16(draft, field, one_in(dice, 2) ? 0 : 0xffff);
}

/* The same for the IPv4 header, by its identification. */
static void spoil_zero_ip_sum(struct dice *dice, struct draft *draft,
                              struct flow *flow, struct draft_fields *fields)
{
    uint32_t sum;

    if (fields->version != 4)
        return;
    sum = (uint32_t)draft_get16(draft, 4) + draft_get16(draft, 10);
    fields->id = (uint16_t)((sum & 0xffff) + (sum >> 16));
    flow->next.id = fields->id;
    draft_put16(draft, 4, fields->id);
    draft_put16(draft, 10, one_in(dice, 3) ? 0 : 0xffff);
}

/* Makes a length field wrong, and the checksum right again. */
static void spoil_length(struct dice *dice, struct draft *draft,
                         const struct draft_fields *fields)
{
    const uint16_t off = (uint16_t)(pick(dice, 17) - 8);
    const uint32_t udp = draft->l4 + 4;

    if (fields->protocol == 17 && one_in(dice, 2)) {
        draft_put16(draft, udp, (uint16_t)(draft_get16(draft, udp) + off));
        draft_l4_checksum(draft, fields);
    } else if (fields->version == 4) {
        draft_put16(draft, 2, (uint16_t)(draft_get16(draft, 2) + off));
        draft_ip_checksum(draft);
    } else {
        draft_put16(draft, 4, (uint16_t)(draft_get16(draft, 4) + off));
    }
}

/* Removes or adds bytes at the end; the L4 checksum may be updated or not. */
static void spoil_end(struct dice *dice, struct draft *draft,
                      const struct draft_fields *fields)
{
    const uint32_t len = draft->len;

    if (one_in(dice, 2))
        draft->len -= pick(dice, len < 100 ? len + 1 : 100);
    else
        for (uint32_t i = pick(dice, 8); i > 0; i--)
            draft_put8(draft, draft->len++, (uint8_t)pick(dice, 256));
    if (one_in(dice, 2))
        return;
    if (fields->version == 4 && draft->len >= 20) {
        draft_put16(draft, 2, (uint16_t)draft->len);
        draft_ip_checksum(draft);
    }
    if (fields->version == 6 && draft->len >= 40)
        draft_put16(draft, 4, (uint16_t)(draft->len - 40));
    if (draft->len >= draft_checksum_field(draft, fields) + 2)
        draft_l4_checksum(draft, fields);
}

static void spoil_checksum(struct dice *dice, struct draft *draft,
                           const struct draft_fields *fields)
{
    uint32_t field = draft_checksum_field(draft, fields);

    if (field == 0 || (fields->version == 4 && one_in(dice, 3)))
        field = 10; /* in IPv6 a part of the source address: harmless */
    switch (pick(dice, 4)) {
    case 0:
        draft_put16(draft, field, 0);
        break;
    case 1:
        draft_put16(draft, field, 0xffff);
        break;
    default:
        draft_put16(draft, field,
                    draft_get16(draft, field) ^
                        (uint16_t)(1U << pick(dice, 16)));
        break;
    }
}

/* Changes the data offset of TCP, or the length of an extension header. */
static void spoil_offset(struct dice *dice, struct draft *draft,
                         const struct draft_fields *fields)
{
    if (fields->version == 6 && fields->extensions != 0 && one_in(dice, 2)) {
        draft_put8(draft, 41, (uint8_t)pick(dice, 256));
    } else if (fields->protocol == 6) {
        draft_put8(draft, draft->l4 + 12, (uint8_t)(pick(dice, 16) << 4));
        draft_l4_checksum(draft, fields);
    }
}

/* Changes any byte of the headers. Checksums stay. K-1 and K-2 never occur. */
static void spoil_byte(struct dice *dice, struct draft *draft,
                       const struct draft_fields *fields)
{
    const uint32_t at = pick(dice, draft->payload);
    const uint8_t bit = (uint8_t)(1U << pick(dice, 8));

    if (at == (fields->version == 4 ? 9 : 6) || (at >= 8 && at < draft->l4))
        return;
    draft_put8(draft, at, draft->bytes[at] ^ bit);
    if (at < 12 && fields->version == 4 && one_in(dice, 2))
        draft_ip_checksum(draft);
}

void bytes_spoil(struct dice *dice, struct draft *draft, struct flow *flow,
                 struct draft_fields *fields)
{
    switch (pick(dice, 8)) {
    case 0:
        spoil_zero_sum(dice, draft, fields);
        break;
    case 1:
        spoil_zero_ip_sum(dice, draft, flow, fields);
        break;
    case 2:
        spoil_length(dice, draft, fields);
        break;
    case 3:
        spoil_end(dice, draft, fields);
        break;
    case 4:
        spoil_offset(dice, draft, fields);
        break;
    case 5:
        spoil_byte(dice, draft, fields);
        break;
    default:
        spoil_checksum(dice, draft, fields);
        break;
    }
}

static uint16_t edge(struct dice *dice, uint32_t len, uint32_t l4)
{
    const uint32_t edges[] = {0,      1,       2,       6,       7,      8,
                              16,     19,      20,      21,      39,     40,
                              41,     len - 1, len,     len + 1, l4 - 1, l4,
                              l4 + 1, l4 + 8,  l4 + 20, 65534,   65535,  100};

    return (uint16_t)edges[pick(dice, sizeof edges / sizeof edges[0])];
}

/* A correct virtio header: the receiver computes the checksum; perhaps GSO. */
static struct grove_vnet fitting_vnet(struct dice *dice, struct draft *draft,
                                      const struct draft_fields *fields,
                                      bool gso)
{
    const uint32_t field = draft_checksum_field(draft, fields);
    struct grove_vnet vnet = {0};

    if (field == 0 || field + 2 > draft->len)
        return vnet;
    draft_partial(draft, fields);
    vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
    vnet.csum_start = (uint16_t)draft->l4;
    vnet.csum_offset = (uint16_t)(field - draft->l4);
    if (!gso)
        return vnet;
    vnet.gso_type = fields->protocol == 17 ? GROVE_VNET_GSO_UDP_L4
                    : fields->version == 4 ? GROVE_VNET_GSO_TCPV4
                                           : GROVE_VNET_GSO_TCPV6;
    vnet.gso_size = (uint16_t)(1 + pick(dice, fields->payload + 3));
    if (fields->protocol == 17 && one_in(dice, 2)) /* 128 segments */
        vnet.gso_size = (uint16_t)(fields->payload / 128 + pick(dice, 2));
    if (fields->protocol == 6 && one_in(dice, 4))
        vnet.gso_type |= GROVE_VNET_GSO_ECN;
    return vnet;
}

/* UFO is left out, since AF_PACKET cannot show it (SPEC.md, VNET-014). */
static void spoil_vnet(struct dice *dice, struct draft *draft,
                       struct grove_vnet *vnet)
{
    static const uint8_t types[] = {0, 1, 2, 4, 5, 6, 0x80, 0x81, 0x84, 0x85};
    const uint16_t value = edge(dice, draft->len, draft->l4);

    switch (pick(dice, 6)) {
    case 0:
        vnet->flags = (uint8_t)pick(dice, 4);
        break;
    case 1:
        vnet->gso_type = types[pick(dice, sizeof types)];
        break;
    case 2:
        vnet->hdr_len = value;
        break;
    case 3:
        vnet->gso_size = value;
        break;
    case 4:
        vnet->csum_start = value;
        break;
    default:
        vnet->csum_offset = value;
        break;
    }
}

bool vnet_make(struct dice *dice, struct draft *draft,
               const struct draft_fields *fields, struct grove_vnet *vnet)
{
    if (!one_in(dice, 12))
        return false;
    *vnet = fitting_vnet(dice, draft, fields, one_in(dice, 2));
    if (one_in(dice, 20)) { /* GSO without the offset of L4 */
        vnet->flags = 0;
        draft->len -= pick(dice, draft->len);
    }
    for (uint32_t wrong = one_in(dice, 2) ? 0 : 1 + pick(dice, 2); wrong > 0;
         wrong--)
        spoil_vnet(dice, draft, vnet);
    return true;
}
