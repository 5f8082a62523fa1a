/* SPDX-License-Identifier: MIT */
#include "gen_vector.h"

#include <string.h>

#include "gen_inner.h"
#include "gen_title.h"
#include "layers.h"

bool gen_polls_fit(const struct gen_polls *polls, const struct poll *poll)
{
    return poll->count <= GEN_PACKETS - polls->packets;
}

/* The virtio header of a packet whose checksum is not computed yet. */
static void announce_checksum(struct run_input *input)
{
    const struct layout at = layout_of(input->packet, input->len);
    const struct grove_vnet vnet = {
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .csum_start = (uint16_t)at.l4,
        .csum_offset = (uint16_t)(at.field - at.l4),
    };

    grove_vnet_store(input->vnet, &vnet);
    input->has_vnet = true;
}

static void add_packet(struct gen_polls *polls,
                       const struct timed_packet *packet, bool trusted,
                       struct arena *arena)
{
    struct run_input *input = &polls->input[polls->inputs++];
    const size_t link =
        polls->config.link == GROVE_LINK_ETHERNET ? packet->link_len : 0;

    *input = (struct run_input){
        .packet = arena_copy(arena, packet->data - link, link + packet->len),
        .len = link + packet->len,
    };
    if (trusted && checksum_is_left(input->packet, input->len))
        announce_checksum(input);
    polls->frames[polls->packets++] = (uint32_t)packet->frame;
}

/* Whether the packet is in one of the tunnels that end here. */
static bool is_ended(const struct run_config *config,
                     const struct timed_packet *packet)
{
    struct run_config without_link = *config;
    struct layers layers;

    without_link.link = GROVE_LINK_NONE;
    layers = layers_of(&without_link, packet->data, packet->len);
    return layers_count(&layers, LAYER_IP) > 1;
}

void gen_polls_add(struct gen_polls *polls, const struct poll *poll,
                   bool trusted, struct findings *findings, struct arena *arena)
{
    const size_t before = polls->packets;

    if (before > 0)
        polls->input[polls->inputs++] = (struct run_input){.flush = true};
    for (size_t i = 0; i < poll->count; i++) {
        const struct timed_packet *packet = &poll->packets[i];
        const enum deviation deviation =
            is_ended(&polls->config, packet)
                ? DEVIATION_NONE
                : deviation_of(packet->data, packet->len);

        findings_add_deviation(findings, deviation, packet->frame);
        if (deviation == DEVIATION_NONE)
            add_packet(polls, packet, trusted, arena);
    }
    if (polls->packets > before)
        polls->polls++;
    else if (before > 0)
        polls->inputs--;
}

static struct answer copy_answer(const struct answer *answer,
                                 struct arena *arena)
{
    struct run_output *output =
        arena_copy(arena, answer->output, answer->outputs * sizeof *output);

    for (size_t i = 0; i < answer->outputs; i++) {
        output[i].packet = arena_copy(arena, output[i].packet, output[i].len);
        output[i].of =
            arena_copy(arena, output[i].of, output[i].ofs * sizeof *output->of);
    }
    return (struct answer){
        .kind = answer->kind,
        .output = output,
        .outputs = answer->outputs,
        .fate = arena_copy(arena, answer->fate,
                           answer->fates * sizeof *answer->fate),
        .fates = answer->fates,
    };
}

static struct strings list_rules(const uint64_t *decided, struct arena *arena)
{
    const char **at = arena_alloc(arena, grove_rule_limit(), sizeof *at);
    struct strings rules = {.at = at};

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        if (decided[rule] != 0)
            at[rules.count++] = grove_rule_id(rule);
    }
    return rules;
}

static struct strings add_string(struct strings strings, const char *text,
                                 struct arena *arena)
{
    const char **at = arena_alloc(arena, strings.count + 1, sizeof *at);

    for (size_t i = 0; i < strings.count; i++)
        at[i] = strings.at[i];
    at[strings.count] = text;
    return (struct strings){.at = at, .count = strings.count + 1};
}

/* The title has its place in the capture, so that each title is unique. */
static const char *title(const struct gen_polls *polls,
                         const struct answer *answer, const char *pcap,
                         struct arena *arena)
{
    return arena_printf(arena, "%s, frames %u to %u: %s", pcap,
                        polls->frames[0], polls->frames[polls->packets - 1],
                        gen_title(&polls->config, answer, polls->polls, arena));
}

struct vector gen_vector(const struct gen_polls *polls,
                         const struct answer *answer, const uint64_t *decided,
                         const struct gen_origin *origin, struct arena *arena)
{
    struct vector_expect *expect = arena_alloc(arena, 1, sizeof *expect);

    *expect = (struct vector_expect){
        .profile = origin->profile,
        .answer = copy_answer(answer, arena),
    };
    return (struct vector){
        .id = origin->id,
        .title = title(polls, answer, origin->pcap, arena),
        .rules = list_rules(decided, arena),
        .run = {.op = RUN_GRO,
                .config = polls->config,
                .input = arena_copy(arena, polls->input,
                                    polls->inputs * sizeof *polls->input),
                .inputs = polls->inputs},
        .expect = expect,
        .expects = 1,
        .confirmed = add_string((struct strings){0}, origin->confirmed, arena),
        .pcap = origin->pcap,
        .packets = arena_copy(arena, polls->frames,
                              polls->packets * sizeof *polls->frames),
        .source_packets = polls->packets,
    };
}

static bool says_model(const struct strings *confirmed)
{
    return strcmp(confirmed->at[confirmed->count - 1], GEN_MODEL) == 0;
}

void gen_vector_add(struct vector *vector, const char *profile,
                    const struct answer *answer, struct arena *arena)
{
    struct vector_expect *expect =
        arena_alloc(arena, vector->expects + 1, sizeof *expect);
    const char *why;
    bool same;

    memcpy(expect, vector->expect, vector->expects * sizeof *expect);
    same = answers_agree(&expect[0].answer, answer, arena, &why);
    expect[vector->expects++] = (struct vector_expect){
        .profile = profile,
        .answer = same ? expect[0].answer : copy_answer(answer, arena),
    };
    vector->expect = expect;
    if (!same && !says_model(&vector->confirmed))
        vector->confirmed = add_string(vector->confirmed, GEN_MODEL, arena);
}

void gen_tally(const struct gen_polls *polls, const struct answer *answer,
               struct tally *tally)
{
    struct description description;

    for (size_t i = 0; i < polls->inputs; i++) {
        if (polls->input[i].flush)
            continue;
        gen_describe(&polls->config, polls->input[i].packet,
                     polls->input[i].len, &description);
        tally->in[description.traffic]++;
    }
    for (size_t i = 0; i < answer->outputs; i++) {
        gen_describe(&polls->config, answer->output[i].packet,
                     answer->output[i].len, &description);
        tally->out[description.traffic]++;
    }
}
