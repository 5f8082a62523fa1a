/* SPDX-License-Identifier: MIT */
#include "spec_sentence.h"

#include <stdio.h>
#include <string.h>

#include "embedded.h"

/* How the line begins that defines a rule, in a table or in a list. */
static const char row[] = "\n| **";
static const char item[] = "\n- **";

/* What follows the id where the rule is defined; NULL if it is not. */
static const char *find(const char *begin, const char *id)
{
    char wanted[40];
    const char *found;

    snprintf(wanted, sizeof wanted, "%s%s**", begin, id);
    found = strstr(embedded_spec, wanted);
    return found == NULL ? NULL : found + strlen(wanted);
}

/* The first of two texts in `from`, or the end. */
static const char *either(const char *from, const char *a, const char *b)
{
    const char *at_a = strstr(from, a);
    const char *at_b = strstr(from, b);

    if (at_a == NULL || (at_b != NULL && at_b < at_a))
        at_a = at_b;
    return at_a == NULL ? from + strlen(from) : at_a;
}

const char *spec_sentence(const char *id, size_t *len)
{
    const char *text = find(row, id);
    const char *end = NULL;

    if (text != NULL) {
        text += strlen(" | ");
        end = either(text, " | ", "\n");
    } else {
        text = find(item, id);
        if (text == NULL)
            text = end = "";
        else
            end = either(text, "\n\n", "\n- ");
    }
    *len = (size_t)(end - text);
    return text;
}
