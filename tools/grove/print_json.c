/* SPDX-License-Identifier: MIT */
#include "print_json.h"

#include <stdlib.h>
#include <string.h>

#include "grove.h"

static _Noreturn void out_of_memory(void)
{
    complain("out of memory");
    exit(GROVE_EXIT_USAGE);
}

json_t *json_textn(const char *string, size_t len)
{
    json_t *value = json_stringn(string, len);

    if (value == NULL)
        value = json_string("not UTF-8");
    if (value == NULL)
        out_of_memory();
    return value;
}

json_t *json_text(const char *string)
{
    return json_textn(string, strlen(string));
}

void json_add_rule(json_t *object, enum grove_rule rule, uint64_t count)
{
    if (count != 0)
        json_object_set_new(object, grove_rule_id(rule),
                            json_integer((json_int_t)count));
}

char *json_pretty(const json_t *object)
{
    char *text = json_dumps(object, JSON_INDENT(1));

    if (text == NULL)
        out_of_memory();
    return text;
}

void print_json_line(json_t *object)
{
    char *line = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));

    if (line == NULL)
        out_of_memory();
    puts(line);
    free(line);
    json_decref(object);
}

json_t *json_lines(const char *text)
{
    json_t *lines = json_array();

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        json_array_append_new(lines, json_textn(text, len));
        text += len;
        text += *text == '\n';
    }
    return lines;
}
