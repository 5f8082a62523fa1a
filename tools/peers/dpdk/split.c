/* SPDX-License-Identifier: MIT */
/*
 * rte_gso has no virtio header: its caller describes the packet, and a device
 * writes the checksums of the segments. This file does both.
 */
#include <rte_ethdev.h>
#include <rte_gso.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "peer.h"

/* The header as its caller must see it in the packet itself. */
static bool is_described(struct rte_mbuf *mbuf, const struct grove_vnet *vnet)
{
    const struct rte_ipv4_hdr *ip = frame_ip4(mbuf);
    const struct rte_tcp_hdr *tcp =
        (const void *)((const uint8_t *)ip + mbuf->l3_len);

    return (vnet->flags & GROVE_VNET_F_NEEDS_CSUM) != 0 &&
           vnet->hdr_len <= mbuf->l3_len + mbuf->l4_len &&
           vnet->csum_start == mbuf->l3_len &&
           vnet->csum_offset == offsetof(struct rte_tcp_hdr, cksum) &&
           rte_be_to_cpu_16(ip->total_length) ==
               mbuf->pkt_len - RTE_ETHER_HDR_LEN &&
           tcp->cksum == rte_ipv4_phdr_cksum(ip, 0);
}

/* NULL, or why DPDK's caller does not ask for this. */
static const char *cannot(const struct run_input *input,
                          struct grove_vnet *vnet)
{
    *vnet = (struct grove_vnet){0};
    if (input->has_vnet)
        grove_vnet_load(vnet, input->vnet);
    if ((vnet->gso_type & ~GROVE_VNET_GSO_ECN) != GROVE_VNET_GSO_TCPV4)
        return "it splits TCP over IPv4; its UDP type makes IP fragments";
    if (vnet->gso_size == 0 || vnet->gso_size > FRAME_MOST)
        return "its caller asks for no such length of segments";
    return input->len > FRAME_MOST ? "its mbufs have no room for such a packet"
                                   : NULL;
}

/* As a device writes them. */
static void write_checksums(uint8_t *packet, const struct rte_mbuf *mbuf)
{
    struct rte_ipv4_hdr *ip = (void *)packet;
    struct rte_tcp_hdr *tcp = (void *)(packet + mbuf->l3_len);

    ip->hdr_checksum = 0;
    ip->hdr_checksum = rte_ipv4_cksum(ip);
    tcp->cksum = 0;
    tcp->cksum = rte_ipv4_udptcp_cksum(ip, tcp);
}

static void add_segments(struct answer *answer, const struct rte_mbuf *packet,
                         struct rte_mbuf **segments, size_t count)
{
    struct run_output *output =
        arena_alloc(&answer->arena, count, sizeof *output);

    for (size_t i = 0; i < count; i++) {
        output[i] = frame_output(segments[i], &answer->arena);
        write_checksums((uint8_t *)(uintptr_t)output[i].packet, packet);
    }
    answer->output = output;
    answer->outputs = count;
}

static void segment(const struct frames *frames, struct rte_mbuf *mbuf,
                    uint16_t gso_size, struct answer *answer)
{
    static struct rte_mbuf *segments[FRAME_SEGMENTS];
    const struct rte_gso_ctx context = {
        .direct_pool = frames->headers,
        .indirect_pool = frames->payloads,
        .gso_types = RTE_ETH_TX_OFFLOAD_TCP_TSO,
        .gso_size = (uint16_t)(frame_headers(mbuf) + gso_size),
    };
    int count;

    mbuf->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4;
    count = rte_gso_segment(mbuf, &context, segments, FRAME_SEGMENTS);
    if (count < 0) {
        answer_fail(answer, ANSWER_REJECTED, "EINVAL");
        return;
    }
    if (count == 0) {
        answer_fail(answer, ANSWER_SKIPPED, "it needs no split there");
        return;
    }
    add_segments(answer, mbuf, segments, (size_t)count);
    rte_pktmbuf_free_bulk(segments, (unsigned)count);
}

void peer_split(const struct frames *frames, const struct run_input *input,
                struct answer *answer)
{
    struct grove_vnet vnet;
    const char *why = cannot(input, &vnet);
    struct rte_mbuf *mbuf;

    if (why != NULL) {
        answer_fail(answer, ANSWER_SKIPPED, "%s", why);
        return;
    }
    mbuf = frame_new(frames, input);
    if (mbuf == NULL)
        abort(); /* only this one is in use */
    if (frame_is_tcp4(mbuf) && frame_headers(mbuf) <= mbuf->pkt_len &&
        is_described(mbuf, &vnet))
        segment(frames, mbuf, vnet.gso_size, answer);
    else
        answer_fail(answer, ANSWER_SKIPPED,
                    "its caller reads the headers, and gives it no such ones");
    rte_pktmbuf_free(mbuf);
}
