/* SPDX-License-Identifier: MIT */
#include "draft.h"

#include <err.h>
#include <string.h>

static void reach(uint32_t offset, uint32_t len)
{
    if (offset > DRAFT_MAX || len > DRAFT_MAX - offset)
        errx(70, "a draft has no byte %u", offset);
}

uint16_t draft_get16(const struct draft *draft, uint32_t offset)
{
    reach(offset, 2);
    return (uint16_t)(draft->bytes[offset] << 8 | draft->bytes[offset + 1]);
}

void draft_put8(struct draft *draft, uint32_t offset, uint8_t value)
{
    reach(offset, 1);
    draft->bytes[offset] = value;
}

void draft_put16(struct draft *draft, uint32_t offset, uint16_t value)
{
    draft_put8(draft, offset, (uint8_t)(value >> 8));
    draft_put8(draft, offset + 1, (uint8_t)value);
}

void draft_put32(struct draft *draft, uint32_t offset, uint32_t value)
{
    draft_put16(draft, offset, (uint16_t)(value >> 16));
    draft_put16(draft, offset + 2, (uint16_t)value);
}

void draft_append(struct draft *draft, const void *bytes, uint32_t len)
{
    reach(draft->len, len);
    memcpy(draft->bytes + draft->len, bytes, len);
    draft->len += len;
}

void draft_append_fill(struct draft *draft, uint8_t fill, uint32_t len)
{
    reach(draft->len, len);
    for (uint32_t i = 0; i < len; i++)
        draft->bytes[draft->len + i] = (uint8_t)(fill + i);
    draft->len += len;
}

/* The sum of a slice of the draft. It is simple, so that it is right. */
static uint64_t sum(const struct draft *draft, uint32_t from, uint32_t to)
{
    uint64_t total = 0;

    for (uint32_t i = from; i + 1 < to; i += 2)
        total += draft_get16(draft, i);
    if ((to - from) % 2 != 0)
        total += (uint64_t)draft->bytes[to - 1] << 8;
    return total;
}

static uint16_t fold(uint64_t total)
{
    while (total > 0xffff)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)total;
}

uint16_t draft_sum(const struct draft *draft, uint32_t from, uint32_t to)
{
    return fold(sum(draft, from, to));
}

static uint64_t pseudo(const struct draft *draft,
                       const struct draft_fields *fields)
{
    const uint64_t addresses =
        fields->version == 4 ? sum(draft, 12, 20) : sum(draft, 8, 40);

    return addresses + fields->protocol + (draft->len - draft->l4);
}

uint32_t draft_checksum_field(const struct draft *draft,
                              const struct draft_fields *fields)
{
    if (fields->protocol == 6)
        return draft->l4 + 16;
    return fields->protocol == 17 ? draft->l4 + 6 : 0;
}

void draft_ip_checksum(struct draft *draft)
{
    draft_put16(draft, 10, 0);
    draft_put16(draft, 10,
                (uint16_t)~fold(sum(draft, 0, (draft->bytes[0] & 15) * 4U)));
}

void draft_l4_checksum(struct draft *draft, const struct draft_fields *fields)
{
    const uint32_t field = draft_checksum_field(draft, fields);
    uint16_t check;

    if (field == 0)
        return;
    draft_put16(draft, field, 0);
    check = (uint16_t)~fold(pseudo(draft, fields) +
                            sum(draft, draft->l4, draft->len));
    if (check == 0 && fields->protocol == 17)
        check = 0xffff;
    draft_put16(draft, field, check);
}

void draft_partial(struct draft *draft, const struct draft_fields *fields)
{
    const uint32_t field = draft_checksum_field(draft, fields);

    if (field != 0)
        draft_put16(draft, field, fold(pseudo(draft, fields)));
}

static void build_ip4(struct draft *draft, const struct draft_fields *fields)
{
    draft->len = 20;
    draft_put8(draft, 0, (uint8_t)(0x45 + fields->ip_options));
    draft_put8(draft, 1, fields->traffic_class);
    draft_put16(draft, 4, fields->id);
    draft_put16(draft, 6, fields->fragment);
    draft_put8(draft, 8, fields->hop);
    draft_put8(draft, 9, fields->protocol);
    draft->len = 12;
    draft_append(draft, fields->source, 4);
    draft_append(draft, fields->destination, 4);
    draft_append_fill(draft, 1, fields->ip_options * 4U);
}

static void build_ip6(struct draft *draft, const struct draft_fields *fields)
{
    draft_put32(draft, 0,
                6U << 28 | (uint32_t)fields->traffic_class << 20 |
                    fields->flow_label);
    draft_put8(draft, 6,
               fields->extensions ? fields->extension[0] : fields->protocol);
    draft_put8(draft, 7, fields->hop);
    draft->len = 8;
    draft_append(draft, fields->source, 16);
    draft_append(draft, fields->destination, 16);
    for (uint32_t i = 0; i < fields->extensions; i++) {
        const uint8_t next = i + 1U < fields->extensions
                                 ? fields->extension[(i + 1) % 4]
                                 : fields->protocol;

        draft_append(draft, (uint8_t[]){next, fields->extension_len}, 2);
        draft_append_fill(draft, fields->extension_fill,
                          6 + 8U * fields->extension_len);
    }
}

static void build_tcp(struct draft *draft, const struct draft_fields *fields)
{
    const uint32_t at = draft->len;

    draft_put32(draft, at + 4, fields->sequence);
    draft_put32(draft, at + 8, fields->acknowledgment);
    draft_put16(draft, at + 12,
                (uint16_t)((5U + fields->tcp_options) << 12 | fields->flags));
    draft_put16(draft, at + 14, fields->window);
    draft_put16(draft, at + 16, 0);
    draft_put16(draft, at + 18, fields->urgent);
    draft->len = at + 20;
    draft_append_fill(draft, fields->tcp_option_fill, fields->tcp_options * 4U);
}

static void build_l4(struct draft *draft, const struct draft_fields *fields)
{
    draft->l4 = draft->len;
    draft_put16(draft, draft->l4, fields->source_port);
    draft_put16(draft, draft->l4 + 2, fields->destination_port);
    if (fields->protocol == 6) {
        build_tcp(draft, fields);
    } else {
        draft_put16(draft, draft->l4 + 4, (uint16_t)(8 + fields->payload));
        draft_put16(draft, draft->l4 + 6, 0);
        draft->len = draft->l4 + 8;
    }
    draft->payload = draft->len;
    draft_append_fill(draft, fields->payload_fill, fields->payload);
}

void draft_build_ip(struct draft *draft, const struct draft_fields *fields)
{
    if (fields->version == 4)
        build_ip4(draft, fields);
    else
        build_ip6(draft, fields);
}

void draft_build(struct draft *draft, const struct draft_fields *fields)
{
    draft_build_ip(draft, fields);
    build_l4(draft, fields);
    if (fields->version == 4) {
        draft_put16(draft, 2, (uint16_t)draft->len);
        draft_ip_checksum(draft);
    } else {
        draft_put16(draft, 4, (uint16_t)(draft->len - 40));
    }
    draft_l4_checksum(draft, fields);
}
