/* SPDX-License-Identifier: MIT */
/*
 * A JSON value and its place in the document. Error messages name the place:
 * "vectors[3].input[0].packet: ...".
 */
#ifndef GROVE_TOOLS_NODE_H
#define GROVE_TOOLS_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "hex.h"
#include "vector.h"

/* A packet that was read before its document; `bytes` is NULL once it is used.
 */
struct early_packet {
    const uint8_t *bytes;
    size_t len;
};

/* One reading of a document. */
struct decode {
    struct arena *arena;        /* holds everything that is read */
    const char *why;            /* the message after a failure */
    bool slices;                /* outputs may be slices of the inputs */
    bool config_fault;          /* the failure is in a config */
    struct early_packet *early; /* the values "#0", "#1", ... of hex digits */
    size_t earlies;
};

/* The place of a value. `up` is NULL for the outermost one. */
struct node {
    struct decode *in;
    const struct node *up;
    const char *key; /* in an object; NULL: `index` in an array */
    size_t index;
    json_t *json;
};

/* A field of an object. The name "x-" stands for all that begin with it. */
struct field {
    const char *name;
    bool required;
};

/* Sets the message, with the place of the node. Always returns false. */
__attribute__((format(printf, 2, 3))) bool node_fail(const struct node *node,
                                                     const char *format, ...);

/* True if it is an object with all required fields and no unknown ones. */
bool node_object(const struct node *node, const struct field *fields,
                 size_t count);

/* True if it is an array. */
bool node_array(const struct node *node);

/* The object's member, if it is there. */
bool node_member(const struct node *node, const char *key, struct node *member);

/* The array's element, which is there. */
struct node node_element(const struct node *node, size_t index);

/* Get the value. False, with a message, if it has another type. */
bool node_string(const struct node *node, const char **value);
bool node_number(const struct node *node, uint32_t max, uint32_t *value);
bool node_bool(const struct node *node, bool *value);
bool node_hex(const struct node *node, const uint8_t **bytes, size_t *len);
bool node_strings(const struct node *node, struct strings *value);

/* The same for a member. If it is missing: true, and nothing is set. */
bool member_string(const struct node *node, const char *key,
                   const char **value);
bool member_number(const struct node *node, const char *key, uint32_t max,
                   uint32_t *value);
bool member_bool(const struct node *node, const char *key, bool *value);
bool member_hex(const struct node *node, const char *key, const uint8_t **bytes,
                size_t *len);
bool member_strings(const struct node *node, const char *key,
                    struct strings *value);

/* The value as compact JSON, in the arena. */
const char *node_text(const struct node *node);

/* The object's fields "x-...". */
void node_extras(const struct node *node, struct extras *extras);

/* Parses the `len` bytes at `text`. NULL, with *why, on a syntax error. */
json_t *json_parse(struct arena *arena, const char *text, size_t len,
                   const char **why);

/* Replaces bytes that are not printable, for a message of one line. */
void make_printable(char *text);

/* A copy of the text in the arena, each line of which is printable. */
const char *printable_lines(struct arena *arena, const char *lines);

#endif
