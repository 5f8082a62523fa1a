/* SPDX-License-Identifier: MIT */
#include "parse.h"

#include "ip.h"
#include "vnet.h"

enum { IP4_PLAIN = 0x45 }; /* version 4, header of 20 bytes */

/* IPv4's flags and fragment offset as one field. */
enum ip4_fragment {
    IP4_RESERVED = 0x8000,
    IP4_DF = 0x4000,
    IP4_MF_OFFSET = 0x3fff
};

static enum grove_rule parse_input(const struct policy *policy,
                                   const struct grove_packet *input,
                                   struct packet *packet)
{
    struct vnet_result vnet = {GROVE_RULE_NONE, GROVE_RULE_NONE};

    if (input->len > GROVE_MAX_PACKET_LEN) {
        packet->reject = GROVE_RULE_IN_LENGTH;
        return GROVE_RULE_NONE;
    }
    packet->bytes = (struct bytes){input->data, (uint32_t)input->len};
    if (input->vnet != NULL) {
        grove_vnet_load(&packet->vnet, input->vnet);
        vnet = vnet_accept(policy->profile, packet->bytes, &packet->vnet);
        packet->reject = vnet.refused;
        packet->gso = packet->vnet.gso_type != GROVE_VNET_GSO_NONE;
        packet->flush = packet->gso ? GROVE_RULE_IN_GSO : GROVE_RULE_NONE;
    }
    return vnet.changed;
}

/* Notes why the packet is flushed, if nothing before did. */
static void note_flush(struct packet *packet, enum grove_rule rule)
{
    if (packet->flush == GROVE_RULE_NONE)
        packet->flush = rule;
}

/* GRO-IP4-002 to GRO-IP4-005: any of them makes the packet bypass. */
static enum grove_rule check_ip4(struct bytes header, uint16_t fragment)
{
    const uint8_t protocol = bytes_u8(header, 9);

    if (protocol != IP_PROTO_TCP && protocol != IP_PROTO_UDP)
        return GROVE_RULE_IP4_PROTOCOL;
    if (bytes_u8(header, 0) != IP4_PLAIN)
        return GROVE_RULE_IP4_OPTIONS;
    if ((fragment & IP4_MF_OFFSET) != 0)
        return GROVE_RULE_IP4_FRAGMENT;
    if (sum_fold((uint64_t)bytes_be32(header, 0) + bytes_be32(header, 4) +
                 bytes_be32(header, 8) + bytes_be32(header, 12) +
                 bytes_be32(header, 16)) != 0xffff)
        return GROVE_RULE_IP4_CHECKSUM;
    return GROVE_RULE_NONE;
}

/* GRO-IP4-001 to GRO-IP4-007. */
static enum grove_rule parse_ip4(struct packet *packet)
{
    const uint32_t len = packet->bytes.len;
    struct bytes header;
    uint16_t fragment;

    if (len < IP4_HEADER)
        return GROVE_RULE_IP4_SHORT;
    header = bytes_slice(packet->bytes, 0, IP4_HEADER);
    fragment = bytes_be16(header, 6);
    packet->key.source[0] = bytes_word(header, 12); /* and destination */
    packet->key.transport = 4;
    packet->has_addresses = true;
    packet->l4 = IP4_HEADER;
    packet->protocol = bytes_u8(header, 9);
    packet->traffic_class = bytes_u8(header, 1);
    packet->id = bytes_be16(header, 4);
    packet->df = (fragment & IP4_DF) != 0;
    packet->hop = bytes_u8(header, 8);
    if (bytes_be16(header, 2) != (uint16_t)len)
        note_flush(packet, GROVE_RULE_IP4_LENGTH);
    if ((fragment & IP4_RESERVED) != 0)
        note_flush(packet, GROVE_RULE_IP4_RESERVED);
    return check_ip4(header, fragment);
}

/* GRO-IP6-001 to GRO-IP6-004. */
static enum grove_rule parse_ip6(struct packet *packet)
{
    const struct ip_headers ip = ip_walk(packet->bytes);
    struct bytes header;
    uint32_t word0;

    if (!ip.fixed)
        return GROVE_RULE_IP6_SHORT;
    header = bytes_slice(packet->bytes, 0, IP6_HEADER);
    word0 = bytes_be32(header, 0);
    packet->key = (struct flow_key){
        .source = {bytes_word(header, 8), bytes_word(header, 16)},
        .destination = {bytes_word(header, 24), bytes_word(header, 32)},
        .transport = 6,
    };
    packet->has_addresses = true;
    packet->l4 = ip.l4;
    packet->protocol = ip.protocol;
    packet->traffic_class = (uint8_t)(word0 >> 20);
    packet->flow_label = word0 & 0xfffff;
    packet->next_header = bytes_u8(header, 6);
    packet->hop = bytes_u8(header, 7);
    if (bytes_be16(header, 4) != packet->bytes.len - IP6_HEADER)
        note_flush(packet, GROVE_RULE_IP6_LENGTH);
    if (!ip.whole)
        return GROVE_RULE_IP6_EXTENSION;
    if (ip.protocol != IP_PROTO_TCP && ip.protocol != IP_PROTO_UDP)
        return GROVE_RULE_IP6_PROTOCOL;
    return GROVE_RULE_NONE;
}

/*
 * The flow, once the ports are known. In lossless mode a flow is what its end
 * points take for one, so neither the flow label nor the extension headers are
 * in its key (GRO-LL-005, -006). In linux mode a packet may be of a flow of its
 * own (GRO-KEY-003): nothing is looked up by its key.
 */
static void parse_key(const struct policy *policy, struct packet *packet)
{
    packet->key.transport |= (uint64_t)bytes_be32(packet->bytes, packet->l4)
                                 << 32 |
                             (uint64_t)packet->protocol << 8;
    if (packet->version == 6 && !policy->lossless)
        packet->key.network = (uint64_t)packet->flow_label << 32 |
                              (uint64_t)packet->next_header << 24 |
                              (packet->l4 - IP6_HEADER);
    packet->has_key = policy->lossless || !packet_is_far(packet);
}

/* The first two checks of TCP and UDP: is the L4 checksum right? */
static inline bool verify(const struct policy *policy, struct packet *packet)
{
    const struct bytes l4 = bytes_from(packet->bytes, packet->l4);

    if (vnet_needs_csum(&packet->vnet) && packet->vnet.csum_start >= packet->l4)
        return true; /* it is yet to be computed; GRO-TCP-001 */
    if (!policy->csum_trusted &&
        sum_fold((uint64_t)policy->sum(l4.at, l4.len) +
                 packet_pseudo_sum(packet, l4.len)) != 0xffff)
        return false;
    packet->data_valid = true;
    return true;
}

/* GRO-TCP-001 to GRO-TCP-003. */
static enum grove_rule parse_tcp(const struct policy *policy,
                                 struct packet *packet)
{
    const uint32_t len = packet->bytes.len - packet->l4;
    struct bytes header;
    uint32_t header_len;

    if (packet->flush == GROVE_RULE_NONE && !verify(policy, packet))
        return GROVE_RULE_TCP_CHECKSUM;
    if (len < TCP_HEADER)
        return GROVE_RULE_TCP_SHORT;
    header = bytes_slice(packet->bytes, packet->l4, TCP_HEADER);
    packet->word12 = bytes_be32(header, 12);
    header_len = (packet->word12 >> 28) * 4;
    if (header_len < TCP_HEADER || header_len > len)
        return GROVE_RULE_TCP_OFFSET;
    packet->payload = packet->l4 + header_len;
    packet->sequence = bytes_be32(header, 4);
    packet->acknowledgment = bytes_be32(header, 8);
    return GROVE_RULE_NONE;
}

/* GRO-UDP-001 to GRO-UDP-005. */
static enum grove_rule parse_udp(const struct policy *policy,
                                 struct packet *packet)
{
    const struct bytes l4 = bytes_from(packet->bytes, packet->l4);
    uint16_t checksum;

    if (l4.len < UDP_HEADER)
        return GROVE_RULE_UDP_SHORT;
    checksum = bytes_be16(l4, 6);
    if (packet->flush == GROVE_RULE_NONE) {
        if (checksum == 0)
            packet->data_valid = true; /* none is a valid one */
        else if (!verify(policy, packet))
            return GROVE_RULE_UDP_CHECKSUM;
    }
    if (policy->no_udp)
        return GROVE_RULE_UDP_OFF;
    if (checksum == 0)
        return GROVE_RULE_UDP_NO_CHECKSUM;
    if (bytes_be16(l4, 4) != l4.len || l4.len == UDP_HEADER)
        return GROVE_RULE_UDP_LENGTH;
    packet->payload = packet->l4 + UDP_HEADER;
    return GROVE_RULE_NONE;
}

static enum grove_rule parse_l4(const struct policy *policy,
                                struct packet *packet)
{
    if (bytes_have(packet->bytes, packet->l4, 4))
        parse_key(policy, packet);
    return packet->protocol == IP_PROTO_TCP ? parse_tcp(policy, packet)
                                            : parse_udp(policy, packet);
}

enum grove_rule parse(const struct policy *policy,
                      const struct grove_packet *input, struct packet *packet)
{
    static const struct packet nothing;
    enum grove_rule changed;

    *packet = nothing;
    changed = parse_input(policy, input, packet);
    if (packet->reject == GROVE_RULE_NONE && packet->bytes.len != 0)
        packet->version = bytes_u8(packet->bytes, 0) >> 4;
    if (packet->version == 4)
        packet->bypass = parse_ip4(packet);
    else if (packet->version == 6)
        packet->bypass = parse_ip6(packet);
    else if (packet->reject == GROVE_RULE_NONE)
        packet->reject = GROVE_RULE_IN_VERSION;
    if (packet->has_addresses && packet->bypass == GROVE_RULE_NONE)
        packet->bypass = parse_l4(policy, packet);
    return changed;
}
