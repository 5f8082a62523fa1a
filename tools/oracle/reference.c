/* SPDX-License-Identifier: MIT */
/* libgrove as an implementation. */
#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "grove/profile.h"
#include "grove/split.h"
#include "run.h"

struct reference {
    void *memory; /* of the table or the splitter; grows with the runs */
    size_t size;
    uint64_t *counts; /* by rule */
};

static bool fits(const struct run *run, struct answer *answer)
{
    if (run->config.max_flows == 0 || run->config.max_flows > GROVE_MAX_FLOWS)
        answer_fail(answer, ANSWER_SKIPPED, "max_flows must be 1 to %d",
                    GROVE_MAX_FLOWS);
    else if (run_packets(run) > GROVE_MAX_PACKETS)
        answer_fail(answer, ANSWER_SKIPPED, "more than %d packets",
                    GROVE_MAX_PACKETS);
    else
        return true;
    return false;
}

/*
 * Makes self->memory at least `size` bytes; a wrong configuration has 0. They
 * get a value, so that an answer with bytes that were not written is wrong.
 */
static void reserve(struct reference *self, size_t size)
{
    if (size > self->size) {
        free(self->memory);
        self->size = size;
        self->memory = malloc(size);
        if (self->memory == NULL)
            err(70, "memory");
    }
    if (size != 0)
        memset(self->memory, 0xa5, size);
}

/* Only an error of the profile has to say what was asked for. */
static void skip(const struct run *run, enum grove_error error,
                 struct answer *answer)
{
    const char *words = grove_error_words(error);

    if (error >= GROVE_E_CONFIG_LINK)
        answer_fail(answer, ANSWER_SKIPPED, "%s", words);
    else
        answer_fail(answer, ANSWER_SKIPPED, "profile %s: %s", run->profile,
                    words);
}

/* Makes a new table for the run. NULL: the answer says why. */
static struct grove_table *
make_table(struct reference *self, const struct run *run, struct answer *answer)
{
    const size_t packets = run_packets(run);
    const struct grove_config config = {
        .profile = run->profile,
        .max_flows = run->config.max_flows,
        .max_packets = packets == 0 ? 1 : (uint32_t)packets,
        .mode = run->config.lossless ? GROVE_MODE_LOSSLESS : GROVE_MODE_LINUX,
        .no_udp = !run->config.udp,
        .csum_trusted = run->config.csum_trusted,
        .link = run->config.link,
        .tunnels = run->config.tunnels,
        .tunnel_count = run->config.tunnel_count,
        .vnet_len = run->config.vnet_len,
        .max_bytes = run->config.max_bytes,
        .fraglist = run->config.fraglist,
        .hash = run->config.hash,
    };
    struct grove_table *table = NULL;
    enum grove_error error;

    reserve(self, grove_table_size(&config));
    error = grove_table_init(self->memory, self->size, &config, &table);
    if (error != GROVE_OK)
        skip(run, error, answer);
    return table;
}

static struct grove_packet packet_of(const struct run_input *input)
{
    return (struct grove_packet){
        .data = input->packet,
        .len = input->len,
        .vnet = input->has_vnet ? input->vnet : NULL,
        .hash = input->hash,
    };
}

static void feed(struct grove_table *table, const struct run *run)
{
    for (size_t i = 0; i < run->inputs; i++) {
        const struct run_input *input = &run->input[i];
        const struct grove_packet packet = packet_of(input);

        if (input->flush)
            grove_flush(table);
        else if (grove_receive(table, &packet) != GROVE_OK)
            errx(70, "the reference has no room for the run");
    }
    grove_flush(table);
}

/* The bytes that writev(2) would write. `len` is without the virtio header. */
static struct run_output gather(const struct run *run, const struct iovec *iov,
                                int iovcnt, uint32_t len, struct answer *answer)
{
    uint8_t *packet = arena_bytes(&answer->arena, len);
    struct run_output output = {.has_hdr_len = true, .packet = packet};
    int i;

    for (i = 1; i < iovcnt && iov[i].iov_len <= len - output.len; i++) {
        memcpy(packet + output.len, iov[i].iov_base, iov[i].iov_len);
        output.len += iov[i].iov_len;
    }
    if (iov[0].iov_len != run->config.vnet_len || output.len != len ||
        i != iovcnt)
        errx(70, "the reference's slices do not have the length of its output");
    grove_vnet_load_len(&output.vnet, iov[0].iov_base, iov[0].iov_len);
    return output;
}

static void list_packets(struct run_output *to, const struct grove_output *from,
                         const struct grove_table *table, struct answer *answer)
{
    uint32_t *of = arena_alloc(&answer->arena, from->packets, sizeof *of);
    uint32_t number = from->first;

    to->has_of = true;
    to->of = of;
    while (to->ofs < from->packets) {
        of[to->ofs++] = number;
        number = grove_next_packet(table, number);
    }
    if (number != GROVE_NO_PACKET)
        errx(70, "a packet follows the last one of the reference's output");
    to->has_rest = true;
    to->rest = from->rest;
}

static void tell_outputs(const struct run *run, const struct grove_table *table,
                         struct answer *answer)
{
    size_t count;
    const struct grove_output *list = grove_to_write(table, &count);
    struct run_output *output =
        arena_alloc(&answer->arena, count, sizeof *output);

    for (size_t i = 0; i < count; i++) {
        output[i] =
            gather(run, list[i].iov, list[i].iovcnt, list[i].len, answer);
        list_packets(&output[i], &list[i], table, answer);
    }
    answer->output = output;
    answer->outputs = count;
}

static void tell_fates(const struct grove_table *table, struct answer *answer)
{
    const uint32_t count = grove_received(table);
    struct run_fate *fate = arena_alloc(&answer->arena, count, sizeof *fate);

    for (uint32_t i = 0; i < count; i++) {
        const struct grove_fate is = grove_fate_of(table, i);

        fate[i] = (struct run_fate){
            .has_verdict = true,
            .verdict = is.verdict,
            .has_rule = true,
            .rule = grove_rule_id(is.rule),
        };
    }
    answer->fate = fate;
    answer->fates = count;
}

static void ask_gro(struct reference *self, const struct run *run,
                    struct answer *answer)
{
    struct grove_table *table;

    if (!fits(run, answer))
        return;
    table = make_table(self, run, answer);
    if (table == NULL)
        return;
    feed(table, run);
    tell_outputs(run, table, answer);
    tell_fates(table, answer);
    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        self->counts[rule] += grove_rule_count(table, rule);
}

uint16_t profile_value(const char *profile, const char *column)
{
    uint16_t value;

    if (grove_profile_value(profile, column, &value) != GROVE_OK)
        errx(70, "%s: no such profile, or no column %s", profile, column);
    return value;
}

bool kernel_has_rule(enum grove_rule rule, const char *profile)
{
    bool in_kernel;

    if (grove_rule_in_kernel(rule, profile, &in_kernel) != GROVE_OK)
        errx(70, "%s: no such profile", profile);
    return in_kernel;
}

bool rule_needs_fraglist(enum grove_rule rule)
{
    static const char lists[] = "GRO-LIST-";

    return strncmp(grove_rule_id(rule), lists, strlen(lists)) == 0;
}

static bool rule_tells_of_tunnels(enum grove_rule rule)
{
    return rule == GROVE_RULE_VNET_TUNNEL_BOTH ||
           rule == GROVE_RULE_VNET_TUNNEL_TYPE ||
           rule == GROVE_RULE_VNET_TUNNEL_CSUM ||
           rule == GROVE_RULE_VNET_TUNNEL_OFFSET ||
           rule == GROVE_RULE_VNET_TUNNEL_IP6 ||
           rule == GROVE_RULE_UDP_TUNNEL || rule == GROVE_RULE_GSO_NO_TUNNEL ||
           rule == GROVE_RULE_GSO_TUNNEL_HEADER;
}

bool rule_needs_pppoe(enum grove_rule rule)
{
    static const char pppoe[] = "GRO-PPP-";

    return strncmp(grove_rule_id(rule), pppoe, strlen(pppoe)) == 0;
}

bool rule_needs_layers(enum grove_rule rule)
{
    static const char tunnels[] = "GRO-TUN-";

    return strncmp(grove_rule_id(rule), tunnels, strlen(tunnels)) == 0 ||
           rule == GROVE_RULE_VNET_HDR_LINK || rule == GROVE_RULE_IN_LINK ||
           rule == GROVE_RULE_IN_TYPE || rule == GROVE_RULE_IP4_VERSION ||
           rule == GROVE_RULE_GSO_TYPE || rule == GROVE_RULE_GSO_TAG ||
           rule == GROVE_RULE_UDP_NESTED || rule == GROVE_RULE_LL_TUN_LENGTH ||
           rule == GROVE_RULE_LL_TUN_VERSION || rule_tells_of_tunnels(rule) ||
           rule_needs_pppoe(rule);
}

bool rule_needs_bytes(enum grove_rule rule)
{
    return rule == GROVE_RULE_LIMIT_USUAL || rule == GROVE_RULE_LIMIT_JUMBO;
}

/*
 * The rule that changed the header and refused nothing. Its effect shows it: a
 * super-packet has two or more segments.
 */
static enum grove_rule changed_by(const struct run *run, uint32_t segments)
{
    const struct run_input *input = &run->input[0];
    struct grove_vnet vnet = {0};
    uint8_t type;

    if (input->has_vnet)
        grove_vnet_load(&vnet, input->vnet);
    type = vnet.gso_type &
           (uint8_t) ~(GROVE_VNET_GSO_ECN | GROVE_VNET_GSO_TUNNEL4 |
                       GROVE_VNET_GSO_TUNNEL6);
    if (type == GROVE_VNET_GSO_NONE)
        return GROVE_RULE_NONE;
    if (segments == 1)
        return GROVE_RULE_VNET_NOT_GSO;
    if (type != GROVE_VNET_GSO_UDP_L4 &&
        vnet.gso_size < profile_value(run->profile, "min_tcp_gso_size"))
        return GROVE_RULE_VNET_CLAMP;
    return GROVE_RULE_NONE;
}

/* A segment as grove_split_copy() gives it. */
static struct run_output copy_segment(const struct run *run,
                                      struct grove_split *split,
                                      struct answer *answer)
{
    const uint32_t len = grove_split_copy(split, NULL, 0, NULL);
    uint8_t *packet = arena_bytes(&answer->arena, len);
    uint8_t vnet[RUN_VNET_MAX] = {0};
    struct run_output output = {.has_hdr_len = true, .packet = packet};

    output.len = grove_split_copy(split, packet, len, vnet);
    grove_vnet_load_len(&output.vnet, vnet, run->config.vnet_len);
    return output;
}

static bool same(const struct run_output *a, const struct run_output *b)
{
    return a->len == b->len && memcmp(a->packet, b->packet, a->len) == 0 &&
           memcmp(&a->vnet, &b->vnet, sizeof a->vnet) == 0;
}

/*
 * The segments of both splitters, which have begun to split the same packet:
 * those of one are slices, those of the other are copied.
 */
static void tell_segments(const struct run *run, struct grove_split *split,
                          struct grove_split *twin, struct answer *answer)
{
    const size_t count = grove_split_left(split);
    struct run_output *output =
        arena_alloc(&answer->arena, count, sizeof *output);
    struct grove_segment segment;

    while (grove_split_next(split, &segment)) {
        const struct run_output copy = copy_segment(run, twin, answer);

        if (answer->outputs == count)
            errx(70, "the reference has more segments than it announced");
        output[answer->outputs] =
            gather(run, segment.iov, segment.iovcnt, segment.len, answer);
        if (!same(&copy, &output[answer->outputs++])) {
            answer_fail(answer, ANSWER_ERROR,
                        "grove_split_copy() gives other bytes than "
                        "grove_split_next()");
            return;
        }
    }
    if (grove_split_copy(twin, NULL, 0, NULL) != 0)
        errx(70, "the reference copies more segments than it announced");
    answer->output = output;
}

/* Makes a new splitter for the run. NULL: the answer says why. */
static struct grove_split *make_split(void *memory, const struct run *run,
                                      struct answer *answer)
{
    const struct grove_split_config config = {
        .profile = run->profile,
        .csum_offload = run->config.csum_offload,
        .link = run->config.link,
        .vnet_len = run->config.vnet_len,
    };
    struct grove_split *split = NULL;
    const enum grove_error error =
        grove_split_init(memory, grove_split_size(), &config, &split);

    if (error != GROVE_OK)
        skip(run, error, answer);
    return split;
}

/* The answer for a dropped packet has no output. */
static void split_packet(struct reference *self, const struct run *run,
                         struct grove_split *split[2], struct answer *answer)
{
    const struct grove_packet packet = packet_of(&run->input[0]);
    enum grove_rule rule;

    switch (grove_split_begin(split[0], &packet, &rule)) {
    case GROVE_SPLIT_REJECTED:
        answer_fail(answer, ANSWER_REJECTED, "EINVAL");
        break;
    case GROVE_SPLIT_DROPPED:
        break;
    case GROVE_SPLIT_OK:
        if (grove_split_begin(split[1], &packet, &rule) != GROVE_SPLIT_OK)
            errx(70, "the reference splits a packet only once");
        rule = changed_by(run, grove_split_left(split[0]));
        tell_segments(run, split[0], split[1], answer);
        break;
    }
    answer->rule = grove_rule_id(rule);
    self->counts[rule]++;
}

static void ask_gso(struct reference *self, const struct run *run,
                    struct answer *answer)
{
    const size_t align = _Alignof(max_align_t);
    const size_t size = (grove_split_size() + align - 1) / align * align;
    struct grove_split *split[2];

    if (!run_splits(run)) {
        answer_fail(answer, ANSWER_SKIPPED, "op gso takes one packet");
        return;
    }
    reserve(self, 2 * size);
    for (size_t i = 0; i < 2; i++) {
        split[i] = make_split((char *)self->memory + i * size, run, answer);
        if (split[i] == NULL)
            return;
    }
    split_packet(self, run, split, answer);
}

static void ask(void *implementation, const struct run *run,
                struct answer *answer)
{
    answer_reset(answer);
    if (run->op == RUN_GRO)
        ask_gro(implementation, run, answer);
    else
        ask_gso(implementation, run, answer);
}

static void close_reference(void *implementation)
{
    struct reference *self = implementation;

    free(self->memory);
    free(self->counts);
    free(self);
}

void reference_open(struct implementation *implementation)
{
    struct reference *self = calloc(1, sizeof *self);

    if (self == NULL)
        err(70, "memory");
    self->counts = calloc(grove_rule_limit(), sizeof *self->counts);
    if (self->counts == NULL)
        err(70, "memory");
    *implementation = (struct implementation){
        .self = self,
        .name = "grove",
        .ask = ask,
        .close = close_reference,
    };
}

uint64_t reference_count(const struct implementation *reference,
                         enum grove_rule rule)
{
    const struct reference *self = reference->self;

    return self->counts[rule];
}
