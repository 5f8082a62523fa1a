/* SPDX-License-Identifier: MIT */
#include "gso.h"

#include <string.h>

#include "alike.h"
#include "difference.h"

static bool gives_segments(const struct answer *answer)
{
    return answer->kind == ANSWER_OUTPUT && answer->outputs > 0;
}

/* Segment `number`, of which there is one on both sides. */
static void judge_segment(struct witness *witness, const struct run *run,
                          const struct answer *got, size_t number,
                          struct judgement *judgement)
{
    static const struct run_output plain = {0};
    const struct run_output *segment = &got->output[number];
    struct difference difference;

    if (packets_differ(&run->config, &witness->own.output[number], segment,
                       &difference) &&
        !difference.only_ip4_id)
        judgement_note(judgement, &witness->arena, HARM_CHANGES,
                       difference.field,
                       "segment %zu: %s differs from Linux at byte %zu", number,
                       difference.field, difference.at);
    if (!vnets_alike(segment, &plain))
        judgement_note(judgement, &witness->arena, HARM_CHANGES,
                       "virtio header",
                       "segment %zu: its virtio header is not zero", number);
}

static void judge_segments(struct witness *witness, const struct run *run,
                           const struct answer *got,
                           struct judgement *judgement)
{
    const size_t expected = witness->own.outputs;

    if (got->outputs < expected)
        judgement_note(judgement, &witness->arena, HARM_LOSES, NULL,
                       "%zu segments, Linux gives %zu", got->outputs, expected);
    for (size_t i = 0; i < got->outputs && i < expected; i++)
        judge_segment(witness, run, got, i, judgement);
    if (got->outputs > expected)
        judgement_note(judgement, &witness->arena, HARM_CHANGES,
                       "number of segments", "%zu segments, Linux gives %zu",
                       got->outputs, expected);
}

/* Segments of what gives none. */
static void judge_accepted(struct witness *witness, const struct answer *right,
                           const struct answer *got,
                           struct judgement *judgement)
{
    const char *rule = right->rule != NULL ? right->rule : "no rule";

    if (strcmp(rule, "GSO-001") == 0)
        return; /* K-3: a kernel makes IP fragments of it */
    judgement_note(judgement, &witness->arena, HARM_ACCEPTS, NULL,
                   "%zu segments of a packet that Linux %s (%s)", got->outputs,
                   right->kind == ANSWER_REJECTED ? "refuses" : "drops", rule);
}

void judge_gso(struct witness *witness, const struct run *run,
               const struct answer *got, struct judgement *judgement)
{
    const struct answer *right = &witness->own;

    if (!gives_segments(right)) {
        if (gives_segments(got))
            judge_accepted(witness, right, got, judgement);
    } else if (got->kind == ANSWER_REJECTED) {
        judgement_note(judgement, &witness->arena, HARM_REFUSED, NULL,
                       "refused with %s; Linux gives %zu segments", got->reason,
                       right->outputs);
    } else {
        judge_segments(witness, run, got, judgement);
    }
}
