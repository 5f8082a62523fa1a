/* SPDX-License-Identifier: MIT */
/* JSON values that know their place. */
#include "node.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        if (iscntrl((unsigned char)*text))
            *text = '?';
    }
}

const char *printable_lines(struct arena *arena, const char *lines)
{
    char *copy = arena_printf(arena, "%s", lines);

    for (char *line = copy; line != NULL;) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end = '\0';
        make_printable(line);
        if (end != NULL)
            *end++ = '\n';
        line = end;
    }
    return copy;
}

/* "vectors[3].input[0].packet"; "" for the document itself. */
static char *place_of(const struct node *node)
{
    struct arena *arena = node->in->arena;
    const char *up;

    if (node->up == NULL)
        return arena_printf(arena, "%s", "");
    up = place_of(node->up);
    if (node->key == NULL)
        return arena_printf(arena, "%s[%zu]", up, node->index);
    return arena_printf(arena, "%s%s%s", up, *up == '\0' ? "" : ".", node->key);
}

bool node_fail(const struct node *node, const char *format, ...)
{
    struct arena *arena = node->in->arena;
    const char *place = place_of(node);
    char *text = NULL;
    char *why;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    why = arena_printf(arena, "%s%s%s", place, *place == '\0' ? "" : ": ",
                       text == NULL ? "out of memory" : text);
    free(text);
    make_printable(why);
    node->in->why = why;
    return false;
}

/* Does the list have the field? `name` is as written in struct field. */
static bool has_field(const char *name, const struct field *fields,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, fields[i].name) == 0)
            return true;
    }
    return false;
}

static bool check_field(const struct node *node, const char *name,
                        const struct field *fields, size_t count)
{
    bool free_text = has_field("x-", fields, count);

    if (has_field(name, fields, count) ||
        (free_text && strncmp(name, "x-", 2) == 0))
        return true;
    return node_fail(node, "unknown field \"%s\"; remove it%s", name,
                     free_text ? " or call it \"x-...\"" : "");
}

bool node_object(const struct node *node, const struct field *fields,
                 size_t count)
{
    const char *name;
    json_t *value;

    if (!json_is_object(node->json))
        return node_fail(node, "not an object; write {...}");
    json_object_foreach(node->json, name, value)
    {
        (void)value;
        if (!check_field(node, name, fields, count))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].required &&
            json_object_get(node->json, fields[i].name) == NULL)
            return node_fail(node, "no field \"%s\"; add it", fields[i].name);
    }
    return true;
}

bool node_array(const struct node *node)
{
    if (!json_is_array(node->json))
        return node_fail(node, "not an array; write [...]");
    return true;
}

bool node_member(const struct node *node, const char *key, struct node *member)
{
    *member =
        (struct node){node->in, node, key, 0, json_object_get(node->json, key)};
    return member->json != NULL;
}

struct node node_element(const struct node *node, size_t index)
{
    return (struct node){node->in, node, NULL, index,
                         json_array_get(node->json, index)};
}

bool node_string(const struct node *node, const char **value)
{
    if (!json_is_string(node->json))
        return node_fail(node, "not a string; write \"...\"");
    *value = arena_printf(node->in->arena, "%s", json_string_value(node->json));
    return true;
}

bool node_number(const struct node *node, uint32_t max, uint32_t *value)
{
    json_int_t number = json_integer_value(node->json);

    if (!json_is_integer(node->json) || number < 0 || number > max)
        return node_fail(node, "not a number; write one from 0 to %u", max);
    *value = (uint32_t)number;
    return true;
}

bool node_bool(const struct node *node, bool *value)
{
    if (!json_is_boolean(node->json))
        return node_fail(node, "not a boolean; write true or false");
    *value = json_is_true(node->json);
    return true;
}

/* Uses the packet that `text` stands for, if it was read early. */
static bool use_early(struct decode *in, const char *text,
                      const uint8_t **bytes, size_t *len)
{
    struct early_packet *packet;
    size_t number;

    if (in->earlies == 0 || *text != '#')
        return false;
    number = strtoul(text + 1, NULL, 10);
    if (number >= in->earlies || in->early[number].bytes == NULL)
        return false;
    packet = &in->early[number];
    *bytes = packet->bytes;
    *len = packet->len;
    packet->bytes = NULL;
    return true;
}

bool node_hex(const struct node *node, const uint8_t **bytes, size_t *len)
{
    const char *text = json_string_value(node->json);
    const char *why;
    uint8_t *out;

    if (text == NULL)
        return node_fail(node, "not a string; write \"...\" of hex digits");
    if (use_early(node->in, text, bytes, len))
        return true;
    why = hex_decode(node->in->arena, text, strlen(text), &out, len);
    if (why != NULL)
        return node_fail(node, "%s", why);
    *bytes = out;
    return true;
}

bool node_strings(const struct node *node, struct strings *value)
{
    size_t count = json_array_size(node->json);
    const char **at = arena_alloc(node->in->arena, count, sizeof *at);

    if (!node_array(node))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node element = node_element(node, i);

        if (!node_string(&element, &at[i]))
            return false;
    }
    *value = (struct strings){at, count};
    return true;
}

bool member_string(const struct node *node, const char *key, const char **value)
{
    struct node member;

    return !node_member(node, key, &member) || node_string(&member, value);
}

bool member_number(const struct node *node, const char *key, uint32_t max,
                   uint32_t *value)
{
    struct node member;

    return !node_member(node, key, &member) || node_number(&member, max, value);
}

bool member_bool(const struct node *node, const char *key, bool *value)
{
    struct node member;

    return !node_member(node, key, &member) || node_bool(&member, value);
}

bool member_hex(const struct node *node, const char *key, const uint8_t **bytes,
                size_t *len)
{
    struct node member;

    return !node_member(node, key, &member) || node_hex(&member, bytes, len);
}

bool member_strings(const struct node *node, const char *key,
                    struct strings *value)
{
    struct node member;

    return !node_member(node, key, &member) || node_strings(&member, value);
}

const char *node_text(const struct node *node)
{
    char *text = json_dumps(node->json, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *kept =
        arena_printf(node->in->arena, "%s", text != NULL ? text : "null");

    free(text);
    return kept;
}

void node_extras(const struct node *node, struct extras *extras)
{
    struct extra *at =
        arena_alloc(node->in->arena, json_object_size(node->json), sizeof *at);
    size_t count = 0;
    const char *name;
    json_t *value;

    json_object_foreach(node->json, name, value)
    {
        if (strncmp(name, "x-", 2) == 0) {
            const struct node member = {node->in, node, name, 0, value};

            at[count].name = arena_printf(node->in->arena, "%s", name);
            at[count].json = node_text(&member);
            count++;
        }
    }
    *extras = (struct extras){at, count};
}

json_t *json_parse(struct arena *arena, const char *text, size_t len,
                   const char **why)
{
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL) {
        char *line = arena_printf(arena, "line %d, column %d: not JSON: %s",
                                  error.line, error.column, error.text);

        make_printable(line);
        *why = line;
    }
    return json;
}
