/* SPDX-License-Identifier: MIT */
/*
 * What the benchmarks feed to everyone alike: one batch of bulk traffic, some
 * flows in turn.
 */
#ifndef GROVE_TOOLS_BENCH_TRAFFIC_H
#define GROVE_TOOLS_BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grove/table.h"

/* Packets of a batch, and the most that one with more flows has. */
#define TRAFFIC_BATCH 128
#define TRAFFIC_MOST  512

enum traffic_kind {
    TRAFFIC_TCP,  /* 1448 bytes of payload and the timestamps option */
    TRAFFIC_UDP,  /* 1200 bytes of payload, as QUIC has it */
    TRAFFIC_TCP6, /* the same over IPv6 */
    TRAFFIC_UDP6,
    TRAFFIC_VXLAN, /* TCP with 1398 bytes in VXLAN over IPv4, in Ethernet */
    TRAFFIC_KINDS
};

/* A batch. All of its packets are of the same length. */
struct traffic {
    enum traffic_kind kind;
    unsigned flows;
    unsigned packets; /* of the batch: TRAFFIC_BATCH, or as many as flows */
    size_t len;       /* of a packet, from its first byte on */
    size_t l4;        /* where its L4 header begins: the inner one in VXLAN */
    size_t payload;   /* where its payload begins */
    uint8_t *packet[TRAFFIC_MOST];
};

/* "tcp", "udp", "tcp6", "udp6" or "vxlan"; a static string. */
const char *traffic_name(enum traffic_kind kind);

/* Whether it is TCP, over either version of IP. */
bool traffic_is_tcp(enum traffic_kind kind);

/* Sets the link and the tunnels of a table for such packets. */
void traffic_configure(enum traffic_kind kind, struct grove_config *config);

/*
 * A batch of valid packets in one allocation, the flows in turn, each going on
 * as its sender would: sequence number and IP identification. `flows` is 1 to
 * TRAFFIC_MOST. NULL if there is no memory; release with free().
 */
struct traffic *traffic_new(enum traffic_kind kind, unsigned flows);

/* The fewest packets that a batch can be coalesced into. */
unsigned traffic_fewest(const struct traffic *traffic);

#endif
