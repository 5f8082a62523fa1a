/* SPDX-License-Identifier: MIT */
#include "rule.h"

#include <string.h>

#include "grove/profile.h"
#include "grove/table.h"

/*
 * Which kernels have a rule: those in which this column is not 0, or all, or
 * none. NOT() of a column is its complement.
 */
enum scope {
#define GROVE_COLUMN(type, name, known, rules, words) SCOPE_##name,
#include "profile.def"
    SCOPE_ANY,
    SCOPE_OURS
};
#define SCOPE_NOT(column) (~SCOPE_##column)

struct row {
    const char *id;
    const char *words;
    enum grove_rule rule;
    int scope;
};

/* In the order of SPEC.md; the first row is not a rule. */
static const struct row rows[] = {
    {NULL, NULL, GROVE_RULE_NONE, SCOPE_OURS},
#define GROVE_RULE(name, number, id, scope, words)                             \
    {id, words, GROVE_RULE_##name, SCOPE_##scope},
#include "grove/rule.def"
#undef GROVE_RULE
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* The places of the rules in `rows`, and one for what is not a rule. */
enum place {
    PLACE_NONE = 0,
#define GROVE_RULE(name, number, id, scope, words) PLACE_##name,
#include "grove/rule.def"
#undef GROVE_RULE
};

static enum place place_of(enum grove_rule rule)
{
    switch (rule) {
#define GROVE_RULE(name, number, id, scope, words)                             \
    case GROVE_RULE_##name:                                                    \
        return PLACE_##name;
#include "grove/rule.def"
#undef GROVE_RULE
    case GROVE_RULE_NONE:
        break;
    }
    return PLACE_NONE;
}

static const struct row *row_of(enum grove_rule rule)
{
    return &rows[place_of(rule)];
}

const char *grove_rule_id(enum grove_rule rule)
{
    return row_of(rule)->id;
}

const char *grove_rule_words(enum grove_rule rule)
{
    return row_of(rule)->words;
}

enum grove_rule grove_rule_find(const char *id)
{
    for (int place = PLACE_NONE + 1; place < ROWS; place++) {
        if (strcmp(rows[place].id, id) == 0)
            return rows[place].rule;
    }
    return GROVE_RULE_NONE;
}

enum grove_rule grove_rule_next(enum grove_rule rule)
{
    const struct row *row = row_of(rule);
    const bool last = row == &rows[ROWS - 1];

    if (last || row->rule != rule)
        return GROVE_RULE_NONE;
    return row[1].rule;
}

size_t grove_rule_limit(void)
{
    return RULE_LIMIT;
}

static bool has(const struct grove_profile *profile, int scope)
{
    if (scope == SCOPE_ANY || scope == SCOPE_OURS)
        return scope == SCOPE_ANY;
    return scope < 0 ? profile->values[~scope] == 0
                     : profile->values[scope] != 0;
}

enum grove_error grove_rule_in_kernel(enum grove_rule rule, const char *profile,
                                      bool *in_kernel)
{
    struct grove_profile row;
    const enum grove_error error = grove_profile_values(profile, &row);

    if (error == GROVE_OK)
        *in_kernel = has(&row, row_of(rule)->scope);
    return error;
}
