/* SPDX-License-Identifier: MIT */
/* The data that grove explain prints, and the ways to print it. */
#ifndef GROVE_TOOLS_EXPLAIN_H
#define GROVE_TOOLS_EXPLAIN_H

#include "capture.h"
#include "describe.h"
#include "grove/table.h"
#include "hints.h"

struct explained_packet {
    const struct timed_packet *packet;
    const struct description *description;
    struct grove_fate fate;
    enum deviation deviation; /* kernels treat it in another way */
    const char *interface;    /* its name; "" if there is only one */
};

/* An output of packets that were held. */
struct explained_output {
    const uint64_t *frames; /* frame numbers of its packets, in payload order */
    size_t packets;
    size_t len; /* bytes from the IP header on */
    struct grove_vnet vnet;
    const struct iovec *iov; /* its bytes; [0] is the virtio_net_hdr */
    int iovcnt;
    enum grove_rule rule; /* the rule that made it leave */
};

struct explained_end {
    const char *capture; /* its path */
    const char *profile; /* its name */
    const struct frame_counts *counts;
    uint64_t polls;
    const struct tally *tally;
    const struct hints *hints;
    const struct grove_table *table; /* it has counted the rules */
};

/* A way to print. A packet comes before the outputs that it made leave. */
struct explain_view {
    /* The packets of a poll, before any of them is printed. */
    void (*poll_begin)(const struct description *descriptions, size_t count);
    void (*packet)(const struct explained_packet *packet);
    void (*output)(const struct explained_output *output);
    /*
     * A frame without a packet, right after it was read: packets before it may
     * come later. `interface` is as of struct explained_packet. Or NULL.
     */
    void (*left_out)(const struct left_out_frame *frame, const char *interface);
    void (*poll_end)(uint64_t number);
    void (*end)(const struct explained_end *end);
    /*
     * Of a view that writes a file, else NULL. open() comes before all others.
     * close() comes last: it puts the file in its place, or forgets it unless
     * `keep`. Both return false if they fail, after a message.
     */
    bool (*open)(const char *path);
    bool (*close)(bool keep);
};

extern const struct explain_view explain_text;

/* A JSON object a line; its field "type" is the name of the function above. */
extern const struct explain_view explain_json;

/* A page with a picture of the flows, which needs nothing else. */
extern const struct explain_view explain_html;

/* All frames with comments, and the super-packets, as pcapng. */
extern const struct explain_view explain_pcapng;

#endif
