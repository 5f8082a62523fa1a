/* SPDX-License-Identifier: MIT */
#include "difference.h"

#include <netinet/in.h>
#include <string.h>

#include "field.h"
#include "sum.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What follows from other changes, and so says less than they do. */
static const char *const consequences[] = {
    "IPv4 identification",  "IPv4 total length", "IPv6 payload length",
    "UDP length",           "TCP checksum",      "UDP checksum",
    "IPv4 header checksum",
};

enum { IP4_ID = 4, IP4_CHECKSUM = 10 };

/* 0 for what is no consequence; otherwise the larger, the less it says. */
static size_t rank_of(const char *field)
{
    for (size_t i = 0; i < COUNT(consequences); i++)
        if (strcmp(field, consequences[i]) == 0)
            return i + 1;
    return 0;
}

/* Two fields of which field_name() has only the byte that they share. */
static const char *shared_name(const struct run_output *sent, size_t at,
                               unsigned bits, const char *name)
{
    const unsigned version = sent->packet[0] >> 4;

    if (version == 6 && at < 4 && (at > 1 || (at == 1 && bits < 0x10)))
        return "IPv6 flow label";
    if (version == 6 && at < 2 && bits < 0x100)
        return "IPv6 traffic class";
    if (strcmp(name, "TCP data offset") == 0 && bits < 0x10)
        return "TCP reserved bits";
    return name;
}

static const char *name_of(const struct run_output *sent,
                           const struct run_output *arrived, size_t at)
{
    const unsigned bits = sent->packet[at] ^ arrived->packet[at];
    const char *name = field_name(sent->packet, sent->len, at);

    return name == NULL ? "payload" : shared_name(sent, at, bits, name);
}

/* `at` is inside of an IPv4 header if a field of this name differs. */
static bool is_ip4_id(size_t at)
{
    return at == IP4_ID || at == IP4_ID + 1 || at == IP4_CHECKSUM ||
           at == IP4_CHECKSUM + 1;
}

/*
 * Finds the field that says most among those that differ. False: only the
 * length says it.
 */
static bool find_field(const struct run_output *sent,
                       const struct run_output *arrived,
                       struct difference *difference)
{
    const size_t len = sent->len < arrived->len ? sent->len : arrived->len;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < len && best != 0; i++) {
        const char *name;

        if (sent->packet[i] == arrived->packet[i])
            continue;
        name = name_of(sent, arrived, i);
        difference->only_ip4_id &= is_ip4_id(i);
        if (rank_of(name) >= best)
            continue;
        best = rank_of(name);
        difference->field = name;
        difference->at = i;
    }
    return best == 0 || (best != SIZE_MAX && sent->len == arrived->len);
}

/* UDP without a checksum has no wrong one. */
static bool l4_is_wrong(const struct run_output *packet)
{
    const struct layout at = layout_of(packet->packet, packet->len);

    if (at.field == 0 || l4_checksum_is_right(packet->packet, packet->len))
        return false;
    return at.protocol != IPPROTO_UDP || packet->packet[at.field] != 0 ||
           packet->packet[at.field + 1] != 0;
}

static bool ip_is_wrong(const struct run_output *packet)
{
    return layout_of(packet->packet, packet->len).version == 4 &&
           !ip_checksum_is_right(packet->packet, packet->len);
}

/* The checksum that was wrong and is right, or NULL. */
static const char *laundered(const struct run_output *sent,
                             const struct run_output *arrived)
{
    if (ip_is_wrong(sent) && !ip_is_wrong(arrived))
        return "IPv4 header checksum";
    if (!l4_is_wrong(sent) || l4_is_wrong(arrived))
        return NULL;
    return layout_of(sent->packet, sent->len).protocol == IPPROTO_TCP
               ? "TCP checksum"
               : "UDP checksum";
}

bool packets_differ(const struct run_output *sent,
                    const struct run_output *arrived,
                    struct difference *difference)
{
    const bool same_len = sent->len == arrived->len;

    *difference = (struct difference){.only_ip4_id = same_len};
    if (same_len && (sent->len == 0 ||
                     memcmp(sent->packet, arrived->packet, sent->len) == 0))
        return false;
    if (!find_field(sent, arrived, difference)) {
        difference->field = "packet length";
        difference->at = sent->len < arrived->len ? sent->len : arrived->len;
    }
    difference->only_ip4_id &= !ip_is_wrong(arrived);
    difference->laundered = laundered(sent, arrived);
    return true;
}
