/* SPDX-License-Identifier: MIT */
/*
 * rte_gro verifies no checksum and writes none, and its super-packets are
 * chains of mbufs without a gso_size. Its documentation leaves that to the
 * caller, so this file does what it says: it gives no packet with a wrong
 * checksum, and writes the checksums of what was merged. gso_size is the
 * payload of the first mbuf.
 */
#include <rte_gro.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <string.h>

#include "peer.h"
#include "sum.h"

struct burst {
    const struct frames *frames;
    struct answer *answer;
    struct run_output *output;
    struct rte_mbuf *of[FRAME_BURST]; /* the packets, in their order */
    size_t first;                     /* the number of the first one */
    uint16_t count;
};

static bool checksums_are_right(const struct run_input *input, bool trusted)
{
    return ip_checksum_is_right(input->packet, input->len) &&
           (trusted || l4_checksum_is_right(input->packet, input->len));
}

/* NULL, or why DPDK's caller does not give it this packet. */
static const char *cannot(const struct run_input *input)
{
    static const uint8_t none[GROVE_VNET_LEN];

    if (input->has_vnet && memcmp(input->vnet, none, sizeof none) != 0)
        return "its packets have no virtio header";
    if (input->len > FRAME_MOST)
        return "its mbufs have no room for such a packet";
    return NULL;
}

/* The payload of an mbuf of a chain. */
static uint32_t payload_of(const struct rte_mbuf *mbuf,
                           const struct rte_mbuf *head)
{
    return mbuf->data_len - (mbuf == head ? frame_headers(head) : 0);
}

/* Whether a gso_size gives the packets of the chain back. */
static bool is_even(const struct rte_mbuf *head)
{
    const uint32_t size = payload_of(head, head);

    for (const struct rte_mbuf *at = head->next; at != NULL; at = at->next)
        if (at->data_len > size || (at->data_len < size && at->next != NULL))
            return false;
    return true;
}

static const uint32_t *numbers_of(const struct burst *burst,
                                  const struct rte_mbuf *head)
{
    uint32_t *of =
        arena_alloc(&burst->answer->arena, head->nb_segs, sizeof *of);
    size_t count = 0;

    for (const struct rte_mbuf *at = head; at != NULL; at = at->next)
        for (uint16_t i = 0; i < burst->count; i++)
            if (burst->of[i] == at)
                of[count++] = (uint32_t)(burst->first + i);
    return of;
}

/* Writes what DPDK leaves to its caller. */
static struct grove_vnet complete(struct rte_mbuf *head)
{
    struct rte_ipv4_hdr *ip = frame_ip4(head);
    struct rte_tcp_hdr *tcp = (void *)((uint8_t *)ip + head->l3_len);

    ip->hdr_checksum = 0;
    ip->hdr_checksum = rte_ipv4_cksum(ip);
    tcp->cksum = rte_ipv4_phdr_cksum(ip, 0);
    return (struct grove_vnet){
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = GROVE_VNET_GSO_TCPV4,
        .gso_size = (uint16_t)payload_of(head, head),
        .csum_start = (uint16_t)head->l3_len,
        .csum_offset = offsetof(struct rte_tcp_hdr, cksum),
    };
}

static void add_output(struct burst *burst, struct rte_mbuf *head)
{
    struct answer *answer = burst->answer;
    struct run_output *output = &burst->output[answer->outputs++];
    struct grove_vnet vnet = {0};

    if (head->nb_segs > 1 && !is_even(head))
        answer_fail(answer, ANSWER_SKIPPED,
                    "it chains segments of lengths that no gso_size has");
    if (answer->kind == ANSWER_SKIPPED)
        return;
    if (head->nb_segs > 1)
        vnet = complete(head);
    *output = frame_output(head, &answer->arena);
    output->vnet = vnet;
    output->has_of = true;
    output->of = numbers_of(burst, head);
    output->ofs = head->nb_segs;
}

/* Ends a poll. */
static void reassemble(struct burst *burst)
{
    static const struct rte_gro_param param = {.gro_types = RTE_GRO_TCP_IPV4,
                                               .max_flow_num = FRAME_BURST,
                                               .max_item_per_flow =
                                                   FRAME_BURST};
    struct rte_mbuf *packets[FRAME_BURST];
    uint16_t left;

    memcpy(packets, burst->of, sizeof packets);
    left = rte_gro_reassemble_burst(packets, burst->count, &param);
    for (uint16_t i = 0; i < left; i++) {
        if (burst->answer->kind != ANSWER_SKIPPED)
            add_output(burst, packets[i]);
        rte_pktmbuf_free(packets[i]);
    }
    burst->first += burst->count;
    burst->count = 0;
}

/* DPDK removes the bytes behind the packet. */
static bool has_padding(struct rte_mbuf *mbuf)
{
    const uint32_t len = rte_be_to_cpu_16(frame_ip4(mbuf)->total_length);

    return len >= mbuf->l3_len && len < mbuf->pkt_len - mbuf->l2_len;
}

/* NULL, or why DPDK's caller does not give it TCP over IPv4 as this. */
static const char *cannot_tcp4(struct rte_mbuf *mbuf,
                               const struct run_input *input, bool trusted)
{
    if (has_padding(mbuf))
        return "it removes what follows a packet, as each receiver does";
    if (!checksums_are_right(input, trusted))
        return "its caller verifies checksums before";
    return NULL;
}

/* False: this question is skipped. */
static bool add_packet(struct burst *burst, const struct run *run,
                       const struct run_input *input)
{
    const char *why = cannot(input);
    struct rte_mbuf *mbuf;

    if (why == NULL) {
        if (burst->count == FRAME_BURST)
            reassemble(burst);
        mbuf = frame_new(burst->frames, input);
        if (mbuf == NULL)
            abort(); /* there are as many as a burst has */
        burst->of[burst->count++] = mbuf;
        if (frame_is_tcp4(mbuf))
            why = cannot_tcp4(mbuf, input, run->config.csum_trusted);
    }
    if (why != NULL)
        answer_fail(burst->answer, ANSWER_SKIPPED, "%s", why);
    return why == NULL;
}

void peer_coalesce(const struct frames *frames, const struct run *run,
                   struct answer *answer)
{
    struct burst burst = {.frames = frames, .answer = answer};
    bool asked = true;

    burst.output =
        arena_alloc(&answer->arena, run_packets(run) + 1, sizeof *burst.output);
    for (size_t i = 0; i < run->inputs && asked; i++) {
        if (run->input[i].flush)
            reassemble(&burst);
        else
            asked = add_packet(&burst, run, &run->input[i]);
        asked &= answer->kind != ANSWER_SKIPPED;
    }
    reassemble(&burst);
    answer->output = burst.output;
}
