/* SPDX-License-Identifier: MIT */
#include "speed.h"

#include <jansson.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_gro.h>
#include <rte_gso.h>
#include <stdio.h>
#include <string.h>

#include "hex.h"

/* Batches that are not measured, before those that are. */
enum { WARM_UP = 20 };

/* What is measured: a batch to coalesce, or a super-packet to split. */
struct order {
    const struct frames *frames;
    struct arena arena;
    struct run_input packet[FRAME_BURST];
    uint16_t packets;
    uint16_t gso_size;
    bool splits;
    unsigned batches;
};

/* Gives the cycles that it took. */
static uint64_t coalesce(const struct order *order, unsigned *outputs)
{
    static const struct rte_gro_param param = {.gro_types = RTE_GRO_TCP_IPV4,
                                               .max_flow_num = FRAME_BURST,
                                               .max_item_per_flow =
                                                   FRAME_BURST};
    struct rte_mbuf *burst[FRAME_BURST];
    uint64_t start;
    uint64_t cycles;

    for (uint16_t i = 0; i < order->packets; i++)
        burst[i] = frame_new(order->frames, &order->packet[i]);
    start = rte_rdtsc_precise();
    *outputs = rte_gro_reassemble_burst(burst, order->packets, &param);
    cycles = rte_rdtsc_precise() - start;
    rte_pktmbuf_free_bulk(burst, *outputs);
    return cycles;
}

static uint64_t split(const struct order *order, unsigned *outputs)
{
    struct rte_mbuf *segments[FRAME_BURST];
    struct rte_mbuf *mbuf = frame_new(order->frames, &order->packet[0]);
    const struct rte_gso_ctx context = {
        .direct_pool = order->frames->headers,
        .indirect_pool = order->frames->payloads,
        .gso_types = RTE_ETH_TX_OFFLOAD_TCP_TSO,
        .gso_size = (uint16_t)(frame_headers(mbuf) + order->gso_size),
    };
    uint64_t start;
    uint64_t cycles;
    int count;

    mbuf->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4;
    start = rte_rdtsc_precise();
    count = rte_gso_segment(mbuf, &context, segments, FRAME_BURST);
    cycles = rte_rdtsc_precise() - start;
    *outputs = count > 0 ? (unsigned)count : 0;
    rte_pktmbuf_free_bulk(segments, *outputs);
    rte_pktmbuf_free(mbuf);
    return cycles;
}

static void measure(const struct order *order)
{
    uint64_t cycles = 0;
    unsigned outputs = 0;

    for (unsigned i = 0; i < WARM_UP + order->batches; i++) {
        const uint64_t took =
            order->splits ? split(order, &outputs) : coalesce(order, &outputs);

        cycles += i < WARM_UP ? 0 : took;
    }
    printf("{\"ns\":%.1f,\"outputs\":%u}\n",
           (double)cycles * 1e9 / (double)rte_get_tsc_hz() / order->batches,
           outputs);
    fflush(stdout);
}

static bool read_hex(struct arena *arena, json_t *text, uint8_t **bytes,
                     size_t *len)
{
    return json_is_string(text) &&
           hex_decode(arena, json_string_value(text), json_string_length(text),
                      bytes, len) == NULL;
}

static bool add_packet(struct order *order, json_t *text)
{
    uint8_t *bytes;
    size_t len;

    if (order->packets == FRAME_BURST ||
        !read_hex(&order->arena, text, &bytes, &len) || len > FRAME_MOST)
        return false;
    order->packet[order->packets++] =
        (struct run_input){.packet = bytes, .len = len};
    return true;
}

static bool read_split(struct order *order, json_t *line)
{
    struct grove_vnet vnet;
    uint8_t *bytes;
    size_t len;

    if (!read_hex(&order->arena, json_object_get(line, "vnet"), &bytes, &len) ||
        len != GROVE_VNET_LEN)
        return false;
    grove_vnet_load(&vnet, bytes);
    order->gso_size = vnet.gso_size;
    return add_packet(order, json_object_get(line, "packet"));
}

static bool read_order(struct order *order, json_t *line)
{
    const char *op = json_string_value(json_object_get(line, "op"));
    json_t *packets = json_object_get(line, "packets");
    size_t i;

    order->packets = 0;
    order->batches =
        (unsigned)json_integer_value(json_object_get(line, "batches"));
    order->splits = op != NULL && strcmp(op, "gso") == 0;
    if (order->batches == 0)
        return false;
    if (order->splits)
        return read_split(order, line);
    for (i = 0; i < json_array_size(packets); i++)
        if (!add_packet(order, json_array_get(packets, i)))
            return false;
    return order->packets > 0;
}

/* DPDK coalesces and splits TCP only. */
static bool is_tcp(const struct order *order)
{
    struct rte_mbuf *mbuf = frame_new(order->frames, &order->packet[0]);
    const bool tcp = frame_is_tcp4(mbuf);

    rte_pktmbuf_free(mbuf);
    return tcp;
}

bool speed_serve(const struct frames *frames)
{
    static struct order order;
    bool good = true;
    json_t *line;

    order.frames = frames;
    while (good &&
           (line = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        arena_reset(&order.arena);
        good = read_order(&order, line);
        json_decref(line);
        if (good && is_tcp(&order))
            measure(&order);
        else if (good)
            puts("{\"skipped\":\"it coalesces and splits TCP only\"}");
        fflush(stdout);
    }
    arena_free(&order.arena);
    return good;
}
