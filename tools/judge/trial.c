/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <string.h>

#include "alike.h"
#include "layers.h"
#include "sum.h"

/* ---- the packets that were sent ---- */

static void read_packets(struct trial *trial)
{
    const struct run *run = trial->run;
    size_t poll = 0;

    trial->origin =
        arena_alloc(trial->arena, run_packets(run), sizeof *trial->origin);
    for (size_t i = 0; i < run->inputs; i++) {
        struct origin *origin = &trial->origin[trial->packets];

        poll += run->input[i].flush;
        if (run->input[i].flush)
            continue;
        *origin = (struct origin){
            .input = &run->input[i], .poll = poll, .first = trial->sent.count};
        finish(&trial->witness->finisher, run, &run->input[i], trial->packets++,
               &trial->sent, trial->arena);
        origin->count = trial->sent.count - origin->first;
    }
}

/* ---- the outputs that leave ---- */

/* The output stands for its packets. */
static void take(struct trial *trial, size_t number,
                 const struct run_output *as_linux)
{
    trial->leaving[number].as_linux = as_linux;
    for (size_t i = 0; i < as_linux->ofs; i++)
        trial->origin[as_linux->of[i]].taken = true;
}

/* Whether Linux makes this output of the packets that it names, in order. */
static bool is_made_by_linux(struct trial *trial,
                             const struct run_output *output)
{
    struct run_input *input =
        arena_alloc(trial->arena, output->ofs, sizeof *input);
    const struct answer *answer;

    for (size_t i = 0; i < output->ofs; i++) {
        const struct origin *origin = &trial->origin[output->of[i]];

        if (origin->taken || (i > 0 && output->of[i] <= output->of[i - 1]))
            return false;
        input[i] = *origin->input;
    }
    answer = witness_ask_alone(trial->witness, trial->run, input, output->ofs);
    return answer->outputs == 1 && outputs_alike(&answer->output[0], output);
}

static void find_made_by_linux(struct trial *trial)
{
    for (size_t i = 0; i < trial->got->outputs; i++) {
        const struct run_output *output = &trial->got->output[i];

        if (output->ofs > 1 && is_made_by_linux(trial, output))
            take(trial, i, output);
    }
}

static bool is_taken(const struct trial *trial, const struct run_output *output)
{
    for (size_t i = 0; i < output->ofs; i++)
        if (trial->origin[output->of[i]].taken)
            return true;
    return false;
}

/*
 * Finds the other outputs that Linux gives, too. Those of an earlier place are
 * looked for last, since the order is mostly the same.
 */
static void find_as_linux(struct trial *trial)
{
    const struct answer *own = &trial->witness->own;
    size_t next = 0;

    for (size_t i = 0; i < trial->got->outputs; i++) {
        if (trial->leaving[i].as_linux != NULL)
            continue;
        for (size_t n = 0; n < own->outputs; n++) {
            const size_t at = (next + n) % own->outputs;

            if (is_taken(trial, &own->output[at]) ||
                !outputs_alike(&trial->got->output[i], &own->output[at]))
                continue;
            take(trial, i, &own->output[at]);
            next = at + 1;
            break;
        }
    }
}

/* Whether an IP header has the right length and checksum. */
static bool ip_is_whole(const uint8_t *ip, size_t len)
{
    const struct layout at = layout_of(ip, len);

    if (at.version == 4)
        return words_sum(ip + 2, 2) == len && ip_checksum_is_right(ip, len);
    return words_sum(ip + 4, 2) == len - at.ip;
}

/* Whether all of its IP headers have. */
static bool is_whole(const struct run_config *config,
                     const struct run_output *output)
{
    const struct layers layers = layers_of(config, output->packet, output->len);

    for (unsigned i = 0; i < layers.count; i++) {
        const uint32_t at = layers.layer[i].at;

        if (layers.layer[i].kind == LAYER_IP &&
            !ip_is_whole(output->packet + at, output->len - at))
            return false;
    }
    return true;
}

/* True if it came with a virtio header of its own, and leaves as it came. */
static bool is_passed_on(const struct trial *trial,
                         const struct run_output *output)
{
    for (size_t i = 0; i < trial->packets; i++) {
        const struct run_input *input = trial->origin[i].input;

        if (input->has_vnet && input->len == output->len &&
            memcmp(input->packet, output->packet, output->len) == 0)
            return true;
    }
    return false;
}

/*
 * A split writes the length and the checksum of the IP header anew, but the
 * host that receives a super-packet reads them before.
 */
static bool is_broken(const struct trial *trial,
                      const struct run_output *output)
{
    return output->vnet.gso_type != GROVE_VNET_GSO_NONE &&
           !is_whole(&trial->run->config, output) &&
           !is_passed_on(trial, output);
}

static void finish_output(struct trial *trial, size_t number)
{
    const struct run_output *output = &trial->got->output[number];
    const struct run_input input = finish_input(trial->run, output);
    struct leaving *leaving = &trial->leaving[number];
    const struct answer *part;

    leaving->first = trial->arrived.count;
    leaving->is_broken =
        output->len > GROVE_MAX_PACKET_LEN || is_broken(trial, output);
    if (leaving->is_broken)
        return;
    part = finish(&trial->witness->finisher, trial->run, &input, number,
                  &trial->arrived, trial->arena);
    leaving->count = trial->arrived.count - leaving->first;
    if (part->kind == ANSWER_REJECTED)
        leaving->refused_by = part->rule;
}

static void read_outputs(struct trial *trial)
{
    trial->leaving =
        arena_alloc(trial->arena, trial->got->outputs, sizeof *trial->leaving);
    if (!trial->run->config.lossless) {
        find_made_by_linux(trial);
        find_as_linux(trial);
    }
    for (size_t i = 0; i < trial->got->outputs; i++)
        if (trial->leaving[i].as_linux == NULL)
            finish_output(trial, i);
}

/* ---- which is which ---- */

/* Whether Linux makes the same output of these packets alone. */
static bool is_allowed(struct trial *trial, size_t number)
{
    const struct leaving *leaving = &trial->leaving[number];
    struct run_input *input =
        arena_alloc(trial->arena, leaving->count, sizeof *input);
    const struct answer *answer;

    for (size_t i = 0; i < leaving->count; i++) {
        const size_t sent = trial->pairs.sent_as[leaving->first + i];
        const struct origin *origin;

        if (sent == PAIR_NONE)
            return false;
        origin = &trial->origin[trial->sent.at[sent].of];
        if (origin->count != 1)
            return false;
        input[i] = *origin->input;
    }
    answer =
        witness_ask_alone(trial->witness, trial->run, input, leaving->count);
    return answer->outputs == 1 &&
           outputs_alike(&answer->output[0], &trial->got->output[number]);
}

bool trial_is_changed(const struct trial *trial, size_t arrived,
                      struct difference *difference)
{
    const size_t sent = trial->pairs.sent_as[arrived];

    return !trial->leaving[trial->arrived.at[arrived].of].is_allowed &&
           sent != PAIR_NONE &&
           packets_differ(&trial->run->config, &trial->sent.at[sent].output,
                          &trial->arrived.at[arrived].output, difference);
}

static void match(struct trial *trial)
{
    struct difference difference;

    trial->pairs = pairs_make(&trial->sent, &trial->arrived, trial->arena);
    for (size_t i = 0; i < trial->sent.count; i++)
        trial->pairs.taken[i] = trial->origin[trial->sent.at[i].of].taken;
    pairs_find(&trial->pairs, trial->arena);
    if (trial->run->config.lossless)
        return;
    for (size_t i = 0; i < trial->arrived.count; i++) {
        const size_t output = trial->arrived.at[i].of;

        if (trial_is_changed(trial, i, &difference))
            trial->leaving[output].is_allowed = is_allowed(trial, output);
    }
}

void trial_begin(struct trial *trial)
{
    read_packets(trial);
    read_outputs(trial);
    match(trial);
}
