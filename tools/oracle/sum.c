/* SPDX-License-Identifier: MIT */
#include "sum.h"

#include <netinet/in.h>
#include <string.h>

uint32_t words_fold(uint64_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

/*
 * It adds words in memory order and swaps the bytes of the sum at the end (RFC
 * 1071, 2.B). It is not instrumented, as that would take a sixth of a fuzz
 * target's time.
 */
__attribute__((no_sanitize("address"), no_sanitize("undefined"))) uint32_t
words_sum(const uint8_t *bytes, size_t len)
{
    uint64_t total = 0;
    uint64_t words = 0;
    size_t at = 0;

    for (; len - at >= sizeof words; at += sizeof words) {
        memcpy(&words, bytes + at, sizeof words);
        total += (words & UINT32_MAX) + (words >> 32);
    }
    words = 0;
    memcpy(&words, bytes + at, len - at);
    total += (words & UINT32_MAX) + (words >> 32);
    return ntohs((uint16_t)words_fold(total));
}

uint32_t pseudo_sum(const struct layout *at, const uint8_t *packet, size_t len)
{
    const uint32_t addresses = at->version == 4 ? words_sum(packet + 12, 8)
                                                : words_sum(packet + 8, 32);

    return addresses + at->protocol + (uint32_t)(len - at->body);
}

uint32_t l4_missing(const struct layout *at, const uint8_t *packet, size_t len)
{
    return ~words_fold((uint64_t)pseudo_sum(at, packet, len) +
                       words_sum(packet + at->body, len - at->body)) &
           0xffff;
}

bool ip_checksum_is_right(const uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    return at.version == 4 && words_sum(packet, at.ip) == 0xffff;
}

bool l4_checksum_is_right(const uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    return at.body != 0 && l4_missing(&at, packet, len) == 0;
}
