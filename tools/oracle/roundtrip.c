/* SPDX-License-Identifier: MIT */
#include "roundtrip.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "finish.h"

struct roundtrip {
    struct implementation reference; /* the table */
    struct finisher finisher;
    struct answer whole; /* the outputs of the table */
};

static int by_flow(const void *a, const void *b)
{
    const struct finished *one = a;
    const struct finished *other = b;
    const int order = memcmp(&one->flow, &other->flow, sizeof one->flow);

    if (order != 0)
        return order;
    return one->number < other->number ? -1 : 1;
}

/* The list is in the arena of the answer. */
static void tell(struct finished_list *list, struct answer *answer)
{
    struct run_output *output =
        arena_alloc(&answer->arena, list->count, sizeof *output);

    if (list->count != 0)
        qsort(list->at, list->count, sizeof *list->at, by_flow);
    for (size_t i = 0; i < list->count; i++)
        output[i] = list->at[i].output;
    answer->output = output;
    answer->outputs = list->count;
}

/*
 * VNET-017: whether a device takes a packet with the header with which it
 * leaves a table, if it is not a GSO packet. Lossless mode rejects the others.
 * A GSO packet, too, is dropped if its checksum ends in the header of the link.
 */
static bool may_leave(struct roundtrip *self, const struct run *run,
                      const struct run_input *input)
{
    struct run_input leaving = *input;
    struct grove_vnet vnet;

    if (!input->has_vnet)
        return true;
    grove_vnet_load_len(&vnet, input->vnet, run->config.vnet_len);
    if ((vnet.flags & GROVE_VNET_F_NEEDS_CSUM) == 0)
        return true;
    vnet = (struct grove_vnet){.flags = vnet.flags,
                               .csum_start = vnet.csum_start,
                               .csum_offset = vnet.csum_offset};
    grove_vnet_store_len(leaving.vnet, run->config.vnet_len, &vnet);
    return finish_split(&self->finisher, run, &leaving)->kind == ANSWER_OUTPUT;
}

static void ask_packets(void *implementation, const struct run *run,
                        struct answer *answer)
{
    struct roundtrip *self = implementation;
    struct finished_list list = {0};

    answer_reset(answer);
    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush && may_leave(self, run, &run->input[i]))
            finish(&self->finisher, run, &run->input[i], i, &list,
                   &answer->arena);
    tell(&list, answer);
}

/* Packet `number` of the run. */
static const struct run_input *input_of(const struct run *run, uint32_t number)
{
    const struct run_input *input = run->input;

    for (; input->flush || number != 0; input++)
        number -= !input->flush;
    return input;
}

/*
 * K-6: a packet that a kernel drops by GSO-012 leaves the table with a header
 * that does not tell of a tunnel, and is not dropped again.
 */
static bool was_dropped(struct roundtrip *self, const struct run *run,
                        const struct run_output *output)
{
    const struct answer *part;

    if (output->ofs != 1)
        return false;
    part = finish_split(&self->finisher, run, input_of(run, output->of[0]));
    return part->kind == ANSWER_OUTPUT && part->outputs == 0;
}

static void ask_split(void *implementation, const struct run *run,
                      struct answer *answer)
{
    struct roundtrip *self = implementation;
    struct finished_list list = {0};

    answer_reset(answer);
    self->reference.ask(self->reference.self, run, &self->whole);
    if (self->whole.kind != ANSWER_OUTPUT) {
        answer_fail(answer, self->whole.kind, "%s", self->whole.reason);
        return;
    }
    for (size_t i = 0; i < self->whole.outputs; i++) {
        const struct run_output *output = &self->whole.output[i];
        const struct run_input input = finish_input(run, output);
        const struct answer *part;

        if (was_dropped(self, run, output))
            continue;
        part = finish(&self->finisher, run, &input, i, &list, &answer->arena);
        if (part->kind != ANSWER_OUTPUT) {
            answer_fail(answer, ANSWER_ERROR,
                        "what left as packet %zu cannot be split: %s", i,
                        part->rule);
            return;
        }
    }
    tell(&list, answer);
}

static void close_roundtrip(void *implementation)
{
    struct roundtrip *self = implementation;

    implementation_close(&self->reference);
    finisher_close(&self->finisher);
    answer_free(&self->whole);
    free(self);
}

static void open_as(struct implementation *implementation, const char *name,
                    void (*ask)(void *, const struct run *, struct answer *))
{
    struct roundtrip *self = calloc(1, sizeof *self);

    if (self == NULL)
        err(70, "memory");
    reference_open(&self->reference);
    finisher_open(&self->finisher);
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
