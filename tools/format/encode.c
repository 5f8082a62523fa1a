/* SPDX-License-Identifier: MIT */
/* Questions and answers to JSON. */
#include "codec.h"

#include <stdlib.h>

#include "hex.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static void set_hex(json_t *object, const char *name, const uint8_t *bytes,
                    size_t len)
{
    char *text = hex_encode(bytes, len);

    /* Digits are UTF-8; to check that would take most of the time. */
    set(object, name, json_stringn_nocheck(text, 2 * len));
    free(text);
}

const char *op_name(enum run_op op)
{
    return op == RUN_GSO ? "gso" : "gro";
}

static json_t *encode_input(const struct run_input *input, uint8_t vnet_len)
{
    json_t *object = json_object();

    if (input->flush) {
        set(object, "flush", json_true());
        return object;
    }
    if (input->has_vnet)
        set_hex(object, "vnet", input->vnet, vnet_len);
    set_hex(object, "packet", input->packet, input->len);
    if (input->hash != 0)
        set(object, "hash", json_integer(input->hash));
    return object;
}

void encode_run(json_t *object, const struct run *run)
{
    json_t *input = json_array();

    for (size_t i = 0; i < run->inputs; i++)
        json_array_append_new(
            input, encode_input(&run->input[i], run->config.vnet_len));
    set(object, "op", json_string(op_name(run->op)));
    set(object, "config", encode_config(&run->config));
    set(object, "input", input);
}

/* Without it, the header is all zero; so an unknown hdr_len needs it. */
static bool needs_vnet(const struct run_output *output)
{
    const struct grove_vnet *vnet = &output->vnet;

    return !output->has_hdr_len || vnet->flags != 0 || vnet->gso_type != 0 ||
           vnet->hdr_len != 0 || vnet->gso_size != 0 || vnet->csum_start != 0 ||
           vnet->csum_offset != 0 || vnet->outer_th_offset != 0 ||
           vnet->inner_nh_offset != 0;
}

static json_t *encode_vnet(const struct run_output *output)
{
    json_t *object = json_object();

    set(object, "flags", json_integer(output->vnet.flags));
    set(object, "gso_type", json_integer(output->vnet.gso_type));
    if (output->has_hdr_len)
        set(object, "hdr_len", json_integer(output->vnet.hdr_len));
    set(object, "gso_size", json_integer(output->vnet.gso_size));
    set(object, "csum_start", json_integer(output->vnet.csum_start));
    set(object, "csum_offset", json_integer(output->vnet.csum_offset));
    if (output->vnet.outer_th_offset != 0)
        set(object, "outer_th_offset",
            json_integer(output->vnet.outer_th_offset));
    if (output->vnet.inner_nh_offset != 0)
        set(object, "inner_nh_offset",
            json_integer(output->vnet.inner_nh_offset));
    return object;
}

static json_t *encode_slices(const struct slices *slices)
{
    json_t *array = json_array();

    for (size_t i = 0; i < slices->count; i++) {
        json_t *slice = json_array();

        json_array_append_new(slice, json_integer(slices->at[i].packet));
        json_array_append_new(slice, json_integer(slices->at[i].offset));
        json_array_append_new(slice, json_integer(slices->at[i].len));
        json_array_append_new(array, slice);
    }
    return array;
}

static void encode_bytes(json_t *object, const struct run_output *output,
                         const struct run *run)
{
    struct arena arena = {0};
    struct slices slices;

    if (run != NULL && slices_find(&arena, run, output, &slices)) {
        set_hex(object, "header", output->packet, slices.header);
        set(object, "payload", encode_slices(&slices));
    } else {
        set_hex(object, "packet", output->packet, output->len);
    }
    arena_free(&arena);
}

static json_t *encode_output(const struct run_output *output,
                             const struct run *run)
{
    json_t *object = json_object();

    if (needs_vnet(output))
        set(object, "vnet", encode_vnet(output));
    encode_bytes(object, output, run);
    if (output->has_of) {
        json_t *of = json_array();

        for (size_t i = 0; i < output->ofs; i++)
            json_array_append_new(of, json_integer(output->of[i]));
        set(object, "of", of);
    }
    return object;
}

/* A tier is told for every packet or not at all. */
static void encode_fates(json_t *object, const struct answer *answer)
{
    json_t *verdict = json_array();
    json_t *rule = json_array();
    bool has_verdict = answer->fate != NULL;
    bool has_rule = answer->fate != NULL;

    for (size_t i = 0; answer->fate != NULL && i < answer->fates; i++) {
        const struct run_fate *fate = &answer->fate[i];

        has_verdict = has_verdict && fate->has_verdict;
        has_rule = has_rule && fate->has_rule;
        json_array_append_new(verdict,
                              json_string(grove_verdict_words(fate->verdict)));
        json_array_append_new(
            rule, fate->rule == NULL ? json_null() : json_string(fate->rule));
    }
    if (has_verdict)
        json_object_set(object, "verdict", verdict);
    if (has_rule)
        json_object_set(object, "rule", rule);
    json_decref(verdict);
    json_decref(rule);
}

static void encode_skipped(json_t *object, const struct answer *answer)
{
    json_t *skipped = json_object();

    set(skipped, "reason", json_string(answer->reason));
    if (answer->issue != NULL)
        set(skipped, "issue", json_string(answer->issue));
    set(object, "skipped", skipped);
}

void encode_answer(json_t *object, const struct answer *answer,
                   const struct run *run)
{
    json_t *output;

    switch (answer->kind) {
    case ANSWER_OUTPUT:
        output = json_array();
        for (size_t i = 0; i < answer->outputs; i++)
            json_array_append_new(output,
                                  encode_output(&answer->output[i], run));
        set(object, "output", output);
        encode_fates(object, answer);
        break;
    case ANSWER_REJECTED:
        set(object, "rejected", json_string(answer->reason));
        break;
    case ANSWER_SKIPPED:
        encode_skipped(object, answer);
        break;
    case ANSWER_ERROR:
    case ANSWER_DEAD:
    case ANSWER_LATE:
    case ANSWER_LOST:
        set(object, "error", json_string(answer->reason));
        break;
    }
}
