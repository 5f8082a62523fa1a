/* SPDX-License-Identifier: MIT */
/*
 * Targets: both readers of the adapter protocol (tools/format), for questions
 * and for answers, and the writer of answers.
 *
 * Asserts: until a line says bye, each line gets one line of JSON, whatever is
 * in it. An answer that is read, written and read again stays the same.
 *
 * Input: lines. Each is a question to the server, whose answer has one output
 * for each packet. Each is also an answer to a question of two packets.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "check.h"
#include "codec.h"
#include "target.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The number of values of enum grove_verdict. */
#define VERDICTS 4

static struct adapter_hello hello = {.impl = "grove",
                                     .version = "1",
                                     .gro = true,
                                     .gso = true,
                                     .verdict = true,
                                     .rule = true};

static struct run_output alone(const struct run_input *input,
                               const uint32_t *number)
{
    struct run_output output = {.has_hdr_len = true,
                                .has_of = true,
                                .packet = input->packet,
                                .len = input->len,
                                .of = number,
                                .ofs = 1};

    grove_vnet_load(&output.vnet, input->vnet);
    return output;
}

/* Every packet leaves alone; its length selects its verdict. */
static void pass(const struct run *run, struct answer *answer)
{
    const size_t count = run_packets(run);
    struct run_output *output =
        arena_alloc(&answer->arena, count, sizeof *output);
    struct run_fate *fate = arena_alloc(&answer->arena, count, sizeof *fate);
    uint32_t *number = arena_alloc(&answer->arena, count, sizeof *number);

    for (size_t i = 0; i < count; i++) {
        const struct run_input *input = run_packet(run, i);

        number[i] = (uint32_t)i;
        output[i] = alone(input, &number[i]);
        fate[i].has_verdict = fate[i].has_rule = true;
        fate[i].verdict = (enum grove_verdict)(input->len % VERDICTS);
        fate[i].rule = input->has_vnet ? "GRO-END-008" : NULL;
    }
    answer->output = output;
    answer->outputs = count;
    answer->fate = run->op == RUN_GRO ? fate : NULL;
    answer->fates = count;
}

/* The implementation of the server: max_flows selects the kind of answer. */
static void answer_run(void *self, const struct run *run, struct answer *answer)
{
    (void)self;
    answer_reset(answer);
    switch (run->config.max_flows) {
    case 1:
        answer_fail(answer, ANSWER_SKIPPED, "one flow");
        answer->issue = run->config.udp ? "link" : NULL;
        break;
    case 2:
        answer_fail(answer, ANSWER_ERROR, "two flows");
        break;
    case 3:
        answer_fail(answer, ANSWER_REJECTED, "EINVAL");
        break;
    default:
        pass(run, answer);
    }
    answer->rule = run->config.lossless ? "GSO-002" : NULL;
}

static const struct implementation implementation = {.name = "pass",
                                                     .ask = answer_run};

void target_make(void)
{
    hello.profiles.at = grove_profiles();
    while (hello.profiles.at[hello.profiles.count] != NULL)
        hello.profiles.count++;
}

/* The number of lines that the server reads; the last needs no newline. */
static size_t count_lines(const char *text, size_t len)
{
    size_t lines = 0;

    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n' || i + 1 == len;
    return lines;
}

static void check_json(const char *text, size_t len)
{
    json_t *json = json_loadb(text, len, 0, NULL);

    CHECK(json_is_object(json), "an answer is not a JSON object");
    json_decref(json);
}

static void check_answers(const char *text, size_t len, size_t questions)
{
    size_t answers = 0;

    for (const char *end = text + len; text < end; answers++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));

        CHECK(newline != NULL, "an answer has no newline");
        check_json(text, (size_t)(newline - text));
        text = newline + 1;
    }
    CHECK(answers <= questions, "%zu answers to %zu questions", answers,
          questions);
}

static void serve(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
    FILE *out = open_memstream(&text, &len);

    if (in == NULL || out == NULL)
        err(70, "memory");
    adapter_serve(&hello, &implementation, in, out);
    fclose(out);
    fclose(in);
    check_answers(text, len, count_lines((const char *)data, size));
    free(text);
}

/* Reads an answer as the client does, but without a child process. */
static bool read_answer(json_t *json, const struct run *run,
                        struct answer *answer)
{
    static const struct field fields[] = {{"seq", false},
                                          {"output", true},
                                          {"verdict", false},
                                          {"rule", false},
                                          {"x-", false}};
    struct decode reading = {.arena = &answer->arena};
    const struct node at = {.in = &reading, .json = json};

    if (json_is_object(json) && node_object(&at, fields, COUNT(fields)) &&
        decode_output(&at, run, answer))
        return true;
    CHECK(!json_is_object(json) ||
              (reading.why != NULL && strchr(reading.why, '\n') == NULL),
          "it is not said in one line what is wrong");
    return false;
}

/* Uses a line as an answer: written and read again, it stays the same. */
static void check_answer(const char *line, size_t len)
{
    static const uint8_t packet[40] = {0x45};
    static const struct run_input input[] = {{.packet = packet, .len = 40},
                                             {.packet = packet, .len = 28}};
    static const struct run run = {
        .profile = "linux-6.18", .input = input, .inputs = 2};
    static struct answer answer;
    static struct answer again;
    static struct arena arena;
    const char *why = "";
    json_t *json;
    json_t *written = json_object();

    answer_reset(&answer);
    answer_reset(&again);
    arena_reset(&arena);
    json = json_parse(&arena, line, len, &why);
    if (json != NULL && read_answer(json, &run, &answer)) {
        encode_answer(written, &answer, NULL);
        CHECK(read_answer(written, &run, &again),
              "an answer that was written cannot be read");
        CHECK(answers_agree(&answer, &again, &arena, &why),
              "an answer that was written is another one: %s", why);
    }
    json_decref(written);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data;
    const char *end = line + size;

    if (size == 0)
        return 0;
    serve(data, size);
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline != NULL ? newline : end;

        check_answer(line, (size_t)(stop - line));
        line = stop + 1;
    }
    return 0;
}
