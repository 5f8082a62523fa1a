/* SPDX-License-Identifier: MIT */
/* Reading vector files, with all checks of their content. */
#include "vector_private.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Lower case, digits, "-", "_" and ".", as in "tcp4-psh-closes". */
static bool check_name(const struct node *at, const char *key)
{
    struct node member;
    const char *name;

    if (!node_member(at, key, &member))
        return true;
    name = json_string_value(member.json);
    if (*name != '\0' &&
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0')
        return true;
    return node_fail(
        &member, "\"%s\" is not an id; use a to z, 0 to 9, -, _ and .", name);
}

/* As in "GRO-TCP-006". */
static bool is_rule_id(const char *rule)
{
    size_t len = strlen(rule);

    return len > 4 && *rule >= 'A' && *rule <= 'Z' && rule[len - 4] == '-' &&
           strspn(rule, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len &&
           strspn(rule + len - 3, "0123456789") == 3;
}

static bool decode_rules(const struct node *at, struct strings *rules)
{
    struct node member;

    node_member(at, "rules", &member);
    if (!node_strings(&member, rules))
        return false;
    if (rules->count == 0)
        return node_fail(&member, "empty; name the rules that the vector "
                                  "shows");
    for (size_t i = 0; i < rules->count; i++) {
        struct node element = node_element(&member, i);

        if (!is_rule_id(rules->at[i]))
            return node_fail(&element,
                             "\"%s\" is not a rule id; write one as in "
                             "SPEC.md",
                             rules->at[i]);
    }
    return true;
}

/* Reads an answer that is not an alias. */
static bool decode_answer(const struct node *at, const struct vector *vector,
                          struct answer *answer)
{
    static const struct field output[] = {
        {"output", true}, {"verdict", false}, {"rule", false}};
    static const struct field rejected[] = {{"rejected", true}};

    if (vector->run.op == RUN_GRO ||
        json_object_get(at->json, "rejected") == NULL)
        return node_object(at, output, COUNT(output)) &&
               decode_output(at, &vector->run, answer);
    answer->kind = ANSWER_REJECTED;
    return node_object(at, rejected, COUNT(rejected)) &&
           member_string(at, "rejected", &answer->reason);
}

/* Reads "= linux-6.12": the answer of that profile, which is not an alias. */
static bool resolve_alias(const struct node *expect, const struct node *at,
                          struct node *answer)
{
    const char *name = json_string_value(at->json);

    if (strncmp(name, "= ", 2) != 0 || !node_member(expect, name + 2, answer) ||
        json_is_string(answer->json))
        return node_fail(at,
                         "\"%s\" names no answer; write \"= \" and a "
                         "profile that has one here",
                         name);
    return true;
}

/* The answer of this profile, if it was read already. */
static const struct answer *find_answer(const struct vector *vector,
                                        const char *profile)
{
    for (size_t i = 0; i + 1 < vector->expects; i++)
        if (strcmp(vector->expect[i].profile, profile) == 0)
            return &vector->expect[i].answer;
    return NULL;
}

/* Reads an answer, or takes the one that it is an alias of. */
static bool decode_one(const struct node *expect, struct node at,
                       const struct vector *vector, struct answer *answer)
{
    const struct answer *equal = NULL;

    if (json_is_string(at.json)) {
        if (!resolve_alias(expect, &at, &at))
            return false;
        equal = find_answer(vector, at.key);
    }
    if (equal == NULL)
        return decode_answer(&at, vector, answer);
    *answer = *equal;
    return true;
}

static bool decode_expect(const struct node *at, struct vector *vector)
{
    struct vector_expect *expect;
    struct node member;
    const char *profile;
    json_t *value;

    node_member(at, "expect", &member);
    if (!json_is_object(member.json) || json_object_size(member.json) == 0)
        return node_fail(&member, "no profile; give the answer of one");
    expect = arena_alloc(at->in->arena, json_object_size(member.json),
                         sizeof *expect);
    vector->expect = expect;
    json_object_foreach(member.json, profile, value)
    {
        struct vector_expect *one = &expect[vector->expects++];
        const struct node answer = {at->in, &member, profile, 0, value};

        one->profile = arena_printf(at->in->arena, "%s", profile);
        if (!decode_one(&member, answer, vector, &one->answer))
            return false;
    }
    return true;
}

static bool decode_packet_numbers(const struct node *at, struct vector *vector)
{
    struct node member;
    uint32_t *numbers;

    node_member(at, "packets", &member);
    if (!node_array(&member))
        return false;
    vector->source_packets = json_array_size(member.json);
    numbers =
        arena_alloc(at->in->arena, vector->source_packets, sizeof *numbers);
    vector->packets = numbers;
    for (size_t i = 0; i < vector->source_packets; i++) {
        struct node element = node_element(&member, i);

        if (!node_number(&element, UINT32_MAX, &numbers[i]))
            return false;
    }
    return true;
}

static bool decode_source(const struct node *at, struct vector *vector)
{
    static const struct field fields[] = {{"pcap", true}, {"packets", true}};
    struct node member;

    if (!node_member(at, "source", &member))
        return true;
    return node_object(&member, fields, COUNT(fields)) &&
           member_string(&member, "pcap", &vector->pcap) &&
           decode_packet_numbers(&member, vector);
}

bool vector_decode(const struct node *at, struct vector *vector)
{
    static const struct field fields[] = {
        {"id", true},      {"title", true},  {"rules", true},
        {"flags", false},  {"op", true},     {"config", false},
        {"input", true},   {"expect", true}, {"confirmed", false},
        {"source", false}, {"x-", false}};
    struct node config;

    if (!node_object(at, fields, COUNT(fields)))
        return false;
    node_extras(at, &vector->extras);
    if (node_member(at, "config", &config))
        vector->config = node_text(&config);
    return member_string(at, "id", &vector->id) && check_name(at, "id") &&
           member_string(at, "title", &vector->title) &&
           decode_rules(at, &vector->rules) &&
           member_strings(at, "flags", &vector->flags) &&
           decode_run(at, &vector->run) && decode_expect(at, vector) &&
           member_strings(at, "confirmed", &vector->confirmed) &&
           decode_source(at, vector);
}

const char *vector_unnoted_flag(const struct vector *vector,
                                const json_t *notes)
{
    for (size_t i = 0; i < vector->flags.count; i++)
        if (json_object_get(notes, vector->flags.at[i]) == NULL)
            return vector->flags.at[i];
    return NULL;
}

/* Adds the vector to `seen`, where no vector may have the same id. */
static bool check_names(const struct node *at, const struct vector *vector,
                        const json_t *notes, json_t *seen)
{
    const char *flag = vector_unnoted_flag(vector, notes);
    struct node id;

    if (flag != NULL)
        return node_fail(at,
                         "no note on the flag \"%s\"; add it to "
                         "\"notes\" of the file",
                         flag);
    node_member(at, "id", &id);
    if (json_object_get(seen, vector->id) != NULL)
        return node_fail(&id, "\"%s\" is taken; choose another id", vector->id);
    json_object_set_new(seen, vector->id, json_true());
    return true;
}

static bool decode_vectors(const struct node *at, struct vector_file *file,
                           json_t *seen)
{
    const json_t *notes = json_object_get(at->json, "notes");
    struct vector *vectors;
    struct node member;

    node_member(at, "vectors", &member);
    if (!node_array(&member))
        return false;
    file->vector_count = json_array_size(member.json);
    vectors = arena_alloc(at->in->arena, file->vector_count, sizeof *vectors);
    file->vectors = vectors;
    for (size_t i = 0; i < file->vector_count; i++) {
        struct node element = node_element(&member, i);

        if (!vector_decode(&element, &vectors[i]) ||
            !check_names(&element, &vectors[i], notes, seen))
            return false;
    }
    return true;
}

static bool decode_note(const struct node *at, struct vector_note *note)
{
    static const struct field fields[] = {
        {"about", true}, {"effect", false}, {"links", false}};

    note->name = arena_printf(at->in->arena, "%s", at->key);
    return node_object(at, fields, COUNT(fields)) &&
           member_string(at, "about", &note->about) &&
           member_string(at, "effect", &note->effect) &&
           member_strings(at, "links", &note->links);
}

static bool decode_notes(const struct node *at, struct vector_file *file)
{
    struct vector_note *notes;
    struct node member;
    const char *name;
    json_t *value;

    if (!node_member(at, "notes", &member))
        return true;
    if (!json_is_object(member.json))
        return node_fail(&member, "not an object; write {\"flag\":{...}}");
    notes = arena_alloc(at->in->arena, json_object_size(member.json),
                        sizeof *notes);
    file->notes = notes;
    json_object_foreach(member.json, name, value)
    {
        struct node note = {at->in, &member, name, 0, value};

        if (!decode_note(&note, &notes[file->note_count++]))
            return false;
    }
    return true;
}

static bool decode_schema(const struct node *at)
{
    struct node member;
    uint32_t schema = 0;

    node_member(at, "schema", &member);
    if (!node_number(&member, UINT32_MAX, &schema))
        return false;
    if (schema != VECTOR_SCHEMA)
        return node_fail(&member, "version %u; this grove reads version %d",
                         schema, VECTOR_SCHEMA);
    return true;
}

bool vector_file_decode(const struct node *at, struct vector_file *file)
{
    static const struct field fields[] = {{"schema", true},  {"suite", true},
                                          {"spec", true},    {"notes", false},
                                          {"vectors", true}, {"x-", false}};
    json_t *seen;
    bool good;

    if (!node_object(at, fields, COUNT(fields)) || !decode_schema(at) ||
        !member_string(at, "suite", &file->suite) ||
        !member_string(at, "spec", &file->spec) || !decode_notes(at, file))
        return false;
    node_extras(at, &file->extras);
    seen = json_object();
    good = decode_vectors(at, file, seen);
    json_decref(seen);
    return good;
}

void vector_file_free(struct vector_file *file)
{
    free(file->outlines);
    arena_free(&file->arena);
    *file = (struct vector_file){0};
}

const struct answer *vector_expected(const struct vector *vector,
                                     const char *profile)
{
    for (size_t i = 0; i < vector->expects; i++) {
        if (strcmp(vector->expect[i].profile, profile) == 0)
            return &vector->expect[i].answer;
    }
    return NULL;
}
