/* SPDX-License-Identifier: MIT */
#include "grove/rule.h"

#include <stddef.h>
#include <string.h>

#include "profile.h"

enum scope {
    L6_1 = PROFILE_6_1,
    L6_12 = PROFILE_6_12,
    L6_18 = PROFILE_6_18,
    L7_2 = PROFILE_7_2,
    ANY = L6_1 | L6_12 | L6_18 | L7_2,
    OURS = 0
};

struct row {
    const char *id;
    const char *words;
    int scope;
};

static const struct row rows[GROVE_RULE_COUNT] = {
#define GROVE_RULE(name, id, scope, words)                                     \
    [GROVE_RULE_##name] = {id, words, scope},
#include "grove/rule.def"
#undef GROVE_RULE
};

static const struct row *row_of(enum grove_rule rule)
{
    static const struct row none = {NULL, NULL, 0};

    return (unsigned)rule < GROVE_RULE_COUNT ? &rows[rule] : &none;
}

const char *grove_rule_id(enum grove_rule rule)
{
    return row_of(rule)->id;
}

const char *grove_rule_words(enum grove_rule rule)
{
    return row_of(rule)->words;
}

bool grove_rule_in_kernel(enum grove_rule rule, const char *profile)
{
    const struct profile *row = profile == NULL ? NULL : profile_find(profile);

    return row != NULL && (row_of(rule)->scope & (int)row->bit) != 0;
}

enum grove_rule grove_rule_find(const char *id)
{
    for (int rule = GROVE_RULE_NONE + 1; rule < GROVE_RULE_COUNT; rule++) {
        if (strcmp(rows[rule].id, id) == 0)
            return (enum grove_rule)rule;
    }
    return GROVE_RULE_NONE;
}
