/* SPDX-License-Identifier: MIT */
/*
 * Vector files: the canonical form. The layout is fixed, with one packet a
 * line. The same content always gives the same bytes, and a difference between
 * two files is readable.
 */
#include "vector_private.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "decimal.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *encode_strings(struct strings strings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < strings.count; i++)
        json_array_append_new(array, json_string(strings.at[i]));
    return array;
}

static void encode_extras(json_t *object, struct extras extras)
{
    for (size_t i = 0; i < extras.count; i++)
        set(object, extras.at[i].name,
            json_loads(extras.at[i].json, JSON_DECODE_ANY, NULL));
}

static json_t *encode_one(const struct vector_expect *expect,
                          const struct run *run)
{
    json_t *object = json_object();

    encode_answer(object, &expect->answer, run);
    return object;
}

static bool same_bytes(const void *a, const void *b, size_t len)
{
    return len == 0 || a == b || memcmp(a, b, len) == 0;
}

static bool same_output(const struct run_output *a, const struct run_output *b)
{
    return memcmp(&a->vnet, &b->vnet, sizeof a->vnet) == 0 &&
           a->has_hdr_len == b->has_hdr_len && a->has_of == b->has_of &&
           a->len == b->len && same_bytes(a->packet, b->packet, a->len) &&
           a->ofs == b->ofs && same_bytes(a->of, b->of, a->ofs * sizeof *a->of);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_fate(const struct run_fate *a, const struct run_fate *b)
{
    return a->has_verdict == b->has_verdict && a->verdict == b->verdict &&
           a->has_rule == b->has_rule && same_text(a->rule, b->rule);
}

/* Whether two answers are written with the same bytes. */
static bool same_answer(const struct answer *a, const struct answer *b)
{
    if (a->kind != b->kind || a->outputs != b->outputs ||
        (a->fate != NULL) != (b->fate != NULL) ||
        (a->fate != NULL && a->fates != b->fates) ||
        !same_text(a->reason, b->reason))
        return false;
    for (size_t i = 0; i < a->outputs; i++)
        if (!same_output(&a->output[i], &b->output[i]))
            return false;
    for (size_t i = 0; a->fate != NULL && i < a->fates; i++)
        if (!same_fate(&a->fate[i], &b->fate[i]))
            return false;
    return true;
}

/* The first profile that has the same answer as this one. */
static const struct vector_expect *find_same(const struct vector *vector,
                                             const struct vector_expect *expect)
{
    const struct vector_expect *first = vector->expect;

    while (!same_answer(&first->answer, &expect->answer))
        first++;
    return first;
}

static json_t *encode_expect(const struct vector *vector)
{
    json_t *object = json_object();

    for (size_t i = 0; i < vector->expects; i++) {
        const struct vector_expect *one = &vector->expect[i];
        const struct vector_expect *same = find_same(vector, one);

        set(object, one->profile,
            same == one ? encode_one(one, &vector->run)
                        : json_sprintf("= %s", same->profile));
    }
    return object;
}

static json_t *encode_source(const struct vector *vector)
{
    json_t *object = json_object();
    json_t *packets = json_array();

    for (size_t i = 0; i < vector->source_packets; i++)
        json_array_append_new(packets, json_integer(vector->packets[i]));
    set(object, "pcap", json_string(vector->pcap));
    set(object, "packets", packets);
    return object;
}

static json_t *encode_vector(const struct vector *vector)
{
    json_t *object = json_object();

    set(object, "id", json_string(vector->id));
    set(object, "title", json_string(vector->title));
    set(object, "rules", encode_strings(vector->rules));
    set(object, "flags", encode_strings(vector->flags));
    encode_run(object, &vector->run);
    if (vector->config != NULL)
        set(object, "config", json_loads(vector->config, 0, NULL));
    set(object, "expect", encode_expect(vector));
    set(object, "confirmed", encode_strings(vector->confirmed));
    if (vector->pcap != NULL)
        set(object, "source", encode_source(vector));
    encode_extras(object, vector->extras);
    return object;
}

static json_t *encode_notes(const struct vector_file *file)
{
    json_t *object = json_object();

    for (size_t i = 0; i < file->note_count; i++) {
        const struct vector_note *note = &file->notes[i];
        json_t *one = json_object();

        set(one, "about", json_string(note->about));
        if (note->effect != NULL)
            set(one, "effect", json_string(note->effect));
        set(one, "links", encode_strings(note->links));
        set(object, note->name, one);
    }
    return object;
}

static json_t *encode_file(const struct vector_file *file)
{
    json_t *object = json_object();
    json_t *vectors = json_array();

    for (size_t i = 0; i < file->vector_count; i++)
        json_array_append_new(vectors, encode_vector(&file->vectors[i]));
    set(object, "schema", json_integer(VECTOR_SCHEMA));
    set(object, "suite", json_string(file->suite));
    set(object, "spec", json_string(file->spec));
    set(object, "notes", encode_notes(file));
    encode_extras(object, file->extras);
    set(object, "vectors", vectors);
    return object;
}

/* Is the value of `key`, inside that of `parent`, laid out over lines? */
static bool is_open(const char *key, const char *parent, const json_t *value)
{
    static const char *const open[] = {"",      "notes",  "vectors",
                                       "input", "expect", "output"};
    bool empty = json_is_array(value) ? json_array_size(value) == 0
                                      : json_object_size(value) == 0;

    if (empty)
        return false;
    if (strcmp(parent, "vectors") == 0 || strcmp(parent, "expect") == 0)
        return true;
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        if (key != NULL && strcmp(key, open[i]) == 0)
            return true;
    }
    return false;
}

/* Whether the text has no character that JSON escapes, or that is not ASCII. */
static bool is_plain(const char *text, size_t len)
{
    unsigned wrong = 0;

    /* All are looked at, so that the compiler can take many at a time. */
    for (size_t i = 0; i < len; i++) {
        const uint8_t byte = (uint8_t)text[i];

        wrong |= (byte < ' ') | (byte > '~') | (byte == '"') | (byte == '\\');
    }
    return wrong == 0;
}

static void print_string(FILE *stream, const json_t *string)
{
    const char *text = json_string_value(string);
    const size_t len = json_string_length(string);

    if (!is_plain(text, len)) {
        json_dumpf(string, stream, JSON_ENCODE_ANY);
        return;
    }
    putc_unlocked('"', stream);
    fwrite_unlocked(text, 1, len, stream);
    putc_unlocked('"', stream);
}

static void print_integer(FILE *stream, const json_t *integer)
{
    const json_int_t value = json_integer_value(integer);
    char digits[DECIMAL_MAX];
    char *end = digits + sizeof digits;
    char *first;

    if (value < 0) {
        json_dumpf(integer, stream, JSON_ENCODE_ANY);
        return;
    }
    first = decimal_before(end, (uint64_t)value);
    fwrite_unlocked(first, 1, (size_t)(end - first), stream);
}

static void print_flat(FILE *stream, json_t *value);

static void print_flat_object(FILE *stream, json_t *object)
{
    const char *between = "";
    const char *key;
    json_t *value;

    putc_unlocked('{', stream);
    json_object_foreach(object, key, value)
    {
        fputs_unlocked(between, stream);
        putc_unlocked('"', stream);
        fputs_unlocked(key, stream);
        fputs_unlocked("\":", stream);
        print_flat(stream, value);
        between = ",";
    }
    putc_unlocked('}', stream);
}

static void print_flat_array(FILE *stream, const json_t *array)
{
    putc_unlocked('[', stream);
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            putc_unlocked(',', stream);
        print_flat(stream, json_array_get(array, i));
    }
    putc_unlocked(']', stream);
}

/* On one line, as JSON_COMPACT does. */
static void print_flat(FILE *stream, json_t *value)
{
    if (json_is_string(value))
        print_string(stream, value);
    else if (json_is_integer(value))
        print_integer(stream, value);
    else if (json_is_array(value))
        print_flat_array(stream, value);
    else if (json_is_object(value))
        print_flat_object(stream, value);
    else
        json_dumpf(value, stream, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* Ends the line, and begins one with `indent` blanks. */
static void print_break(FILE *stream, const char *between, int indent)
{
    fputs_unlocked(between, stream);
    putc_unlocked('\n', stream);
    for (int i = 0; i < indent; i++)
        putc_unlocked(' ', stream);
}

static void print(FILE *stream, json_t *value, const char *key,
                  const char *parent, int indent);

static void print_object(FILE *stream, json_t *object, const char *parent,
                         int indent)
{
    const char *between = "";
    const char *key;
    json_t *value;

    fputc('{', stream);
    json_object_foreach(object, key, value)
    {
        json_t *text = json_string(key);

        print_break(stream, between, indent + 1);
        json_dumpf(text, stream, JSON_ENCODE_ANY);
        fputs(": ", stream);
        print(stream, value, key, parent, indent + 1);
        json_decref(text);
        between = ",";
    }
    print_break(stream, "", indent);
    putc_unlocked('}', stream);
}

static void print_array(FILE *stream, json_t *array, const char *key,
                        int indent)
{
    fputc('[', stream);
    for (size_t i = 0; i < json_array_size(array); i++) {
        print_break(stream, i == 0 ? "" : ",", indent + 1);
        print(stream, json_array_get(array, i), NULL, key, indent + 1);
    }
    print_break(stream, "", indent);
    putc_unlocked(']', stream);
}

static void print(FILE *stream, json_t *value, const char *key,
                  const char *parent, int indent)
{
    if (!is_open(key, parent, value))
        print_flat(stream, value);
    else if (json_is_array(value))
        print_array(stream, value, key, indent);
    else
        print_object(stream, value, key == NULL ? "" : key, indent);
}

void vector_print(FILE *stream, const struct vector *vector)
{
    json_t *json = encode_vector(vector);

    print(stream, json, "", "", 0);
    fputc('\n', stream);
    json_decref(json);
}

/* Nothing is written that could not be read back. */
static const char *check(struct vector_file *file, json_t *json)
{
    struct vector_file again = {0};
    struct decode decode = {.arena = &again.arena, .slices = true};
    struct node at = {.in = &decode, .json = json};
    const char *why = NULL;

    if (!vector_file_decode(&at, &again))
        why = arena_printf(&file->arena, "%s", decode.why);
    vector_file_free(&again);
    return why;
}

const char *vector_file_text(struct vector_file *file, char **text, size_t *len)
{
    json_t *json = encode_file(file);
    const char *why = check(file, json);

    *text = NULL;
    *len = 0;
    if (why == NULL) {
        FILE *stream = open_memstream(text, len);

        print(stream, json, "", "", 0);
        fputc('\n', stream);
        fclose(stream);
    }
    json_decref(json);
    return why;
}

const char *vector_file_print(FILE *stream, struct vector_file *file,
                              const struct vector *vector)
{
    struct vector_file one = *file;
    const char *why;
    json_t *json;

    one.vectors = vector;
    one.vector_count = 1;
    json = encode_file(&one);
    why = check(file, json);
    if (why == NULL)
        print(stream, json_array_get(json_object_get(json, "vectors"), 0), NULL,
              "vectors", 2);
    json_decref(json);
    return why;
}
