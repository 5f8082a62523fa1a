/* SPDX-License-Identifier: MIT */
#include "finish.h"

#include <string.h>

#include "layers.h"

/* The ports that a fragment seems to have are not its own. */
static bool is_fragment(const uint8_t *ip4)
{
    return (ip4[6] & 0x3f) != 0 || ip4[7] != 0;
}

/* Adds bytes to a hash: FNV-1a, draft-eastlake-fnv, of 64 bits. */
static uint64_t hash(uint64_t so_far, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        so_far = (so_far ^ bytes[i]) * UINT64_C(0x100000001b3);
    return so_far;
}

/*
 * What the packets of a flow share of an outer IP header: the addresses, and of
 * IPv6 the version, the flow label, the next header and the extension headers.
 */
static uint64_t hash_ip(uint64_t so_far, const uint8_t *ip, size_t len)
{
    const uint8_t label[] = {ip[0] & 0xf0, ip[1] & 0x0f, ip[2], ip[3], ip[6]};

    if (ip[0] >> 4 == 4)
        return hash(so_far, ip + 12, 8);
    so_far = hash(so_far, label, sizeof label);
    return hash(so_far, ip + 8, len - 8);
}

/* Of an outer UDP header: the ports, and whether there is a checksum. */
static uint64_t hash_udp(uint64_t so_far, const uint8_t *udp)
{
    const uint8_t has_checksum = udp[6] != 0 || udp[7] != 0;

    return hash(hash(so_far, udp, 4), &has_checksum, 1);
}

/* Of GRE: the flags, what is inside, and the key. */
static uint64_t hash_gre(uint64_t so_far, const uint8_t *gre, size_t len)
{
    so_far = hash(so_far, gre, 4);
    return (gre[0] & 0x20) != 0 ? hash(so_far, gre + len - 4, 4) : so_far;
}

/* Of PPPoE: all but the length, which is not that of a super-packet. */
static uint64_t hash_pppoe(uint64_t so_far, const uint8_t *pppoe)
{
    return hash(hash(so_far, pppoe, 4), pppoe + 6, 2);
}

static uint64_t hash_layer(uint64_t so_far, const struct layer *layer,
                           const uint8_t *packet)
{
    const uint8_t *at = packet + layer->at;

    switch (layer->kind) {
    case LAYER_IP:
        return hash_ip(so_far, at, layer->len);
    case LAYER_UDP:
        return hash_udp(so_far, at);
    case LAYER_GRE:
        return hash_gre(so_far, at, layer->len);
    case LAYER_PPPOE:
        return hash_pppoe(so_far, at);
    default:
        return hash(so_far, at, layer->len);
    }
}

/* A hash of what they share of the layers around the innermost IP header. */
static uint64_t outside_of(const struct layers *layers, const uint8_t *packet)
{
    uint64_t so_far = 0;

    for (unsigned i = 0; i < layers->count; i++)
        if (layers->layer[i].at < layers->ip)
            so_far = hash_layer(so_far, &layers->layer[i], packet);
    return so_far;
}

/* Of a packet that begins with its IP header. */
static struct flow_key inner_flow_of(const uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);
    struct flow_key key = {0};

    if (len >= 20 && packet[0] >> 4 == 4) {
        key.version = 4;
        memcpy(key.addresses, packet + 12, 8);
    } else if (len >= 40 && packet[0] >> 4 == 6) {
        key.version = 6;
        memcpy(key.addresses, packet + 8, 32);
    }
    if (at.ports != 0 && (at.version == 6 || !is_fragment(packet))) {
        key.protocol = at.protocol;
        memcpy(key.ports, packet + at.ports, sizeof key.ports);
    }
    return key;
}

/* A packet without IP is of no flow: it shares one with equal packets only. */
static struct flow_key flow_of(const struct layers *layers,
                               const uint8_t *packet, size_t len)
{
    struct flow_key key;

    if (!layers->has_ip)
        return (struct flow_key){.outside = hash(0, packet, len)};
    key = inner_flow_of(packet + layers->ip, len - layers->ip);
    key.outside = outside_of(layers, packet);
    return key;
}

static void reserve(struct finished_list *list, struct arena *arena)
{
    const size_t room = list->room == 0 ? 64 : 2 * list->room;
    struct finished *more;

    if (list->count < list->room)
        return;
    more = arena_alloc(arena, room, sizeof *more);
    if (list->count != 0)
        memcpy(more, list->at, list->count * sizeof *more);
    list->at = more;
    list->room = room;
}

/*
 * Appends a copy of the packet, which is a segment of packet `of`. Its headers
 * are at the same places.
 */
static void add(struct finished_list *list, const struct flow_key *flow,
                size_t ip, size_t of, const struct run_output *packet,
                struct arena *arena)
{
    struct finished *finished;

    reserve(list, arena);
    finished = &list->at[list->count];
    *finished = (struct finished){.flow = *flow,
                                  .of = of,
                                  .number = list->count,
                                  .ip = ip,
                                  .output = *packet};
    finished->output.packet = arena_copy(arena, packet->packet, packet->len);
    list->count++;
}

void finisher_open(struct finisher *finisher)
{
    *finisher = (struct finisher){0};
    reference_open(&finisher->reference);
}

void finisher_close(struct finisher *finisher)
{
    implementation_close(&finisher->reference);
    answer_free(&finisher->part);
}

const struct answer *finish_split(struct finisher *finisher,
                                  const struct run *asked,
                                  const struct run_input *input)
{
    const struct run run = {
        .op = RUN_GSO,
        .profile = asked->profile,
        .config = asked->config,
        .input = input,
        .inputs = 1,
    };

    finisher->reference.ask(finisher->reference.self, &run, &finisher->part);
    return &finisher->part;
}

const struct answer *finish(struct finisher *finisher, const struct run *asked,
                            const struct run_input *input, size_t number,
                            struct finished_list *list, struct arena *arena)
{
    const struct answer *part = finish_split(finisher, asked, input);
    const struct run_output whole = {
        .has_hdr_len = true, .packet = input->packet, .len = input->len};
    const struct layers layers =
        layers_of(&asked->config, input->packet, input->len);
    const struct flow_key flow = flow_of(&layers, input->packet, input->len);

    if (part->kind != ANSWER_OUTPUT)
        return part;
    for (size_t i = 0; i < part->outputs; i++)
        add(list, &flow, layers.ip, number,
            input->has_vnet ? &part->output[i] : &whole, arena);
    return part;
}

struct run_input finish_input(const struct run *run,
                              const struct run_output *output)
{
    struct run_input input = {
        .has_vnet = true, .packet = output->packet, .len = output->len};

    grove_vnet_store_len(input.vnet, run->config.vnet_len, &output->vnet);
    return input;
}
