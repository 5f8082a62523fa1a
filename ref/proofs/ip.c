/* SPDX-License-Identifier: MIT */
/* ip.c: the walks end inside the packet, for any packet of any length. */
#include "../ip.c"
#include "proof.h"

/* Room for 18 extension headers, 2 more than a probe passes. */
enum { PROBED_MAX = IP6_HEADER + 18 * EXTENSION_UNIT };

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

/* The probe passes no header that the walk does not pass. */
void proof_ip_probe_walk(void)
{
    const struct bytes network = any_bytes(PROBED_MAX);
    const uint8_t version = (uint8_t)nondet_u16();
    const struct ip_headers ip = ip_walk(network, version);
    const uint32_t at = ip_probe(network, version);

    PROVE(at <= (ip.whole ? ip.l4 : network.len));
    REACHES(ip.whole && at == ip.l4 && ip.extensions == 16);
    REACHES(ip.whole && at < ip.l4 && ip.extensions == 18);
    REACHES(ip.fixed && !ip.whole && at == IP6_HEADER);
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

/* SPEC.md's fold(), for any sum. */
static uint16_t fold(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32);
    for (int i = 0; i < 3; i++)
        sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t)sum;
}

/* A sum is folded as SPEC.md says. */
void proof_ip_fold(void)
{
    const uint64_t sum = (uint64_t)nondet_u32() << 32 | nondet_u32();

    PROVE(sum_fold(sum) == fold(sum));
    REACHES(fold(sum) == 0xffff);
}

/*
 * Each byte is added once, with the weight that RFC 1071 gives it; see
 * any_sum.h. A pseudo-header has the addresses, the protocol and the length.
 */
void proof_ip_weights(void)
{
    uint8_t header[IP6_HEADER] = {0};
    const struct bytes ip = {header, IP6_HEADER};
    const uint32_t at = nondet_u32();
    const uint8_t value = (uint8_t)nondet_u16();
    const uint16_t word = (uint16_t)(at % 2 == 0 ? value << 8 : value);
    const bool is_address4 = at >= IP4_SOURCE && at < IP4_HEADER;
    const uint8_t protocol = (uint8_t)nondet_u16();
    const uint32_t len = nondet_u32();
    const uint16_t rest = sum_fold((uint64_t)len + protocol);

    ASSUME(at < IP6_HEADER);
    PROVE(ip_pseudo_sum(ip, 4, protocol, len) == rest);
    PROVE(ip_pseudo_sum(ip, 6, protocol, len) == rest);
    header[at] = value;
    PROVE(ip4_header_sum(ip) == (at < IP4_HEADER ? word : 0));
    PROVE(ip_pseudo_sum(ip, 4, 0, 0) == (is_address4 ? word : 0));
    PROVE(ip_pseudo_sum(ip, 6, 0, 0) == (at >= IP6_SOURCE ? word : 0));
    REACHES(word == 0xff00 && at == 18);
    REACHES(rest == 0xffff && at == 39);
}
