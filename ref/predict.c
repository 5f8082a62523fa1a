/* SPDX-License-Identifier: MIT */
/*
 * Header prediction, as V. Jacobson described it for TCP receivers.
 *
 * A port may leave this file out, and a reader may skip it. It decides nothing
 * that the stages (parse.c, flows.c, decide.c) do not decide: for a packet that
 * predict() accepts they have the verdict "merged", and nothing leaves the
 * table. It only finds that out sooner. -DGROVE_PREDICT=OFF builds the library
 * without it; outputs, verdicts and counts of rules are the same.
 *
 * Nothing is prepared for it. The headers are compared with those of the first
 * packet of the held super-packet. Since that one is held, the rules about a
 * packet by itself apply neither to it nor to a packet with the same headers.
 * What may differ is the identification, the sequence number and the checksums.
 * Of these the sum of the L4 bytes, if any, is last, since it takes longest.
 */
#include "predict.h"

#ifndef GROVE_NO_PREDICT

#include "decide.h"
#include "ip.h"

/*
 * Bytes 4 to 11 of an IPv4 header as one number: the identification stands at
 * its top, the checksum at its end. This adds 1 to the one and subtracts 1 from
 * the other, so that the sum of the header stays what it is.
 */
#define NEXT_ID ((UINT64_C(1) << 48) - 1)

/* What is between them: flags, fragment offset, TTL, protocol. */
#define BETWEEN_ID_AND_CHECKSUM UINT64_C(0x0000ffffffff0000)

/* The same twin of the packet and of the first packet of the held one. */
struct twin {
    struct bytes is;
    struct bytes was;
};

/* The `len` bytes of both from `offset` on; both must have them. */
static struct twin twin_slice(struct twin of, uint32_t offset, uint32_t len)
{
    return (struct twin){bytes_slice(of.is, offset, len),
                         bytes_slice(of.was, offset, len)};
}

/* Whether both have the same four, or eight, bytes there. */
static bool same_4(struct twin twin, uint32_t offset)
{
    return bytes_be32(twin.is, offset) == bytes_be32(twin.was, offset);
}

static bool same_8(struct twin twin, uint32_t offset)
{
    return bytes_word(twin.is, offset) == bytes_word(twin.was, offset);
}

/*
 * GRO-IP4-005, GRO-IP4-008 to GRO-IP4-011, and the addresses. If the
 * identification wraps, or the checksum borrows from the field before it, the
 * header has another sum.
 */
static bool follows_ip4(struct twin all, const struct held *held)
{
    const struct twin ip = twin_slice(all, INPUT_NETWORK, IP4_HEADER);
    const uint64_t is = bytes_be64(ip.is, IP4_ID);
    const uint64_t was = bytes_be64(ip.was, IP4_ID);
    const uint64_t step = held->fixed_id ? 0 : held->packets * NEXT_ID;

    return same_8(ip, IP4_SOURCE) && same_4(ip, IP4_VERSION_IHL) &&
           is == was + step && is >= was &&
           ((is ^ was) & BETWEEN_ID_AND_CHECKSUM) == 0;
}

/* GRO-IP6-002, GRO-IP6-005, GRO-IP6-006, and what the flow consists of. */
static bool follows_ip6(struct twin all)
{
    const struct twin ip = twin_slice(all, INPUT_NETWORK, IP6_HEADER);

    return same_8(ip, IP6_DESTINATION + 8) && same_8(ip, IP6_DESTINATION) &&
           same_8(ip, IP6_SOURCE + 8) && same_8(ip, IP6_SOURCE) &&
           same_8(ip, IP6_VERSION_CLASS_LABEL);
}

/* GRO-TCP-004 to GRO-TCP-008, GRO-TCP-011, GRO-LL-003, GRO-LL-008 to -010. */
static bool follows_tcp(struct twin all, uint32_t l4, const struct held *held)
{
    const struct twin tcp = twin_slice(all, l4, TCP_HEADER);
    const uint32_t options = l4 + TCP_HEADER;
    const struct twin rest =
        twin_slice(all, options, held->first.payload - options);

    return bytes_be32(tcp.is, TCP_SEQUENCE) == held->next_sequence &&
           same_4(tcp, L4_PORTS) && same_8(tcp, TCP_ACKNOWLEDGMENT) &&
           bytes_be16(tcp.is, TCP_URGENT) == bytes_be16(tcp.was, TCP_URGENT) &&
           bytes_be16(tcp.is, TCP_CHECKSUM) != 0xffff &&
           (held->first.flags & TCP_CWR) == 0 &&
           held->gso_size >= LOSSLESS_GSO_SIZE_MIN &&
           bytes_equal(rest.is, rest.was);
}

/* GRO-UDP-004, GRO-UDP-005; and GRO-END-004 must not apply. */
static bool follows_udp(struct twin all, uint32_t l4, const struct held *held,
                        const struct policy *policy)
{
    const struct twin udp = twin_slice(all, l4, UDP_HEADER);

    return same_4(udp, L4_PORTS) &&
           bytes_be16(udp.is, UDP_LENGTH) == bytes_be16(udp.was, UDP_LENGTH) &&
           bytes_be16(udp.is, UDP_CHECKSUM) != 0 &&
           held->packets + 1 < policy->profile.max_udp_segments;
}

static bool follows_l4(struct twin all, uint32_t l4, const struct held *held,
                       const struct policy *policy)
{
    return held->first.protocol == IP_PROTO_TCP
               ? follows_tcp(all, l4, held)
               : follows_udp(all, l4, held, policy);
}

/* Whether all headers are those of the packet after those of `held`. */
static bool follows(const struct policy *policy, struct bytes packet,
                    const struct held *held)
{
    const struct twin all = {packet, held->first.input.bytes};

    /* GRO-LIM-001; and GRO-END-003 must not apply. */
    if (all.is.len != all.was.len ||
        held->total + held->gso_size > SUPER_PACKET_MAX)
        return false;
    if (held->first.input.version == 4)
        return follows_ip4(all, held) &&
               follows_l4(all, INPUT_NETWORK + IP4_HEADER, held, policy);
    /* Extension headers go the long way. */
    return held->first.l4 == INPUT_NETWORK + IP6_HEADER && follows_ip6(all) &&
           follows_l4(all, INPUT_NETWORK + IP6_HEADER, held, policy);
}

/* ---- Which one is held of the packet's flow ---- */

/* Whether the last of the addresses and the ports are those of `held`. */
static bool may_follow(struct bytes packet, const struct held *held)
{
    const uint32_t at = held->first.l4 - 4;

    return bytes_have(packet, at, 8) &&
           bytes_word(packet, at) == bytes_word(held->first.input.bytes, at);
}

/* The one that is held of the flow, if there are no extension headers. */
static struct held *find(const struct policy *policy, const struct flows *flows,
                         struct bytes packet)
{
    const struct bytes ip = bytes_from(packet, INPUT_NETWORK);
    const uint8_t version = ip_version(ip);
    const uint32_t header = version == 4 ? IP4_HEADER : IP6_HEADER;
    struct flow_key key = {.network = 0};

    if ((version != 4 && version != 6) || !bytes_have(ip, header, L4_PORTS_LEN))
        return NULL;
    key.transport = key_transport(
        bytes_from(ip, header),
        bytes_u8(ip, version == 4 ? IP4_PROTOCOL : IP6_NEXT_HEADER), version);
    key_read_addresses(&key, ip, version);
    if (version == 6 && !policy->lossless)
        key.network = key_network(ip, 0);
    return flows_probe(flows, flows_hash_key(flows, &key));
}

/* The held one that the packet may follow, or NULL. */
static struct held *candidate(const struct policy *policy,
                              const struct flows *flows, struct bytes packet)
{
    if (flows->recent != NULL && may_follow(packet, flows->recent))
        return flows->recent;
    return find(policy, flows, packet);
}

/* Whether this virtio header says nothing. */
static bool is_plain(const uint8_t *vnet)
{
    const struct bytes bytes = {vnet, GROVE_VNET_LEN};

    return vnet == NULL || (bytes_word(bytes, 0) | bytes_be16(bytes, 8)) == 0;
}

struct held *predict(const struct policy *policy, const struct flows *flows,
                     const struct grove_packet *given)
{
    struct held *held;
    struct bytes packet;

    if (!is_plain(given->vnet) || given->len > GROVE_MAX_PACKET_LEN)
        return NULL;
    packet = (struct bytes){given->data, (uint32_t)given->len};
    held = candidate(policy, flows, packet);
    if (held == NULL || !follows(policy, packet, held))
        return NULL;
    /* GRO-TCP-001, GRO-UDP-002. */
    return policy->csum_trusted ||
                   ip_l4_is_right(
                       policy->sum, bytes_from(packet, INPUT_NETWORK),
                       held->first.input.version, held->first.protocol,
                       bytes_from(packet, held->first.l4))
               ? held
               : NULL;
}

#endif
