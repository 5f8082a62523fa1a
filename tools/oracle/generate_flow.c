/* SPDX-License-Identifier: MIT */
#include "generate_flow.h"

#include <string.h>

#include "grove/table.h"

enum { FLAG_ACK = 0x010 };

static uint32_t pick_size(struct dice *dice)
{
    static const uint32_t sizes[] = {1,    2,    7,    8,     9,     20,
                                     100,  100,  100,  100,   1200,  1448,
                                     1460, 4000, 9000, 16000, 21800, 32000};

    if (one_in(dice, 6))
        return sizes[pick(dice, sizeof sizes / sizeof sizes[0])];
    return 1 + pick(dice, 200);
}

static void begin_addresses(struct dice *dice, struct draft_fields *fields)
{
    static const uint8_t ip6[16] = {0x20, 0x01, 0x0d, 0xb8};
    const uint8_t from = (uint8_t)(1 + pick(dice, 3));
    const uint8_t to = (uint8_t)(1 + pick(dice, 3));

    memcpy(fields->source, ip6, sizeof ip6);
    memcpy(fields->destination, ip6, sizeof ip6);
    fields->source[15] = from;
    fields->destination[15] = to;
    if (fields->version == 4) {
        memcpy(fields->source, (uint8_t[]){10, 0, 0, from}, 4);
        memcpy(fields->destination, (uint8_t[]){10, 0, 1, to}, 4);
    }
}

static void begin_extensions(struct dice *dice, struct flow *flow)
{
    static const uint8_t types[] = {0, 43, 60};
    struct draft_fields *fields = &flow->next;

    if (fields->version == 4 || !one_in(dice, 3))
        return;
    fields->extensions = (uint8_t)(1 + pick(dice, 4));
    for (uint32_t i = 0; i < fields->extensions; i++)
        fields->extension[i] = types[pick(dice, 3)];
    fields->extension_len = one_in(dice, 50) ? 255 : (uint8_t)pick(dice, 3);
    if (one_in(dice, 100)) { /* L4 begins at byte 65464, or at 65512 */
        fields->extensions = one_in(dice, 2) ? 47 : 33;
        fields->extension_len = fields->extensions == 47 ? 173 : 247;
        flow->size = 1 + pick(dice, 20);
    }
    fields->extension_fill = (uint8_t)pick(dice, 256);
}

void flow_begin(struct dice *dice, struct flow *flow)
{
    struct draft_fields *fields = &flow->next;

    *flow =
        (struct flow){.size = pick_size(dice), .limit = GROVE_DEFAULT_BYTES};
    fields->version = one_in(dice, 2) ? 4 : 6;
    fields->protocol = one_in(dice, 3) ? 17 : 6;
    begin_addresses(dice, fields);
    begin_extensions(dice, flow);
    fields->traffic_class = one_in(dice, 2) ? 0 : (uint8_t)pick(dice, 256);
    fields->hop = one_in(dice, 2) ? 64 : (uint8_t)pick(dice, 256);
    fields->id = one_in(dice, 6) ? 65534 : (uint16_t)pick(dice, 65536);
    fields->fragment = one_in(dice, 2) ? 0x4000 : 0;
    fields->flow_label = one_in(dice, 2) ? 0 : pick(dice, 1 << 20);
    fields->source_port = (uint16_t)(1000 + pick(dice, 3));
    fields->destination_port = (uint16_t)(80 + pick(dice, 2));
    fields->sequence = one_in(dice, 6) ? 0xffffff80 : (uint32_t)roll(dice);
    fields->acknowledgment = (uint32_t)roll(dice);
    fields->flags = one_in(dice, 20) ? 0 : FLAG_ACK;
    if (one_in(dice, 8))
        fields->flags |= (uint16_t)(1U << (6 + pick(dice, 6)));
    fields->window = (uint16_t)pick(dice, 65536);
    fields->urgent = one_in(dice, 8) ? (uint16_t)pick(dice, 65536) : 0;
    fields->tcp_options = one_in(dice, 2) ? 3 : (uint8_t)pick(dice, 11);
    fields->tcp_option_fill = (uint8_t)pick(dice, 256);
    fields->payload_fill = (uint8_t)pick(dice, 256);
    fields->payload = flow->size;
}

void flow_vary(struct dice *dice, struct flow *flow)
{
    struct draft_fields *fields = &flow->next;

    switch (pick(dice, 7)) {
    case 0:
        fields->source[fields->version == 4 ? 3 : pick(dice, 16)] ^= 8;
        break;
    case 1:
        fields->destination[fields->version == 4 ? 3 : pick(dice, 16)] ^= 8;
        break;
    case 2:
        fields->source_port ^= 0x10;
        break;
    case 3:
        fields->destination_port ^= 0x100;
        break;
    case 4:
        fields->flow_label ^= 1U << pick(dice, 20);
        break;
    case 5:
        fields->protocol = fields->protocol == 6 ? 17 : 6;
        break;
    default:
        fields->extension_fill ^= 1;
        break;
    }
}

void flow_advance(struct flow *flow, const struct draft_fields *sent,
                  uint32_t len)
{
    struct draft_fields *next = &flow->next;

    next->sequence = sent->sequence + sent->payload;
    next->id = (uint16_t)(sent->id + 1);
    next->payload = flow->size;
    next->payload_fill = (uint8_t)(next->payload_fill + 41);
    flow->total = flow->total == 0 ? len : flow->total + sent->payload;
    if (flow->total > flow->limit)
        flow->total = len;
}

static uint32_t pick_payload(struct dice *dice, const struct flow *flow)
{
    switch (pick(dice, 6)) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return flow->size - 1;
    case 3:
        return flow->size + 1;
    case 4: /* to the limit, or beyond it */
        return flow->limit - 1 + pick(dice, 3) - flow->total;
    default:
        return pick(dice, 2 * flow->size + 1);
    }
}

static void spoil_tcp(struct dice *dice, struct draft_fields *fields)
{
    switch (pick(dice, 8)) {
    case 0:
        fields->sequence += pick(dice, 3) - 1 + fields->payload * pick(dice, 2);
        break;
    case 1:
        fields->acknowledgment += one_in(dice, 2) ? 1 : 0x10000;
        break;
    case 2:
        fields->flags ^= (uint16_t)(1U << pick(dice, 12));
        break;
    case 3: /* PSH or FIN on a last segment */
        fields->flags |= one_in(dice, 2) ? 0x008 : 0x001;
        break;
    case 4:
        fields->window ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 5:
        fields->urgent ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 6:
        fields->tcp_options = (uint8_t)pick(dice, 11);
        break;
    default:
        fields->tcp_option_fill ^= 1;
        break;
    }
}

static void spoil_ip4(struct dice *dice, struct draft_fields *fields)
{
    static const uint8_t others[] = {0, 1, 2, 5, 7, 16, 18, 132, 255};

    switch (pick(dice, 6)) {
    case 0:
        fields->fragment ^= 0x4000;
        break;
    case 1:
        fields->fragment ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 2:
        fields->ip_options = (uint8_t)(1 + pick(dice, 10));
        break;
    case 3:
        fields->protocol = others[pick(dice, sizeof others)];
        break;
    default: /* the identification stays, or is random */
        fields->id += (uint16_t)(pick(dice, 4) - 2);
        break;
    }
}

static void spoil_ip6(struct dice *dice, struct draft_fields *fields)
{
    static const uint8_t others[] = {1, 44, 51, 58, 59, 132, 135, 255};

    switch (pick(dice, 4)) {
    case 0:
        fields->flow_label ^= 1U << pick(dice, 20);
        break;
    case 1:
        fields->extension_fill ^= 1;
        break;
    case 2:
        fields->extensions = (uint8_t)pick(dice, 5);
        break;
    default:
        fields->protocol = others[pick(dice, sizeof others)];
        break;
    }
}

static void spoil_ip(struct dice *dice, struct draft_fields *fields)
{
    switch (pick(dice, 7)) {
    case 0:
        fields->hop ^= (uint8_t)(1U << pick(dice, 8));
        break;
    case 1:
        fields->traffic_class ^= (uint8_t)(1U << pick(dice, 8));
        break;
    default:
        if (fields->version == 4)
            spoil_ip4(dice, fields);
        else
            spoil_ip6(dice, fields);
        break;
    }
}

void flow_spoil(struct dice *dice, const struct flow *flow,
                struct draft_fields *fields)
{
    switch (pick(dice, 4)) {
    case 0:
        fields->payload = pick_payload(dice, flow);
        break;
    case 1:
        spoil_ip(dice, fields);
        break;
    default:
        spoil_tcp(dice, fields);
        break;
    }
}
