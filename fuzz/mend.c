/* SPDX-License-Identifier: MIT */
#include "mend.h"

#include <netinet/in.h>
#include <string.h>

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

uint32_t words_fold(uint64_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

/*
 * A separate implementation, since that of the library is tested. It adds words
 * in memory order and swaps the bytes of the sum at the end (RFC 1071, 2.B). It
 * is not instrumented, as that would take a sixth of a target's time.
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

static uint32_t pseudo(const struct layout *at, const uint8_t *packet,
                       size_t len)
{
    const uint32_t addresses = at->version == 4 ? words_sum(packet + 12, 8)
                                                : words_sum(packet + 8, 32);

    return addresses + at->protocol + (uint32_t)(len - at->body);
}

static void add16(uint8_t *at, uint32_t more)
{
    put16(at, ((uint32_t)at[0] << 8 | at[1]) + more);
}

void headers_advance(uint8_t *headers, size_t len, size_t payload)
{
    const struct layout at = layout_of(headers, len);
    uint32_t sequence;

    if (at.version == 4)
        add16(headers + 4, 1);
    if (at.l4 == 0 || at.protocol != IPPROTO_TCP)
        return;
    memcpy(&sequence, headers + at.l4 + 4, sizeof sequence);
    sequence = htonl(ntohl(sequence) + (uint32_t)payload);
    memcpy(headers + at.l4 + 4, &sequence, sizeof sequence);
}

void mend_lengths(uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    if (at.version == 4)
        put16(packet + 2, (uint32_t)len);
    else if (at.version == 6)
        put16(packet + 4, (uint32_t)(len - at.ip));
    if (at.l4 != 0 && at.protocol == IPPROTO_UDP)
        put16(packet + at.l4 + 4, (uint32_t)(len - at.l4));
}

/* Sets the word so that the sum of the header is 0xffff. */
static void mend_header(uint8_t *packet, size_t len, size_t word)
{
    const struct layout at = layout_of(packet, len);

    if (at.version != 4)
        return;
    put16(packet + word, 0);
    put16(packet + word, ~words_sum(packet, at.ip));
}

bool ip_checksum_is_right(const uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    return at.version == 4 && words_sum(packet, at.ip) == 0xffff;
}

void mend_ip_checksum(uint8_t *packet, size_t len)
{
    mend_header(packet, len, 10);
}

void mend_ip_id(uint8_t *packet, size_t len)
{
    mend_header(packet, len, 4);
}

/* The word that makes the sum of all covered bytes 0xffff. */
static uint32_t missing(const struct layout *at, const uint8_t *packet,
                        size_t len)
{
    return ~words_fold((uint64_t)pseudo(at, packet, len) +
                       words_sum(packet + at->body, len - at->body)) &
           0xffff;
}

bool l4_checksum_is_right(const uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    return at.body != 0 && missing(&at, packet, len) == 0;
}

void mend_l4_checksum(uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);
    uint32_t checksum;

    if (at.l4 == 0)
        return;
    put16(packet + at.field, 0);
    checksum = missing(&at, packet, len);
    if (checksum == 0 && at.protocol == IPPROTO_UDP)
        checksum = 0xffff;
    put16(packet + at.field, checksum);
}

void mend_l4_partial(uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    if (at.l4 != 0)
        put16(packet + at.field, words_fold(pseudo(&at, packet, len)));
}

void mend_l4_payload(uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    if (at.payload == 0 || len - at.payload < 2)
        return;
    put16(packet + at.payload, 0);
    put16(packet + at.payload, missing(&at, packet, len));
}
