/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <string.h>

#include "draft.h"

enum {
    MAX_FLOWS = 12,
    MAX_PACKETS = 60,
    MAX_MANY = 140,    /* packets of a batch that has very many */
    MAX_HEADERS = 160, /* of a packet without IPv6 extension headers */
    FLAG_ACK = 0x010
};

/* splitmix64: small, and the same numbers everywhere. */
struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to n - 1. */
static uint32_t pick(struct dice *dice, uint32_t n)
{
    return (uint32_t)((roll(dice) >> 32) * n >> 32);
}

static bool one_in(struct dice *dice, uint32_t n)
{
    return pick(dice, n) == 0;
}

struct flow {
    struct draft_fields next; /* the packet that would merge */
    uint32_t size;            /* payload of a full segment */
    uint32_t total;           /* about what is held: L3 bytes */
};

struct batch {
    struct dice dice;
    struct arena *arena;
    struct run *run;
    struct run_input *input;
    struct flow flow[MAX_FLOWS];
    uint32_t flows;
    struct draft draft;
};

/* ---- flows ---- */

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

static void begin_extensions(struct dice *dice, struct draft_fields *fields)
{
    static const uint8_t types[] = {0, 43, 60};

    if (fields->version == 4 || !one_in(dice, 3))
        return;
    fields->extensions = (uint8_t)(1 + pick(dice, 4));
    for (uint32_t i = 0; i < fields->extensions; i++)
        fields->extension[i] = types[pick(dice, 3)];
    fields->extension_len = one_in(dice, 50) ? 255 : (uint8_t)pick(dice, 3);
    fields->extension_fill = (uint8_t)pick(dice, 256);
}

static void begin_flow(struct dice *dice, struct flow *flow)
{
    struct draft_fields *fields = &flow->next;

    *flow = (struct flow){.size = pick_size(dice)};
    fields->version = one_in(dice, 2) ? 4 : 6;
    fields->protocol = one_in(dice, 3) ? 17 : 6;
    begin_addresses(dice, fields);
    begin_extensions(dice, fields);
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

/* Another flow, or one that differs from an earlier one in one key field. */
static void add_flow(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    struct flow *flow = &batch->flow[batch->flows];
    struct draft_fields *fields = &flow->next;

    begin_flow(dice, flow);
    if (batch->flows++ == 0 || one_in(dice, 2))
        return;
    *flow = batch->flow[pick(dice, batch->flows - 1)];
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

/* The flow goes on after a packet of these fields. */
static void advance(struct flow *flow, const struct draft_fields *sent,
                    uint32_t len)
{
    struct draft_fields *next = &flow->next;

    next->sequence = sent->sequence + sent->payload;
    next->id = (uint16_t)(sent->id + 1);
    next->payload = flow->size;
    next->payload_fill = (uint8_t)(next->payload_fill + 41);
    flow->total = flow->total == 0 ? len : flow->total + sent->payload;
    if (flow->total > 65535)
        flow->total = len;
}

/* ---- one field wrong before the bytes are made ---- */

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
    case 4: /* up to the limit of 65535 bytes, or over it */
        return 65534 + pick(dice, 3) - flow->total;
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

    switch (pick(dice, 8)) {
    case 0:
        fields->hop ^= (uint8_t)(1U << pick(dice, 8));
        break;
    case 1:
        fields->traffic_class ^= (uint8_t)(1U << pick(dice, 8));
        break;
    case 2:
        fields->fragment ^= 0x4000;
        break;
    case 3:
        fields->fragment ^= (uint16_t)(1U << pick(dice, 16));
        break;
    case 4:
        fields->ip_options = (uint8_t)(1 + pick(dice, 10));
        break;
    case 5:
        fields->protocol = others[pick(dice, sizeof others)];
        break;
    default: /* the identification stays, or goes anywhere */
        fields->id += (uint16_t)(pick(dice, 4) - 2);
        break;
    }
}

static void spoil_ip6(struct dice *dice, struct draft_fields *fields)
{
    static const uint8_t others[] = {1, 44, 51, 58, 59, 132, 135, 255};

    switch (pick(dice, 6)) {
    case 0:
        fields->hop ^= (uint8_t)(1U << pick(dice, 8));
        break;
    case 1:
        fields->traffic_class ^= (uint8_t)(1U << pick(dice, 8));
        break;
    case 2:
        fields->flow_label ^= 1U << pick(dice, 20);
        break;
    case 3:
        fields->extension_fill ^= 1;
        break;
    case 4:
        fields->extensions = (uint8_t)pick(dice, 5);
        break;
    default:
        fields->protocol = others[pick(dice, sizeof others)];
        break;
    }
}

static void spoil_fields(struct batch *batch, const struct flow *flow,
                         struct draft_fields *fields)
{
    struct dice *dice = &batch->dice;

    switch (pick(dice, 4)) {
    case 0:
        fields->payload = pick_payload(dice, flow);
        break;
    case 1:
        if (fields->version == 4)
            spoil_ip4(dice, fields);
        else
            spoil_ip6(dice, fields);
        break;
    default:
        spoil_tcp(dice, fields);
        break;
    }
}

/* ---- the bytes wrong after they were made ---- */

/* Makes the L4 checksum 0 or 0xffff by changing two bytes of payload. */
static void spoil_zero_sum(struct batch *batch,
                           const struct draft_fields *fields)
{
    struct draft *draft = &batch->draft;
    const uint32_t field = draft_checksum_field(draft, fields);
    uint32_t sum;

    if (field == 0 || fields->payload < 2)
        return;
    sum = (uint32_t)draft_get16(draft, draft->payload) +
          draft_get16(draft, field);
    draft_put16(draft, draft->payload,
                (uint16_t)((sum & 0xffff) + (sum >> 16)));
    draft_put16(draft, field, one_in(&batch->dice, 2) ? 0 : 0xffff);
}

/* The same for the IPv4 header, by its identification. */
static void spoil_zero_ip_sum(struct batch *batch, struct flow *flow,
                              struct draft_fields *fields)
{
    struct draft *draft = &batch->draft;
    uint32_t sum;

    if (fields->version != 4)
        return;
    sum = (uint32_t)draft_get16(draft, 4) + draft_get16(draft, 10);
    fields->id = (uint16_t)((sum & 0xffff) + (sum >> 16));
    flow->next.id = fields->id;
    draft_put16(draft, 4, fields->id);
    draft_put16(draft, 10, one_in(&batch->dice, 3) ? 0 : 0xffff);
}

/* A wrong length field, its checksum mended. */
static void spoil_length(struct batch *batch, const struct draft_fields *fields)
{
    struct draft *draft = &batch->draft;
    const uint16_t off = (uint16_t)(pick(&batch->dice, 17) - 8);
    const uint32_t udp = draft->l4 + 4;

    if (fields->protocol == 17 && one_in(&batch->dice, 2)) {
        draft_put16(draft, udp, (uint16_t)(draft_get16(draft, udp) + off));
        draft_l4_checksum(draft, fields);
    } else if (fields->version == 4) {
        draft_put16(draft, 2, (uint16_t)(draft_get16(draft, 2) + off));
        draft_ip_checksum(draft);
    } else {
        draft_put16(draft, 4, (uint16_t)(draft_get16(draft, 4) + off));
    }
}

/* Bytes cut off or added behind, the checksum of L4 mended or not. */
static void spoil_end(struct batch *batch, const struct draft_fields *fields)
{
    struct dice *dice = &batch->dice;
    struct draft *draft = &batch->draft;
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

static void spoil_checksum(struct batch *batch,
                           const struct draft_fields *fields)
{
    struct dice *dice = &batch->dice;
    struct draft *draft = &batch->draft;
    uint32_t field = draft_checksum_field(draft, fields);

    if (field == 0 || (fields->version == 4 && one_in(dice, 3)))
        field = 10; /* a part of the source address in IPv6: harmless */
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

/* The data offset of TCP, or the length of an extension header. */
static void spoil_offset(struct batch *batch, const struct draft_fields *fields)
{
    struct dice *dice = &batch->dice;
    struct draft *draft = &batch->draft;

    if (fields->version == 6 && fields->extensions != 0 && one_in(dice, 2)) {
        draft_put8(draft, 41, (uint8_t)pick(dice, 256));
    } else if (fields->protocol == 6) {
        draft_put8(draft, draft->l4 + 12, (uint8_t)(pick(dice, 16) << 4));
        draft_l4_checksum(draft, fields);
    }
}

/* Any byte of the headers, nothing mended. Keeps K-1 and K-2 out. */
static void spoil_byte(struct batch *batch, const struct draft_fields *fields)
{
    struct dice *dice = &batch->dice;
    struct draft *draft = &batch->draft;
    const uint32_t at = pick(dice, draft->payload);
    const uint8_t bit = (uint8_t)(1U << pick(dice, 8));

    if (at == (fields->version == 4 ? 9 : 6) || (at >= 8 && at < draft->l4))
        return;
    draft_put8(draft, at, draft->bytes[at] ^ bit);
    if (at < 12 && fields->version == 4 && one_in(dice, 2))
        draft_ip_checksum(draft);
}

static void spoil_bytes(struct batch *batch, struct flow *flow,
                        struct draft_fields *fields)
{
    switch (pick(&batch->dice, 8)) {
    case 0:
        spoil_zero_sum(batch, fields);
        break;
    case 1:
        spoil_zero_ip_sum(batch, flow, fields);
        break;
    case 2:
        spoil_length(batch, fields);
        break;
    case 3:
        spoil_end(batch, fields);
        break;
    case 4:
        spoil_offset(batch, fields);
        break;
    case 5:
        spoil_byte(batch, fields);
        break;
    default:
        spoil_checksum(batch, fields);
        break;
    }
}

/* ---- the virtio header ---- */

static uint16_t edge(struct dice *dice, uint32_t len, uint32_t l4)
{
    const uint32_t edges[] = {0,      1,       2,       6,       7,      8,
                              16,     19,      20,      21,      39,     40,
                              41,     len - 1, len,     len + 1, l4 - 1, l4,
                              l4 + 1, l4 + 8,  l4 + 20, 65534,   65535,  100};

    return (uint16_t)edges[pick(dice, sizeof edges / sizeof edges[0])];
}

/* A header that fits: checksum left to the receiver, perhaps GSO. */
static struct grove_vnet
fitting_vnet(struct batch *batch, const struct draft_fields *fields, bool gso)
{
    struct draft *draft = &batch->draft;
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
    vnet.gso_size = (uint16_t)(1 + pick(&batch->dice, fields->payload + 3));
    if (fields->protocol == 17 && one_in(&batch->dice, 2)) /* 128 segments */
        vnet.gso_size =
            (uint16_t)(fields->payload / 128 + pick(&batch->dice, 2));
    if (fields->protocol == 6 && one_in(&batch->dice, 4))
        vnet.gso_type |= GROVE_VNET_GSO_ECN;
    return vnet;
}

/* UFO is left out: its packets cannot be seen again (SPEC.md, VNET-014). */
static void spoil_vnet(struct batch *batch, struct grove_vnet *vnet)
{
    static const uint8_t types[] = {0, 1, 2, 4, 5, 6, 0x80, 0x81, 0x84, 0x85};
    struct dice *dice = &batch->dice;
    const uint16_t value = edge(dice, batch->draft.len, batch->draft.l4);

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

static bool make_vnet(struct batch *batch, const struct draft_fields *fields,
                      struct grove_vnet *vnet)
{
    struct dice *dice = &batch->dice;

    if (!one_in(dice, 12))
        return false;
    *vnet = fitting_vnet(batch, fields, one_in(dice, 2));
    if (one_in(dice, 20)) { /* GSO that does not say where L4 begins */
        vnet->flags = 0;
        batch->draft.len -= pick(dice, batch->draft.len);
    }
    for (uint32_t wrong = one_in(dice, 2) ? 0 : 1 + pick(dice, 2); wrong > 0;
         wrong--)
        spoil_vnet(batch, vnet);
    return true;
}

/* ---- batches ---- */

static void emit(struct batch *batch, bool has_vnet,
                 const struct grove_vnet *vnet)
{
    const struct draft *draft = &batch->draft;
    struct run_input *input = &batch->input[batch->run->inputs++];
    const uint32_t len =
        draft->len < GROVE_MAX_PACKET_LEN ? draft->len : GROVE_MAX_PACKET_LEN;

    *input = (struct run_input){
        .has_vnet = has_vnet,
        .packet = arena_copy(batch->arena, draft->bytes, len),
        .len = len,
    };
    if (has_vnet)
        grove_vnet_store(input->vnet, vnet);
}

/* Takes back a payload that no packet has room for. */
static void limit_payload(const struct flow *flow, struct draft_fields *fields)
{
    const uint32_t extensions =
        fields->extensions * 8U * (1U + fields->extension_len);

    if (fields->payload > DRAFT_MAX - MAX_HEADERS - extensions)
        fields->payload = flow->size;
}

static void add_packet(struct batch *batch, struct flow *flow, bool clean)
{
    struct dice *dice = &batch->dice;
    struct draft_fields fields = flow->next;
    struct grove_vnet vnet = {0};
    bool has_vnet = false;

    for (uint32_t wrong = clean ? 0 : pick(dice, 3); wrong > 0; wrong--)
        spoil_fields(batch, flow, &fields);
    limit_payload(flow, &fields);
    draft_build(&batch->draft, &fields);
    if (!clean && one_in(dice, 2))
        spoil_bytes(batch, flow, &fields);
    else
        has_vnet = make_vnet(batch, &fields, &vnet);
    emit(batch, has_vnet, &vnet);
    if (clean || !one_in(dice, 4))
        advance(flow, &fields, batch->draft.len);
}

/* More datagrams of one flow than one super-packet may have. */
static void many_datagrams(struct batch *batch)
{
    struct flow *flow = &batch->flow[0];

    begin_flow(&batch->dice, flow);
    flow->next.protocol = 17;
    flow->size = flow->next.payload = 1 + pick(&batch->dice, 40);
    for (uint32_t i = 62 + pick(&batch->dice, MAX_MANY - 62); i > 0; i--)
        add_packet(batch, flow, true);
}

/* A packet so long that its csum_start can be further than Linux can say. */
static void far_checksum(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    struct flow *flow = &batch->flow[0];
    const struct grove_vnet vnet = {
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .csum_start = (uint16_t)(65469 + pick(dice, 4)),
        .csum_offset = one_in(dice, 2) ? 6 : 16,
    };

    begin_flow(dice, flow);
    flow->next.extensions = 0;
    flow->next.payload = 0;
    draft_build(&batch->draft, &flow->next);
    flow->next.payload =
        65500 + pick(dice, GROVE_MAX_PACKET_LEN + 1 - 65500) - batch->draft.len;
    draft_build(&batch->draft, &flow->next);
    emit(batch, true, &vnet);
    add_packet(batch, flow, true);
}

static void usual_packets(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    const uint32_t flows = 1 + pick(dice, one_in(dice, 3) ? MAX_FLOWS : 3);
    const uint32_t packets = 1 + pick(dice, one_in(dice, 4) ? MAX_PACKETS : 12);
    const uint32_t spoiled = 2 + pick(dice, 10); /* one packet in so many */

    while (batch->flows < flows)
        add_flow(batch);
    for (uint32_t i = 0; i < packets; i++) {
        if (one_in(dice, 60))
            batch->input[batch->run->inputs++] =
                (struct run_input){.flush = true};
        else
            add_packet(batch, &batch->flow[pick(dice, flows)],
                       !one_in(dice, spoiled));
    }
}

void generate_batch(uint64_t seed, uint64_t number, const char *profile,
                    struct arena *arena, struct run *run)
{
    struct batch *batch = arena_alloc(arena, 1, sizeof *batch);

    batch->dice.state = seed * UINT64_C(0xd1342543de82ef95) + number;
    batch->dice.state = roll(&batch->dice);
    batch->arena = arena;
    batch->run = run;
    batch->input = arena_alloc(arena, MAX_MANY, sizeof *batch->input);
    *run = (struct run){
        .op = RUN_GRO,
        .profile = profile,
        .config = run_config_default(),
        .input = batch->input,
    };
    run->config.udp = !one_in(&batch->dice, 50);
    if (one_in(&batch->dice, 500))
        many_datagrams(batch);
    else if (one_in(&batch->dice, 500))
        far_checksum(batch);
    else
        usual_packets(batch);
}
