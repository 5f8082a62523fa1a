/* SPDX-License-Identifier: MIT */
#include "prediction.h"

#include "decide.h"
#include "parse.h"
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

/* GRO-IP4-011: whether it counts up and the header checksum counts down. */
static bool ip4_counts(const struct opinion *opinion)
{
    const struct packet *packet = &opinion->packet;
    const struct held *held = opinion->held;
    const int step = held->fixed_id ? 0 : (int)held->packets;
    const int checksum = bytes_be16(packet_network(packet), IP4_CHECKSUM);
    const int first = bytes_be16(packet_network(&held->first), IP4_CHECKSUM);

    return packet->ip.id - held->first.ip.id == step &&
           first - checksum == step;
}

/* Whether it has none of the properties that go the long way: predict.c. */
static bool is_usual(const struct opinion *opinion,
                     const struct grove_packet *given)
{
    const struct packet *packet = &opinion->packet;
    const struct packet *first = &opinion->held->first;

    if (!vnet_is_zero(given->vnet) || packet_extensions(packet).len != 0 ||
        packet_extensions(first).len != 0)
        return false;
    if (packet->version == 4 && !ip4_counts(opinion))
        return false;
    return packet->protocol == IP_PROTO_UDP ||
           (((packet->flags | first->flags) & TCP_CWR) == 0 &&
            opinion->held->gso_size >= 8 &&
            bytes_be16(packet_l4(packet), TCP_CHECKSUM) != 0xffff &&
            bytes_be16(packet_l4(packet), TCP_URGENT) ==
                bytes_be16(packet_l4(first), TCP_URGENT));
}

/* What is wrong with the acceptance of a packet. */
static const char *wrongly_accepted(const struct opinion *opinion,
                                    const struct held *held)
{
    const struct packet *packet = &opinion->packet;

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
        packet->protocol != held->first.protocol ||
        packet->version != held->first.version ||
        packet_payload_len(packet) != held->gso_size)
        return "an offset or a length is another one";
    return NULL;
}

/* Whether its length, last address and ports are those of the last flow. */
static bool is_near(const struct held *recent, struct bytes packet)
{
    return recent != NULL && packet.len == recent->first.input.bytes.len &&
           bytes_equal(
               bytes_slice(packet, recent->first.l4 - 4, 8),
               bytes_slice(recent->first.input.bytes, recent->first.l4 - 4, 8));
}

/* A hash of 0 means that there is none. Then the last flow was guessed. */
static const char *wrong_hash(const struct grove_table *table,
                              const struct grove_packet *given,
                              const struct packet *packet, uint32_t hash)
{
    if (!packet->has_key)
        return NULL;
    if (hash != 0 && hash != flows_hash(&table->flows, packet))
        return "the hash is not that of the flow";
    if (vnet_is_zero(given->vnet) && packet_extensions(packet).len == 0 &&
        is_near(table->flows.recent, packet->input.bytes) != (hash == 0))
        return "the last flow was guessed, or not, and should not, or should";
    return NULL;
}

const char *prediction_wrong(predict_fn *predictor,
                             const struct grove_table *table,
                             const struct grove_packet *given,
                             struct prediction_counts *counts)
{
    static struct opinion opinion;
    const struct packet *packet = &opinion.packet;
    const char *wrong;
    uint32_t hash;
    const struct held *held = (predictor != NULL ? predictor : predict)(
        &table->policy, &table->flows, given, &hash);

    ask_stages(table, given, &opinion);
    wrong = wrong_hash(table, given, packet, hash);
    if (wrong != NULL)
        return wrong;
    if (held != NULL) {
        counts->predicted[packet->version == 6]
                         [packet->protocol == IP_PROTO_UDP]++;
        return wrongly_accepted(&opinion, held);
    }
    counts->others++;
    if (opinion.decision.verdict == GROVE_MERGED &&
        opinion.decision.leaves == GROVE_RULE_NONE &&
        is_usual(&opinion, given) &&
        (hash == 0 ? table->flows.recent == opinion.held
                   : table->flows.secret[2] != 0))
        return "a packet is not predicted that should be";
    return NULL;
}
