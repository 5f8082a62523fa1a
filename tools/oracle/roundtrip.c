/* SPDX-License-Identifier: MIT */
#include "roundtrip.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

struct roundtrip {
    struct implementation reference;
    struct answer whole; /* the outputs of the table */
    struct answer part;  /* the segments of one packet */
};

/* All zero if the packet does not have them. */
struct flow_key {
    uint8_t version;
    uint8_t protocol;
    uint8_t addresses[32];
    uint8_t ports[4];
};

/* An output, its flow and its number. */
struct placed {
    struct flow_key key;
    size_t number; /* in the order of the outputs */
    struct run_output output;
};

struct collection {
    struct placed *placed;
    size_t count;
    size_t room;
};

/* The ports that a fragment seems to have are not its own. */
static bool is_fragment(const uint8_t *ip4)
{
    return (ip4[6] & 0x3f) != 0 || ip4[7] != 0;
}

static struct flow_key key_of(const struct run_output *packet)
{
    const struct layout at = layout_of(packet->packet, packet->len);
    const uint8_t *header = packet->packet;
    struct flow_key key = {0};

    if (packet->len >= 20 && header[0] >> 4 == 4) {
        key.version = 4;
        memcpy(key.addresses, header + 12, 8);
    } else if (packet->len >= 40 && header[0] >> 4 == 6) {
        key.version = 6;
        memcpy(key.addresses, header + 8, 32);
    }
    if (at.ports != 0 && (at.version == 6 || !is_fragment(header))) {
        key.protocol = at.protocol;
        memcpy(key.ports, header + at.ports, sizeof key.ports);
    }
    return key;
}

/*
 * Takes a copy of the packet, which is a segment of `whole`. The flow is that
 * of `whole`, since a split may write a checksum over the ports of a segment.
 */
static void collect(struct collection *collection,
                    const struct run_output *whole,
                    const struct run_output *packet, struct answer *answer)
{
    struct placed *placed;

    if (collection->count == collection->room) {
        const size_t room = collection->room == 0 ? 64 : 2 * collection->room;

        placed = arena_alloc(&answer->arena, room, sizeof *placed);
        if (collection->count != 0)
            memcpy(placed, collection->placed,
                   collection->count * sizeof *placed);
        collection->placed = placed;
        collection->room = room;
    }
    placed = &collection->placed[collection->count];
    placed->key = key_of(whole);
    placed->number = collection->count++;
    placed->output = *packet;
    placed->output.packet =
        arena_copy(&answer->arena, packet->packet, packet->len);
}

static int compare_placed(const void *a, const void *b)
{
    const struct placed *one = a;
    const struct placed *other = b;
    const int order = memcmp(&one->key, &other->key, sizeof one->key);

    if (order != 0)
        return order;
    return one->number < other->number ? -1 : 1;
}

static void tell(struct collection *collection, struct answer *answer)
{
    struct run_output *output =
        arena_alloc(&answer->arena, collection->count, sizeof *output);

    if (collection->count != 0)
        qsort(collection->placed, collection->count, sizeof *collection->placed,
              compare_placed);
    for (size_t i = 0; i < collection->count; i++)
        output[i] = collection->placed[i].output;
    answer->output = output;
    answer->outputs = collection->count;
}

/* Splits one packet; the segments go to self->part. */
static void split(struct roundtrip *self, const struct run *run,
                  const struct run_input *input)
{
    const struct run one = {
        .op = RUN_GSO,
        .profile = run->profile,
        .config = run_config_default(),
        .input = input,
        .inputs = 1,
    };

    self->reference.ask(self->reference.self, &one, &self->part);
}

static void collect_part(const struct roundtrip *self,
                         struct collection *collection,
                         const struct run_output *whole, struct answer *answer)
{
    for (size_t i = 0; i < self->part.outputs; i++)
        collect(collection, whole, &self->part.output[i], answer);
}

/* A packet without a virtio header leaves as it came; it is not split. */
static void ask_packets(void *implementation, const struct run *run,
                        struct answer *answer)
{
    struct roundtrip *self = implementation;
    struct collection collection = {0};

    answer_reset(answer);
    for (size_t i = 0; i < run->inputs; i++) {
        const struct run_input *input = &run->input[i];
        const struct run_output whole = {
            .has_hdr_len = true, .packet = input->packet, .len = input->len};

        if (input->flush)
            continue;
        split(self, run, input);
        if (self->part.kind != ANSWER_OUTPUT)
            continue;
        if (input->has_vnet)
            collect_part(self, &collection, &whole, answer);
        else
            collect(&collection, &whole, &whole, answer);
    }
    tell(&collection, answer);
}

static void ask_split(void *implementation, const struct run *run,
                      struct answer *answer)
{
    struct roundtrip *self = implementation;
    struct collection collection = {0};

    answer_reset(answer);
    self->reference.ask(self->reference.self, run, &self->whole);
    if (self->whole.kind != ANSWER_OUTPUT) {
        answer_fail(answer, self->whole.kind, "%s", self->whole.reason);
        return;
    }
    for (size_t i = 0; i < self->whole.outputs; i++) {
        const struct run_output *output = &self->whole.output[i];
        struct run_input input = {
            .has_vnet = true, .packet = output->packet, .len = output->len};

        grove_vnet_store(input.vnet, &output->vnet);
        split(self, run, &input);
        if (self->part.kind != ANSWER_OUTPUT) {
            answer_fail(answer, ANSWER_ERROR,
                        "what left as packet %zu cannot be split: %s", i,
                        self->part.rule);
            return;
        }
        collect_part(self, &collection, output, answer);
    }
    tell(&collection, answer);
}

static void close_roundtrip(void *implementation)
{
    struct roundtrip *self = implementation;

    implementation_close(&self->reference);
    answer_free(&self->whole);
    answer_free(&self->part);
    free(self);
}

static void open_as(struct implementation *implementation, const char *name,
                    void (*ask)(void *, const struct run *, struct answer *))
{
    struct roundtrip *self = calloc(1, sizeof *self);

    if (self == NULL)
        err(70, "memory");
    reference_open(&self->reference);
    *implementation = (struct implementation){
        .self = self, .name = name, .ask = ask, .close = close_roundtrip};
}

void roundtrip_open_packets(struct implementation *implementation)
{
    open_as(implementation, "the packets themselves", ask_packets);
}

void roundtrip_open_split(struct implementation *implementation)
{
    open_as(implementation, "grove", ask_split);
}

uint64_t roundtrip_count(const struct implementation *split,
                         enum grove_rule rule)
{
    const struct roundtrip *self = split->self;

    return reference_count(&self->reference, rule);
}
