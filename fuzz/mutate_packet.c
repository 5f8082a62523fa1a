/* SPDX-License-Identifier: MIT */
#include "mutate_packet.h"

#include <netinet/in.h>
#include <string.h>

#include "generate_shell.h"

enum {
    HEADERS = 160, /* bytes of a packet that may be headers */
    ALL_RIGHT = INPUT_LENGTHS | INPUT_IP_RIGHT | INPUT_L4_RIGHT,
    PSH = 8,
    TCP_FLAGS = 13
};

static const uint8_t nothing[1];

void shop_open(struct workshop *shop, uint32_t seed, uint8_t layers)
{
    shop->dice.state = seed;
    shop->used = 0;
    layered_config(layers, &shop->config);
}

static uint8_t *take(struct workshop *shop, size_t len)
{
    uint8_t *bytes = shop->pool + shop->used;

    if (len > SHOP_POOL - shop->used)
        return NULL;
    shop->used += len;
    return bytes;
}

static size_t len_of(const struct entry *packet)
{
    return (size_t)packet->given + packet->fill;
}

/*
 * Copies the packet's bytes into the mutator's memory, so that they can be
 * changed, and gives all of its headers. Returns false if there is no room.
 */
static bool own(struct workshop *shop, struct entry *packet)
{
    const size_t len = len_of(packet);
    size_t given = packet->given;
    uint8_t *bytes;

    if (given < HEADERS)
        given = len < HEADERS ? len : HEADERS;
    bytes = take(shop, given);
    if (bytes == NULL)
        return false;
    if (packet->given != 0)
        memcpy(bytes, packet->bytes, packet->given);
    for (size_t i = packet->given; i < given; i++)
        bytes[i] = (uint8_t)i;
    packet->bytes = bytes;
    packet->fill = (uint16_t)(len - given);
    packet->given = (uint16_t)given;
    return true;
}

/* The bytes of a packet that own() has copied, to be changed. */
static uint8_t *bytes_of(const struct entry *packet)
{
    return (uint8_t *)(uintptr_t)packet->bytes;
}

static struct inner layout(const struct workshop *shop,
                           const struct entry *packet)
{
    return inner_of(&shop->config, packet->bytes, packet->given);
}

/* The length of its payload; *at gets the offsets of its innermost headers. */
static size_t payload_of(const struct workshop *shop,
                         const struct entry *packet, struct layout *at)
{
    *at = layout(shop, packet).at;
    if (at->payload == 0 && at->l4 != 0 && packet->fill != 0)
        at->payload = packet->given; /* the whole payload is a fill */
    return at->payload == 0 ? 0 : len_of(packet) - at->payload;
}

/* Sets its length: given bytes first, then a fill. */
static void set_len(struct entry *packet, size_t len)
{
    if (len < packet->given)
        packet->given = (uint16_t)len;
    len -= packet->given;
    packet->fill = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX);
}

/* Mends everything, except a checksum that the receiver computes. */
static void mend_all(struct entry *packet)
{
    const uint8_t l4 = packet->kind & INPUT_L4;

    packet->kind &= (uint8_t) ~(INPUT_IP | INPUT_L4);
    packet->kind |= INPUT_LENGTHS | INPUT_IP_RIGHT;
    packet->kind |= l4 == INPUT_L4_PARTIAL ? INPUT_L4_PARTIAL : INPUT_L4_RIGHT;
}

/* ---- the next packet ---- */

struct entry packet_next(struct workshop *shop, const struct entry *packet)
{
    struct entry whole = *packet;
    struct entry next = {.kind = INPUT_NEXT, .bytes = nothing};
    struct layout at;
    size_t payload;

    own(shop, &whole);
    payload = payload_of(shop, &whole, &at);
    if (payload > 1 && one_in(&shop->dice, 8))
        payload = 1 + pick(&shop->dice, (uint32_t)payload);
    next.fill = (uint16_t)(payload < UINT16_MAX ? payload : UINT16_MAX);
    mend_all(&next);
    return next;
}

struct entry packet_expand(struct workshop *shop, const struct entry *last,
                           const struct entry *packet)
{
    struct entry before = *last;
    struct entry after = *packet;
    struct layout at;
    size_t headers;
    uint8_t *bytes;

    after.kind &= (uint8_t)~INPUT_NEXT;
    if (!own(shop, &before))
        return after;
    headers = len_of(&before) - payload_of(shop, &before, &at);
    if (at.l4 == 0 || headers > before.given ||
        headers + packet->given > UINT16_MAX)
        return after;
    bytes = take(shop, headers + packet->given);
    if (bytes == NULL)
        return after;
    memcpy(bytes, before.bytes, headers);
    layered_advance(&shop->config, bytes, headers, len_of(&before) - headers);
    if (packet->given != 0)
        memcpy(bytes + headers, packet->bytes, packet->given);
    after.bytes = bytes;
    after.given = (uint16_t)(headers + packet->given);
    return after;
}

bool packet_split(struct workshop *shop, struct entry *packet,
                  struct entry *second)
{
    struct layout at;
    size_t payload;
    size_t cut;

    *second = *packet;
    if (!own(shop, packet) || !own(shop, second))
        return false;
    payload = payload_of(shop, packet, &at);
    if (payload < 2)
        return false;
    cut = one_in(&shop->dice, 2) ? (payload + 1) / 2
                                 : 1 + pick(&shop->dice, (uint32_t)payload - 1);
    set_len(packet, at.payload + cut);
    set_len(second, at.payload + payload - cut);
    layered_advance(&shop->config, bytes_of(second), at.payload, cut);
    if (at.protocol == IPPROTO_TCP)
        bytes_of(packet)[at.l4 + TCP_FLAGS] &= (uint8_t)~PSH;
    mend_all(packet);
    mend_all(second);
    return true;
}

bool packet_merge(struct workshop *shop, struct entry *packet,
                  const struct entry *second)
{
    struct entry other = *second;
    struct layout at;

    if (!own(shop, packet) || !own(shop, &other) ||
        layout(shop, packet).at.l4 == 0)
        return false;
    set_len(packet, len_of(packet) + payload_of(shop, &other, &at));
    mend_all(packet);
    return true;
}

/* ---- flows ---- */

/* Where the addresses are in an IP header, and their length. */
static size_t addresses(uint8_t version)
{
    return version == 4 ? 12 : 8;
}

static size_t addresses_len(uint8_t version)
{
    return version == 4 ? 8 : 32;
}

bool packet_same_flow(const struct workshop *shop, const struct entry *a,
                      const struct entry *b)
{
    const struct inner one = layout(shop, a);
    const struct inner other = layout(shop, b);
    const size_t from = addresses(one.at.version);

    return one.at.ports != 0 && other.at.ports != 0 &&
           one.at.version == other.at.version &&
           one.at.protocol == other.at.protocol &&
           memcmp(a->bytes + one.start + from, b->bytes + other.start + from,
                  addresses_len(one.at.version)) == 0 &&
           memcmp(a->bytes + one.at.ports, b->bytes + other.at.ports, 4) == 0;
}

void packet_join(struct workshop *shop, struct entry *packet,
                 const struct entry *other)
{
    struct entry from = *other;
    struct inner one;
    struct inner source;

    if (!own(shop, packet) || !own(shop, &from))
        return;
    one = layout(shop, packet);
    source = layout(shop, &from);
    if (one.at.version == 0 || one.at.version != source.at.version)
        return;
    memcpy(bytes_of(packet) + one.start + addresses(one.at.version),
           from.bytes + source.start + addresses(one.at.version),
           addresses_len(one.at.version));
    if (one.at.ports != 0 && source.at.ports != 0)
        memcpy(bytes_of(packet) + one.at.ports, from.bytes + source.at.ports,
               4);
    mend_all(packet);
}

/* ---- fields ---- */

/* A field that a rule reads, and the bits of `kind` that would mend it. */
struct place {
    size_t at;
    size_t len;
    uint8_t mended_by; /* bits of `kind` */
};

static struct place ip4_place(struct dice *dice)
{
    static const struct place places[] = {
        {0, 1, 0},               /* version, header length */
        {1, 1, 0},               /* TOS */
        {2, 2, INPUT_LENGTHS},   /* total_length */
        {4, 2, INPUT_IP_BY_ID},  /* identification */
        {6, 1, 0},               /* flags */
        {6, 2, 0},               /* fragment offset */
        {8, 1, 0},               /* TTL */
        {9, 1, 0},               /* protocol */
        {10, 2, INPUT_IP_RIGHT}, /* checksum */
        {12, 4, 0},              /* source */
        {16, 4, 0},              /* destination */
    };

    return places[pick(dice, sizeof places / sizeof places[0])];
}

static struct place ip6_place(struct dice *dice)
{
    static const struct place places[] = {
        {0, 2, 0},             /* version, class */
        {1, 3, 0},             /* flow label */
        {4, 2, INPUT_LENGTHS}, /* payload_length */
        {6, 1, 0},             /* next header */
        {7, 1, 0},             /* hop limit */
        {8, 16, 0},            /* source */
        {24, 16, 0},           /* destination */
        {40, 2, 0},            /* extension: next header, length */
        {42, 6, 0},
    };

    return places[pick(dice, sizeof places / sizeof places[0])];
}

static struct place tcp_place(struct dice *dice)
{
    static const struct place places[] = {
        {0, 2, 0},  /* source port */
        {2, 2, 0},  /* destination port */
        {4, 4, 0},  /* sequence number */
        {8, 4, 0},  /* acknowledgment number */
        {12, 1, 0}, /* data offset, reserved bits */
        {13, 1, 0}, /* flags, twice as often */
        {13, 1, 0},
        {14, 2, 0},              /* window */
        {16, 2, INPUT_L4_RIGHT}, /* checksum */
        {18, 2, 0},              /* urgent pointer */
        {20, 12, 0},             /* options, or payload */
    };

    return places[pick(dice, sizeof places / sizeof places[0])];
}

static struct place udp_place(struct dice *dice)
{
    static const struct place places[] = {
        {0, 2, 0},              /* source port */
        {2, 2, 0},              /* destination port */
        {4, 2, INPUT_LENGTHS},  /* length */
        {6, 2, INPUT_L4_RIGHT}, /* checksum */
        {8, 2, 0},              /* payload */
    };

    return places[pick(dice, sizeof places / sizeof places[0])];
}

static struct place inner_place(struct dice *dice, const struct inner *inner)
{
    const struct layout *at = &inner->at;
    struct place place = {.at = 0, .len = 1};

    if (at->l4 != 0 && one_in(dice, 2)) {
        place = at->protocol == IPPROTO_TCP ? tcp_place(dice) : udp_place(dice);
        place.at += at->l4;
        return place;
    }
    if (at->version == 4)
        place = ip4_place(dice);
    else if (at->version == 6)
        place = ip6_place(dice);
    place.at += inner->start;
    return place;
}

/* Of a tunnel's own header, and of Ethernet, each byte may be read. */
static struct place layer_place(struct dice *dice, const uint8_t *packet,
                                const struct layer *layer)
{
    struct place place = {.at = pick(dice, layer->len), .len = 1};

    if (layer->kind == LAYER_IP)
        place = packet[layer->at] >> 4 == 4 ? ip4_place(dice) : ip6_place(dice);
    else if (layer->kind == LAYER_UDP)
        place = udp_place(dice);
    place.at += layer->at;
    return place;
}

static struct place any_place(struct workshop *shop, const struct entry *packet)
{
    const struct inner inner = layout(shop, packet);
    const struct layers layers =
        layers_of(&shop->config, packet->bytes, packet->given);

    if (layers.count < 2 || one_in(&shop->dice, 2))
        return inner_place(&shop->dice, &inner);
    return layer_place(&shop->dice, packet->bytes,
                       &layers.layer[pick(&shop->dice, layers.count)]);
}

/* Flips a bit, adds or subtracts 1, or sets the least or largest value. */
static void change(struct dice *dice, uint8_t *bytes, size_t len)
{
    const uint32_t byte = pick(dice, (uint32_t)len);

    switch (pick(dice, 6)) {
    case 0:
        memset(bytes, 0, len);
        break;
    case 1:
        memset(bytes, 0xff, len);
        break;
    case 2:
        bytes[len - 1]++;
        break;
    case 3:
        bytes[len - 1]--;
        break;
    default:
        bytes[byte] ^= (uint8_t)(1U << pick(dice, 8));
        break;
    }
}

void packet_change(struct workshop *shop, struct entry *packet)
{
    struct place place;

    if (!own(shop, packet) || packet->given == 0)
        return;
    place = any_place(shop, packet);
    if (place.at + place.len > packet->given)
        return;
    change(&shop->dice, bytes_of(packet) + place.at, place.len);
    packet->kind &= (uint8_t)~place.mended_by;
    /* A checksum that stays may still be made right by another field. */
    if (place.mended_by == INPUT_L4_RIGHT && one_in(&shop->dice, 2))
        packet->kind |= INPUT_L4_BY_PAYLOAD;
    if (place.mended_by == INPUT_IP_RIGHT && one_in(&shop->dice, 2))
        packet->kind |= INPUT_IP_BY_ID;
}

static size_t inner_end(struct dice *dice, const struct inner *inner)
{
    const struct layout *at = &inner->at;
    const size_t ends[] = {inner->start + at->ip, at->body, at->field + 2,
                           at->payload, at->l4 != 0 ? at->l4 + 20 : 8};

    return ends[pick(dice, sizeof ends / sizeof ends[0])];
}

/* A length that cuts a header: an end of one, or a byte beside it. */
static size_t near_end(struct workshop *shop, const struct entry *packet)
{
    const struct inner inner = layout(shop, packet);
    const struct layers layers =
        layers_of(&shop->config, packet->bytes, packet->given);
    size_t end = inner_end(&shop->dice, &inner);

    if (layers.count > 1 && one_in(&shop->dice, 2)) {
        const struct layer *layer =
            &layers.layer[pick(&shop->dice, layers.count)];

        end = (size_t)layer->at + layer->len;
    }
    return end + pick(&shop->dice, 3) - (end != 0 ? 1 : 0);
}

void packet_resize(struct workshop *shop, struct entry *packet)
{
    static const uint16_t sizes[] = {0,     1,     2,     7,     8,    9,
                                     100,   536,   1200,  1448,  1460, 9000,
                                     32000, 65483, 65495, 65515, 65535};
    struct layout at;
    size_t payload;

    if (!own(shop, packet))
        return;
    payload = payload_of(shop, packet, &at);
    if (at.payload == 0)
        at.payload = packet->given;
    switch (pick(&shop->dice, 5)) {
    case 4:
        set_len(packet, near_end(shop, packet));
        break;
    case 0: /* any length, which may cut the headers */
        set_len(packet, pick(&shop->dice, (uint32_t)len_of(packet) + 8));
        break;
    case 1:
        set_len(packet, at.payload + payload + 1);
        break;
    case 2:
        set_len(packet, at.payload + (payload != 0 ? payload - 1 : 0));
        break;
    default:
        set_len(packet,
                at.payload +
                    sizes[pick(&shop->dice, sizeof sizes / sizeof sizes[0])]);
        break;
    }
}

/* ---- the virtio header ---- */

/* The library's function is not in the shared object for AFL++. */
static void put_vnet(uint8_t *wire, const struct grove_vnet *vnet)
{
    const uint16_t numbers[] = {vnet->hdr_len, vnet->gso_size, vnet->csum_start,
                                vnet->csum_offset};

    wire[0] = vnet->flags;
    wire[1] = vnet->gso_type;
    for (size_t i = 0; i < 4; i++) {
        wire[2 + 2 * i] = (uint8_t)numbers[i];
        wire[3 + 2 * i] = (uint8_t)(numbers[i] >> 8);
    }
}

enum { OUTER_TH_OFFSET = 20, INNER_NH_OFFSET = 22 };

static void put_offset(uint8_t *wire, size_t offset)
{
    wire[0] = (uint8_t)offset;
    wire[1] = (uint8_t)(offset >> 8);
}

/* Adds to a header of 24 bytes what it tells of a tunnel over UDP. */
static void fit_tunnel(struct workshop *shop, struct entry *packet)
{
    const struct layers layers =
        layers_of(&shop->config, packet->bytes, packet->given);

    if (shop->config.vnet_len != GROVE_VNET_TUNNEL_LEN)
        return;
    for (unsigned i = 1; i < layers.count; i++) {
        const struct layer *udp = &layers.layer[i];

        if (udp->kind != LAYER_UDP)
            continue;
        packet->vnet[1] |= packet->bytes[layers.layer[i - 1].at] >> 4 == 6
                               ? GROVE_VNET_GSO_TUNNEL6
                               : GROVE_VNET_GSO_TUNNEL4;
        if ((packet->bytes[udp->at + 6] | packet->bytes[udp->at + 7]) != 0)
            packet->vnet[0] |= GROVE_VNET_F_TUNNEL_CSUM;
        put_offset(packet->vnet + OUTER_TH_OFFSET, udp->at);
        put_offset(packet->vnet + INNER_NH_OFFSET, layers.ip);
        return;
    }
}

/* A correct header: a checksum to compute, perhaps for a super-packet. */
static void fit(struct workshop *shop, struct entry *packet,
                const struct layout *at, size_t payload)
{
    static const uint16_t parts[] = {1, 2, 3, 8, 64, 127, 128, 129};
    struct grove_vnet vnet = {.flags = GROVE_VNET_F_NEEDS_CSUM,
                              .csum_start = (uint16_t)at->l4,
                              .csum_offset = (uint16_t)(at->field - at->l4)};

    if (payload > 1 && !one_in(&shop->dice, 4)) {
        vnet.gso_type = at->protocol == IPPROTO_UDP ? GROVE_VNET_GSO_UDP_L4
                        : at->version == 4          ? GROVE_VNET_GSO_TCPV4
                                                    : GROVE_VNET_GSO_TCPV6;
        vnet.gso_size = (uint16_t)((payload + 1) /
                                   parts[pick(&shop->dice,
                                              sizeof parts / sizeof parts[0])]);
        vnet.hdr_len = (uint16_t)at->payload;
    }
    put_vnet(packet->vnet, &vnet);
    if (vnet.gso_type != GROVE_VNET_GSO_NONE && !one_in(&shop->dice, 8))
        fit_tunnel(shop, packet);
    packet->kind &= (uint8_t)~INPUT_L4;
    packet->kind |= INPUT_L4_PARTIAL | INPUT_LENGTHS | INPUT_IP_RIGHT;
}

/* A checksum field at the packet's end, or a byte before or after that. */
static void fit_end(struct workshop *shop, struct entry *packet,
                    const struct layout *at)
{
    const size_t end = len_of(packet) + pick(&shop->dice, 3);
    struct grove_vnet vnet = {.flags = GROVE_VNET_F_NEEDS_CSUM,
                              .csum_start = (uint16_t)at->l4};

    if (end < at->l4 + 3U)
        return;
    vnet.csum_offset = (uint16_t)(end - 3 - at->l4);
    put_vnet(packet->vnet, &vnet);
}

/* One of the fields that only a header of 24 bytes has. */
static void change_tunnel(struct dice *dice, uint8_t *wire)
{
    switch (pick(dice, 4)) {
    case 0:
        wire[0] ^= GROVE_VNET_F_TUNNEL_CSUM;
        break;
    case 1:
        wire[1] ^=
            one_in(dice, 2) ? GROVE_VNET_GSO_TUNNEL4 : GROVE_VNET_GSO_TUNNEL6;
        break;
    default:
        change(dice, wire + OUTER_TH_OFFSET + pick(dice, 4), 1);
        break;
    }
}

/* Flags, or one of the numbers. */
static void change_vnet(struct workshop *shop, uint8_t *wire)
{
    if (shop->config.vnet_len == GROVE_VNET_TUNNEL_LEN &&
        one_in(&shop->dice, 2))
        change_tunnel(&shop->dice, wire);
    else if (one_in(&shop->dice, 5))
        wire[0] = (uint8_t)pick(&shop->dice, 4);
    else
        change(&shop->dice, wire + 2 + pick(&shop->dice, 8), 1);
}

void packet_vnet(struct workshop *shop, struct entry *packet)
{
    static const uint8_t types[] = {0, 1, 3, 4, 5, 0x81, 0x84, 0x80, 0x85, 2};
    struct layout at;
    size_t payload;

    if (!own(shop, packet))
        return;
    payload = payload_of(shop, packet, &at);
    packet->kind |= INPUT_VNET;
    switch (pick(&shop->dice, 5)) {
    case 4:
        fit_end(shop, packet, &at);
        break;
    case 0:
        packet->vnet[1] = types[pick(&shop->dice, sizeof types)];
        break;
    case 1:
        change_vnet(shop, packet->vnet);
        break;
    default:
        if (at.l4 != 0)
            fit(shop, packet, &at, payload);
        break;
    }
}

/* ---- longer headers ---- */

/* Inserts `len` zeros before byte `at`. */
static bool put_in(struct workshop *shop, struct entry *packet, size_t at,
                   size_t len)
{
    uint8_t *bytes = take(shop, packet->given + len);

    if (bytes == NULL || packet->given + len > UINT16_MAX)
        return false;
    memcpy(bytes, packet->bytes, at);
    memset(bytes + at, 0, len);
    memcpy(bytes + at + len, packet->bytes + at, packet->given - at);
    packet->bytes = bytes;
    packet->given = (uint16_t)(packet->given + len);
    mend_all(packet);
    return true;
}

/* Inserts an extension header of 8 bytes before the others. */
static void grow_ip6(struct workshop *shop, struct entry *packet, size_t ip)
{
    static const uint8_t headers[] = {0, 43, 60, 44, 59};
    uint8_t *data;

    if (!put_in(shop, packet, ip + 40, 8))
        return;
    data = bytes_of(packet) + ip;
    data[40] = data[6];
    data[6] = headers[pick(&shop->dice, one_in(&shop->dice, 4) ? 5 : 3)];
    if (data[6] == 0 && one_in(&shop->dice, 2))
        data[42] = 0xc2; /* the option for a jumbo payload */
}

static void grow_tcp(struct workshop *shop, struct entry *packet,
                     const struct layout *at)
{
    const uint32_t words = 1 + pick(&shop->dice, 3);
    uint8_t *data;

    if (packet->bytes[at->l4 + 12] >> 4 > 15 - words ||
        !put_in(shop, packet, at->l4 + 20, (size_t)words * 4))
        return;
    data = bytes_of(packet);
    data[at->l4 + 12] = (uint8_t)(data[at->l4 + 12] + (words << 4));
    memset(data + at->l4 + 20, 1, (size_t)words * 4);
}

void packet_grow(struct workshop *shop, struct entry *packet)
{
    struct inner inner;
    struct layout at;

    if (!own(shop, packet))
        return;
    inner = layout(shop, packet);
    at = inner.at;
    if (at.version == 6 && one_in(&shop->dice, 2))
        grow_ip6(shop, packet, inner.start);
    else if (at.version == 4 && (packet->bytes[inner.start] & 15) < 15 &&
             one_in(&shop->dice, 4)) {
        if (put_in(shop, packet, inner.start + 20, 4))
            bytes_of(packet)[inner.start]++;
    } else if (at.l4 != 0 && at.protocol == IPPROTO_TCP)
        grow_tcp(shop, packet, &at);
}

/* ---- layers ---- */

/* Puts the IP packet that begins at `from` into the shell, instead of before.
 */
static void put_into(struct workshop *shop, struct entry *packet, size_t from,
                     const struct shell *shell)
{
    static struct draft inner;
    static struct draft whole;
    const size_t len = packet->given - from;
    uint8_t *bytes;

    inner.len = (uint32_t)len;
    memcpy(inner.bytes, packet->bytes + from, len);
    shell_build(&whole, shell, &inner, inner.bytes[0] >> 4 == 4 ? 4 : 6);
    bytes = whole.len <= UINT16_MAX ? take(shop, whole.len) : NULL;
    if (bytes == NULL)
        return;
    memcpy(bytes, whole.bytes, whole.len);
    packet->bytes = bytes;
    packet->given = (uint16_t)whole.len;
}

/* Offset of the outermost IP header; the packet's length if there is none. */
static size_t first_ip(const struct workshop *shop, const struct entry *packet)
{
    const struct layers layers =
        layers_of(&shop->config, packet->bytes, packet->given);

    for (unsigned i = 0; i < layers.count; i++)
        if (layers.layer[i].kind == LAYER_IP)
            return layers.layer[i].at;
    return packet->given;
}

void packet_wrap(struct workshop *shop, struct entry *packet)
{
    struct shell shell;
    size_t from;

    if (!own(shop, packet))
        return;
    from = first_ip(shop, packet);
    if (from == packet->given)
        return;
    shell_begin(&shop->dice, &shell, &shop->config);
    if (one_in(&shop->dice, 4))
        shell_spoil(&shop->dice, &shell);
    put_into(shop, packet, from, &shell);
    mend_all(packet);
}

/* ---- a new packet ---- */

static struct entry make_inner(struct workshop *shop)
{
    static const uint16_t sizes[] = {0, 1, 8, 100, 1200, 1448};
    static const uint8_t ip4[] = {0x45, 0, 0,  0, 0, 1, 0x40, 0, 64, 0,
                                  0,    0, 10, 0, 0, 1, 10,   0, 0,  2};
    static const uint8_t ip6[40] = {
        0x60, 0, 0, 0, 0, 0, 0, 64, 0xfd, [23] = 1, [24] = 0xfd, [39] = 2};
    static const uint8_t tcp[20] = {0x13, 0x88, 0x13, 0x89, 0,    0,    0, 1, 0,
                                    0,    0,    1,    0x50, 0x10, 0x10, 0};
    static const uint8_t udp[8] = {0x13, 0x88, 0x13, 0x89};
    const bool is_ip4 = one_in(&shop->dice, 2);
    const bool is_tcp = one_in(&shop->dice, 2);
    const size_t l4 = is_ip4 ? sizeof ip4 : sizeof ip6;
    const size_t len = l4 + (is_tcp ? sizeof tcp : sizeof udp);
    uint8_t *bytes = take(shop, len);

    if (bytes == NULL)
        return (struct entry){.kind = ALL_RIGHT, .bytes = nothing};
    memcpy(bytes, is_ip4 ? ip4 : ip6, l4);
    memcpy(bytes + l4, is_tcp ? tcp : udp, len - l4);
    bytes[is_ip4 ? 9 : 6] = is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
    bytes[l4 + 1] = (uint8_t)pick(&shop->dice, 3);
    return (struct entry){
        .kind = ALL_RIGHT,
        .bytes = bytes,
        .given = (uint16_t)len,
        .fill = sizes[pick(&shop->dice, sizeof sizes / sizeof sizes[0])]};
}

struct entry packet_make(struct workshop *shop)
{
    struct entry packet = make_inner(shop);
    struct shell shell;

    if (packet.given == 0 || (shop->config.link == GROVE_LINK_NONE &&
                              shop->config.tunnel_count == 0))
        return packet;
    shell_begin(&shop->dice, &shell, &shop->config);
    put_into(shop, &packet, 0, &shell);
    return packet;
}
