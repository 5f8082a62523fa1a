/* SPDX-License-Identifier: MIT */
/* Reading questions and answers from JSON. */
#include "codec.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool decode_op(const struct node *at, enum run_op *op)
{
    const char *name = NULL;
    struct node member;

    node_member(at, "op", &member);
    if (!node_string(&member, &name))
        return false;
    *op = strcmp(name, "gso") == 0 ? RUN_GSO : RUN_GRO;
    if (strcmp(name, op_name(*op)) != 0)
        return node_fail(&member, "\"%s\" is not an op; write gro or gso",
                         name);
    return true;
}

static bool decode_flush(const struct node *at, struct run_input *input)
{
    static const struct field fields[] = {{"flush", true}};
    struct node member;

    if (!node_object(at, fields, COUNT(fields)))
        return false;
    node_member(at, "flush", &member);
    if (!json_is_true(member.json))
        return node_fail(&member, "only true has a meaning here");
    input->flush = true;
    return true;
}

static bool decode_packet(const struct node *at, uint8_t vnet_len,
                          struct run_input *input)
{
    static const struct field fields[] = {
        {"packet", true}, {"vnet", false}, {"hash", false}};
    struct node member;
    const uint8_t *vnet;
    size_t len;

    if (!node_object(at, fields, COUNT(fields)) ||
        !member_hex(at, "packet", &input->packet, &input->len) ||
        !member_number(at, "hash", UINT32_MAX, &input->hash))
        return false;
    if (!node_member(at, "vnet", &member))
        return true;
    if (!node_hex(&member, &vnet, &len))
        return false;
    if (len != vnet_len)
        return node_fail(&member, "%zu bytes; a virtio_net_hdr has %u here",
                         len, (unsigned)vnet_len);
    memcpy(input->vnet, vnet, len);
    input->has_vnet = true;
    return true;
}

static bool decode_inputs(const struct node *at, struct run *run)
{
    struct run_input *inputs;
    struct node member;

    node_member(at, "input", &member);
    if (!node_array(&member))
        return false;
    run->inputs = json_array_size(member.json);
    inputs = arena_alloc(at->in->arena, run->inputs, sizeof *inputs);
    run->input = inputs;
    for (size_t i = 0; i < run->inputs; i++) {
        struct node entry = node_element(&member, i);

        if (json_object_get(entry.json, "flush") != NULL
                ? !decode_flush(&entry, &inputs[i])
                : !decode_packet(&entry, run->config.vnet_len, &inputs[i]))
            return false;
        /* An adapter that knows no hashes skips such a configuration. */
        run->config.hash = run->config.hash || inputs[i].hash != 0;
    }
    return true;
}

/* Op gso takes one packet and no flush. */
static bool check_gso_input(const struct node *at, const struct run *run)
{
    if (run->op != RUN_GSO || (run->inputs == 1 && !run->input[0].flush))
        return true;
    return node_fail(at, "op gso takes one packet; give one in \"input\"");
}

bool decode_run(const struct node *at, struct run *run)
{
    return decode_op(at, &run->op) && decode_config(at, &run->config) &&
           decode_inputs(at, run) && check_gso_input(at, run);
}

static bool member_u16(const struct node *at, const char *key, uint16_t *value)
{
    uint32_t number = 0;

    if (!member_number(at, key, UINT16_MAX, &number))
        return false;
    *value = (uint16_t)number;
    return true;
}

static bool member_u8(const struct node *at, const char *key, uint8_t *value)
{
    uint32_t number = 0;

    if (!member_number(at, key, UINT8_MAX, &number))
        return false;
    *value = (uint8_t)number;
    return true;
}

static bool decode_vnet(const struct node *at, struct run_output *output)
{
    static const struct field fields[] = {{"flags", true},
                                          {"gso_type", true},
                                          {"hdr_len", false},
                                          {"gso_size", true},
                                          {"csum_start", true},
                                          {"csum_offset", true},
                                          {"outer_th_offset", false},
                                          {"inner_nh_offset", false}};
    struct grove_vnet *vnet = &output->vnet;
    struct node member;

    output->has_hdr_len = true;
    if (!node_member(at, "vnet", &member))
        return true;
    output->has_hdr_len = json_object_get(member.json, "hdr_len") != NULL;
    return node_object(&member, fields, COUNT(fields)) &&
           member_u8(&member, "flags", &vnet->flags) &&
           member_u8(&member, "gso_type", &vnet->gso_type) &&
           member_u16(&member, "hdr_len", &vnet->hdr_len) &&
           member_u16(&member, "gso_size", &vnet->gso_size) &&
           member_u16(&member, "csum_start", &vnet->csum_start) &&
           member_u16(&member, "csum_offset", &vnet->csum_offset) &&
           member_u16(&member, "outer_th_offset", &vnet->outer_th_offset) &&
           member_u16(&member, "inner_nh_offset", &vnet->inner_nh_offset);
}

struct part {
    const uint8_t *at;
    size_t len;
};

/* [index,offset,length]: bytes of an input packet. */
static bool decode_slice(const struct node *at, const struct run *run,
                         struct part *part)
{
    const struct run_input *packet;
    uint32_t number[3];

    if (!node_array(at))
        return false;
    if (json_array_size(at->json) != COUNT(number))
        return node_fail(at, "not a slice; write [packet,offset,length]");
    for (size_t i = 0; i < COUNT(number); i++) {
        struct node element = node_element(at, i);

        if (!node_number(&element, UINT32_MAX, &number[i]))
            return false;
    }
    packet = run_packet(run, number[0]);
    if (packet == NULL)
        return node_fail(at,
                         "there is no packet %u; flush entries have no "
                         "number",
                         number[0]);
    if (number[1] > packet->len || number[2] > packet->len - number[1])
        return node_fail(at, "packet %u has only %zu bytes; correct the slice",
                         number[0], packet->len);
    *part = (struct part){packet->packet + number[1], number[2]};
    return true;
}

static bool decode_slices(const struct node *at, const struct run *run,
                          struct run_output *output)
{
    size_t count = json_array_size(at->json);
    struct part *parts = arena_alloc(at->in->arena, count, sizeof *parts);
    const size_t header = output->len;
    uint8_t *packet;

    if (!node_array(at))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node element = node_element(at, i);

        if (!decode_slice(&element, run, &parts[i]))
            return false;
        output->len += parts[i].len;
    }
    packet = arena_bytes(at->in->arena, output->len);
    memcpy(packet, output->packet, header);
    output->packet = packet;
    packet += header;
    for (size_t i = 0; i < count; i++) {
        memcpy(packet, parts[i].at, parts[i].len);
        packet += parts[i].len;
    }
    return true;
}

static bool decode_of(const struct node *at, const struct run *run,
                      struct run_output *output)
{
    struct node member;
    uint32_t *of;

    if (!node_member(at, "of", &member))
        return true;
    if (!node_array(&member))
        return false;
    output->has_of = true;
    output->ofs = json_array_size(member.json);
    of = arena_alloc(at->in->arena, output->ofs, sizeof *of);
    output->of = of;
    for (size_t i = 0; i < output->ofs; i++) {
        struct node element = node_element(&member, i);

        if (!node_number(&element, UINT32_MAX, &of[i]))
            return false;
        if (of[i] >= run_packets(run))
            return node_fail(&element,
                             "there is no packet %u; flush entries "
                             "have no number",
                             of[i]);
    }
    return true;
}

static bool decode_one(const struct node *at, const struct run *run,
                       struct run_output *output)
{
    static const struct field plain[] = {
        {"vnet", false}, {"packet", true}, {"of", false}};
    static const struct field sliced[] = {
        {"vnet", false}, {"header", true}, {"payload", true}, {"of", false}};
    bool slices = at->in->slices && json_object_get(at->json, "packet") == NULL;
    struct node member;

    if (!(slices ? node_object(at, sliced, COUNT(sliced))
                 : node_object(at, plain, COUNT(plain))) ||
        !decode_vnet(at, output) || !decode_of(at, run, output))
        return false;
    if (!slices)
        return member_hex(at, "packet", &output->packet, &output->len);
    node_member(at, "payload", &member);
    return member_hex(at, "header", &output->packet, &output->len) &&
           decode_slices(&member, run, output);
}

static bool decode_verdict(const struct node *at, struct run_fate *fate)
{
    static const enum grove_verdict verdicts[] = {GROVE_HELD, GROVE_MERGED,
                                                  GROVE_PASSED, GROVE_REJECTED};
    const char *name = NULL;

    if (!node_string(at, &name))
        return false;
    for (size_t i = 0; i < COUNT(verdicts); i++) {
        if (strcmp(name, grove_verdict_words(verdicts[i])) == 0) {
            fate->has_verdict = true;
            fate->verdict = verdicts[i];
            return true;
        }
    }
    return node_fail(at,
                     "\"%s\" is not a verdict; write held, merged, passed or "
                     "rejected",
                     name);
}

static bool decode_rule(const struct node *at, struct run_fate *fate)
{
    fate->has_rule = true;
    return json_is_null(at->json) || node_string(at, &fate->rule);
}

/* An array with one entry for each packet. */
static bool decode_tier(const struct node *at, const char *key, size_t packets,
                        bool (*decode)(const struct node *, struct run_fate *),
                        struct run_fate *fate)
{
    struct node member;

    if (!node_member(at, key, &member))
        return true;
    if (!node_array(&member))
        return false;
    if (json_array_size(member.json) != packets)
        return node_fail(&member, "%zu entries for %zu packets; give each one",
                         json_array_size(member.json), packets);
    for (size_t i = 0; i < packets; i++) {
        struct node element = node_element(&member, i);

        if (!decode(&element, &fate[i]))
            return false;
    }
    return true;
}

static bool decode_fates(const struct node *at, const struct run *run,
                         struct answer *answer)
{
    size_t packets = run_packets(run);
    struct run_fate *fate = arena_alloc(at->in->arena, packets, sizeof *fate);

    if (json_object_get(at->json, "verdict") != NULL ||
        json_object_get(at->json, "rule") != NULL) {
        answer->fate = fate;
        answer->fates = packets;
    }
    return decode_tier(at, "verdict", packets, decode_verdict, fate) &&
           decode_tier(at, "rule", packets, decode_rule, fate);
}

bool decode_output(const struct node *at, const struct run *run,
                   struct answer *answer)
{
    struct run_output *output;
    struct node member;

    node_member(at, "output", &member);
    if (!node_array(&member))
        return false;
    answer->kind = ANSWER_OUTPUT;
    answer->outputs = json_array_size(member.json);
    output = arena_alloc(at->in->arena, answer->outputs, sizeof *output);
    answer->output = output;
    for (size_t i = 0; i < answer->outputs; i++) {
        struct node element = node_element(&member, i);

        if (!decode_one(&element, run, &output[i]))
            return false;
    }
    return decode_fates(at, run, answer);
}
