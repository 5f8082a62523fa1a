/* SPDX-License-Identifier: MIT */
/* parse_usual.c: a usual packet is what parse() gives, whatever its bytes are.
 */
#include "proof.h"

#include "../flows.c"
#include "../input.c"
#include "../ip.c"
#include "../parse.c"
#include "../parse_usual.c"
#include "../tests/packet_equals.h"
#include "../tunnels.c"
#include "../vnet.c"

/* In the place of hash_of(). */
uint32_t any_hash(const struct flows *flows, const struct flow_key *key,
                  uint64_t network, uint64_t outside)
{
    (void)flows;
    (void)key;
    (void)network;
    (void)outside;
    return nondet_u32();
}

/* The packet, the sum of its IPv4 header, and whether its L4 sum is right. */
static struct bytes packet;
static uint16_t header_sum;
static bool is_right;

/* In the place of ip4_header_sum(): of the same bytes it is the same. */
uint16_t same_header_sum(struct bytes network)
{
    PROVE(network.at == packet.at && network.len >= IP4_HEADER);
    return header_sum;
}

/* In the place of ip_l4_is_right(), likewise. */
bool same_verdict(grove_sum_fn *sum, struct bytes network, uint8_t version,
                  uint8_t protocol, struct bytes l4)
{
    const uint32_t header = version == 4 ? IP4_HEADER : IP6_HEADER;

    (void)sum;
    PROVE(network.at == packet.at && network.len == packet.len);
    PROVE(version == ip_version(packet));
    PROVE(protocol == bytes_u8(packet, version == 4 ? (uint32_t)IP4_PROTOCOL
                                                    : IP6_NEXT_HEADER));
    PROVE(l4.at == packet.at + header && l4.len == packet.len - header);
    return is_right;
}

static struct policy any_plain_policy(void)
{
    struct policy policy = any_policy();

    policy.link = GROVE_LINK_NONE;
    policy.plain = true;
    policy.hash = false;
    return policy;
}

void proof_parse_usual(void)
{
    const struct policy policy = any_plain_policy();
    struct grove_packet given = {NULL, 0, NULL, nondet_u32()};
    struct flows flows;
    struct packet usual;
    struct packet parsed;

    packet = any_bytes(GROVE_MAX_PACKET_LEN);
    header_sum = nondet_u16();
    is_right = nondet_bool();
    given.data = packet.at;
    given.len = packet.len;
    if (flows_hash_bytes(&flows, packet, policy.lossless, &usual.key) == 0 ||
        !parse_usual(&policy, packet, &usual))
        return;
    parse(&policy, &given, &parsed);
    PROVE(packet_equals(&usual, &parsed));
    REACHES(usual.version == 4 && usual.ip.df && usual.payload == 80);
    REACHES(usual.version == 6 && usual.protocol == IP_PROTO_UDP);
    REACHES(usual.bypass == GROVE_RULE_TCP_CHECKSUM);
    REACHES(usual.bypass == GROVE_RULE_UDP_CHECKSUM);
}
