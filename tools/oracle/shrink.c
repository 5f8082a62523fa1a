/* SPDX-License-Identifier: MIT */
#include "shrink.h"

#include <string.h>

/* The headers of a packet are in so many bytes, as a rule. */
enum { FIELDS_LEN = 120 };

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

static void drop_hash(struct shrink *shrink, size_t at)
{
    const size_t inputs = shrink->run->inputs;

    memcpy(shrink->trial, shrink->input, inputs * sizeof *shrink->input);
    shrink->trial[at].hash = 0;
    if (shows(shrink, inputs))
        shrink->input[at].hash = 0;
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

static struct shrink begin(struct run *run, shrink_test *shows_it,
                           void *context, struct arena *arena)
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
    return shrink;
}

void shrink_run(struct run *run, shrink_test *shows_it, void *context,
                struct arena *arena)
{
    struct shrink shrink = begin(run, shows_it, context, arena);

    for (size_t piece = run->inputs / 2; piece > 1; piece /= 2)
        pass(&shrink, piece);
    while (pass(&shrink, 1))
        ;
    for (size_t i = 0; i < run->inputs; i++)
        if (shrink.input[i].has_vnet)
            drop_header(&shrink, i);
    for (size_t i = 0; i < run->inputs; i++)
        if (shrink.input[i].hash != 0)
            drop_hash(&shrink, i);
    for (size_t i = 0; i < run->inputs; i++)
        shorten(&shrink, i);
}

/* Sets a word of the virtio header to 0 if the predicate holds with that. */
static void clear_vnet(struct shrink *shrink, size_t at, size_t word)
{
    const size_t inputs = shrink->run->inputs;
    uint8_t *trial = shrink->trial[at].vnet;

    memcpy(shrink->trial, shrink->input, inputs * sizeof *shrink->input);
    trial[word] = trial[word + 1] = 0;
    if (shows(shrink, inputs))
        memcpy(shrink->input[at].vnet, trial, GROVE_VNET_LEN);
}

/* The same for a word of the packet, whose bytes are a copy in `bytes`. */
static void clear_word(struct shrink *shrink, uint8_t *bytes, size_t word)
{
    const size_t inputs = shrink->run->inputs;
    const uint8_t saved[2] = {bytes[word], bytes[word + 1]};

    if (saved[0] == 0 && saved[1] == 0)
        return;
    memcpy(shrink->trial, shrink->input, inputs * sizeof *shrink->input);
    bytes[word] = bytes[word + 1] = 0;
    if (!shows(shrink, inputs))
        memcpy(bytes + word, saved, sizeof saved);
}

static void clear_packet(struct shrink *shrink, size_t at, struct arena *arena)
{
    struct run_input *input = &shrink->input[at];
    uint8_t *bytes = arena_copy(arena, input->packet, input->len);

    input->packet = bytes;
    if (input->has_vnet)
        for (size_t word = 0; word < GROVE_VNET_LEN; word += 2)
            clear_vnet(shrink, at, word);
    for (size_t word = 0; word + 1 < input->len && word < FIELDS_LEN; word += 2)
        clear_word(shrink, bytes, word);
}

void shrink_fields(struct run *run, shrink_test *shows_it, void *context,
                   struct arena *arena)
{
    struct shrink shrink = begin(run, shows_it, context, arena);

    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush)
            clear_packet(&shrink, i, arena);
}
