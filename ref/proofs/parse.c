/* SPDX-License-Identifier: MIT */
/* parse.c: any packet of any length, by any policy, gives a valid result. */
#include "bytes_model.h"

#include "../parse.c"
#include "ip_model.h"
#include "tunnels_model.h"

/* What input_accept() gives: a valid result for the packet. */
void input_accept(const struct profile *profile, enum grove_link link,
                  uint8_t vnet_len, const struct grove_packet *packet,
                  struct input *input)
{
    input->bytes = (struct bytes){packet->data, (uint32_t)packet->len};
    input->network = link_len(link);
    input->gso = nondet_bool();
    input->reject = nondet_bool() || input->bytes.len < input->network
                        ? GROVE_RULE_IN_VERSION
                        : GROVE_RULE_NONE;
    if (input->reject == GROVE_RULE_NONE)
        input->version = link == GROVE_LINK_NONE ? ip_version(input->bytes) : 0;
    ASSUME(input_is_valid(input));
}

enum grove_rule input_check_again(const struct input *input)
{
    const enum grove_rule rule = (enum grove_rule)nondet_u16();

    PROVE(input_is_valid(input));
    ASSUME(rule_is_valid(rule));
    return rule;
}

/* Whether a packet has the key of its IP headers. */
static bool has_ip(const struct policy *policy, const struct packet *packet)
{
    return packet->has_addresses && !packet->has_key &&
           policy_network_is_valid(policy, packet->input.network) &&
           input_is_valid(&packet->input) &&
           packet->input.reject == GROVE_RULE_NONE &&
           rule_is_valid(packet->flush);
}

/* What parse_ip() expects of a packet that is in a tunnel, or in none. */
static bool may_have_ip(const struct policy *policy,
                        const struct packet *packet)
{
    return !packet->has_key && packet_outer_is_valid(packet) &&
           policy_network_is_valid(policy, packet->input.network) &&
           input_is_valid(&packet->input) &&
           packet->input.reject == GROVE_RULE_NONE &&
           rule_is_valid(packet->flush);
}

/* What it gives. */
static bool ip_is_read(const struct policy *policy, const struct packet *packet,
                       enum grove_rule bypass)
{
    return rule_is_valid(bypass) && rule_is_valid(packet->flush) &&
           (bypass != GROVE_RULE_NONE ||
            (has_ip(policy, packet) && packet_ip_is_valid(packet) &&
             leads_on(policy, packet, packet->protocol)));
}

/* The IP header of a packet that is in a tunnel, or in none. */
void proof_parse_ip(void)
{
    struct policy policy = any_policy();
    struct packet packet;

    any_tunnels(&policy);
    packet.input.bytes = any_packet_bytes();
    ASSUME(may_have_ip(&policy, &packet));
    ASSUME(packet.version == 4 || packet.version == 6);
    const struct packet before = packet;
    const enum grove_rule bypass = parse_ip(&policy, &packet);

    PROVE(ip_is_read(&policy, &packet, bypass));
    PROVE(may_have_ip(&policy, &packet));
    PROVE(packet.network == before.network);
    PROVE(packet.version == before.version);
    PROVE(packet.tunnel == before.tunnel);
    REACHES(bypass == GROVE_RULE_NONE && packet_in_tunnel(&packet) &&
            packet.version == 6 && packet.input.version == 4);
    REACHES(bypass == GROVE_RULE_NONE && packet.protocol == IP_PROTO_GRE);
}

/* In the place of parse_ip(). */
enum grove_rule any_ip(const struct policy *policy, struct packet *packet)
{
    const enum grove_rule bypass = (enum grove_rule)nondet_u16();
    struct packet any;

    PROVE(may_have_ip(policy, packet));
    PROVE(packet->version == 4 || packet->version == 6);
    packet->has_addresses = nondet_bool();
    packet->key = any.key;
    packet->ip = any.ip;
    packet->protocol = any.protocol;
    packet->l4 = any.l4;
    packet->flush = any.flush;
    ASSUME(ip_is_read(policy, packet, bypass));
    return bypass;
}

/* In the place of parse_l4(). */
enum grove_rule any_l4(const struct policy *policy, struct packet *packet)
{
    PROVE(has_ip(policy, packet) && packet_l4_is_valid(packet));
    return GROVE_RULE_NONE;
}

/* A packet that is in a tunnel, or in none, from its first byte to L4. */
void proof_parse_tunnel(void)
{
    const struct bytes bytes = any_packet_bytes();
    const struct grove_packet given = {bytes.at, bytes.len, NULL};
    struct policy policy = any_policy();
    struct packet packet;

    any_tunnels(&policy);
    parse(&policy, &given, &packet);
    PROVE(packet.bypass == GROVE_RULE_NONE || packet_is_valid(&packet));
    PROVE(packet.input.reject != GROVE_RULE_NONE ||
          policy_network_is_valid(&policy, packet.input.network));
    PROVE(policy.tunnels.count != 0 || !packet_in_tunnel(&packet));
    REACHES(packet.bypass == GROVE_RULE_NONE && packet_in_tunnel(&packet) &&
            packet.version == 4 && packet.input.version == 6 &&
            packet.input.reject == GROVE_RULE_NONE);
    REACHES(packet.bypass == GROVE_RULE_TUN_FRAMES);
    REACHES(packet.bypass == GROVE_RULE_IN_TYPE);
    REACHES(packet.bypass == GROVE_RULE_PPP_LENGTH);
    REACHES(packet.bypass == GROVE_RULE_NONE && packet.pppoe != 0 &&
            packet_outermost_pppoe(&packet) != 0 && packet_in_tunnel(&packet));
}

/* The TCP or UDP header of a packet that is in a tunnel, or in none. */
void proof_parse_l4(void)
{
    struct policy policy = any_policy();
    struct packet packet;

    any_tunnels(&policy);
    packet.input.bytes = any_packet_bytes();
    ASSUME(has_ip(&policy, &packet) && packet_l4_is_valid(&packet));
    packet.bypass = parse_l4(&policy, &packet);
    PROVE(packet_is_valid(&packet));
    REACHES(packet.bypass == GROVE_RULE_NONE && packet_in_tunnel(&packet) &&
            packet.version == 4 && packet.input.version == 6);
    REACHES(packet.bypass == GROVE_RULE_TUN_NESTED);
}

void proof_parse(void)
{
    const struct bytes bytes = any_packet_bytes();
    const struct grove_packet given = {bytes.at, bytes.len, NULL};
    const struct policy policy = any_policy();
    struct packet packet;

    frames_max = LINK_TAGS_MAX;
    parse(&policy, &given, &packet);
    PROVE(packet_is_valid(&packet));
    PROVE(packet.input.reject != GROVE_RULE_NONE ||
          policy_network_is_valid(&policy, packet.input.network));
    PROVE(!packet_in_tunnel(&packet));
    REACHES(packet.bypass == GROVE_RULE_NONE &&
            packet.protocol == IP_PROTO_TCP && packet.version == 6);
    REACHES(packet.bypass == GROVE_RULE_NONE &&
            packet.protocol == IP_PROTO_UDP && packet.version == 4);
    REACHES(packet.bypass == GROVE_RULE_TCP_CHECKSUM && packet.has_key);
    REACHES(packet.bypass == GROVE_RULE_UDP_NESTED);
    REACHES(packet.flush == GROVE_RULE_IP6_LENGTH && packet.payload > 65000);
}
