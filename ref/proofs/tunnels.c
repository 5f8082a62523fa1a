/* SPDX-License-Identifier: MIT */
/* tunnels.c: any header of a tunnel, and any list of tunnels. */
#include "proof.h"

#include "../tunnels.c"

/* Any valid list. */
static struct tunnels any_tunnels(void)
{
    struct tunnels tunnels;

    ASSUME(tunnels_is_valid(&tunnels));
    return tunnels;
}

/* The header of any tunnel, at the start of any bytes. */
void proof_tunnels_read(void)
{
    const struct bytes own = any_bytes(GROVE_MAX_PACKET_LEN);
    const uint8_t tunnel = (uint8_t)nondet_u16();
    struct tunnel_header header;

    ASSUME(tunnel >= GROVE_TUNNEL_IPIP && tunnel <= GROVE_TUNNEL_GENEVE);
    const enum grove_rule rule =
        tunnels_read(tunnel, (uint8_t)nondet_u16(), own, &header);

    PROVE(rule == GROVE_RULE_NONE || rule == GROVE_RULE_TUN_SHORT ||
          rule == GROVE_RULE_TUN_HEADER);
    PROVE(rule != GROVE_RULE_NONE || tunnel_header_is_valid(own, &header));
    PROVE(tunnels_frames_max(tunnel) <= LINK_TAGS_MAX);
    REACHES(rule == GROVE_RULE_NONE && header.len == 260);
    REACHES(rule == GROVE_RULE_NONE && header.has_sum && own.len == 12);
    REACHES(rule == GROVE_RULE_NONE && header.len == 0 && own.len == 0);
    REACHES(rule == GROVE_RULE_TUN_HEADER);
}

/* A list that is copied is valid; one that is refused has what is not. */
void proof_tunnels_copy(void)
{
    struct grove_tunnel list[GROVE_MAX_TUNNELS];
    const uint32_t count = nondet_u32();
    struct tunnels tunnels;
    bool are_valid = true;

    ASSUME(count <= GROVE_MAX_TUNNELS);
    const bool copied = tunnels_copy(&tunnels, list, count);

    for (uint32_t i = 0; i < GROVE_MAX_TUNNELS; i++)
        if (i < count)
            are_valid = are_valid && tunnel_is_valid(&list[i]);
    PROVE(copied == are_valid);
    PROVE(!copied || (tunnels_is_valid(&tunnels) && tunnels.count == count));
    REACHES(copied && count == GROVE_MAX_TUNNELS);
    REACHES(!copied && list[0].protocol == GROVE_TUNNEL_GENEVE);
}

/* What is found is in the list; neither TCP nor UDP is a tunnel by itself. */
void proof_tunnels_find(void)
{
    const struct tunnels tunnels = any_tunnels();
    const uint8_t protocol = (uint8_t)nondet_u16();
    const uint16_t port = nondet_u16();
    const uint8_t by_protocol = tunnels_by_protocol(&tunnels, protocol);
    const uint8_t by_port = tunnels_by_port(&tunnels, port);
    const uint32_t number = nondet_u32();

    PROVE(by_protocol < GROVE_TUNNEL_VXLAN);
    PROVE(by_protocol == 0 ||
          (protocol != IP_PROTO_TCP && protocol != IP_PROTO_UDP));
    PROVE(by_port == 0 || (by_port >= GROVE_TUNNEL_VXLAN &&
                           by_port <= GROVE_TUNNEL_GENEVE && port != 0));
    ASSUME(number < tunnels.count);
    PROVE(port == 0 || tunnels.list[number].port != port || by_port != 0);
    PROVE(protocol != IP_PROTO_GRE || by_protocol == GROVE_TUNNEL_GRE ||
          tunnels.list[number].protocol != GROVE_TUNNEL_GRE);
    REACHES(by_port != 0 && by_protocol == GROVE_TUNNEL_IPIP);
}
