/* SPDX-License-Identifier: MIT */
/*
 * A JSON value and its place in the document, so that what is wrong with it
 * can be said with the place: "vectors[3].input[0].packet: ...".
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

/* One reading of a document. */
struct decode {
    struct arena *arena; /* of everything that is read */
    const char *why;     /* what is wrong, after a failure */
    bool slices;         /* outputs may be slices of the inputs */
    bool config_fault;   /* what is wrong is in a config */
};

/* Where a value stands. The outermost one has no `up`. */
struct node {
    struct decode *in;
    const struct node *up;
    const char *key; /* in an object; NULL: `index` in an array */
    size_t index;
    json_t *json;
};

/* A field of an object. The name "x-" allows all that begin so. */
struct field {
    const char *name;
    bool required;
};

/* Notes what is wrong with the node, and its place. Always false. */
__attribute__((format(printf, 2, 3))) bool node_fail(const struct node *node,
                                                     const char *format, ...);

/* An object, with all required fields and no unknown ones? */
bool node_object(const struct node *node, const struct field *fields,
                 size_t count);

/* An array? */
bool node_array(const struct node *node);

/* The object's member, if it is there. */
bool node_member(const struct node *node, const char *key, struct node *member);

/* The array's element, which is there. */
struct node node_element(const struct node *node, size_t index);

/* The value. False, and what is wrong noted, if it is of another type. */
bool node_string(const struct node *node, const char **value);
bool node_number(const struct node *node, uint32_t max, uint32_t *value);
bool node_bool(const struct node *node, bool *value);
bool node_hex(const struct node *node, const uint8_t **bytes, size_t *len);
bool node_strings(const struct node *node, struct strings *value);

/* The same for a member; without that member true, and nothing is set. */
bool member_string(const struct node *node, const char *key,
                   const char **value);
bool member_number(const struct node *node, const char *key, uint32_t max,
                   uint32_t *value);
bool member_bool(const struct node *node, const char *key, bool *value);
bool member_hex(const struct node *node, const char *key, const uint8_t **bytes,
                size_t *len);
bool member_strings(const struct node *node, const char *key,
                    struct strings *value);

/* The value as compact JSON, which lives as long as what is read. */
const char *node_text(const struct node *node);

/* The object's fields "x-...". */
void node_extras(const struct node *node, struct extras *extras);

/* The JSON in the `len` bytes at `text`; NULL and *why on a syntax error. */
json_t *json_parse(struct arena *arena, const char *text, size_t len,
                   const char **why);

/* Replaces what is no printable text, for a message of one line. */
void make_printable(char *text);

#endif
