/* SPDX-License-Identifier: MIT */
/* JSON that more than one subcommand prints. */
#ifndef GROVE_TOOLS_PRINT_JSON_H
#define GROVE_TOOLS_PRINT_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "grove/rule.h"

/* A string. For a path or text that is not UTF-8 it is "not UTF-8". */
json_t *json_text(const char *string);
json_t *json_textn(const char *string, size_t len);

/* An array with each line of a text. */
json_t *json_lines(const char *text);

/* Adds how often the rule has decided; a rule that never has is left out. */
void json_add_rule(json_t *object, enum grove_rule rule, uint64_t count);

/* The object in lines that are indented by one blank; the caller frees it. */
char *json_pretty(const json_t *object);

/* Prints the object as a line and releases it; NULL is an error. */
void print_json_line(json_t *object);

#endif
