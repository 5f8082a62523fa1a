/* SPDX-License-Identifier: MIT */
/* JSON that more than one subcommand prints. */
#ifndef GROVE_TOOLS_PRINT_JSON_H
#define GROVE_TOOLS_PRINT_JSON_H

#include <jansson.h>
#include <stdint.h>

/* A string; a text that is no UTF-8, which a path may be, says so instead. */
json_t *json_text(const char *string);
json_t *json_textn(const char *string, size_t len);

/* The rules that decided, and how often, of GROVE_RULE_COUNT numbers. */
json_t *json_rules(const uint64_t *counts);

/* Prints the object as a line and gives it back; NULL: memory ran out. */
void print_json_line(json_t *object);

#endif
