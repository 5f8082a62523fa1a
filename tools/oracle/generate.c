/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include "generate_bytes.h"

enum {
    MAX_FLOWS = 12,
    MAX_PACKETS = 60,
    MAX_MANY = 140,    /* packets of a long batch */
    MAX_HEADERS = 160, /* bytes of headers without IPv6 extension headers */
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

/* Reduces a payload that is too long for a packet. */
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
        flow_spoil(dice, flow, &fields);
    limit_payload(flow, &fields);
    draft_build(&batch->draft, &fields);
    if (!clean && one_in(dice, 2))
        bytes_spoil(dice, &batch->draft, flow, &fields);
    else
        has_vnet = vnet_make(dice, &batch->draft, &fields, &vnet);
    emit(batch, has_vnet, &vnet);
    if (clean || !one_in(dice, 4))
        flow_advance(flow, &fields, batch->draft.len);
}

/* A new flow, or one that differs from an earlier one in one key field. */
static void add_flow(struct batch *batch)
{
    struct dice *dice = &batch->dice;
    struct flow *flow = &batch->flow[batch->flows];

    flow_begin(dice, flow);
    if (batch->flows++ == 0 || one_in(dice, 2))
        return;
    *flow = batch->flow[pick(dice, batch->flows - 1)];
    flow_vary(dice, flow);
}

/* More datagrams of one flow than a super-packet may have. */
static void many_datagrams(struct batch *batch)
{
    struct flow *flow = &batch->flow[0];

    flow_begin(&batch->dice, flow);
    flow->next.protocol = 17;
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
    emit(batch, true, &vnet);
    add_packet(batch, flow, true);
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
