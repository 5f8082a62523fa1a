/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <rte_eal.h>
#include <rte_ip.h>
#include <rte_net.h>
#include <string.h>

/* The packets of a burst and what they are copied into. */
enum { WHOLE = 2 * FRAME_BURST };

static bool start_eal(void)
{
    static char words[][24] = {"grove-peer-dpdk",
                               "--no-huge",
                               "--no-pci",
                               "--no-shconf",
                               "-m",
                               "128",
                               "--no-telemetry",
                               "--log-level=error"};
    const unsigned count = sizeof words / sizeof words[0];
    char *arguments[sizeof words / sizeof words[0] + 1] = {NULL};

    for (unsigned i = 0; i < count; i++)
        arguments[i] = words[i];
    return rte_eal_init((int)count, arguments) >= 0;
}

bool frames_start(struct frames *frames)
{
    if (!start_eal())
        return false;
    frames->whole = rte_pktmbuf_pool_create("whole", WHOLE, 0, 0, UINT16_MAX,
                                            SOCKET_ID_ANY);
    frames->headers =
        rte_pktmbuf_pool_create("headers", FRAME_SEGMENTS, 0, 0,
                                RTE_PKTMBUF_HEADROOM + 256, SOCKET_ID_ANY);
    frames->payloads = rte_pktmbuf_pool_create("payloads", FRAME_SEGMENTS, 0, 0,
                                               0, SOCKET_ID_ANY);
    return frames->whole != NULL && frames->headers != NULL &&
           frames->payloads != NULL;
}

static uint16_t ether_type(const struct run_input *input)
{
    const unsigned version = input->len > 0 ? input->packet[0] >> 4 : 0;

    if (version == 4)
        return RTE_ETHER_TYPE_IPV4;
    return version == 6 ? RTE_ETHER_TYPE_IPV6 : 0;
}

static void describe(struct rte_mbuf *mbuf)
{
    struct rte_net_hdr_lens lens = {0};

    mbuf->packet_type = rte_net_get_ptype(mbuf, &lens, RTE_PTYPE_ALL_MASK);
    mbuf->tx_offload = rte_mbuf_tx_offload(RTE_ETHER_HDR_LEN, lens.l3_len,
                                           lens.l4_len, 0, 0, 0, 0);
}

struct rte_mbuf *frame_new(const struct frames *frames,
                           const struct run_input *input)
{
    struct rte_mbuf *mbuf = rte_pktmbuf_alloc(frames->whole);
    const struct rte_ether_hdr ether = {
        .ether_type = rte_cpu_to_be_16(ether_type(input))};
    char *at;

    if (mbuf == NULL)
        return NULL;
    at = rte_pktmbuf_append(mbuf, (uint16_t)(sizeof ether + input->len));
    memcpy(at, &ether, sizeof ether);
    memcpy(at + sizeof ether, input->packet, input->len);
    describe(mbuf);
    return mbuf;
}

uint32_t frame_headers(const struct rte_mbuf *mbuf)
{
    return (uint32_t)mbuf->l2_len + (uint32_t)mbuf->l3_len +
           (uint32_t)mbuf->l4_len;
}

bool frame_is_tcp4(const struct rte_mbuf *mbuf)
{
    const unsigned type = mbuf->packet_type;

    return RTE_ETH_IS_IPV4_HDR(type) &&
           (type & RTE_PTYPE_L4_MASK) == RTE_PTYPE_L4_TCP;
}

struct rte_ipv4_hdr *frame_ip4(struct rte_mbuf *mbuf)
{
    return rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *,
                                   RTE_ETHER_HDR_LEN);
}

struct run_output frame_output(struct rte_mbuf *mbuf, struct arena *arena)
{
    const uint32_t len = mbuf->pkt_len - RTE_ETHER_HDR_LEN;
    uint8_t *copy = arena_alloc(arena, len, 1);
    const void *bytes = rte_pktmbuf_read(mbuf, RTE_ETHER_HDR_LEN, len, copy);

    if (bytes != copy && len != 0)
        memcpy(copy, bytes, len);
    return (struct run_output){.packet = copy, .len = len};
}
