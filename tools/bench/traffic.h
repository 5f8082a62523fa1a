/* SPDX-License-Identifier: MIT */
/*
 * What the benchmarks feed to everyone alike: one batch of bulk traffic over
 * IPv4, some flows in turn.
 */
#ifndef GROVE_TOOLS_BENCH_TRAFFIC_H
#define GROVE_TOOLS_BENCH_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

/* Packets of a batch. */
#define TRAFFIC_BATCH 128

enum traffic_kind {
    TRAFFIC_TCP, /* 1448 bytes of payload and the timestamps option */
    TRAFFIC_UDP, /* 1200 bytes of payload, as QUIC has it */
    TRAFFIC_KINDS
};

/* A batch. All of its packets are of the same length. */
struct traffic {
    enum traffic_kind kind;
    unsigned flows;
    size_t len;     /* of a packet, from its IP header on */
    size_t l4;      /* where its L4 header begins */
    size_t payload; /* where its payload begins */
    uint8_t *packet[TRAFFIC_BATCH];
};

/* "tcp" or "udp"; a static string. */
const char *traffic_name(enum traffic_kind kind);

/*
 * A batch of valid packets in one allocation, the flows in turn, each going on
 * as its sender would: sequence number and IP identification. `flows` is 1 to
 * TRAFFIC_BATCH. NULL if there is no memory; release with free().
 */
struct traffic *traffic_new(enum traffic_kind kind, unsigned flows);

/* The fewest packets that a batch can be coalesced into. */
unsigned traffic_fewest(const struct traffic *traffic);

#endif
