/* SPDX-License-Identifier: MIT */
#include "gro.h"

#include "order.h"
#include "trial.h"

/* Segments of the packet that do not arrive. */
static size_t missing_of(const struct trial *trial, const struct origin *origin)
{
    size_t missing = 0;

    for (size_t i = 0; i < origin->count; i++)
        missing += trial->pairs.arrived_as[origin->first + i] == PAIR_NONE &&
                   !trial->pairs.taken[origin->first + i];
    return missing;
}

static void note_lost_outputs(struct trial *trial)
{
    for (size_t i = 0; i < trial->got->outputs; i++)
        if (trial->leaving[i].refused_by != NULL)
            NOTE(trial, HARM_REFUSED, NULL,
                 "output %zu: a kernel of %s refuses its virtio header (%s)", i,
                 trial->run->profile, trial->leaving[i].refused_by);
    for (size_t i = 0; i < trial->got->outputs; i++)
        if (trial->leaving[i].is_broken)
            NOTE(trial, HARM_LOSES, NULL,
                 "output %zu: receivers drop it for the length or checksum of "
                 "its IP header",
                 i);
}

/* An output that is lost does no harm if nothing is missing. */
static void note_losses(struct trial *trial)
{
    size_t missing = 0;

    for (size_t i = 0; i < trial->packets; i++)
        missing += missing_of(trial, &trial->origin[i]);
    if (missing == 0)
        return;
    note_lost_outputs(trial);
    for (size_t i = 0; i < trial->packets; i++) {
        missing = missing_of(trial, &trial->origin[i]);
        if (missing > 0)
            NOTE(trial, HARM_LOSES, NULL, "packet %zu: %s does not arrive", i,
                 missing == trial->origin[i].count ? "it" : "a part of it");
    }
}

static void note_duplicates(struct trial *trial)
{
    for (size_t i = 0; i < trial->arrived.count; i++) {
        const size_t copy = trial->pairs.copy_of[i];

        if (trial->pairs.sent_as[i] != PAIR_NONE)
            continue;
        if (copy != PAIR_NONE)
            NOTE(trial, HARM_DUPLICATES, NULL,
                 "output %zu: packet %zu arrives once more",
                 trial->arrived.at[i].of, trial->sent.at[copy].of);
        else
            NOTE(trial, HARM_DUPLICATES, NULL,
                 "output %zu: a packet arrives that Linux does not deliver",
                 trial->arrived.at[i].of);
    }
}

static void note_laundered(struct trial *trial)
{
    struct difference difference;

    for (size_t i = 0; i < trial->arrived.count; i++)
        if (trial_is_changed(trial, i, &difference) &&
            difference.laundered != NULL)
            NOTE(trial, HARM_LAUNDERS, difference.laundered,
                 "packet %zu: its %s was wrong, and is right when it arrives "
                 "from output %zu",
                 trial->sent.at[trial->pairs.sent_as[i]].of,
                 difference.laundered, trial->arrived.at[i].of);
}

static void note_changed(struct trial *trial)
{
    struct difference difference;

    for (size_t i = 0; i < trial->arrived.count; i++)
        if (trial_is_changed(trial, i, &difference) &&
            difference.laundered == NULL)
            NOTE(trial, HARM_CHANGES, difference.field,
                 "packet %zu: its %s differs at byte %zu when it arrives from "
                 "output %zu",
                 trial->sent.at[trial->pairs.sent_as[i]].of, difference.field,
                 difference.at, trial->arrived.at[i].of);
}

void judge_gro(struct witness *witness, const struct run *run,
               const struct answer *got, struct judgement *judgement)
{
    struct trial trial = {
        .witness = witness,
        .judgement = judgement,
        .arena = &witness->arena,
        .run = run,
        .got = got,
    };

    trial_begin(&trial);
    note_losses(&trial);
    note_duplicates(&trial);
    note_laundered(&trial);
    note_changed(&trial);
    order_note(&trial);
}
