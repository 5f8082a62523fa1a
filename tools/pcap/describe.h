/* SPDX-License-Identifier: MIT */
/* What a person wants to know of a packet at a glance. */
#ifndef GROVE_TOOLS_DESCRIBE_H
#define GROVE_TOOLS_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum traffic {
    TRAFFIC_TCP4,
    TRAFFIC_TCP6,
    TRAFFIC_UDP4,
    TRAFFIC_UDP6,
    TRAFFIC_OTHER,
    TRAFFIC_COUNT
};

/* "TCP/IPv4", and "tcp4" for JSON; static strings. */
const char *traffic_words(enum traffic traffic);
const char *traffic_key(enum traffic traffic);

/* An address and a port: "[2001:db8::1]:80". */
#define ENDPOINT_LEN 56

/* Fields that the packet does not have are empty or 0. */
struct description {
    enum traffic traffic;
    char protocol[16]; /* "TCP", "UDP", "ICMPv6", "proto 132" */
    char from[ENDPOINT_LEN];
    char to[ENDPOINT_LEN];
    bool has_tcp;
    char flags[10]; /* "SA", "PA.": letters of FSRPUEC, A last */
    uint32_t sequence;
    uint32_t payload; /* bytes of TCP or UDP payload */
};

void describe(const uint8_t *packet, size_t len,
              struct description *description);

/* Packets that went in, and what left, by protocol. */
struct tally {
    uint64_t in[TRAFFIC_COUNT];
    uint64_t out[TRAFFIC_COUNT];
};

/* A small table of it, two spaces before each line. */
void tally_print(FILE *stream, const struct tally *tally);

#endif
