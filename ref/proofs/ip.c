/* SPDX-License-Identifier: MIT */
/* ip.c: the walks end inside the packet, for any packet of any length. */
#include "../ip.c"
#include "proof.h"

void proof_ip_walk(void)
{
    const struct bytes network = any_bytes(GROVE_MAX_PACKET_LEN);
    const uint8_t version = (uint8_t)nondet_u16();
    const struct ip_headers ip = ip_walk(network, version);

    PROVE(ip_headers_is_valid(network, version, &ip));
    REACHES(ip.whole && version == 4);
    REACHES(ip.whole && version == 6 && ip.l4 > 65470);
    REACHES(ip.fixed && !ip.whole);
}

void proof_ip_dissect(void)
{
    const struct bytes network = any_bytes(GROVE_MAX_PACKET_LEN);
    const uint8_t version = (uint8_t)nondet_u16();
    const struct ip_headers ip = ip_dissect(network, version);

    PROVE(ip_headers_is_valid(network, version, &ip));
    REACHES(ip.whole && version == 6);
}

void proof_ip_probe(void)
{
    const struct bytes network = any_bytes(GROVE_MAX_PACKET_LEN);
    const uint32_t at = ip_probe(network, (uint8_t)nondet_u16());

    PROVE(at <= (uint16_t)network.len && at <= network.len);
    REACHES(at == 39 && network.len == 65575);
    REACHES(at > 65000);
}

/* The sums of IP headers are in the header; no carry is lost. */
void proof_ip_sums(void)
{
    const struct bytes network = any_bytes(GROVE_MAX_PACKET_LEN);
    const uint8_t version = nondet_bool() ? 4 : 6;

    ASSUME(network.len >= (version == 4 ? IP4_HEADER : IP6_HEADER));
    const uint16_t header = ip4_header_sum(network);
    const uint16_t pseudo =
        ip_pseudo_sum(network, version, IP_PROTO_TCP, network.len);

    PROVE(pseudo != 0);
    REACHES(header == 0xffff && version == 4);
    REACHES(pseudo == 0xffff && version == 6);
}
