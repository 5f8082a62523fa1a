/* SPDX-License-Identifier: MIT */
#include "shrink.h"

#include <string.h>

struct shrink {
    struct run *run;
    struct run_input *input; /* the input of run, writable */
    struct run_input *trial; /* the same size */
    shrink_test *shows;
    void *context;
};

static bool shows(const struct shrink *shrink, size_t inputs)
{
    struct run run = *shrink->run;

    run.input = shrink->trial;
    run.inputs = inputs;
    return shrink->shows(shrink->context, &run);
}

/* Removes `count` entries at `at` if the predicate holds without them. */
static bool without(struct shrink *shrink, size_t at, size_t count)
{
    const size_t left = shrink->run->inputs - count;
    const size_t size = sizeof *shrink->input;

    memcpy(shrink->trial, shrink->input, at * size);
    memcpy(shrink->trial + at, shrink->input + at + count, (left - at) * size);
    if (!shows(shrink, left))
        return false;
    memcpy(shrink->input, shrink->trial, left * size);
    shrink->run->inputs = left;
    return true;
}

/* One pass with pieces of this size. True if anything was removed. */
static bool pass(struct shrink *shrink, size_t piece)
{
    bool went = false;

    for (size_t at = 0; at + piece <= shrink->run->inputs;) {
        if (without(shrink, at, piece))
            went = true;
        else
            at += piece;
    }
    return went;
}

static void drop_header(struct shrink *shrink, size_t at)
{
    const size_t inputs = shrink->run->inputs;

    memcpy(shrink->trial, shrink->input, inputs * sizeof *shrink->input);
    shrink->trial[at].has_vnet = false;
    if (shows(shrink, inputs))
        shrink->input[at].has_vnet = false;
}

/* Cuts `count` bytes off a packet if the predicate holds without them. */
static bool without_end(struct shrink *shrink, size_t at, size_t count)
{
    const size_t inputs = shrink->run->inputs;
    struct run_input *input = &shrink->input[at];

    if (count > input->len)
        return false;
    memcpy(shrink->trial, shrink->input, inputs * sizeof *shrink->input);
    shrink->trial[at].len -= count;
    if (!shows(shrink, inputs))
        return false;
    input->len -= count;
    return true;
}

static void shorten(struct shrink *shrink, size_t at)
{
    size_t piece = shrink->input[at].len;

    while (piece > 0)
        if (!without_end(shrink, at, piece))
            piece /= 2;
}

void shrink_run(struct run *run, shrink_test *shows_it, void *context,
                struct arena *arena)
{
    const size_t size = sizeof *run->input;
    struct shrink shrink = {
        .run = run,
        .input = arena_copy(arena, run->input, run->inputs * size),
        .trial = arena_alloc(arena, run->inputs, size),
        .shows = shows_it,
        .context = context,
    };

    run->input = shrink.input;
    for (size_t piece = run->inputs / 2; piece > 1; piece /= 2)
        pass(&shrink, piece);
    while (pass(&shrink, 1))
        ;
    for (size_t i = 0; i < run->inputs; i++)
        if (shrink.input[i].has_vnet)
            drop_header(&shrink, i);
    for (size_t i = 0; i < run->inputs; i++)
        shorten(&shrink, i);
}
