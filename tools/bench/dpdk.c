/* SPDX-License-Identifier: MIT */
/*
 * grove-bench-dpdk: DPDK's rte_gro_reassemble_burst() on the traffic of
 * `grove bench`, which starts this program and asks it one measure a line:
 *
 *     > tcp 64 400
 *     <
 * {"kind":"tcp","flows":64,"batches":400,"ns_per_packet":12.5,"outputs":64}
 *
 * 64 flows, the batch coalesced 400 times. It has no part for UDP: its
 * UDP/IPv4 type puts IP fragments together and merges no datagrams, and
 * `outputs` shows that.
 *
 * Coalescing changes mbufs and headers, so that both are put back before each
 * burst, outside of the time that is measured: the time-stamp counter is read
 * before and after each call, and what two readings cost is taken off.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ether.h>
#include <rte_gro.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_vxlan.h>

#include "bench/traffic.h"

/* Bursts that are not counted, before those that are. */
#define WARM_UP 20

/* The traffic as DPDK wants it: behind an Ethernet header, in mbufs. */
struct batch {
    const struct traffic *traffic;
    struct rte_mbuf *mbuf[TRAFFIC_BATCH];
    struct rte_gro_param param;
};

/* Without huge pages, devices or files, on the CPU that it was started on. */
static bool start_eal(void)
{
    static char words[][20] = {"grove-bench-dpdk",
                               "--no-huge",
                               "--no-pci",
                               "--no-shconf",
                               "-m",
                               "32",
                               "--no-telemetry",
                               "--log-level=error"};
    const unsigned count = sizeof words / sizeof words[0];
    char *arguments[sizeof words / sizeof words[0] + 1] = {NULL};

    for (unsigned i = 0; i < count; i++)
        arguments[i] = words[i];
    return rte_eal_init((int)count, arguments) >= 0;
}

/* The length of the Ethernet header that the traffic does not have. */
static size_t link_len(const struct traffic *traffic)
{
    return traffic->kind == TRAFFIC_VXLAN ? 0 : RTE_ETHER_HDR_LEN;
}

/* Writes the headers, the payload too if `all`, as they were. */
static void restore(const struct traffic *traffic, unsigned index,
                    struct rte_mbuf *mbuf, bool all)
{
    const size_t link = link_len(traffic);
    uint16_t len = (uint16_t)(link + traffic->len);
    char *data;

    mbuf->data_off = RTE_PKTMBUF_HEADROOM;
    mbuf->data_len = len;
    mbuf->pkt_len = len;
    mbuf->nb_segs = 1;
    mbuf->next = NULL;
    data = rte_pktmbuf_mtod(mbuf, char *);
    memcpy(data + link, traffic->packet[index],
           all ? traffic->len : traffic->payload);
}

/* What a driver says about a packet in VXLAN. */
static void describe_vxlan(const struct traffic *traffic, struct rte_mbuf *mbuf)
{
    const size_t l3 = sizeof(struct rte_ipv4_hdr);

    mbuf->packet_type = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 |
                        RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_VXLAN |
                        RTE_PTYPE_INNER_L2_ETHER | RTE_PTYPE_INNER_L3_IPV4 |
                        RTE_PTYPE_INNER_L4_TCP;
    mbuf->tx_offload = rte_mbuf_tx_offload(
        RTE_ETHER_VXLAN_HLEN + RTE_ETHER_HDR_LEN, l3,
        traffic->payload - traffic->l4, 0, l3, RTE_ETHER_HDR_LEN, 0);
}

/* The same of another one. Coalescing does not change it. */
static void describe(const struct traffic *traffic, struct rte_mbuf *mbuf)
{
    bool tcp = traffic->kind == TRAFFIC_TCP;
    char *ether = rte_pktmbuf_mtod(mbuf, char *);

    memset(ether, 2, 2UL * RTE_ETHER_ADDR_LEN);
    ether[12] = RTE_ETHER_TYPE_IPV4 >> 8;
    ether[13] = RTE_ETHER_TYPE_IPV4 & 0xff;
    mbuf->packet_type = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 |
                        (tcp ? RTE_PTYPE_L4_TCP : RTE_PTYPE_L4_UDP);
    mbuf->tx_offload =
        rte_mbuf_tx_offload(RTE_ETHER_HDR_LEN, traffic->l4,
                            traffic->payload - traffic->l4, 0, 0, 0, 0);
}

static uint64_t types_of(enum traffic_kind kind)
{
    if (kind == TRAFFIC_VXLAN)
        return RTE_GRO_IPV4_VXLAN_TCP_IPV4;
    return kind == TRAFFIC_TCP ? RTE_GRO_TCP_IPV4 : RTE_GRO_UDP_IPV4;
}

static void load(struct batch *batch, const struct traffic *traffic)
{
    batch->traffic = traffic;
    batch->param.gro_types = types_of(traffic->kind);
    batch->param.max_flow_num = TRAFFIC_BATCH;
    batch->param.max_item_per_flow = TRAFFIC_BATCH;
    for (unsigned i = 0; i < TRAFFIC_BATCH; i++) {
        restore(traffic, i, batch->mbuf[i], true);
        if (traffic->kind == TRAFFIC_VXLAN)
            describe_vxlan(traffic, batch->mbuf[i]);
        else
            describe(traffic, batch->mbuf[i]);
    }
}

/* Coalesces the batch once; gives the cycles that took. */
static uint64_t burst(struct batch *batch, unsigned *outputs)
{
    struct rte_mbuf *packets[TRAFFIC_BATCH];
    uint64_t start;

    for (unsigned i = 0; i < TRAFFIC_BATCH; i++) {
        restore(batch->traffic, i, batch->mbuf[i], false);
        packets[i] = batch->mbuf[i];
    }
    start = rte_rdtsc_precise();
    *outputs = rte_gro_reassemble_burst(packets, TRAFFIC_BATCH, &batch->param);
    return rte_rdtsc_precise() - start;
}

/* What two readings of the counter cost: the least of many. */
static uint64_t reading_cost(void)
{
    uint64_t least = UINT64_MAX;

    for (unsigned i = 0; i < 1000; i++) {
        uint64_t start = rte_rdtsc_precise();
        uint64_t cycles = rte_rdtsc_precise() - start;

        if (cycles < least)
            least = cycles;
    }
    return least;
}

static void measure(struct batch *batch, unsigned batches)
{
    uint64_t cost = reading_cost();
    uint64_t cycles = 0;
    unsigned outputs = 0;
    double ns;

    for (unsigned i = 0; i < WARM_UP; i++)
        burst(batch, &outputs);
    for (unsigned i = 0; i < batches; i++)
        cycles += burst(batch, &outputs) - cost;
    ns = (double)cycles * 1e9 / (double)rte_get_tsc_hz();
    printf("{\"kind\":\"%s\",\"flows\":%u,\"batches\":%u,"
           "\"ns_per_packet\":%.3f,\"outputs\":%u}\n",
           traffic_name(batch->traffic->kind), batch->traffic->flows, batches,
           ns / batches / TRAFFIC_BATCH, outputs);
    fflush(stdout);
}

/* Answers one line. False if it is not a question. */
static bool answer(struct batch *batch, const char *line)
{
    char name[6];
    unsigned flows;
    unsigned batches;
    int kind = 0;
    struct traffic *traffic;

    /* NOLINTNEXTLINE(cert-err34-c): grove bench wrote the line */
    if (sscanf(line, "%5s %u %u", name, &flows, &batches) != 3)
        return false;
    while (kind < TRAFFIC_KINDS &&
           strcmp(traffic_name((enum traffic_kind)kind), name) != 0)
        kind++;
    if (kind == TRAFFIC_KINDS || flows < 1 || flows > TRAFFIC_BATCH ||
        batches < 1)
        return false;
    traffic = traffic_new((enum traffic_kind)kind, flows);
    if (traffic == NULL)
        return false;
    load(batch, traffic);
    measure(batch, batches);
    free(traffic);
    return true;
}

int main(void)
{
    static struct batch batch;
    char line[64];
    struct rte_mempool *pool;

    if (!start_eal()) {
        fputs("grove-bench-dpdk: DPDK does not start here\n", stderr);
        return EXIT_FAILURE;
    }
    pool = rte_pktmbuf_pool_create("packets", TRAFFIC_BATCH, 0, 0,
                                   RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (pool == NULL ||
        rte_pktmbuf_alloc_bulk(pool, batch.mbuf, TRAFFIC_BATCH) != 0) {
        fputs("grove-bench-dpdk: no memory for the packets\n", stderr);
        return EXIT_FAILURE;
    }
    while (fgets(line, sizeof line, stdin) != NULL)
        if (!answer(&batch, line)) {
            fprintf(
                stderr,
                "grove-bench-dpdk: expected \"tcp|udp|vxlan FLOWS BATCHES\", "
                "got: %s",
                line);
            return 2;
        }
    rte_mempool_free(pool);
    rte_eal_cleanup();
    return EXIT_SUCCESS;
}
