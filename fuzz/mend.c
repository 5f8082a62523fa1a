/* SPDX-License-Identifier: MIT */
#include "mend.h"

#include <netinet/in.h>
#include <string.h>

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
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

void mend_ip_checksum(uint8_t *packet, size_t len)
{
    mend_header(packet, len, 10);
}

void mend_ip_id(uint8_t *packet, size_t len)
{
    mend_header(packet, len, 4);
}

void mend_l4_checksum(uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);
    uint32_t checksum;

    if (at.l4 == 0)
        return;
    put16(packet + at.field, 0);
    checksum = l4_missing(&at, packet, len);
    if (checksum == 0 && at.protocol == IPPROTO_UDP)
        checksum = 0xffff;
    put16(packet + at.field, checksum);
}

void mend_l4_partial(uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    if (at.l4 != 0)
        put16(packet + at.field, words_fold(pseudo_sum(&at, packet, len)));
}

void mend_l4_payload(uint8_t *packet, size_t len)
{
    const struct layout at = layout_of(packet, len);

    if (at.payload == 0 || len - at.payload < 2)
        return;
    put16(packet + at.payload, 0);
    put16(packet + at.payload, l4_missing(&at, packet, len));
}
