/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <string.h>

#include "generate_bytes.h"
#include "generate_gso.h"
#include "generate_shell.h"

enum {
    MAX_FLOWS = 12,
    MAX_PACKETS = 60,
    MAX_MANY = 140,    /* packets of a long batch */
    MAX_HEADERS = 160, /* bytes of headers without IPv6 extension headers */
    TCP_ACK = 0x010,
};

struct batch {
    struct dice dice;
    struct arena *arena;
    struct run *run;
    struct run_input *input;
    struct flow flow[MAX_FLOWS];
    struct shell shell[MAX_FLOWS]; /* of each flow, with layers */
    uint32_t hash[MAX_FLOWS];      /* of each flow, with hashes */
    uint32_t flows;
    struct draft draft;
    struct draft inner; /* the packet without its shell, with layers */
    bool layers;
};

static void emit(struct batch *batch, bool has_vnet,
                 const struct grove_vnet *vnet, uint32_t hash)
{
    const struct draft *draft = &batch->draft;
    struct run_input *input = &batch->input[batch->run->inputs++];
    const uint32_t len =
        draft->len < GROVE_MAX_PACKET_LEN ? draft->len : GROVE_MAX_PACKET_LEN;

    *input = (struct run_input){
        .has_vnet = has_vnet,
        .packet = arena_copy(batch->arena, draft->bytes, len),
        .len = len,
        .hash = hash,
    };
    if (has_vnet)
        grove_vnet_store(input->vnet, vnet);
}

/* Reduces a payload that is too long for a packet. */
static void limit_payload(const struct flow *flow, struct draft_fields *fields)
{
    const uint32_t extensions =
        fields->extensions * 8U * (1U + fields->extension_len);

    if (fields->payload > DRAFT_MAX - MAX_HEADERS - extensions)
        fields->payload = flow->size;
}

/* Puts the draft of a flow into its shell. Offsets count from there. */
static void wrap(struct batch *batch, const struct flow *flow, bool clean,
                 struct grove_vnet *vnet)
{
    struct dice *dice = &batch->dice;
    struct shell *next = &batch->shell[flow - batch->flow];
    struct shell shell = *next;
    const uint8_t version = flow->next.version;
    uint32_t head;

    for (uint32_t wrong = clean ? 0 : pick(dice, 3); wrong > 0; wrong--)
        shell_spoil(dice, &shell);
    batch->inner = batch->draft;
    head = shell_build(&batch->draft, &shell, &batch->inner, version);
    if (!clean && one_in(dice, 3))
        shell_spoil_bytes(dice, &batch->draft, &shell, version);
    if (vnet->csum_start != 0)
        vnet->csum_start = (uint16_t)(vnet->csum_start + head);
    if (vnet->hdr_len != 0)
        vnet->hdr_len = (uint16_t)(vnet->hdr_len + head);
    if (clean || !one_in(dice, 4))
        shell_advance(dice, next);
}

/* The hash of a packet of the flow: sometimes a wrong one. */
static uint32_t hash_of(struct batch *batch, const struct flow *flow,
                        bool clean)
{
    struct dice *dice = &batch->dice;
    const uint32_t hash = batch->hash[flow - batch->flow];

    if (!batch->run->config.hash || clean || !one_in(dice, 3))
        return hash;
    return hash ^ (one_in(dice, 2) ? GROVE_BUCKETS : 1U << pick(dice, 32));
}

/* With hashes there are no super-packets: no kernel can be asked for them. */
static bool has_header(const struct batch *batch, const struct grove_vnet *vnet)
{
    return !batch->run->config.hash || vnet->gso_type == GROVE_VNET_GSO_NONE;
}

static void add_packet(struct batch *batch, struct flow *flow, bool clean)
{
    struct dice *dice = &batch->dice;
    struct draft_fields fields = flow->next;
    struct grove_vnet vnet = {0};
    bool has_vnet = false;

    for (uint32_t wrong = clean ? 0 : pick(dice, 3); wrong > 0; wrong--)
        flow_spoil(dice, flow, &fields);
    limit_payload(flow, &fields);
    draft_build(&batch->draft, &fields);
    if (!clean && one_in(dice, 2))
        bytes_spoil(dice, &batch->draft, flow, &fields);
    else
        has_vnet = vnet_make(dice, &batch->draft, &fields, &vnet) &&
                   has_header(batch, &vnet);
    if (batch->layers)
        wrap(batch, flow, clean, &vnet);
    emit(batch, has_vnet, &vnet, hash_of(batch, flow, clean));
    if (clean || !one_in(dice, 4))
        flow_advance(flow, &fields, batch->draft.len);
}

/*
 * The hash of a new flow. Most flows of some batches are in one bucket, so that
 * it is full.
 */
static void pick_hash(struct batch *batch, uint32_t number)
{
    struct dice *dice = &batch->dice;

    if (!batch->run->config.hash)
        return;
    batch->hash[number] = (uint32_t)roll(dice);
    if (number != 0 && !one_in(dice, 1 + batch->hash[0] / 8 % 8))
        batch->hash[number] =
            batch->hash[0] % GROVE_BUCKETS + GROVE_BUCKETS * pick(dice, 3);
}

/* A new flow, or one that differs from an earlier one in one key field. */
static void add_flow(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    const uint32_t number = batch->flows++;
    struct flow *flow = &batch->flow[number];
    uint32_t other;

    flow_begin(dice, flow);
    pick_hash(batch, number);
    if (batch->layers)
        shell_begin(dice, &batch->shell[number], &batch->run->config);
    if (number == 0 || one_in(dice, 2))
        return;
    other = pick(dice, number);
    *flow = batch->flow[other];
    batch->shell[number] = batch->shell[other];
    if (batch->layers && !one_in(dice, 3))
        shell_vary(dice, &batch->shell[number]);
    else
        flow_vary(dice, flow);
}

/* More packets of one flow than a super-packet of UDP, or a list, may have. */
static void many_packets(struct batch *batch, uint8_t protocol)
{
    struct flow *flow = &batch->flow[0];

    add_flow(batch);
    flow->next.protocol = protocol;
    flow->next.flags = TCP_ACK;
    flow->size = flow->next.payload = 1 + pick(&batch->dice, 40);
    for (uint32_t i = 62 + pick(&batch->dice, MAX_MANY - 62); i > 0; i--)
        add_packet(batch, flow, true);
}

/* A packet so long that its csum_start may not fit into Linux's field. */
static void far_checksum(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    struct flow *flow = &batch->flow[0];
    const struct grove_vnet vnet = {
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .csum_start = (uint16_t)(65469 + pick(dice, 4)),
        .csum_offset = one_in(dice, 2) ? 6 : 16,
    };

    flow_begin(dice, flow);
    flow->next.extensions = 0;
    flow->next.payload = 0;
    draft_build(&batch->draft, &flow->next);
    flow->next.payload =
        65500 + pick(dice, GROVE_MAX_PACKET_LEN + 1 - 65500) - batch->draft.len;
    draft_build(&batch->draft, &flow->next);
    emit(batch, true, &vnet, 0);
    add_packet(batch, flow, true);
}

/*
 * A super-packet whose header may tell of a tunnel. The tunnel need not end at
 * the host. It is of Ethernet, since there is no way to see another one.
 */
static void add_super(struct batch *batch)
{
    struct run_config config = batch->run->config;

    config.tunnels[0] = (struct grove_tunnel){GROVE_TUNNEL_VXLAN, 4789};
    config.tunnel_count = 1;
    generate_super(&batch->dice, &config, batch->arena,
                   &batch->input[batch->run->inputs++]);
}

static bool may_tell_of_tunnels(const struct batch *batch)
{
    return batch->layers && batch->run->config.vnet_len == RUN_VNET_MAX &&
           batch->run->config.link == GROVE_LINK_ETHERNET;
}

static void usual_packets(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    const uint32_t flows = 1 + pick(dice, one_in(dice, 3) ? MAX_FLOWS : 3);
    const uint32_t packets = 1 + pick(dice, one_in(dice, 4) ? MAX_PACKETS : 12);
    const uint32_t spoiled = 2 + pick(dice, 10); /* one packet in `spoiled` */

    while (batch->flows < flows)
        add_flow(batch);
    for (uint32_t i = 0; i < packets; i++) {
        if (one_in(dice, 60))
            batch->input[batch->run->inputs++] =
                (struct run_input){.flush = true};
        else if (may_tell_of_tunnels(batch) && one_in(dice, 12))
            add_super(batch);
        else
            add_packet(batch, &batch->flow[pick(dice, flows)],
                       !one_in(dice, spoiled));
    }
}

/* Payloads of which few packets are longer than usual. */
static uint32_t pick_big_size(struct dice *dice)
{
    static const uint32_t sizes[] = {1448,  4000,  9000,  16000, 21800,
                                     32000, 32750, 50000, 60000, 65400};
    const uint32_t size = sizes[pick(dice, sizeof sizes / sizeof sizes[0])];

    return size - pick(dice, 40);
}

/* Where something changes: the usual limit, a jumbo header, or the new limit.
 */
static uint32_t pick_big_limit(struct dice *dice, uint32_t max_bytes)
{
    if (!one_in(dice, 4))
        return max_bytes;
    return one_in(dice, 2) ? GROVE_DEFAULT_BYTES : GROVE_MAX_PACKET_LEN;
}

/* K-10: a jumbo header damages more than 8 bytes of extension headers. */
static void add_big_flow(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    struct flow *flow = &batch->flow[batch->flows];
    const uint32_t limit = pick_big_limit(dice, batch->run->config.max_bytes);

    add_flow(batch);
    flow->limit = limit;
    flow->size = flow->next.payload = pick_big_size(dice);
    if (flow->next.extensions != 0)
        flow->next.extensions = one_in(dice, 4) ? 2 : 1;
    flow->next.extension_len = 0;
    if (one_in(dice, 2))
        flow->next.protocol = 6;
}

/* So many packets that they fill one super-packet and begin another. */
static uint32_t pick_big_packets(struct batch *batch)
{
    const uint32_t full =
        batch->run->config.max_bytes / batch->flow[0].size + 2;
    const uint32_t packets = full + pick(&batch->dice, full);

    return packets < MAX_PACKETS ? packets : MAX_PACKETS;
}

/* A few flows with long payloads; most packets are of the first. */
static void big_packets(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    const uint32_t flows = 1 + pick(dice, one_in(dice, 3) ? 3 : 1);
    const uint32_t spoiled = 4 + pick(dice, 60); /* one packet in `spoiled` */
    uint32_t packets;

    while (batch->flows < flows)
        add_big_flow(batch);
    for (packets = pick_big_packets(batch); packets > 0; packets--) {
        const uint32_t number = one_in(dice, 4) ? pick(dice, flows) : 0;

        add_packet(batch, &batch->flow[number], !one_in(dice, spoiled));
    }
}

static struct batch *begin(uint64_t seed, uint64_t number, const char *profile,
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
    return batch;
}

void generate_layers(uint64_t seed, uint64_t number, const char *profile,
                     const struct run_config *config, struct arena *arena,
                     struct run *run)
{
    struct batch *batch = begin(seed, number, profile, arena, run);

    run->config.link = config->link;
    memcpy(run->config.tunnels, config->tunnels, sizeof config->tunnels);
    run->config.tunnel_count = config->tunnel_count;
    run->config.vnet_len = config->vnet_len;
    run->config.hash = config->hash;
    batch->layers = true;
    run->config.fraglist = config->fraglist;
    if (one_in(&batch->dice, 500))
        many_packets(batch, 17);
    else if (config->fraglist && one_in(&batch->dice, 40))
        many_packets(batch, 6);
    else
        usual_packets(batch);
}

void generate_batch(uint64_t seed, uint64_t number, const char *profile,
                    struct arena *arena, struct run *run)
{
    struct batch *batch = begin(seed, number, profile, arena, run);

    if (one_in(&batch->dice, 500))
        many_packets(batch, 17);
    else if (one_in(&batch->dice, 500))
        far_checksum(batch);
    else
        usual_packets(batch);
}

void generate_big(uint64_t seed, uint64_t number, const char *profile,
                  uint32_t max_bytes, struct arena *arena, struct run *run)
{
    struct batch *batch = begin(seed, number, profile, arena, run);

    run->config.max_bytes = max_bytes;
    big_packets(batch);
}
