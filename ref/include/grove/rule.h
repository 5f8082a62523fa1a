/* SPDX-License-Identifier: MIT */
/*
 * The rules of SPEC.md as values. Each stands once, in rule.def; its id never
 * changes and is never used again.
 */
#ifndef GROVE_RULE_H
#define GROVE_RULE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum grove_rule {
    GROVE_RULE_NONE = 0,
#define GROVE_RULE(name, id, scope, words) GROVE_RULE_##name,
#include "grove/rule.def"
#undef GROVE_RULE
    GROVE_RULE_COUNT
};

/*
 * The rule's id as SPEC.md writes it ("GRO-TCP-006"), a static string; NULL for
 * GROVE_RULE_NONE and for a value that is no rule.
 */
const char *grove_rule_id(enum grove_rule rule);

/* What the rule says, in a few words; a static string, NULL as above. */
const char *grove_rule_words(enum grove_rule rule);

/*
 * Whether the kernel of the profile of this name has the rule. False for a
 * rule that is ours alone, and for a name that is no profile.
 */
bool grove_rule_in_kernel(enum grove_rule rule, const char *profile);

/* The rule with this id, or GROVE_RULE_NONE. */
enum grove_rule grove_rule_find(const char *id);

#ifdef __cplusplus
}
#endif

#endif
