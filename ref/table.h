/* SPDX-License-Identifier: MIT */
/* What a table consists of; made by setup.c, used by receive.c and table.c. */
#ifndef GROVE_TABLE_PRIVATE_H
#define GROVE_TABLE_PRIVATE_H

#include "flows.h"
#include "outputs.h"
#include "policy.h"
#include "rule.h"

struct grove_table {
    struct policy policy;
    struct flows flows;
    struct outputs outputs;
    uint64_t counts[RULE_LIMIT];
};

#endif
