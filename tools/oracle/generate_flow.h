/* SPDX-License-Identifier: MIT */
/* Flows whose packets would be coalesced, or nearly so. */
#ifndef GROVE_TOOLS_GENERATE_FLOW_H
#define GROVE_TOOLS_GENERATE_FLOW_H

#include "dice.h"
#include "draft.h"

struct flow {
    struct draft_fields next; /* the packet that would merge next */
    uint32_t size;            /* payload bytes of a full segment */
    uint32_t limit;           /* L3 bytes of a super-packet */
    uint32_t total;           /* L3 bytes that are held, approximately */
};

/* A new flow. */
void flow_begin(struct dice *dice, struct flow *flow);

/* A flow that differs from `flow` in one field of its key. */
void flow_vary(struct dice *dice, struct flow *flow);

/* The flow continues after a packet with these fields and `len` bytes. */
void flow_advance(struct flow *flow, const struct draft_fields *sent,
                  uint32_t len);

/* Makes one field wrong in the flow's next packet, which some rule reads. */
void flow_spoil(struct dice *dice, const struct flow *flow,
                struct draft_fields *fields);

#endif
