/* SPDX-License-Identifier: MIT */
/* Packets as DPDK has them: mbufs that begin with an Ethernet header. */
#ifndef GROVE_PEERS_DPDK_FRAME_H
#define GROVE_PEERS_DPDK_FRAME_H

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "run.h"

/* The longest packet of one mbuf. */
#define FRAME_MOST (UINT16_MAX - RTE_PKTMBUF_HEADROOM - RTE_ETHER_HDR_LEN)

/* Packets of one call of DPDK. */
enum { FRAME_BURST = 128 };

/* Segments of one packet that there is room for: each byte may be one. */
enum { FRAME_SEGMENTS = FRAME_MOST };

struct frames {
    struct rte_mempool *whole;    /* for packets of FRAME_MOST bytes */
    struct rte_mempool *headers;  /* for the headers of segments */
    struct rte_mempool *payloads; /* for mbufs without a buffer */
};

/* Starts DPDK without huge pages and devices. False: it does not start. */
bool frames_start(struct frames *frames);

/*
 * An mbuf with the packet, described as a driver describes it; the caller frees
 * it. NULL: there is none left.
 */
struct rte_mbuf *frame_new(const struct frames *frames,
                           const struct run_input *input);

/* The length of all of its headers. */
uint32_t frame_headers(const struct rte_mbuf *mbuf);

/* Whether it is TCP over IPv4. */
bool frame_is_tcp4(const struct rte_mbuf *mbuf);

/* Its IPv4 header. */
struct rte_ipv4_hdr *frame_ip4(struct rte_mbuf *mbuf);

/* Copies the bytes behind the Ethernet header into the arena. */
struct run_output frame_output(struct rte_mbuf *mbuf, struct arena *arena);

#endif
