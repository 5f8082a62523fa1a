/* SPDX-License-Identifier: MIT */
/* The server of the adapter protocol. */
#include "adapter.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* An upper bound for the text of an output without its bytes and `of`. */
enum { OUTPUT_DIGITS = 160 };

struct server {
    const struct adapter_hello *hello;
    const struct implementation *implementation;
    FILE *in;
    FILE *out;
    struct arena arena; /* holds one request */
    struct answer answer;
    char *line;
    size_t size; /* of `line` */
};

enum line { LINE_READ, LINE_TOO_LONG, LINE_END };

static void grow(struct server *server)
{
    size_t size = server->size == 0 ? 4096 : 2 * server->size;
    char *line = realloc(server->line, size);

    if (line == NULL)
        err(70, "memory");
    server->line = line;
    server->size = size;
}

/* Reads a line without its newline. One that is too long is skipped. */
static enum line read_line(struct server *server, size_t *len)
{
    int byte;

    for (*len = 0; (byte = getc_unlocked(server->in)) != EOF && byte != '\n';) {
        if (*len > ADAPTER_LINE_MAX)
            continue;
        if (*len == server->size)
            grow(server);
        server->line[(*len)++] = (char)byte;
    }
    if (byte == EOF && *len == 0)
        return LINE_END;
    return *len > ADAPTER_LINE_MAX ? LINE_TOO_LONG : LINE_READ;
}

/* Sends `object` and releases it. The line is flushed for the peer. */
static bool send(struct server *server, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text == NULL)
        err(70, "memory");
    fprintf(server->out, "%s\n", text);
    free(text);
    return fflush(server->out) == 0;
}

/* Begins an answer, with the number of the request if that can be read. */
static json_t *begin_answer(const json_t *request)
{
    json_t *seq = json_object_get(request, "seq");
    json_t *object = json_object();

    if (json_is_integer(seq))
        json_object_set(object, "seq", seq);
    return object;
}

static bool send_error(struct server *server, const json_t *request,
                       const char *why)
{
    json_t *object = begin_answer(request);

    json_object_set_new(object, "error", json_string(why));
    return send(server, object);
}

static json_t *words(const char *const *at, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        if (at[i] != NULL)
            json_array_append_new(array, json_string(at[i]));
    }
    return array;
}

static bool say_hello(struct server *server, const struct node *at)
{
    static const struct field fields[] = {
        {"cmd", true}, {"protocol", true}, {"x-", false}};
    const struct adapter_hello *hello = server->hello;
    const char *ops[] = {hello->gro ? "gro" : NULL, hello->gso ? "gso" : NULL};
    const char *tiers[] = {"output", hello->verdict ? "verdict" : NULL,
                           hello->rule ? "rule" : NULL};
    uint32_t protocol = 0;

    if (!node_object(at, fields, COUNT(fields)) ||
        !member_number(at, "protocol", UINT32_MAX, &protocol))
        return send_error(server, at->json, at->in->why);
    if (protocol != ADAPTER_PROTOCOL)
        return send_error(server, at->json, "protocol: this is version 1 only");
    return send(server,
                json_pack("{s:s, s:s, s:o, s:o, s:o}", "impl", hello->impl,
                          "version", hello->version, "profiles",
                          words(hello->profiles.at, hello->profiles.count),
                          "ops", words(ops, COUNT(ops)), "tiers",
                          words(tiers, COUNT(tiers))));
}

/* Reads the question. False if it is malformed. */
static bool decode_request(const struct node *at, struct run *run)
{
    static const struct field fields[] = {
        {"cmd", true}, {"seq", true},     {"op", true},   {"profile", true},
        {"x-", false}, {"config", false}, {"input", true}};
    struct node seq;

    if (!node_object(at, fields, COUNT(fields)))
        return false;
    node_member(at, "seq", &seq);
    if (!json_is_integer(seq.json))
        return node_fail(&seq, "not a whole number; count the requests");
    return member_string(at, "profile", &run->profile) && decode_run(at, run);
}

static void ask(struct server *server, const struct run *run)
{
    const struct adapter_hello *hello = server->hello;
    const struct implementation *implementation = server->implementation;

    if (run->op == RUN_GSO ? !hello->gso : !hello->gro)
        answer_fail(&server->answer, ANSWER_SKIPPED, "op %s is not supported",
                    op_name(run->op));
    else
        implementation->ask(implementation->self, run, &server->answer);
    /* The kernel shows only some fates, so it does not offer this tier. */
    if (!hello->verdict && !hello->rule)
        server->answer.fate = NULL;
}

/* True if the hex digits of the packets are too long for a line. */
static bool exceeds_line(const struct answer *answer)
{
    size_t digits = 0;

    for (size_t i = 0; i < answer->outputs && digits <= ADAPTER_LINE_MAX; i++)
        digits += 2 * answer->output[i].len + OUTPUT_DIGITS;
    return digits > ADAPTER_LINE_MAX;
}

static bool answer_run(struct server *server, const struct node *at)
{
    struct run run = {0};
    json_t *object;

    if (decode_request(at, &run))
        ask(server, &run);
    else if (at->in->config_fault)
        answer_fail(&server->answer, ANSWER_SKIPPED, "%s", at->in->why);
    else
        return send_error(server, at->json, at->in->why);
    if (exceeds_line(&server->answer))
        return send_error(server, at->json,
                          "the answer would be a line of over 64 MiB");
    object = begin_answer(at->json);
    encode_answer(object, &server->answer, NULL);
    if (server->answer.rule != NULL)
        json_object_set_new(object, "x-rule", json_string(server->answer.rule));
    return send(server, object);
}

/* Answers one request; *more becomes false if it says bye. */
static bool answer_request(struct server *server, json_t *request, bool *more)
{
    struct decode decode = {.arena = &server->arena};
    struct node at = {.in = &decode, .json = request};
    const char *cmd = json_string_value(json_object_get(request, "cmd"));

    if (cmd == NULL)
        return send_error(server, request,
                          "no field \"cmd\"; write hello, run or bye");
    if (strcmp(cmd, "hello") == 0)
        return say_hello(server, &at);
    if (strcmp(cmd, "run") == 0)
        return answer_run(server, &at);
    *more = strcmp(cmd, "bye") != 0;
    return !*more ||
           send_error(server, request, "cmd: unknown; write hello, run or bye");
}

static bool answer_line(struct server *server, size_t len, bool *more)
{
    const char *why = NULL;
    json_t *request = json_parse(&server->arena, server->line, len, &why);
    bool sent;

    if (request == NULL)
        return send_error(server, NULL, why);
    sent = answer_request(server, request, more);
    json_decref(request);
    return sent;
}

void adapter_serve(const struct adapter_hello *hello,
                   const struct implementation *implementation, FILE *in,
                   FILE *out)
{
    struct server server = {
        .hello = hello, .implementation = implementation, .in = in, .out = out};
    bool more = true;
    bool sent = true;

    while (more && sent) {
        size_t len;
        enum line line = read_line(&server, &len);

        arena_reset(&server.arena);
        if (line == LINE_END)
            break;
        if (line == LINE_TOO_LONG)
            sent = send_error(&server, NULL, "a line of over 64 MiB");
        else
            sent = answer_line(&server, len, &more);
    }
    arena_free(&server.arena);
    answer_free(&server.answer);
    free(server.line);
}
