/* SPDX-License-Identifier: MIT */
/* What grove explain tells, and the two ways to print it. */
#ifndef GROVE_TOOLS_EXPLAIN_H
#define GROVE_TOOLS_EXPLAIN_H

#include "capture.h"
#include "describe.h"
#include "grove/table.h"

struct explained_packet {
    const struct timed_packet *packet;
    const struct description *description;
    struct grove_fate fate;
};

/* A packet that was held and has left. */
struct explained_output {
    const uint64_t *frames; /* of the packets inside, in payload order */
    size_t packets;
    size_t len; /* bytes from the IP header on */
    struct grove_vnet vnet;
    enum grove_rule rule; /* why it left */
};

struct explained_end {
    const struct frame_counts *counts;
    uint64_t polls;
    const struct tally *tally;
    const uint64_t *rules; /* GROVE_RULE_COUNT numbers */
};

/* A way to print. `packet` is told before the outputs that it made leave. */
struct explain_view {
    /* A poll's packets, before anything is told of them. */
    void (*poll_begin)(const struct description *descriptions, size_t count);
    void (*packet)(const struct explained_packet *packet);
    void (*output)(const struct explained_output *output);
    void (*poll_end)(uint64_t number);
    void (*end)(const struct explained_end *end);
};

extern const struct explain_view explain_text;

/* A JSON object a line; its field "type" is the name of the function above. */
extern const struct explain_view explain_json;

#endif
