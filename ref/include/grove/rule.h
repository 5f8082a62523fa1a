/* SPDX-License-Identifier: MIT */
/*
 * The rules of SPEC.md as values. Each stands once, in rule.def. Its number and
 * its id never change and are never used again. A later version of the library
 * may know more rules: an array that a program indexes by rule has
 * grove_rule_limit() elements.
 */
#ifndef GROVE_RULE_H
#define GROVE_RULE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum grove_rule {
#define GROVE_RULE(name, number, id, scope, words) GROVE_RULE_##name = (number),
#include "grove/rule.def"
#undef GROVE_RULE
    GROVE_RULE_NONE = 0
};

/*
 * The rule's id as SPEC.md writes it ("GRO-TCP-006"), a static string; NULL for
 * GROVE_RULE_NONE and for a value that is not a rule.
 */
const char *grove_rule_id(enum grove_rule rule);

/* What the rule says, in a few words; a static string, NULL as above. */
const char *grove_rule_words(enum grove_rule rule);

/* The rule with this id, or GROVE_RULE_NONE. */
enum grove_rule grove_rule_find(const char *id);

/*
 * The next rule in the order of SPEC.md: the first one after GROVE_RULE_NONE,
 * GROVE_RULE_NONE after the last one and after a value that is not a rule.
 */
enum grove_rule grove_rule_next(enum grove_rule rule);

/* One more than the greatest number of a rule. */
size_t grove_rule_limit(void);

#ifdef __cplusplus
}
#endif

#endif
