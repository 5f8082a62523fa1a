/* SPDX-License-Identifier: MIT */
#include "finish.h"

#include <string.h>

#include "layout.h"

/* The ports that a fragment seems to have are not its own. */
static bool is_fragment(const uint8_t *ip4)
{
    return (ip4[6] & 0x3f) != 0 || ip4[7] != 0;
}

static struct flow_key flow_of(const uint8_t *packet, size_t len)
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

/* Appends a copy of the packet, which is a segment of packet `of`. */
static void add(struct finished_list *list, const struct flow_key *flow,
                size_t of, const struct run_output *packet, struct arena *arena)
{
    struct finished *finished;

    reserve(list, arena);
    finished = &list->at[list->count];
    *finished = (struct finished){
        .flow = *flow, .of = of, .number = list->count, .output = *packet};
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

const struct answer *finish(struct finisher *finisher, const char *profile,
                            const struct run_input *input, size_t number,
                            struct finished_list *list, struct arena *arena)
{
    const struct run run = {
        .op = RUN_GSO,
        .profile = profile,
        .config = run_config_default(),
        .input = input,
        .inputs = 1,
    };
    const struct run_output whole = {
        .has_hdr_len = true, .packet = input->packet, .len = input->len};
    const struct flow_key flow = flow_of(input->packet, input->len);
    const struct answer *part = &finisher->part;

    finisher->reference.ask(finisher->reference.self, &run, &finisher->part);
    if (part->kind != ANSWER_OUTPUT)
        return part;
    if (!input->has_vnet)
        add(list, &flow, number, &whole, arena);
    for (size_t i = 0; input->has_vnet && i < part->outputs; i++)
        add(list, &flow, number, &part->output[i], arena);
    return part;
}

struct run_input finish_input(const struct run_output *output)
{
    struct run_input input = {
        .has_vnet = true, .packet = output->packet, .len = output->len};

    grove_vnet_store(input.vnet, &output->vnet);
    return input;
}
