/* SPDX-License-Identifier: MIT */
#include "prediction.h"

#include "decide.h"
#include "ip.h"
#include "packet_equals.h"
#include "parse.h"
#include "parse_usual.h"
#include "predict.h"
#include "table.h"

/* What the stages find out about a packet whose L4 checksum is right. */
struct opinion {
    struct packet packet;
    struct held *held;
    struct decision decision;
};

static void ask_stages(const struct grove_table *table,
                       const struct grove_packet *given,
                       struct opinion *opinion)
{
    struct policy policy = table->policy;
    struct packet *packet = &opinion->packet;

    policy.csum_trusted = true;
    parse(&policy, given, packet);
    opinion->held = NULL;
    if (packet->has_key)
        opinion->held = flows_find(&table->flows, packet,
                                   flows_hash(&table->flows, packet));
    decide(&policy, &table->flows, packet, opinion->held, &opinion->decision);
}

/*
 * GRO-IP4-011: whether the identification of the IPv4 headers there counts up
 * and the header checksum counts down.
 */
static bool ip4_counts(const struct opinion *opinion, uint32_t network,
                       uint8_t fixed_id)
{
    const struct held *held = opinion->held;
    const struct bytes is = bytes_from(opinion->packet.input.bytes, network);
    const struct bytes was = bytes_from(held->first.input.bytes, network);
    const int step =
        (held->fixed_id & fixed_id) != 0 ? 0 : (uint16_t)held->packets;

    return bytes_be16(is, IP4_ID) - bytes_be16(was, IP4_ID) == step &&
           bytes_be16(was, IP4_CHECKSUM) - bytes_be16(is, IP4_CHECKSUM) == step;
}

/* Whether a header of the tunnel has a checksum. */
static bool has_outer_checksum(const struct packet *packet)
{
    struct bytes own;

    if (!packet_in_tunnel(packet))
        return false;
    if (packet->tunnel >= GROVE_TUNNEL_VXLAN)
        return bytes_be16(outer_udp(packet), UDP_CHECKSUM) != 0;
    own = bytes_from(packet->input.bytes, packet->outer.own);
    return packet->tunnel == GROVE_TUNNEL_GRE &&
           (bytes_be16(own, GRE_FLAGS) & GRE_HAS_CHECKSUM) != 0;
}

/* Whether that checksum is trusted. A checksum of GRE goes the long way. */
static bool is_outer_trusted(const struct grove_table *table,
                             const struct packet *packet)
{
    return table->policy.csum_trusted && packet->tunnel >= GROVE_TUNNEL_VXLAN;
}

/* What is not in the key of a tunnel: lengths, and reserved bits. */
static bool same_reserved(const struct packet *a, const struct packet *b)
{
    return bytes_equal(bytes_slice(a->input.bytes, a->outer.own,
                                   a->outer.inside - a->outer.own),
                       bytes_slice(b->input.bytes, b->outer.own,
                                   b->outer.inside - b->outer.own)) &&
           (outer_udp(a).len == 0 || bytes_be16(outer_udp(a), UDP_LENGTH) ==
                                         bytes_be16(outer_udp(b), UDP_LENGTH));
}

/* Whether the headers of the tunnel have none of these properties. */
static bool is_usual_tunnel(const struct grove_table *table,
                            const struct opinion *opinion)
{
    const struct packet *packet = &opinion->packet;
    const bool ip4 = packet->input.version == 4;

    return packet->outer.ip.as_ip4 == ip4 &&
           same_reserved(packet, &opinion->held->first) &&
           (!has_outer_checksum(packet) || is_outer_trusted(table, packet)) &&
           (!ip4 ||
            ((!table->policy.profile.fixed_id_needs_df ||
              opinion->held->fixed_id == 0) &&
             ip4_counts(opinion, packet->input.network, FIXED_OUTER_ID)));
}

/* Whether a split gives the TCP header back. */
static bool is_usual_tcp(const struct grove_table *table,
                         const struct opinion *opinion)
{
    const struct packet *packet = &opinion->packet;
    const struct packet *first = &opinion->held->first;

    return ((packet->flags | first->flags) & TCP_CWR) == 0 &&
           (!table->policy.lossless ||
            (opinion->held->gso_size >= 8 &&
             bytes_be16(packet_l4(packet), TCP_CHECKSUM) != 0xffff &&
             bytes_be16(packet_l4(packet), TCP_URGENT) ==
                 bytes_be16(packet_l4(first), TCP_URGENT)));
}

/*
 * Whether it has none of the properties that go the long way: predict.c,
 * predict_layers.c.
 */
static bool is_usual(const struct grove_table *table,
                     const struct opinion *opinion,
                     const struct grove_packet *given)
{
    const struct packet *packet = &opinion->packet;
    const struct packet *first = &opinion->held->first;

    return vnet_is_zero(given->vnet) && packet_extensions(packet).len == 0 &&
           packet_extensions(first).len == 0 &&
           packet->ip.as_ip4 == (packet->version == 4) &&
           (packet->version != 4 ||
            ip4_counts(opinion, packet->network, FIXED_ID)) &&
           (!packet_in_tunnel(packet) || is_usual_tunnel(table, opinion)) &&
           (packet->protocol == IP_PROTO_UDP || is_usual_tcp(table, opinion));
}

/* What is wrong with the acceptance of a packet. */
static const char *wrongly_accepted(const struct grove_table *table,
                                    const struct opinion *opinion,
                                    struct held *held)
{
    const struct packet *packet = &opinion->packet;

    if (has_outer_checksum(packet) && !is_outer_trusted(table, packet))
        return "the outer checksum is not verified";
    if (opinion->held != held)
        return "another flow is predicted";
    if (opinion->decision.verdict != GROVE_MERGED)
        return "the stages do not merge what is predicted";
    if (opinion->decision.leaves != GROVE_RULE_NONE)
        return "the super-packet does not stay";
    if (opinion->decision.fixed_id != held->fixed_id)
        return "fixed_id would change";
    if (packet->payload != held->first.payload ||
        packet->l4 != held->first.l4 ||
        packet->network != held->first.network ||
        packet->protocol != held->first.protocol ||
        packet->version != held->first.version ||
        packet_payload_len(packet) != held->gso_size)
        return "an offset or a length is another one";
    if (held_pseudo_sum(held) !=
        ip_pseudo_sum(packet_network(packet), packet->version, packet->protocol,
                      packet_l4(packet).len))
        return "the sum of the pseudo-header is another one";
    return NULL;
}

/* Whether its length, last address and ports are those of `held`. */
static bool is_near(const struct held *held, struct bytes packet)
{
    return packet.len == held->first.input.bytes.len &&
           bytes_equal(
               bytes_slice(packet, held->first.l4 - 4, 8),
               bytes_slice(held->first.input.bytes, held->first.l4 - 4, 8));
}

/* The held one that is guessed: the last one, or the next by age; or NULL. */
static const struct held *guess(const struct flows *flows, struct bytes packet)
{
    const struct held *recent = flows->recent;
    const struct held *next;

    if (recent == NULL || is_near(recent, packet))
        return recent;
    next = recent->younger != NULL ? recent->younger : flows->oldest;
    return is_near(next, packet) ? next : NULL;
}

/* Whether a held one is looked at: it is guessed, or has the packet's hash. */
static bool is_candidate(const struct flows *flows, const struct packet *packet)
{
    return guess(flows, packet->input.bytes) != NULL ||
           flows_probe(flows, flows_hash(flows, packet)) != NULL;
}

/* A hash of 0 means that there is none. Then a flow was found. */
static const char *wrong_hash(const struct grove_table *table,
                              const struct grove_packet *given,
                              const struct packet *packet, uint32_t hash)
{
    if (!packet->has_key)
        return NULL;
    if (hash != 0 && hash != flows_hash(&table->flows, packet))
        return "the hash is not that of the flow";
    if (hash != 0 && flows_probe(&table->flows, hash) != NULL)
        return "a held one has the hash";
    if (!table->policy.plain)
        return hash == 0 ? NULL : "a hash where there are layers";
    if (vnet_is_zero(given->vnet) && packet_extensions(packet).len == 0 &&
        is_candidate(&table->flows, packet) != (hash == 0))
        return "a flow was found, or not, and should not, or should";
    return NULL;
}

/* Whether the prediction finds the super-packet of the packet's flow. */
static bool is_found(const struct grove_table *table,
                     const struct opinion *opinion)
{
    const struct held *guessed =
        guess(&table->flows, opinion->packet.input.bytes);

    if (guessed != NULL || !table->policy.plain)
        return guessed == opinion->held;
    return table->flows.secret[2] != 0;
}

static enum prediction_layers layers_of(const struct packet *packet)
{
    if (packet_in_tunnel(packet))
        return IN_TUNNEL;
    return packet->input.network != 0 ? WITH_LINK : WITHOUT_LAYERS;
}

/*
 * Whether a usual packet of a flow of which none is held begins a super-packet,
 * by the short question and by the decision of the stages.
 */
static bool begins_alike(const struct grove_table *table,
                         const struct packet *packet)
{
    struct decision decision;

    decide(&table->policy, &table->flows, packet, NULL, &decision);
    return decide_begins(&table->policy, &table->flows, packet) ==
           (decision.verdict == GROVE_HELD &&
            decision.rule == GROVE_RULE_NONE &&
            decision.leaves == GROVE_RULE_NONE);
}

/*
 * What is wrong with the short parse of a packet whose hash is known. It must
 * be usual if it neither bypasses nor is flushed.
 */
static const char *wrong_usual(const struct grove_table *table,
                               const struct grove_packet *given)
{
    static struct packet usual;
    static struct packet parsed;

    usual.key = flows_spare(&table->flows)->key;
    parse(&table->policy, given, &parsed);
    if (parse_usual(&table->policy,
                    (struct bytes){given->data, (uint32_t)given->len},
                    &usual)) {
        if (!packet_equals(&usual, &parsed))
            return "a usual packet is parsed in another way";
        return begins_alike(table, &parsed)
                   ? NULL
                   : "a packet begins a super-packet, or should";
    }
    return parsed.bypass == GROVE_RULE_NONE && parsed.flush == GROVE_RULE_NONE
               ? "a packet is not usual that should be"
               : NULL;
}

const char *prediction_wrong(predict_fn *predictor,
                             const struct grove_table *table,
                             const struct grove_packet *given,
                             struct prediction_counts *counts)
{
    static struct opinion opinion;
    const struct packet *packet = &opinion.packet;
    const char *wrong;
    uint32_t hash = 0;
    struct held *held = (predictor != NULL ? predictor : predict)(
        &table->policy, &table->flows, given, &hash);

    if (table->policy.fraglist)
        return held == NULL && hash == 0 ? NULL : "a list is predicted";
    ask_stages(table, given, &opinion);
    wrong = wrong_hash(table, given, packet, hash);
    if (wrong == NULL && hash != 0)
        wrong = wrong_usual(table, given);
    if (wrong != NULL)
        return wrong;
    if (held != NULL) {
        counts->predicted[layers_of(packet)][packet->version == 6]
                         [packet->protocol == IP_PROTO_UDP]++;
        return wrongly_accepted(table, &opinion, held);
    }
    counts->others++;
    if (opinion.decision.verdict == GROVE_MERGED &&
        opinion.decision.leaves == GROVE_RULE_NONE &&
        is_usual(table, &opinion, given) && is_found(table, &opinion))
        return "a packet is not predicted that should be";
    return NULL;
}
