/* SPDX-License-Identifier: MIT */
/* The size of an array that is indexed by rule. */
#ifndef GROVE_RULE_PRIVATE_H
#define GROVE_RULE_PRIVATE_H

#include <stdbool.h>

#include "grove/rule.h"

/* Each member has one byte more than its rule's number. */
union rule_numbers {
#define GROVE_RULE(name, number, id, scope, words) char name[(number) + 1];
#include "grove/rule.def"
#undef GROVE_RULE
};

/* One more than the greatest number of a rule. */
enum { RULE_LIMIT = sizeof(union rule_numbers) };

/* Whether such an array has an element for it. */
static inline bool rule_is_valid(enum grove_rule rule)
{
    return (unsigned)rule < RULE_LIMIT;
}

#endif
