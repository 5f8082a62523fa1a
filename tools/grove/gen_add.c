/* SPDX-License-Identifier: MIT */
/* grove gen: asks the kernel and the reference, and makes a vector. */
#include <string.h>

#include "gen.h"
#include "gen_inner.h"
#include "grove.h"
#include "no_answer.h"

/* Compares the reference with the kernel, and shows a difference. */
static int compare(struct gen *gen, const struct run *run,
                   const struct gen_polls *polls, const char *id)
{
    const char *why;

    if (gen->options->unconfirmed)
        return GROVE_EXIT_HOLDS;
    gen->kernel.ask(gen->kernel.self, run, &gen->expected);
    if (no_answer(&gen->kernel, id, &gen->expected))
        return GROVE_EXIT_USAGE;
    if (gen->expected.kind != ANSWER_OUTPUT) {
        complain("%s: %s gave no answer: %s", id, gen->confirmed,
                 gen->expected.reason);
        return GROVE_EXIT_USAGE;
    }
    if (answers_agree(&gen->expected, &gen->got, &gen->arena, &why))
        return GROVE_EXIT_HOLDS;
    complain("%s, frames %u to %u: the reference differs from %s; nothing is "
             "written\n%s",
             id, polls->frames[0], polls->frames[polls->packets - 1],
             gen->confirmed, why);
    return GROVE_EXIT_DIFFERS;
}

/* Adds what the reference gives under the other profiles. */
static void add_profiles(struct gen *gen, struct run run, struct vector *vector)
{
    struct answer got = {0};

    for (const char *const *name = grove_profiles(); *name != NULL; name++) {
        if (strcmp(*name, gen->profile) == 0)
            continue;
        run.profile = *name;
        gen->reference.ask(gen->reference.self, &run, &got);
        gen_vector_add(vector, *name, &got, &gen->arena);
    }
    answer_free(&got);
}

/* How often each rule has decided so far, by rule. */
static uint64_t *count_rules(struct gen *gen)
{
    uint64_t *counts =
        arena_alloc(&gen->arena, grove_rule_limit(), sizeof *counts);

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        counts[rule] = reference_count(&gen->reference, rule);
    return counts;
}

static bool is_wrong(const char *rule)
{
    return rule != NULL &&
           (strcmp(rule, grove_rule_id(GROVE_RULE_TCP_CHECKSUM)) == 0 ||
            strcmp(rule, grove_rule_id(GROVE_RULE_UDP_CHECKSUM)) == 0);
}

/* Counts packets and outputs, and the packets whose checksum is wrong. */
static void count_polls(struct gen *gen, const struct run *run,
                        const struct gen_polls *polls)
{
    gen_tally(polls, &gen->got, &gen->tally);
    gen->polls += polls->polls;
    for (size_t i = 0; i < gen->got.fates; i++) {
        const struct run_input *packet = run_packet(run, i);
        const struct bytes inner =
            gen_inner(&run->config, packet->packet, packet->len);

        if (is_wrong(gen->got.fate[i].rule))
            findings_add_wrong(&gen->findings, inner.at, inner.len);
    }
}

static int write_vector(struct gen *gen, const struct vector *vector)
{
    const char *wrong = vector_writer_add(gen->writer, vector);

    gen->vectors++;
    if (wrong == NULL)
        return GROVE_EXIT_HOLDS;
    gen->writer = NULL;
    complain("%s", wrong);
    return GROVE_EXIT_USAGE;
}

int gen_add(struct gen *gen, const struct gen_polls *polls,
            struct gen_capture *capture)
{
    const struct gen_origin origin = {
        .id = arena_printf(&gen->arena, "%s-%zu", capture->stem,
                           ++capture->vectors),
        .pcap = capture->label,
        .profile = gen->profile,
        .confirmed = gen->confirmed,
    };
    const struct run run = {
        .op = RUN_GRO,
        .profile = gen->profile,
        .config = polls->config,
        .input = polls->input,
        .inputs = polls->inputs,
    };
    uint64_t *decided = count_rules(gen);
    struct vector vector;
    int status;

    gen->reference.ask(gen->reference.self, &run, &gen->got);
    status = compare(gen, &run, polls, origin.id);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        decided[rule] = reference_count(&gen->reference, rule) - decided[rule];
    vector = gen_vector(polls, &gen->got, decided, &origin, &gen->arena);
    add_profiles(gen, run, &vector);
    count_polls(gen, &run, polls);
    progress("%s: %zu vectors", capture->path, gen->vectors);
    return write_vector(gen, &vector);
}
