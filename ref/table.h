/* SPDX-License-Identifier: MIT */
/* What a table consists of; made by setup.c, used by table.c. */
#ifndef GROVE_TABLE_PRIVATE_H
#define GROVE_TABLE_PRIVATE_H

#include "apply.h"
#include "find.h"
#include "packet.h"

struct grove_table {
    struct policy policy;
    struct flows flows;
    struct outputs outputs;
    uint64_t counts[GROVE_RULE_COUNT];
};

#endif
