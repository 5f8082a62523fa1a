/* SPDX-License-Identifier: MIT */
/*
 * The client of the adapter protocol. Every question gets an answer, whatever
 * the adapter does: after a crash or nonsense it is ANSWER_DEAD, after a hang
 * ANSWER_LATE, and the next question goes to a new process. An adapter that has
 * not answered any question is given up at once if it is late, and after some
 * processes otherwise; one that has answered is given up when it is late that
 * often. Then each answer is ANSWER_LOST. So neither costs a time limit for
 * each question.
 */
#include "adapter.h"

#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "child.h"
#include "codec.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* How often an adapter may fail in vain. */
#define MAX_FAILURES 10

struct client {
    struct child child;
    char *command;
    int timeout_ms;
    json_int_t seq;
    uint64_t answers;
    uint64_t failures;
    uint64_t late; /* of them, those that took the whole time limit */
    char *lost;    /* why it is given up; NULL: it is not */
    struct adapter_hello hello;
    struct arena arena; /* holds `hello` */
    char *name;
};

/* Ends the process, by force if necessary. */
static void kill_child(struct client *self)
{
    int status;

    child_stop(&self->child, 0, &status);
}

/* Describes how a process ended that closed its stdout. */
static const char *crash_words(struct client *self, struct arena *arena)
{
    int status;
    int code;

    if (!child_stop(&self->child, self->timeout_ms, &status)) {
        self->late++;
        return "the adapter closed stdout but did not exit";
    }
    if (WIFSIGNALED(status))
        return arena_printf(arena, "the adapter crashed: signal %d, %s",
                            WTERMSIG(status), strsignal(WTERMSIG(status)));
    code = WEXITSTATUS(status);
    /* A shell reports a signal of its child in this way. */
    if (code > 128 && code < 128 + NSIG)
        return arena_printf(arena,
                            "the adapter crashed: exit status %d, which is "
                            "signal %d, %s",
                            code, code - 128, strsignal(code - 128));
    return arena_printf(arena, "the adapter crashed: exit status %d", code);
}

/* An adapter that has not answered hello may not know the protocol. */
static const char *gone_words(struct client *self, struct arena *arena)
{
    const char *words = crash_words(self, arena);

    if (self->hello.impl != NULL)
        return words;
    return arena_printf(arena, "%s; it must answer as vectors/README.md says",
                        words);
}

static const char *late_words(struct client *self, struct arena *arena)
{
    bool seconds = self->timeout_ms % 1000 == 0;

    return arena_printf(arena,
                        "no answer in %d %s: did the adapter flush "
                        "stdout?",
                        seconds ? self->timeout_ms / 1000 : self->timeout_ms,
                        seconds ? "s" : "ms");
}

/* Ends the process and sets the reason why there is no answer. */
static const char *bury(struct client *self, struct arena *arena,
                        enum child_talk talk)
{
    if (talk == CHILD_GONE)
        return gone_words(self, arena);
    kill_child(self);
    if (talk == CHILD_LATE) {
        self->late++;
        return late_words(self, arena);
    }
    if (talk == CHILD_LONG)
        return "nonsense in answer: a line of over 64 MiB";
    return "nonsense in answer: more than one line";
}

static json_t *parse_line(struct client *self, struct arena *arena,
                          const char **why)
{
    json_t *json = json_parse(arena, self->child.line, self->child.used, why);

    if (json == NULL)
        *why = arena_printf(arena, "nonsense in answer: %s", *why);
    return json;
}

/* Sends `request` and releases it. Returns the answer, or NULL and *why. */
static json_t *talk(struct client *self, json_t *request, struct arena *arena,
                    const char **why)
{
    char *text = json_dumps(request, JSON_COMPACT);
    size_t len;
    enum child_talk talk;

    json_decref(request);
    if (text == NULL)
        err(70, "memory");
    len = strlen(text);
    text[len] = '\n';
    talk = child_talk(&self->child, text, len + 1, self->timeout_ms);
    free(text);
    if (talk == CHILD_ANSWERED)
        return parse_line(self, arena, why);
    *why = bury(self, arena, talk);
    return NULL;
}

/* True if the word is in the list. Newer adapters may send unknown words. */
static bool has_word(const struct strings *strings, const char *word)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (strcmp(strings->at[i], word) == 0)
            return true;
    }
    return false;
}

static bool decode_hello(const struct node *at, struct adapter_hello *hello)
{
    static const struct field fields[] = {
        {"impl", true},  {"version", true}, {"profiles", true}, {"ops", true},
        {"tiers", true}, {"level", false},  {"x-", false}};
    struct strings ops = {0};
    struct strings tiers = {0};
    const char *error = json_string_value(json_object_get(at->json, "error"));

    if (error != NULL)
        return node_fail(at, "the adapter refuses: %s", error);
    if (!node_object(at, fields, COUNT(fields)) ||
        !member_string(at, "impl", &hello->impl) ||
        !member_string(at, "version", &hello->version) ||
        !member_strings(at, "profiles", &hello->profiles) ||
        !member_strings(at, "ops", &ops) ||
        !member_strings(at, "tiers", &tiers) ||
        !member_string(at, "level", &hello->level))
        return false;
    if (!has_word(&tiers, "output"))
        return node_fail(at, "tiers: no \"output\"; every adapter has it");
    hello->gro = has_word(&ops, "gro");
    hello->gso = has_word(&ops, "gso");
    hello->verdict = has_word(&tiers, "verdict");
    hello->rule = has_word(&tiers, "rule");
    return true;
}

/* Starts the process and reads its hello. Returns NULL or an error. */
static const char *start(struct client *self, struct arena *arena)
{
    struct decode decode = {.arena = &self->arena};
    struct node at = {.in = &decode};
    const char *why = NULL;
    int error = child_start(&self->child, self->command);

    if (error != 0)
        return arena_printf(arena, "/bin/sh: %s", strerror(error));
    at.json = talk(
        self,
        json_pack("{s:s, s:i}", "cmd", "hello", "protocol", ADAPTER_PROTOCOL),
        arena, &why);
    if (at.json != NULL && !decode_hello(&at, &self->hello))
        why = arena_printf(arena, "nonsense in hello: %s", decode.why);
    json_decref(at.json);
    if (why != NULL)
        kill_child(self);
    return why;
}

static json_t *make_request(struct client *self, const struct run *run)
{
    json_t *request = json_pack("{s:s, s:I}", "cmd", "run", "seq", ++self->seq);

    encode_run(request, run);
    json_object_set_new(request, "profile", json_string(run->profile));
    return request;
}

static bool decode_skipped(const struct node *at, struct answer *answer)
{
    static const struct field fields[] = {
        {"reason", true}, {"issue", false}, {"x-", false}};
    struct node member;

    answer->kind = ANSWER_SKIPPED;
    node_member(at, "skipped", &member);
    return node_object(&member, fields, COUNT(fields)) &&
           member_string(&member, "reason", &answer->reason) &&
           member_string(&member, "issue", &answer->issue);
}

/* Reads an answer of one field: a rejection or an error. */
static bool decode_reason(const struct node *at, const char *key,
                          enum answer_kind kind, struct answer *answer)
{
    answer->kind = kind;
    return member_string(at, key, &answer->reason);
}

/* A tier that hello promises must be there; others are not compared. */
static bool check_tiers(const struct node *at, const struct adapter_hello *said)
{
    static const char *const tiers[] = {"verdict", "rule"};
    const bool promised[] = {said->verdict, said->rule};

    for (size_t i = 0; i < COUNT(tiers); i++) {
        if (!promised[i])
            json_object_del(at->json, tiers[i]);
        else if (json_object_get(at->json, tiers[i]) == NULL)
            return node_fail(at, "no field \"%s\", which hello promises",
                             tiers[i]);
    }
    return true;
}

static bool decode_kind(const struct node *at, const struct run *run,
                        const struct adapter_hello *said, struct answer *answer)
{
    static const struct field skipped[] = {
        {"seq", true}, {"skipped", true}, {"x-", false}};
    static const struct field error[] = {
        {"seq", true}, {"error", true}, {"x-", false}};
    static const struct field rejected[] = {
        {"seq", true}, {"rejected", true}, {"x-", false}};
    static const struct field output[] = {{"seq", true},
                                          {"output", true},
                                          {"verdict", false},
                                          {"rule", false},
                                          {"x-", false}};

    if (json_object_get(at->json, "skipped") != NULL)
        return node_object(at, skipped, COUNT(skipped)) &&
               decode_skipped(at, answer);
    if (json_object_get(at->json, "error") != NULL)
        return node_object(at, error, COUNT(error)) &&
               decode_reason(at, "error", ANSWER_ERROR, answer);
    if (json_object_get(at->json, "rejected") != NULL)
        return node_object(at, rejected, COUNT(rejected)) &&
               decode_reason(at, "rejected", ANSWER_REJECTED, answer);
    return node_object(at, output, COUNT(output)) &&
           (run->op == RUN_GSO || check_tiers(at, said)) &&
           decode_output(at, run, answer);
}

static bool decode_answer(const struct node *at, const struct run *run,
                          const struct client *self, struct answer *answer)
{
    struct node seq;

    if (!json_is_object(at->json))
        return node_fail(at, "not an object; write {...}");
    if (!node_member(at, "seq", &seq) &&
        json_object_get(at->json, "error") != NULL)
        return decode_reason(at, "error", ANSWER_ERROR, answer);
    if (!json_is_integer(seq.json) || json_integer_value(seq.json) != self->seq)
        return node_fail(
            &seq, "not that of the request, which is %" JSON_INTEGER_FORMAT,
            self->seq);
    return decode_kind(at, run, &self->hello, answer);
}

/* Whether it is in vain to ask more. */
static bool is_lost(const struct client *self)
{
    if (self->answers == 0)
        return self->late > 0 || self->failures >= MAX_FAILURES;
    return self->late >= MAX_FAILURES;
}

static void answer_failed(struct client *self, struct answer *answer,
                          enum answer_kind kind, const char *why)
{
    kill_child(self);
    self->failures++;
    answer_fail(answer, kind, "%s", why);
    if (!is_lost(self))
        return;
    if (asprintf(&self->lost,
                 "it answered %" PRIu64 " of %" PRIu64
                 " questions and is asked no more: %s",
                 self->answers, self->answers + self->failures,
                 answer->reason) < 0)
        err(70, "memory");
    answer_fail(answer, ANSWER_LOST, "%s", self->lost);
}

/* Returns NULL, or why there is no answer. */
static const char *ask_running(struct client *self, const struct run *run,
                               struct answer *answer)
{
    struct decode decode = {.arena = &answer->arena};
    struct node at = {.in = &decode};
    const char *why = NULL;

    at.json = talk(self, make_request(self, run), &answer->arena, &why);
    if (at.json != NULL && !decode_answer(&at, run, self, answer))
        why =
            arena_printf(&answer->arena, "nonsense in answer: %s", decode.why);
    json_decref(at.json);
    self->answers += why == NULL;
    return why;
}

static bool has_op(const struct client *self, enum run_op op)
{
    return op == RUN_GSO ? self->hello.gso : self->hello.gro;
}

static void client_ask(void *implementation, const struct run *run,
                       struct answer *answer)
{
    struct client *self = implementation;
    const uint64_t late = self->late;
    const char *why = NULL;

    answer_reset(answer);
    if (self->lost == NULL && self->child.pid == 0)
        why = start(self, &answer->arena);
    if (self->lost != NULL)
        answer_fail(answer, ANSWER_LOST, "%s", self->lost);
    else if (why == NULL && !has_op(self, run->op))
        answer_fail(answer, ANSWER_SKIPPED, "the adapter has no op %s",
                    op_name(run->op));
    else if (why == NULL)
        why = ask_running(self, run, answer);
    if (why != NULL)
        answer_failed(self, answer,
                      self->late > late ? ANSWER_LATE : ANSWER_DEAD, why);
}

static void client_close(void *implementation)
{
    static const char bye[] = "{\"cmd\":\"bye\"}\n";
    struct client *self = implementation;

    if (self->child.pid != 0)
        child_talk(&self->child, bye, sizeof bye - 1, self->timeout_ms);
    kill_child(self);
    arena_free(&self->arena);
    free(self->command);
    free(self->lost);
    free(self->name);
    free(self);
}

static struct client *new_client(const char *command, int timeout_ms)
{
    struct client *self = calloc(1, sizeof *self);
    char *copy = strdup(command);

    if (self == NULL || copy == NULL)
        err(70, "memory");
    self->command = copy;
    self->timeout_ms = timeout_ms;
    return self;
}

/* A printable name, since an adapter may send any bytes. */
static const char *make_name(struct client *self)
{
    const struct adapter_hello *hello = &self->hello;

    if (asprintf(&self->name, "%s %s", hello->impl, hello->version) < 0)
        err(70, "memory");
    make_printable(self->name);
    return self->name;
}

bool adapter_open(struct implementation *implementation, const char *command,
                  int timeout_ms, char why[256])
{
    struct client *self = new_client(command, timeout_ms);
    struct arena arena = {0};
    const char *problem = start(self, &arena);

    *implementation = (struct implementation){
        .self = self, .ask = client_ask, .close = client_close};
    if (problem != NULL)
        snprintf(why, 256, "%s", problem);
    else
        implementation->name = make_name(self);
    arena_free(&arena);
    if (problem != NULL)
        implementation_close(implementation);
    return problem == NULL;
}

const struct adapter_hello *
adapter_said(const struct implementation *implementation)
{
    const struct client *self = implementation->self;

    return &self->hello;
}
