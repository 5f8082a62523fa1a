/* SPDX-License-Identifier: MIT */
#include "generate_gso.h"

#include "generate_bytes.h"
#include "generate_shell.h"

enum {
    TCP_FLAG_BITS = 12,
    MAX_SEGMENTS = 70, /* of a usual super-packet */
    SHORT = 100,       /* bytes of a packet of random bytes */
};

struct super {
    struct dice *dice;
    struct flow flow;
    struct draft_fields fields;
    struct draft draft;
    struct draft segment; /* one of its expected segments */
    struct draft inner;   /* the packet without its shell, with layers */
    struct grove_vnet vnet;
    struct shell shell;
};

static uint8_t gso_type(const struct draft_fields *fields)
{
    if (fields->protocol == 17)
        return GROVE_VNET_GSO_UDP_L4;
    return fields->version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;
}

/* The longest payload after these headers, more than IPv4 can express. */
static uint32_t room_for_payload(struct super *super)
{
    const uint32_t most = GROVE_MAX_PACKET_LEN;
    struct draft_fields fields = super->fields;

    fields.payload = 0;
    draft_build(&super->draft, &fields);
    return most - super->draft.len;
}

/* One segment, up to more than a receiver accepts; the last may be short. */
static void pick_payload(struct super *super)
{
    struct dice *dice = super->dice;
    const uint32_t room = room_for_payload(super);
    uint32_t size = super->flow.size;
    uint32_t payload;

    if (one_in(dice, 100))
        payload = room - pick(dice, 3);
    else
        payload = size * (1 + pick(dice, MAX_SEGMENTS)) + pick(dice, size + 1);
    if (one_in(dice, 10)) /* about the most segments of UDP */
        payload = size * 127 + pick(dice, 2 * size + 1);
    if (payload > room)
        payload = room;
    if (payload / size > 4000) /* a unit test splits every byte */
        size = one_in(dice, 20) ? size : 1 + payload / 2;
    /* A segment of nearly the whole payload. */
    if (room > 40 && payload + 40 > room && one_in(dice, 2))
        size = room - 1 - pick(dice, 40);
    if (size > 65534)
        size = 65534;
    super->fields.payload = payload;
    super->vnet.gso_size = (uint16_t)size;
}

static void pick_fields(struct super *super)
{
    struct dice *dice = super->dice;
    struct draft_fields *fields = &super->fields;

    flow_begin(dice, &super->flow);
    *fields = super->flow.next;
    if (one_in(dice, 3))
        fields->flags ^= (uint16_t)pick(dice, 1U << TCP_FLAG_BITS);
    if (fields->version == 4 && one_in(dice, 4))
        fields->ip_options = (uint8_t)pick(dice, 11);
    if (fields->version == 4 && one_in(dice, 4))
        fields->id = (uint16_t)(65535 - pick(dice, 40));
    if (one_in(dice, 4))
        fields->sequence = 0 - pick(dice, 3000);
}

static void pick_vnet(struct super *super)
{
    struct dice *dice = super->dice;
    struct grove_vnet *vnet = &super->vnet;
    const uint32_t l4 = super->draft.l4;

    vnet->flags = GROVE_VNET_F_NEEDS_CSUM;
    vnet->gso_type = gso_type(&super->fields);
    vnet->hdr_len = one_in(dice, 3) ? 0 : (uint16_t)super->draft.payload;
    vnet->csum_start = (uint16_t)l4;
    vnet->csum_offset =
        (uint16_t)(draft_checksum_field(&super->draft, &super->fields) - l4);
    if (super->fields.protocol == 6 && one_in(dice, 4))
        vnet->gso_type |= GROVE_VNET_GSO_ECN;
    if (super->fields.protocol == 6 && one_in(dice, 5))
        vnet->flags = 0;
    if (one_in(dice, 20))
        vnet->flags |= GROVE_VNET_F_DATA_VALID;
}

/* The fields of the segment that begins at payload byte `from`. */
static struct draft_fields segment_of(const struct super *super, uint32_t from)
{
    const uint32_t left = super->fields.payload - from;
    const uint32_t size = super->vnet.gso_size;
    struct draft_fields fields = super->fields;

    fields.payload = left < size ? left : size;
    fields.payload_fill = (uint8_t)(fields.payload_fill + from);
    fields.sequence += from;
    if (left > size)
        fields.flags &= (uint16_t)~0x009U; /* FIN and PSH */
    if (from != 0)
        fields.flags &= (uint16_t)~0x080U; /* CWR */
    return fields;
}

/* Changes two bytes so that the checksum of some segment is 0. */
static void spoil_segment_sum(struct super *super)
{
    const uint32_t size = super->vnet.gso_size;
    const uint32_t segments = super->fields.payload / size;
    const uint32_t from = size * pick(super->dice, segments + 1);
    const struct draft_fields fields = segment_of(super, from);
    const uint32_t at = super->draft.payload + from;
    uint32_t sum;

    if (fields.payload < 2)
        return;
    draft_build(&super->segment, &fields);
    sum = (uint32_t)draft_get16(&super->draft, at) +
          draft_get16(&super->segment,
                      draft_checksum_field(&super->segment, &fields));
    draft_put16(&super->draft, at, (uint16_t)((sum & 0xffff) + (sum >> 16)));
}

/* Changes the start of the checksum, or UDP's length, which are trusted. */
static void spoil_seed(struct super *super)
{
    struct dice *dice = super->dice;
    const uint32_t field = draft_checksum_field(&super->draft, &super->fields);
    const uint16_t values[] = {0, 1, 0xfffe, 0xffff,
                               (uint16_t)pick(dice, 65536)};

    if (super->fields.protocol == 17 && one_in(dice, 2))
        draft_put16(&super->draft, super->draft.l4 + 4, values[pick(dice, 5)]);
    else
        draft_put16(&super->draft, field, values[pick(dice, 5)]);
}

/* Changes the first two bytes of the sum so that the checksum is 0. */
static void spoil_plain_sum(struct super *super)
{
    const uint32_t start = super->vnet.csum_start;
    struct draft *draft = &super->draft;
    uint32_t sum = 0;

    if (start + 2 > draft->len)
        return;
    draft_put16(draft, start, 0);
    for (uint32_t i = start; i < draft->len; i++) {
        sum += (uint32_t)draft->bytes[i] << ((i - start) % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    draft_put16(draft, start, (uint16_t)~sum);
}

/* Not a super-packet, but with a checksum to compute, at any offset. */
static void make_plain(struct super *super)
{
    struct dice *dice = super->dice;
    const uint32_t len = super->draft.len;

    super->vnet = (struct grove_vnet){
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .hdr_len = one_in(dice, 2) ? 0 : (uint16_t)pick(dice, len + 1),
        .gso_size = (uint16_t)(one_in(dice, 2) ? 0 : pick(dice, 65536)),
        .csum_start = (uint16_t)pick(dice, len + 1),
        .csum_offset = (uint16_t)pick(dice, 64),
    };
    if (one_in(dice, 2)) {
        super->vnet.csum_start = (uint16_t)super->draft.l4;
        super->vnet.csum_offset = super->fields.protocol == 17 ? 6 : 16;
    }
    if (one_in(dice, 4))
        spoil_plain_sum(super);
}

/* The values at which a check of the header may decide, and those beside. */
static uint16_t edge(const struct super *super)
{
    struct dice *dice = super->dice;
    const uint32_t len = super->draft.len;
    const uint32_t l4 = super->draft.l4;
    const uint32_t left = len - l4;
    const uint32_t edges[] = {
        0,
        1,
        2,
        6,
        8,
        16,
        18,
        20,
        40,
        60,
        128,
        65470,
        65534,
        len,
        len - 2,
        len - 8,
        len - 20,
        l4,
        l4 + 2,
        l4 + 8,
        l4 + 18,
        l4 + 20,
        left,
        left - 8,
        left - 20,
        len - 28,
        len - 40,
        len - 60,
        super->draft.payload,
        len - super->draft.payload,
        left / 128,
        65536 - l4,
    };

    return (uint16_t)(edges[pick(dice, sizeof edges / sizeof edges[0])] - 1 +
                      pick(dice, 3));
}

static void spoil_header(struct super *super)
{
    static const uint8_t types[] = {0, 1,    2,    3,    4,    5,    6,
                                    7, 0x80, 0x81, 0x83, 0x84, 0x85, 0xff};
    struct dice *dice = super->dice;
    struct grove_vnet *vnet = &super->vnet;

    switch (pick(dice, 6)) {
    case 0:
        vnet->flags = (uint8_t)pick(dice, one_in(dice, 4) ? 256 : 4);
        break;
    case 1:
        vnet->gso_type = types[pick(dice, sizeof types)];
        break;
    case 2:
        vnet->hdr_len = edge(super);
        break;
    case 3:
        vnet->gso_size = edge(super);
        break;
    case 4:
        vnet->csum_start = edge(super);
        break;
    default:
        vnet->csum_offset = edge(super);
        break;
    }
}

/* Changes a byte of the headers, most likely a length or an offset. */
static void spoil_packet(struct super *super)
{
    struct dice *dice = super->dice;
    struct draft *draft = &super->draft;
    const uint32_t places[] = {0, 2, 3, 4, 6, 9, 40, 41, draft->l4 + 12};
    const uint32_t at =
        one_in(dice, 2) ? pick(dice, draft->payload) : places[pick(dice, 9)];

    switch (pick(dice, 3)) {
    case 0:
        bytes_spoil(dice, draft, &super->flow, &super->fields);
        break;
    case 1:
        draft_put8(draft, at, (uint8_t)pick(dice, 256));
        break;
    default:
        draft_put8(draft, at,
                   draft->bytes[at] ^ (uint8_t)(1U << pick(dice, 8)));
        break;
    }
}

/* Any length, or about the length of the headers. */
static void cut(struct super *super)
{
    struct dice *dice = super->dice;
    struct draft *draft = &super->draft;
    const uint32_t headers = draft->payload + 3;

    if (one_in(dice, 2) && headers < draft->len)
        draft->len = pick(dice, headers);
    else
        draft->len = pick(dice, draft->len + 1);
}

/*
 * Headers that do not fit, with a virtio header that does not show it. So the
 * segmentation itself must notice it.
 */
static void hide(struct super *super)
{
    struct dice *dice = super->dice;
    struct draft *draft = &super->draft;
    struct draft_fields *fields = &super->fields;

    fields->protocol = 6;
    fields->ip_options = fields->version == 4 ? 10 : 0;
    fields->payload = pick(dice, 30);
    draft_build(draft, fields);
    super->vnet = (struct grove_vnet){
        .gso_type = gso_type(fields),
        .gso_size = (uint16_t)(1 + pick(dice, 8)),
    };
    if (one_in(dice, 2))
        draft->len = draft->l4 + pick(dice, 24);
    else if (fields->version == 4)
        draft_put8(draft, 0, (uint8_t)(0x40 + pick(dice, 16)));
    else if (fields->extensions != 0)
        draft_put8(draft, 41, (uint8_t)pick(dice, 32));
    else
        draft_put8(draft, 6, 60);
}

/* An IP version, followed by random bytes. */
static void make_noise(struct super *super)
{
    struct dice *dice = super->dice;

    super->draft.len = pick(dice, SHORT);
    for (uint32_t i = 0; i < super->draft.len; i++)
        draft_put8(&super->draft, i, (uint8_t)pick(dice, 256));
    draft_put8(&super->draft, 0, one_in(dice, 2) ? 0x45 : 0x60);
}

/* Makes a field of the virtio header or of the packet wrong. */
static void make_usual(struct super *super, bool wrong)
{
    struct dice *dice = super->dice;

    pick_fields(super);
    pick_payload(super);
    if (wrong && one_in(dice, 3)) {
        flow_spoil(dice, &super->flow, &super->fields);
        if (super->fields.payload > room_for_payload(super))
            super->fields.payload = 0;
    }
    draft_build(&super->draft, &super->fields);
    pick_vnet(super);
    if (one_in(dice, 10) && draft_checksum_field(&super->draft, &super->fields))
        spoil_segment_sum(super);
    if ((super->vnet.flags & GROVE_VNET_F_NEEDS_CSUM) != 0)
        draft_partial(&super->draft, &super->fields);
}

/* About or over 65,536 bytes, with the option for jumbograms or without. */
static void make_jumbo(struct super *super)
{
    struct dice *dice = super->dice;
    struct draft_fields *fields = &super->fields;
    struct draft *draft = &super->draft;

    pick_fields(super);
    fields->version = 6;
    fields->protocol = one_in(dice, 8) ? 17 : 6;
    fields->extensions = one_in(dice, 8) ? 2 : 1;
    fields->extension[0] = one_in(dice, 8) ? 60 : 0;
    fields->extension[1] = 60;
    fields->extension_len = one_in(dice, 8) ? 1 : 0;
    fields->payload = room_for_payload(super) - pick(dice, 45);
    super->vnet.gso_size = (uint16_t)(1000 + pick(dice, 64000));
    draft_build(draft, fields);
    draft_put16(draft, 42, one_in(dice, 8) ? 0xc200 : 0xc204);
    draft_put32(draft, 44, draft->len - 40);
    pick_vnet(super);
    draft_partial(draft, fields);
}

static void spoil(struct super *super)
{
    struct dice *dice = super->dice;

    if (one_in(dice, 4))
        make_plain(super);
    if (one_in(dice, 20))
        make_noise(super);
    if (one_in(dice, 6))
        cut(super);
    if (one_in(dice, 20))
        hide(super);
    for (uint32_t wrong = pick(dice, 3); wrong > 0; wrong--)
        spoil_header(super);
    if (one_in(dice, 4) && super->draft.len >= super->draft.payload)
        spoil_packet(super);
}

/* The gso_type of a tunnel over UDP, by its outer IP version. */
static uint8_t tunnel_bit(const struct shell_tunnel *tunnel)
{
    return tunnel->ip.version == 4 ? 0x20 : 0x40;
}

static bool is_over_udp(const struct shell_tunnel *tunnel)
{
    return tunnel->protocol != GROVE_TUNNEL_IPIP &&
           tunnel->protocol != GROVE_TUNNEL_GRE;
}

/* Tells of the tunnel. With an outer checksum, its start is in the packet. */
static void tell_tunnel(struct super *super, uint32_t head)
{
    const struct shell_tunnel *tunnel = &super->shell.tunnel[0];
    const struct shell_at at = shell_find(&super->shell, super->fields.version);
    struct grove_vnet *vnet = &super->vnet;

    if (super->shell.tunnels == 0 || !is_over_udp(tunnel) ||
        one_in(super->dice, 8))
        return;
    vnet->gso_type |= tunnel_bit(tunnel);
    vnet->outer_th_offset = (uint16_t)at.l4[0];
    vnet->inner_nh_offset = (uint16_t)head;
    if (!tunnel->zero_checksum)
        vnet->flags |= 8;
}

/* Changes what the header tells of the tunnel. */
static void spoil_tunnel(struct super *super)
{
    struct dice *dice = super->dice;
    struct grove_vnet *vnet = &super->vnet;
    const uint16_t near = (uint16_t)(pick(dice, 5) - 2);
    const struct shell_at at = shell_find(&super->shell, super->fields.version);

    switch (pick(dice, 7)) {
    case 0:
        vnet->outer_th_offset = (uint16_t)(vnet->outer_th_offset + near);
        break;
    case 1:
        vnet->inner_nh_offset = (uint16_t)(vnet->inner_nh_offset + near);
        break;
    case 2:
        vnet->gso_type ^= one_in(dice, 2) ? 0x20 : 0x40;
        break;
    case 3:
        vnet->outer_th_offset = edge(super);
        break;
    case 4: /* the inner header lies in the outer ones */
        vnet->gso_type = (uint8_t)((vnet->gso_type & ~0x40U) | 0x20U);
        vnet->outer_th_offset = 34;
        vnet->inner_nh_offset = (uint16_t)(at.l4[0] + pick(dice, 18) - 6);
        break;
    case 5: /* the inner L4 header lies in the inner IP header */
        vnet->csum_start =
            (uint16_t)(vnet->inner_nh_offset + 18 + pick(dice, 24));
        break;
    default:
        vnet->inner_nh_offset = edge(super);
        break;
    }
}

/* A frame that ends in or behind its first VLAN tag. */
static void cut_tag(struct super *super)
{
    struct draft *draft = &super->draft;

    if (super->shell.frame.tags == 0 || draft->len < 22)
        return;
    draft->len = 14 + pick(super->dice, 9);
    super->vnet = (struct grove_vnet){.flags = 0};
}

/* Puts the draft into a shell. Offsets count from there. */
static void wrap(struct super *super, const struct run_config *config,
                 bool hostile)
{
    struct dice *dice = super->dice;
    const uint8_t version = super->fields.version;
    uint32_t head;

    shell_begin(dice, &super->shell, config);
    if (hostile && one_in(dice, 3))
        shell_spoil(dice, &super->shell);
    super->inner = super->draft;
    head = shell_build(&super->draft, &super->shell, &super->inner, version);
    if (hostile && one_in(dice, 4))
        shell_spoil_bytes(dice, &super->draft, &super->shell, version);
    super->vnet.csum_start = (uint16_t)(super->vnet.csum_start + head);
    super->vnet.hdr_len = (uint16_t)(super->vnet.hdr_len + head);
    if (config->vnet_len == RUN_VNET_MAX)
        tell_tunnel(super, head);
    if (hostile && config->vnet_len == RUN_VNET_MAX && one_in(dice, 3))
        spoil_tunnel(super);
    if (hostile && super->shell.framed && one_in(dice, 40))
        cut_tag(super);
}

static void put_le16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

/* What follows the first 10 bytes: of these, only the offsets mean something.
 */
static void store_rest(const struct super *super, uint8_t vnet[RUN_VNET_MAX])
{
    for (uint32_t i = GROVE_VNET_LEN; i < 20; i++)
        vnet[i] = (uint8_t)pick(super->dice, 256);
    put_le16(vnet + 20, super->vnet.outer_th_offset);
    put_le16(vnet + 22, super->vnet.inner_nh_offset);
}

static void emit(const struct super *super, struct arena *arena,
                 struct run *run)
{
    const struct draft *draft = &super->draft;
    struct run_input *input = arena_alloc(arena, 1, sizeof *input);

    input->len =
        draft->len < GROVE_MAX_PACKET_LEN ? draft->len : GROVE_MAX_PACKET_LEN;
    input->packet = arena_copy(arena, draft->bytes, input->len);
    input->has_vnet = true;
    grove_vnet_store(input->vnet, &super->vnet);
    if (run->config.vnet_len > GROVE_VNET_LEN)
        store_rest(super, input->vnet);
    run->input = input;
    run->inputs = 1;
}

/* Makes a super-packet; `layers` is NULL if it has none. */
static void make(struct super *super, const struct run_config *layers,
                 struct arena *arena, struct run *run)
{
    struct dice *dice = super->dice;
    const bool hostile = one_in(dice, 2);

    if (one_in(dice, 200))
        make_jumbo(super);
    else
        make_usual(super, hostile);
    if (hostile)
        spoil(super);
    else if (one_in(dice, 4))
        spoil_seed(super);
    if (layers != NULL)
        wrap(super, layers, hostile);
    emit(super, arena, run);
}

void generate_super(struct dice *dice, const struct run_config *config,
                    struct arena *arena, struct run_input *input)
{
    struct super *super = arena_alloc(arena, 1, sizeof *super);
    struct run run = {.op = RUN_GSO, .config = *config};

    super->dice = dice;
    make(super, config, arena, &run);
    *input = run.input[0];
}

static void generate(uint64_t seed, uint64_t number, const char *profile,
                     const struct run_config *layers, struct arena *arena,
                     struct run *run)
{
    struct super *super = arena_alloc(arena, 1, sizeof *super);
    struct dice dice = {.state = seed * UINT64_C(0xd1342543de82ef95) + number};

    dice.state = roll(&dice);
    super->dice = &dice;
    *run = (struct run){
        .op = RUN_GSO, .profile = profile, .config = run_config_default()};
    run->config.csum_offload = one_in(&dice, 4);
    if (layers != NULL) {
        run->config.link = layers->link;
        run->config.vnet_len = layers->vnet_len;
    }
    make(super, layers, arena, run);
}

void generate_gso(uint64_t seed, uint64_t number, const char *profile,
                  struct arena *arena, struct run *run)
{
    generate(seed, number, profile, NULL, arena, run);
}

void generate_gso_layers(uint64_t seed, uint64_t number, const char *profile,
                         const struct run_config *config, struct arena *arena,
                         struct run *run)
{
    generate(seed, number, profile, config, arena, run);
}
