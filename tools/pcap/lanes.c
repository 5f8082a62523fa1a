/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <string.h>

#include "layout.h"
#include "mix.h"

/* A flow by both of its parts. */
struct member {
    uint64_t flow; /* by IP and L4 headers */
    uint64_t key;  /* by link headers */
    size_t lane;
};

/* A hash of addresses, protocol and ports, as far as the packet has them. */
static uint64_t flow_of(const struct timed_packet *packet)
{
    const struct bytes ip = {packet->data, (uint32_t)packet->len};
    const struct layout at = layout_of(packet->data, packet->len);
    uint64_t flow = at.protocol;

    if (at.version == 4)
        flow = mix_bytes(flow, ip, 12, 8);
    if (at.version == 6)
        flow = mix_bytes(flow, ip, 8, 32);
    if (at.ports != 0)
        flow = mix_bytes(flow, ip, (uint32_t)at.ports, 4);
    return flow;
}

static bool all_alike(const struct timed_packet *packets, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (packets[i].key != packets[0].key)
            return false;
    return true;
}

/* The lane of a packet: each further key of its flow has a further lane. */
static size_t choose(struct member *members, size_t *count,
                     const struct timed_packet *packet)
{
    struct member new = {.flow = flow_of(packet), .key = packet->key};

    for (size_t i = 0; i < *count; i++) {
        if (members[i].flow != new.flow)
            continue;
        if (members[i].key == new.key)
            return members[i].lane;
        new.lane++;
    }
    members[(*count)++] = new;
    return new.lane;
}

static void sort(struct lanes *lanes, struct timed_packet *packets,
                 const size_t *lane, size_t count)
{
    struct timed_packet sorted[LANES_MAX];
    size_t to = 0;

    for (size_t i = 0; i < lanes->count; i++)
        for (size_t k = 0; k < count; k++)
            if (lane[k] == i)
                sorted[to++] = packets[k];
    memcpy(packets, sorted, count * sizeof *packets);
}

void lanes_divide(struct lanes *lanes, struct timed_packet *packets,
                  size_t count)
{
    struct member members[LANES_MAX];
    size_t lane[LANES_MAX];
    size_t known = 0;

    *lanes = (struct lanes){.count = 1, .size = {count}};
    if (all_alike(packets, count))
        return;
    *lanes = (struct lanes){.count = 0};
    for (size_t i = 0; i < count; i++) {
        lane[i] = choose(members, &known, &packets[i]);
        lanes->size[lane[i]]++;
        if (lane[i] == lanes->count)
            lanes->count++;
    }
    if (lanes->count > 1)
        sort(lanes, packets, lane, count);
}
