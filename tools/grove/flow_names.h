/* SPDX-License-Identifier: MIT */
/* The flows of a capture, numbered in the order in which they begin. */
#ifndef GROVE_TOOLS_FLOW_NAMES_H
#define GROVE_TOOLS_FLOW_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "describe.h"

/* What tells flows apart, for a person. */
struct flow_name {
    char interface[40];
    char protocol[16];
    char from[ENDPOINT_LEN];
    char to[ENDPOINT_LEN];
};

/* All zero has no flows. The program ends if memory runs out. */
struct flow_names {
    struct flow_name *at;
    size_t count;
    size_t room;
    uint32_t *slots; /* a hash map: numbers of flows plus one, 0: empty */
    size_t slot_count;
};

/*
 * The number of the packet's flow, which is new if no packet had it before. The
 * name of its interface is "" if there is only one.
 */
uint32_t flow_names_add(struct flow_names *names, const char *interface,
                        const struct description *packet);

void flow_names_free(struct flow_names *names);

#endif
