/* SPDX-License-Identifier: MIT */
/*
 * A port may leave this file out, and a reader may skip it, as predict.c. For a
 * usual packet it finds what input.c and parse.c find, with fewer questions.
 */
#include "parse_usual.h"

#ifndef GROVE_NO_PREDICT

#include "flatten.h"
#include "ip.h"
#include "parse.h"

/* What is the same in every usual packet, and what its key says. */
static void usual_packet(struct packet *packet, struct bytes bytes, uint32_t l4)
{
    const uint8_t version = key_version(&packet->key);

    packet->input.bytes = bytes;
    packet->input.network = 0;
    packet->input.vnet = (struct grove_vnet){.flags = 0};
    packet->input.tunnel = packet->input.gso = false;
    packet->input.version = version;
    packet->input.reject = packet->input.change = GROVE_RULE_NONE;
    packet->network = 0;
    packet->l4 = l4;
    packet->bypass = packet->flush = GROVE_RULE_NONE;
    packet->has_addresses = packet->has_key = true;
    packet->version = version;
    packet->protocol = key_protocol(&packet->key);
    packet->tunnel = packet->frames = packet->pppoe = 0;
    packet->hash = 0;
}

/* Notes whether the L4 checksum is right. */
static bool usual_sum(const struct policy *policy, struct packet *packet)
{
    packet->verified =
        policy->csum_trusted ||
        ip_l4_is_right(policy->sum, packet->input.bytes, packet->version,
                       packet->protocol, packet_l4(packet));
    return packet->verified;
}

static bool usual_tcp(const struct policy *policy, struct packet *packet)
{
    /* GRO-TCP-002, GRO-TCP-003 */
    if (packet_l4(packet).len < TCP_HEADER || !parse_tcp_fields(packet))
        return false;
    /* GRO-TCP-001 */
    if (!usual_sum(policy, packet))
        packet->bypass = GROVE_RULE_TCP_CHECKSUM;
    return true;
}

static bool usual_udp(const struct policy *policy, struct packet *packet)
{
    const struct bytes udp = packet_l4(packet);

    /* GRO-UDP-003; GRO-UDP-001, GRO-UDP-005 */
    if (policy->no_udp || udp.len <= UDP_HEADER ||
        bytes_be16(udp, UDP_LENGTH) != udp.len ||
        /* GRO-UDP-004 */
        bytes_be16(udp, UDP_CHECKSUM) == 0)
        return false;
    packet->payload = packet->l4 + UDP_HEADER;
    packet->flags = 0;
    packet->sequence = 0;
    /* GRO-UDP-002 */
    if (!usual_sum(policy, packet))
        packet->bypass = GROVE_RULE_UDP_CHECKSUM;
    return true;
}

static bool usual_l4(const struct policy *policy, struct packet *packet)
{
    return packet->protocol == IP_PROTO_TCP ? usual_tcp(policy, packet)
                                            : usual_udp(policy, packet);
}

static bool usual_ip4(const struct policy *policy, struct bytes bytes,
                      struct packet *packet)
{
    const struct bytes ip = bytes_first(bytes, IP4_HEADER);

    /* GRO-IP4-003 */
    if ((bytes_u8(ip, IP4_VERSION_IHL) & IP4_IHL) * 4 != IP4_HEADER ||
        /* GRO-IP4-006 */
        bytes_be16(ip, IP4_TOTAL_LENGTH) != (uint16_t)bytes.len ||
        /* GRO-IP4-004, GRO-IP4-007 */
        (bytes_be16(ip, IP4_FRAGMENT) & ~IP4_DF) != 0 ||
        /* GRO-IP4-005 */
        ip4_header_sum(ip) != 0xffff)
        return false;
    usual_packet(packet, bytes, IP4_HEADER);
    packet->ip = parse_ip4_fields(ip);
    return usual_l4(policy, packet);
}

static bool usual_ip6(const struct policy *policy, struct bytes bytes,
                      struct packet *packet)
{
    const struct bytes ip = bytes_first(bytes, IP6_HEADER);

    /* GRO-IP6-002 */
    if (bytes_be16(ip, IP6_PAYLOAD_LENGTH) != bytes.len - IP6_HEADER)
        return false;
    usual_packet(packet, bytes, IP6_HEADER);
    packet->ip = parse_ip6_fields(ip);
    return usual_l4(policy, packet);
}

FLATTEN_PART bool parse_usual(const struct policy *policy, struct bytes bytes,
                              struct packet *packet)
{
    return key_version(&packet->key) == 4 ? usual_ip4(policy, bytes, packet)
                                          : usual_ip6(policy, bytes, packet);
}

#endif
