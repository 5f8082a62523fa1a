/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <string.h>

#include "../../tools/oracle/generate_shell.h"
#include "table.h"

enum { FLOWS = 3, PACKETS = 80, HEADERS = 60 };

enum { TCP_PROTOCOL = 6, UDP_PROTOCOL = 17 };

struct scene {
    struct draft_fields next[FLOWS]; /* the packet that would merge */
    struct draft draft[PACKETS];     /* the packets so far */
    uint8_t vnet[PACKETS][RUN_VNET_MAX];
    uint32_t flow[PACKETS];    /* of each packet */
    uint32_t network[PACKETS]; /* offset of its innermost IP header */
    uint32_t packets;
    uint32_t flows;
    uint32_t calm;             /* one packet of so many is changed */
    bool fixed_id;             /* identifications stay, until one is changed */
    bool turns;                /* the flows send in turns */
    bool layered;              /* the packets have what follows */
    struct shell shell[FLOWS]; /* of the packet that would merge */
    bool odd; /* the outer IP header has the version of the other one */
};

/* A number near a wrap of 2^bits, or any. */
static uint32_t near_wrap(struct dice *dice, uint32_t bits, uint32_t most)
{
    const uint32_t number =
        one_in(dice, 2) ? (uint32_t)roll(dice) : 0 - pick(dice, most);

    return bits == 32 ? number : number & ((UINT32_C(1) << bits) - 1);
}

/* ---- the flows, which hardly differ ---- */

static void first_flow(struct draft_fields *fields, struct dice *dice)
{
    static const uint32_t sizes[] = {1, 7, 8, 9, 100, 536, 1448, 20000, 32000};

    *fields = (struct draft_fields){
        .version = one_in(dice, 2) ? 4 : 6,
        .protocol = one_in(dice, 2) ? TCP_PROTOCOL : UDP_PROTOCOL,
        .source = {10, 0, 0, 1},
        .destination = {10, 0, 0, 2},
        .hop = 64,
        .id = (uint16_t)near_wrap(dice, 16, 6),
        .fragment = one_in(dice, 2) ? 0x4000 : 0,
        .source_port = 1000,
        .destination_port = 2000,
        .sequence = near_wrap(dice, 32, 5000),
        .flags = one_in(dice, 8) ? 0x90 : 0x10,
        .tcp_options = (uint8_t)pick(dice, 11),
        .payload = sizes[pick(dice, 9)],
    };
    if (one_in(dice, 8)) {
        fields->extensions = (uint8_t)(fields->version == 6);
        fields->extension[0] = 60;
    }
}

/* The payload with which the limit of bytes is reached, or missed by one. */
static void fill_super_packet(struct draft_fields *fields,
                              struct draft *scratch, struct dice *dice)
{
    const uint32_t most = 65535 + pick(dice, 2);
    uint32_t packets = 2 + pick(dice, 40);

    draft_build(scratch, fields);
    while ((most - scratch->payload) % packets != 0)
        packets--;
    if (packets > 1)
        fields->payload = (most - scratch->payload) / packets;
}

/* Changes one thing of what makes a flow. */
static void another_flow(struct draft_fields *fields, struct dice *dice)
{
    switch (pick(dice, 6)) {
    case 0:
        fields->source[pick(dice, 16)] ^= 1U;
        return;
    case 1:
        fields->destination[pick(dice, 16)] ^= 1;
        return;
    case 2:
        fields->source_port ^= (uint16_t)(1 << pick(dice, 16));
        return;
    case 3:
        fields->destination_port ^= (uint16_t)(1 << pick(dice, 16));
        return;
    case 4:
        fields->flow_label ^= UINT32_C(1) << pick(dice, 20);
        return;
    default:
        fields->protocol ^= TCP_PROTOCOL ^ UDP_PROTOCOL;
    }
}

/* Makes the header checksum of the next packet small, so that it may borrow. */
static void small_checksum(struct draft_fields *fields, struct draft *scratch,
                           struct dice *dice)
{
    uint32_t word = (uint32_t)fields->source[0] << 8 | fields->source[1];

    draft_build(scratch, fields);
    word += draft_get16(scratch, 10) + 0xffffU - pick(dice, 4);
    word = (word & 0xffff) + (word >> 16);
    fields->source[0] = (uint8_t)(word >> 8);
    fields->source[1] = (uint8_t)word;
}

/* ---- one change ---- */

static void change_fields(struct draft_fields *fields, struct dice *dice)
{
    const uint32_t delta = pick(dice, 5) - 2;

    switch (pick(dice, 14)) {
    case 0:
        fields->payload = pick(dice, fields->payload + 2);
        return;
    case 1:
        fields->sequence += delta;
        return;
    case 2:
        fields->acknowledgment += delta;
        return;
    case 3:
        fields->window ^= (uint16_t)(1 << pick(dice, 16));
        return;
    case 4:
        fields->flags ^= (uint16_t)(1 << pick(dice, 12));
        return;
    case 5:
        fields->urgent ^= (uint16_t)(1 << pick(dice, 16));
        return;
    case 6:
        fields->tcp_option_fill++;
        return;
    case 7:
        fields->tcp_options = (uint8_t)pick(dice, 11);
        return;
    case 8:
        fields->hop = (uint8_t)(fields->hop + delta);
        return;
    case 9:
        fields->traffic_class ^= (uint8_t)(1 << pick(dice, 8));
        return;
    case 10:
        fields->id = (uint16_t)(fields->id + delta);
        return;
    case 11:
        fields->fragment ^= (uint16_t)(0x8000 >> pick(dice, 4));
        return;
    case 12:
        fields->extensions ^= 1;
        fields->extension[0] = 60;
        return;
    default:
        another_flow(fields, dice);
    }
}

/* Adds to one word of the headers and subtracts from another one. */
static void move_between_words(struct draft *draft, struct dice *dice)
{
    const uint16_t by =
        (uint16_t)(one_in(dice, 2) ? 1 + pick(dice, 3) : roll(dice));
    const uint32_t from = 2 * pick(dice, HEADERS / 2);
    const uint32_t to = 2 * pick(dice, HEADERS / 2);

    draft_put16(draft, from, (uint16_t)(draft_get16(draft, from) - by));
    draft_put16(draft, to, (uint16_t)(draft_get16(draft, to) + by));
}

static void swap_words(struct draft *draft, struct dice *dice)
{
    const uint32_t one = 2 * pick(dice, HEADERS / 2);
    const uint32_t other = 2 * pick(dice, HEADERS / 2);
    const uint16_t word = draft_get16(draft, one);

    draft_put16(draft, one, draft_get16(draft, other));
    draft_put16(draft, other, word);
}

/* The identification counts up and the checksum down, and both may wrap. */
static void count_ip4(struct scene *scene, struct draft *draft)
{
    const uint32_t flow = scene->flow[scene->packets];
    uint32_t first = scene->packets;
    uint32_t step = 0;
    uint32_t word;
    uint32_t at;

    for (uint32_t i = 0; i < scene->packets; i++) {
        if (scene->flow[i] != flow)
            continue;
        if (step++ == 0)
            first = i;
    }
    at = scene->network[first];
    word = draft_get16(&scene->draft[first], at + 10) + 0x10000U - step;
    draft_put16(draft, 4,
                (uint16_t)(draft_get16(&scene->draft[first], at + 4) + step));
    draft_put16(draft, 10, (uint16_t)word);
    if (word < 0x10000) /* it borrows from the TTL and protocol */
        draft_put16(draft, 8, (uint16_t)(draft_get16(draft, 8) - 1));
}

static void change_bytes(struct scene *scene, struct draft *draft,
                         const struct draft_fields *fields, struct dice *dice)
{
    switch (pick(dice, 9)) {
    case 0:
        draft->bytes[pick(dice, HEADERS)] ^= (uint8_t)(1 << pick(dice, 8));
        break;
    case 1:
    case 2:
        move_between_words(draft, dice);
        return;
    case 3:
        swap_words(draft, dice);
        return;
    case 4:
        count_ip4(scene, draft);
        return;
    case 5:
        draft->len += pick(dice, 3);
        draft->len -= pick(dice, draft->len < 100 ? draft->len : 100);
        return;
    case 6:
        draft->len = draft->l4 + pick(dice, 10);
        return;
    case 7: /* the last option, or the UDP checksum */
        draft->bytes[draft->payload - 1] ^= 1U;
        return;
    default:
        draft_put16(draft, draft_checksum_field(draft, fields),
                    one_in(dice, 2) ? 0 : 0xffff);
        return;
    }
    if (one_in(dice, 2) && fields->version == 4)
        draft_ip_checksum(draft);
    if (one_in(dice, 2))
        draft_l4_checksum(draft, fields);
}

/* ---- the scene ---- */

static void continue_flow(const struct scene *scene, struct draft_fields *next,
                          const struct draft_fields *sent, struct dice *dice)
{
    const struct draft_fields *from = one_in(dice, 2) ? sent : next;
    struct draft_fields fields = *from;

    fields.sequence += fields.payload;
    if (!scene->fixed_id)
        fields.id++;
    if (fields.payload == 0)
        fields.payload = 100;
    *next = fields;
}

/* Puts `inner` into the layers of its flow. */
static void wrap(struct scene *scene, const struct draft *inner,
                 uint8_t version, struct dice *dice)
{
    const uint32_t number = scene->packets;
    struct draft *draft = &scene->draft[number];
    struct shell *next = &scene->shell[scene->flow[number]];
    struct shell shell = *next;

    if (one_in(dice, 2 * scene->calm))
        shell_spoil(dice, &shell);
    scene->network[number] = shell_build(draft, &shell, inner, version);
    if (scene->odd)
        draft->bytes[shell_find(&shell, version).ip[0]] ^= 0x20;
    if (one_in(dice, 4 * scene->calm))
        shell_spoil_bytes(dice, draft, &shell, version);
    shell_advance(dice, next);
}

/* The bytes of the flow's next packet. */
static void next_draft(struct scene *scene, struct dice *dice)
{
    static struct draft inner;
    const uint32_t flow = scene->flow[scene->packets];
    struct draft *draft =
        scene->layered ? &inner : &scene->draft[scene->packets];
    struct draft_fields fields = scene->next[flow];

    if (one_in(dice, 2 * scene->calm))
        change_fields(&fields, dice);
    draft_build(draft, &fields);
    if (one_in(dice, 2 * scene->calm))
        change_bytes(scene, draft, &fields, dice);
    continue_flow(scene, &scene->next[flow], &fields, dice);
    scene->network[scene->packets] = 0;
    if (scene->layered)
        wrap(scene, &inner, fields.version, dice);
}

static struct grove_packet next_packet(struct scene *scene, struct dice *dice)
{
    const uint32_t number = scene->packets;
    const struct draft *draft = &scene->draft[number];
    struct grove_packet given;

    /* Flows in turns, or in any order. */
    scene->flow[number] =
        scene->turns ? number % scene->flows : pick(dice, scene->flows);
    next_draft(scene, dice);
    memset(scene->vnet[number], 0, RUN_VNET_MAX);
    if (one_in(dice, 4 * scene->calm))
        scene->vnet[number][pick(dice, GROVE_VNET_LEN)] = 1;
    given = (struct grove_packet){draft->bytes, draft->len, NULL, 0};
    if (one_in(dice, 8 * scene->calm))
        given.len += (size_t)UINT32_MAX + 1; /* its bytes are not read */
    if (one_in(dice, 2))
        given.vnet = scene->vnet[number];
    given.hash = one_in(dice, 4 * scene->calm) ? pick(dice, 3) : 9;
    return given;
}

/* The outer extension headers that bring L4 over the limit of GRO-KEY-003. */
static void go_far(struct scene *scene, struct dice *dice)
{
    struct draft_fields *ip = &scene->shell[0].tunnel[0].ip;

    ip->version = 6;
    ip->extensions = 36;
    ip->extension_len = 226;
    memset(ip->extension, 60, sizeof ip->extension);
    scene->next[0].version = 4;
    scene->next[0].tcp_options = 0;
    scene->next[0].payload = 8 + pick(dice, 9);
}

static void begin_layers(struct scene *scene, const struct run_config *layers,
                         struct dice *dice)
{
    shell_begin(dice, &scene->shell[0], layers);
    scene->odd = scene->shell[0].tunnels != 0 && one_in(dice, 8);
    if (scene->shell[0].tunnels == 1 && one_in(dice, 8))
        go_far(scene, dice);
}

static void begin_flows(struct scene *scene, const struct run_config *layers,
                        struct dice *dice)
{
    first_flow(&scene->next[0], dice);
    if (one_in(dice, 4) && scene->next[0].version == 4)
        small_checksum(&scene->next[0], &scene->draft[0], dice);
    if (one_in(dice, 6))
        fill_super_packet(&scene->next[0], &scene->draft[0], dice);
    if (scene->layered)
        begin_layers(scene, layers, dice);
    for (uint32_t i = 1; i < scene->flows; i++) {
        scene->next[i] = scene->next[0];
        scene->shell[i] = scene->shell[0];
        if (scene->layered && one_in(dice, 2))
            shell_vary(dice, &scene->shell[i]);
        else
            another_flow(&scene->next[i], dice);
    }
}

static void begin_scene(struct scene *scene, const struct run_config *layers,
                        struct dice *dice)
{
    scene->packets = 0;
    scene->flows = 1 + pick(dice, FLOWS);
    scene->fixed_id = one_in(dice, 6);
    scene->calm = one_in(dice, 4) ? 100 : 2;
    scene->turns = one_in(dice, 2);
    scene->layered =
        layers->link != GROVE_LINK_NONE || layers->tunnel_count != 0;
    scene->odd = false;
    begin_flows(scene, layers, dice);
}

/* No layers, or a link and a tunnel. */
static void random_layers(struct run_config *layers, struct dice *dice)
{
    static const struct grove_tunnel kinds[] = {
        {GROVE_TUNNEL_VXLAN, 4789},  {GROVE_TUNNEL_VXLAN, 4789},
        {GROVE_TUNNEL_GENEVE, 6081}, {GROVE_TUNNEL_VXLAN_GPE, 4790},
        {GROVE_TUNNEL_GRE, 0},       {GROVE_TUNNEL_IPIP, 0},
    };

    *layers = (struct run_config){.vnet_len = GROVE_VNET_LEN};
    if (one_in(dice, 2))
        return;
    if (one_in(dice, 2))
        layers->link = GROVE_LINK_ETHERNET;
    if (!one_in(dice, 4))
        layers->tunnels[layers->tunnel_count++] =
            kinds[pick(dice, sizeof kinds / sizeof kinds[0])];
    if (one_in(dice, 2))
        layers->vnet_len = RUN_VNET_MAX;
}

static struct grove_config random_scene_config(const struct run_config *layers,
                                               struct dice *dice)
{
    const char *const *profiles = grove_profiles();
    const bool lossless = one_in(dice, 2);
    const bool hash = !lossless && one_in(dice, 3);
    const bool plain =
        layers->link == GROVE_LINK_NONE && layers->tunnel_count == 0;
    uint32_t count = 0;

    while (profiles[count] != NULL)
        count++;
    return (struct grove_config){
        .profile = profiles[pick(dice, count)],
        .max_flows = 1 + pick(dice, FLOWS),
        .max_packets = PACKETS,
        .mode = lossless ? GROVE_MODE_LOSSLESS : GROVE_MODE_LINUX,
        .max_bytes = plain && !lossless && !hash && one_in(dice, 2)
                         ? GROVE_DEFAULT_BYTES + pick(dice, 100000)
                         : 0,
        .csum_trusted = one_in(dice, 2),
        .seed = 1 + pick(dice, 1000),
        .link = layers->link,
        .tunnels = layers->tunnels,
        .tunnel_count = layers->tunnel_count,
        .vnet_len = layers->vnet_len,
        .hash = hash,
    };
}

/* Lossless mode has not all tunnels. */
static struct grove_table *new_table(struct grove_config *config)
{
    struct grove_table *table = NULL;

    if (grove_table_new(config, &table) == GROVE_E_CONFIG_LOSSLESS) {
        config->mode = GROVE_MODE_LINUX;
        return grove_table_new(config, &table) == GROVE_OK ? table : NULL;
    }
    return table;
}

/*
 * Most flows get the same hash, so that it hides nothing: the secrets make a
 * factor of each word's term 0.
 */
static void collide(struct flows *flows, const struct draft_fields *fields)
{
    memset(flows->secret, 0, sizeof flows->secret);
    flows->secret[0] = UINT64_C(1) << 40;
    flows->secret[1] = 0 - ((uint64_t)fields->protocol << 8 | fields->version);
}

const char *scene_play(predict_fn *predictor, struct dice *dice,
                       struct prediction_counts *counts)
{
    static struct scene scene;
    const uint32_t packets = 2 + pick(dice, one_in(dice, 4) ? PACKETS - 1 : 6);
    struct run_config layers;
    struct grove_config config;
    struct grove_table *table;
    const char *wrong = NULL;

    random_layers(&layers, dice);
    config = random_scene_config(&layers, dice);
    table = new_table(&config);
    if (table == NULL)
        return "no table";
    begin_scene(&scene, &layers, dice);
    if (one_in(dice, 4))
        collide(&table->flows, &scene.next[0]);
    while (wrong == NULL && scene.packets < packets) {
        const struct grove_packet given = next_packet(&scene, dice);

        wrong = prediction_wrong(predictor, table, &given, counts);
        if (grove_receive(table, &given) != GROVE_OK)
            wrong = "the table is full";
        scene.packets++;
    }
    grove_table_free(table);
    return wrong;
}
