/* SPDX-License-Identifier: MIT */
#include "packet.h"

uint16_t packet_pseudo_sum(const struct packet *packet, uint32_t len)
{
    uint64_t sum = (uint64_t)len + packet->protocol;

    if (packet->version == 4) {
        const struct bytes both = bytes_slice(packet->bytes, 12, 8);

        return sum_fold(sum + bytes_be32(both, 0) + bytes_be32(both, 4));
    }
    for (uint32_t at = 8; at < IP6_HEADER; at += 4)
        sum += bytes_be32(packet->bytes, at);
    return sum_fold(sum);
}
