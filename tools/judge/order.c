/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "order.h"

/* What arrives, as numbers of trial.sent. */
struct arrivals {
    size_t *sent;
    size_t count;
};

static struct arrivals arrivals_of(struct trial *trial)
{
    struct arrivals arrivals = {
        .sent = arena_alloc(trial->arena, trial->sent.count, sizeof(size_t))};

    for (size_t i = 0; i < trial->got->outputs; i++) {
        const struct leaving *leaving = &trial->leaving[i];
        const struct run_output *as_linux = leaving->as_linux;

        for (size_t n = 0; as_linux != NULL && n < as_linux->ofs; n++) {
            const struct origin *origin = &trial->origin[as_linux->of[n]];

            for (size_t k = 0; k < origin->count; k++)
                arrivals.sent[arrivals.count++] = origin->first + k;
        }
        for (size_t n = 0; n < leaving->count; n++) {
            const size_t sent = trial->pairs.sent_as[leaving->first + n];

            if (sent != PAIR_NONE)
                arrivals.sent[arrivals.count++] = sent;
        }
    }
    return arrivals;
}

/* All packets without ports are one flow. */
static int order_of_flows(const struct finished *a, const struct finished *b)
{
    if (a->flow.protocol == 0 && b->flow.protocol == 0)
        return 0;
    return memcmp(&a->flow, &b->flow, sizeof a->flow);
}

static int order_of_bytes(const struct finished *a, const struct finished *b)
{
    const struct run_output *one = &a->output;
    const struct run_output *other = &b->output;

    if (one->len != other->len)
        return one->len < other->len ? -1 : 1;
    return one->len == 0 ? 0 : memcmp(one->packet, other->packet, one->len);
}

struct placed {
    const struct finished *packet;
    size_t place; /* in the order of the arrivals */
};

static int by_place(const struct placed *a, const struct placed *b)
{
    return a->place < b->place ? -1 : 1;
}

static int by_bytes(const void *a, const void *b)
{
    const struct placed *one = a;
    const struct placed *other = b;
    const int order = order_of_bytes(one->packet, other->packet);

    return order != 0 ? order : by_place(one, other);
}

static int by_number(const void *a, const void *b)
{
    const struct placed *one = a;
    const struct placed *other = b;

    return one->packet->number < other->packet->number ? -1 : 1;
}

static int by_flow(const void *a, const void *b)
{
    const struct placed *one = a;
    const struct placed *other = b;
    const int order = order_of_flows(one->packet, other->packet);

    if (order != 0)
        return order;
    return by_place(one, other);
}

/* Which of these equal packets is which: the first that arrives is the one
 * that was sent first. */
static void sort_equal(struct placed *equal, size_t count, struct arena *arena)
{
    struct placed *sorted = arena_copy(arena, equal, count * sizeof *equal);

    qsort(sorted, count, sizeof *sorted, by_number);
    for (size_t i = 0; i < count; i++)
        equal[i].packet = sorted[i].packet;
}

typedef int order_fn(const struct finished *a, const struct finished *b);

/* How many of the `left` sorted packets are equal to the first; at least 1. */
static size_t equal_to_first(const struct placed *placed, size_t left,
                             order_fn *order)
{
    size_t count = 1;

    while (count < left && order(placed[0].packet, placed[count].packet) == 0)
        count++;
    return count;
}

static void sort_all_equal(struct placed *placed, size_t total,
                           struct arena *arena)
{
    size_t count;

    for (size_t i = 0; i < total; i += count) {
        count = equal_to_first(placed + i, total - i, order_of_bytes);
        if (count > 1)
            sort_equal(placed + i, count, arena);
    }
}

/*
 * Whether Linux, if it gets only these two packets, sends the later one first,
 * or holds both as packets of two flows, which it may send in any order.
 */
static bool may_overtake(struct trial *trial, const struct finished *earlier,
                         const struct finished *later)
{
    const struct origin *one = &trial->origin[earlier->of];
    const struct origin *other = &trial->origin[later->of];
    const struct run_input input[] = {*one->input, *other->input};
    const struct answer *answer;

    if (trial->run->config.lossless || one == other || one->poll != other->poll)
        return false;
    answer = witness_ask_alone(trial->witness, trial->run, input, 2);
    if (answer->outputs != 2)
        return false;
    return answer->output[0].of[0] == 1 ||
           (answer->fate[0].verdict == GROVE_HELD &&
            answer->fate[1].verdict == GROVE_HELD &&
            answer->fate[1].rule == NULL);
}

/* The packets of a flow as they arrive. */
struct flow {
    const struct placed *at;
    size_t count;
    const bool *members; /* with lists, by packet: whether it is of the flow */
    struct run_input *input; /* with lists, the room for all of them */
};

static struct flow flow_of(struct trial *trial, const struct placed *placed,
                           size_t count)
{
    struct flow flow = {.at = placed, .count = count};
    bool *members;

    if (!trial->run->config.fraglist)
        return flow;
    members = arena_alloc(trial->arena, trial->packets, sizeof *members);
    for (size_t i = 0; i < count; i++)
        members[placed[i].packet->of] = true;
    flow.members = members;
    flow.input = arena_alloc(trial->arena, trial->packets, sizeof *flow.input);
    return flow;
}

/* The place of the output that has a packet; SIZE_MAX if none has it. */
static size_t place_of(const struct answer *answer, size_t number)
{
    for (size_t i = 0; i < answer->outputs; i++)
        for (size_t n = 0; n < answer->output[i].ofs; n++)
            if (answer->output[i].of[n] == number)
                return i;
    return SIZE_MAX;
}

/*
 * Whether Linux sends the later packet first, if it gets those of the flow from
 * number `from` to the later one.
 */
static bool overtakes_from(struct trial *trial, const struct flow *flow,
                           size_t from, size_t earlier, size_t later)
{
    const struct answer *answer;
    size_t inputs = 0;
    size_t one = 0;

    for (size_t i = from; i <= later; i++) {
        if (!flow->members[i])
            continue;
        if (i == earlier)
            one = inputs;
        flow->input[inputs++] = *trial->origin[i].input;
    }
    answer = witness_ask_alone(trial->witness, trial->run, flow->input, inputs);
    return place_of(answer, inputs - 1) < place_of(answer, one);
}

/* The most packets of a list: GRO-LIST-003, GRO-END-004. */
enum { LIST_PACKETS_MAX = 64 };

/*
 * Whether Linux sends the later one first, if it gets packets of this flow
 * only. What overtakes a list depends on all packets of the list, which may
 * begin with any of the flow, so many before the earlier one.
 */
static bool may_overtake_list(struct trial *trial, const struct flow *flow,
                              size_t earlier, size_t later)
{
    const struct origin *origin = trial->origin;
    size_t tried = 0;

    if (!trial->run->config.fraglist || earlier >= later ||
        origin[earlier].poll != origin[later].poll)
        return false;
    for (size_t from = earlier + 1; from-- > 0 && tried < LIST_PACKETS_MAX;) {
        if (!flow->members[from] || origin[from].poll != origin[later].poll)
            continue;
        if (overtakes_from(trial, flow, from, earlier, later))
            return true;
        tried++;
    }
    return false;
}

/* A packet of the flow that was sent later, but arrived before; or NULL. */
static const struct finished *overtakes(struct trial *trial,
                                        const struct flow *flow, size_t at)
{
    const struct finished *packet = flow->at[at].packet;

    for (size_t i = 0; i < at; i++) {
        const struct finished *before = flow->at[i].packet;

        if (before->number >= packet->number &&
            !may_overtake(trial, packet, before) &&
            !may_overtake_list(trial, flow, packet->of, before->of))
            return before;
    }
    return NULL;
}

/* Whether all packets of a flow arrive as they were sent. */
static bool is_in_order(struct trial *trial, const struct flow *flow)
{
    size_t last = 0;

    for (size_t i = 0; i < flow->count; i++) {
        if (flow->at[i].packet->number >= last)
            last = flow->at[i].packet->number;
        else if (overtakes(trial, flow, i) != NULL)
            return false;
    }
    return true;
}

/* Notes the first packet that was overtaken. One says it of the whole flow. */
static void note_order_of_flow(struct trial *trial, const struct flow *flow)
{
    for (size_t i = 0; i < flow->count; i++) {
        const struct finished *before = overtakes(trial, flow, i);

        if (before != NULL) {
            NOTE(trial, HARM_REORDERS, NULL,
                 "packet %zu arrives before packet %zu of its flow", before->of,
                 flow->at[i].packet->of);
            return;
        }
    }
}

/*
 * Of equal packets it is not known which is which. The order is right if it is
 * right as they were `paired`, or if the first that arrives was sent first.
 */
static void note_order_of_flows(struct trial *trial,
                                const struct placed *paired,
                                const struct placed *placed, size_t total)
{
    size_t count;

    for (size_t i = 0; i < total; i += count) {
        struct flow flow;

        count = equal_to_first(placed + i, total - i, order_of_flows);
        flow = flow_of(trial, paired + i, count);
        if (is_in_order(trial, &flow))
            continue;
        flow.at = placed + i;
        note_order_of_flow(trial, &flow);
    }
}

void order_note(struct trial *trial)
{
    const struct arrivals arrivals = arrivals_of(trial);
    struct placed *placed =
        arena_alloc(trial->arena, arrivals.count, sizeof *placed);
    struct placed *paired;

    if (arrivals.count == 0)
        return;
    for (size_t i = 0; i < arrivals.count; i++)
        placed[i] = (struct placed){&trial->sent.at[arrivals.sent[i]], i};
    paired = arena_copy(trial->arena, placed, arrivals.count * sizeof *placed);
    qsort(paired, arrivals.count, sizeof *paired, by_flow);
    qsort(placed, arrivals.count, sizeof *placed, by_bytes);
    sort_all_equal(placed, arrivals.count, trial->arena);
    qsort(placed, arrivals.count, sizeof *placed, by_flow);
    note_order_of_flows(trial, paired, placed, arrivals.count);
}
