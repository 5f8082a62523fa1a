/* SPDX-License-Identifier: MIT */
#include "difference.h"

#include <netinet/in.h>
#include <string.h>

#include "field.h"
#include "layers.h"
#include "sum.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What follows from other changes, and so says less than they do. */
static const char *const consequences[] = {
    "IPv4 identification",  "IPv4 total length", "IPv6 payload length",
    "UDP length",           "TCP checksum",      "UDP checksum",
    "IPv4 header checksum",
};

enum { IP4_ID = 4, IP4_CHECKSUM = 10 };

/* From the innermost IP header on; nothing is left if there is none. */
struct inner {
    const uint8_t *at;
    size_t len;
};

static struct inner inner_of(const struct run_config *config,
                             const struct run_output *packet)
{
    const struct layers layers = layers_of(config, packet->packet, packet->len);

    if (!layers.has_ip)
        return (struct inner){packet->packet, 0};
    return (struct inner){packet->packet + layers.ip, packet->len - layers.ip};
}

/* 0 for what is no consequence; otherwise the larger, the less it says. */
static size_t rank_of(const char *field)
{
    for (size_t i = 0; i < COUNT(consequences); i++)
        if (strcmp(field, consequences[i]) == 0)
            return i + 1;
    return 0;
}

bool field_says_more(const char *field, const char *other)
{
    return rank_of(field) < rank_of(other);
}

/* Two fields of which field_name() has only the byte that they share. */
static const char *shared_name(unsigned version, size_t at, unsigned bits,
                               const char *name)
{
    if (version == 6 && at < 4 && (at > 1 || (at == 1 && bits < 0x10)))
        return "IPv6 flow label";
    if (version == 6 && at < 2 && bits < 0x100)
        return "IPv6 traffic class";
    if (strcmp(name, "TCP data offset") == 0 && bits < 0x10)
        return "TCP reserved bits";
    return name;
}

/* The field at byte `at` of both, whose inner packet begins at `ip`. */
static const char *name_of(const struct run_config *config,
                           const struct run_output *sent,
                           const struct run_output *arrived, size_t at,
                           size_t ip)
{
    const unsigned bits = sent->packet[at] ^ arrived->packet[at];
    const char *name = field_name_in(config, sent->packet, sent->len, at);

    if (name == NULL)
        return "payload";
    return at < ip ? name
                   : shared_name(sent->packet[ip] >> 4, at - ip, bits, name);
}

/* Whether byte `at` is of an identification or of its header's checksum. */
static bool is_ip4_id(const struct layers *layers,
                      const struct run_output *packet, size_t at)
{
    for (unsigned i = 0; i < layers->count; i++) {
        const struct layer *layer = &layers->layer[i];
        const size_t in = at - layer->at;

        if (layer->kind == LAYER_IP && packet->packet[layer->at] >> 4 == 4 &&
            (in / 2 == IP4_ID / 2 || in / 2 == IP4_CHECKSUM / 2))
            return true;
    }
    return false;
}

/*
 * Finds the field that says most among those that differ. False: only the
 * length says it.
 */
static bool find_field(const struct run_config *config,
                       const struct run_output *sent,
                       const struct run_output *arrived,
                       struct difference *difference)
{
    const size_t len = sent->len < arrived->len ? sent->len : arrived->len;
    const struct layers layers = layers_of(config, sent->packet, sent->len);
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < len && best != 0; i++) {
        const char *name;

        if (sent->packet[i] == arrived->packet[i])
            continue;
        name = name_of(config, sent, arrived, i, layers.ip);
        difference->only_ip4_id &= is_ip4_id(&layers, sent, i);
        if (rank_of(name) >= best)
            continue;
        best = rank_of(name);
        difference->field = name;
        difference->at = i;
    }
    return best == 0 || (best != SIZE_MAX && sent->len == arrived->len);
}

/* UDP without a checksum has no wrong one. */
static bool l4_is_wrong(struct inner packet)
{
    const struct layout at = layout_of(packet.at, packet.len);

    if (at.field == 0 || l4_checksum_is_right(packet.at, packet.len))
        return false;
    return at.protocol != IPPROTO_UDP || packet.at[at.field] != 0 ||
           packet.at[at.field + 1] != 0;
}

static bool ip_is_wrong(struct inner packet)
{
    return layout_of(packet.at, packet.len).version == 4 &&
           !ip_checksum_is_right(packet.at, packet.len);
}

/* Whether the checksum of any of its IPv4 headers is wrong. */
static bool any_ip_is_wrong(const struct run_config *config,
                            const struct run_output *packet)
{
    const struct layers layers = layers_of(config, packet->packet, packet->len);

    for (unsigned i = 0; i < layers.count; i++) {
        const size_t at = layers.layer[i].at;

        if (layers.layer[i].kind == LAYER_IP &&
            ip_is_wrong((struct inner){packet->packet + at, packet->len - at}))
            return true;
    }
    return false;
}

/* The checksum that was wrong and is right, or NULL. */
static const char *laundered(struct inner sent, struct inner arrived)
{
    if (ip_is_wrong(sent) && !ip_is_wrong(arrived))
        return "IPv4 header checksum";
    if (!l4_is_wrong(sent) || l4_is_wrong(arrived))
        return NULL;
    return layout_of(sent.at, sent.len).protocol == IPPROTO_TCP
               ? "TCP checksum"
               : "UDP checksum";
}

bool packets_differ(const struct run_config *config,
                    const struct run_output *sent,
                    const struct run_output *arrived,
                    struct difference *difference)
{
    const bool same_len = sent->len == arrived->len;

    *difference = (struct difference){.only_ip4_id = same_len};
    if (same_len && (sent->len == 0 ||
                     memcmp(sent->packet, arrived->packet, sent->len) == 0))
        return false;
    if (!find_field(config, sent, arrived, difference)) {
        difference->field = "packet length";
        difference->at = sent->len < arrived->len ? sent->len : arrived->len;
    }
    difference->only_ip4_id &= !any_ip_is_wrong(config, arrived);
    difference->laundered =
        laundered(inner_of(config, sent), inner_of(config, arrived));
    return true;
}
