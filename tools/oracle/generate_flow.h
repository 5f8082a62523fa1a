/* SPDX-License-Identifier: MIT */
/* Flows whose packets follow each other as Linux wants them, or nearly so. */
#ifndef GROVE_TOOLS_GENERATE_FLOW_H
#define GROVE_TOOLS_GENERATE_FLOW_H

#include "dice.h"
#include "draft.h"

struct flow {
    struct draft_fields next; /* the packet that would merge */
    uint32_t size;            /* payload of a full segment */
    uint32_t total;           /* about what is held: L3 bytes */
};

/* A flow of its own. */
void flow_begin(struct dice *dice, struct flow *flow);

/* A flow that differs from `flow` in one field of its key. */
void flow_vary(struct dice *dice, struct flow *flow);

/* The flow goes on after a packet of these fields, `len` bytes in all. */
void flow_advance(struct flow *flow, const struct draft_fields *sent,
                  uint32_t len);

/* Makes one field of the flow's next packet wrong, by what a rule reads. */
void flow_spoil(struct dice *dice, const struct flow *flow,
                struct draft_fields *fields);

#endif
