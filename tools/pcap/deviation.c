/* SPDX-License-Identifier: MIT */
#include "deviation.h"

#include <netinet/in.h>

#include "grove/table.h"
#include "layout.h"

static const struct {
    const char *id;
    const char *words;
} deviations[DEVIATION_COUNT] = {
    [DEVIATION_NONE] = {"", ""},
    [DEVIATION_TUNNEL] = {"K-2", "a kernel looks into the tunnel"},
    [DEVIATION_LENGTH] = {"GRO-IN-002",
                          "a kernel takes a packet of this length"},
};

const char *deviation_id(enum deviation deviation)
{
    return deviations[deviation].id;
}

const char *deviation_words(enum deviation deviation)
{
    return deviations[deviation].words;
}

enum deviation deviation_of(const uint8_t *packet, size_t len)
{
    if (len > GROVE_MAX_PACKET_LEN)
        return DEVIATION_LENGTH;
    switch (layout_of(packet, len).protocol) {
    case IPPROTO_IPIP:
    case IPPROTO_IPV6:
    case IPPROTO_GRE:
    case IPPROTO_ESP:
        return DEVIATION_TUNNEL;
    default:
        return DEVIATION_NONE;
    }
}
