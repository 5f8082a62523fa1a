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
 * Where packets have a link or tunnels end, the stages find it out.
 */
#include "predict.h"

#ifndef GROVE_NO_PREDICT

#include "decide.h"
#include "flatten.h"
#include "ip.h"

/* The packet and the first packet of the held one, or the same part of both. */
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

/* The packet, which is as long as the first packet of `held`, and that one. */
static struct twin twin_of(struct bytes packet, const struct held *held)
{
    return (struct twin){packet, {held->first.input.bytes.at, packet.len}};
}

static bool same_2(struct twin twin, uint32_t offset)
{
    return bytes_be16(twin.is, offset) == bytes_be16(twin.was, offset);
}

static bool same_4(struct twin twin, uint32_t offset)
{
    return bytes_be32(twin.is, offset) == bytes_be32(twin.was, offset);
}

static bool same_8(struct twin twin, uint32_t offset)
{
    return bytes_word(twin.is, offset) == bytes_word(twin.was, offset);
}

/*
 * Where the identification counts up, the header checksum counts down, so that
 * the sum of both, and of the header, stays. Neither may wrap: then the
 * checksum would be another one.
 */
static bool follows_ip4(struct twin all, const struct held *held)
{
    const struct twin ip = twin_slice(all, 0, IP4_HEADER);
    const uint32_t step = held->fixed_id ? 0 : held->packets;

    /* GRO-KEY-001; GRO-IP4-003, GRO-IP4-006, GRO-IP4-009 */
    return same_8(ip, IP4_SOURCE) && same_4(ip, IP4_VERSION_IHL) &&
           /* GRO-IP4-002, GRO-IP4-004, GRO-IP4-007, GRO-IP4-008, GRO-IP4-010 */
           same_4(ip, IP4_FRAGMENT) &&
           /* GRO-IP4-011, GRO-LL-007 */
           bytes_be16(ip.is, IP4_ID) == held->first.ip.id + step &&
           /* GRO-IP4-005, GRO-LL-002 */
           bytes_be16(ip.is, IP4_CHECKSUM) + step ==
               bytes_be16(ip.was, IP4_CHECKSUM);
}

static bool follows_ip6(struct twin all)
{
    const struct twin ip = twin_slice(all, 0, IP6_HEADER);

    /* GRO-KEY-001 */
    return same_8(ip, IP6_DESTINATION + 8) && same_8(ip, IP6_DESTINATION) &&
           same_8(ip, IP6_SOURCE + 8) && same_8(ip, IP6_SOURCE) &&
           /* GRO-KEY-002, GRO-IP6-002, GRO-IP6-005, GRO-IP6-006 */
           same_8(ip, IP6_VERSION_CLASS_LABEL);
}

static bool same_options(struct twin all, uint32_t from, uint32_t end)
{
    const struct twin options = twin_slice(all, from, end - from);

    return bytes_equal(options.is, options.was);
}

FLATTEN_PART static bool follows_tcp(struct twin all, uint32_t l4,
                                     const struct held *held)
{
    const struct twin tcp = twin_slice(all, l4, TCP_HEADER);

    /* GRO-TCP-011, GRO-KEY-001 */
    return bytes_be32(tcp.is, TCP_SEQUENCE) == held->next_sequence &&
           same_4(tcp, L4_PORTS) &&
           /* GRO-TCP-003, GRO-TCP-005, GRO-TCP-006, GRO-TCP-007, GRO-END-001 */
           same_8(tcp, TCP_ACKNOWLEDGMENT) &&
           /* GRO-TCP-004, GRO-LL-009 */
           (bytes_be16(tcp.is, TCP_OFFSET_FLAGS) & TCP_CWR) == 0 &&
           /* GRO-LL-003, GRO-LL-008 */
           bytes_be16(tcp.is, TCP_CHECKSUM) != 0xffff &&
           same_2(tcp, TCP_URGENT) &&
           /* GRO-LL-010 */
           held->gso_size >= LOSSLESS_GSO_SIZE_MIN &&
           /* GRO-TCP-008 */
           same_options(all, l4 + TCP_HEADER, held->first.payload);
}

static bool follows_udp(struct twin all, uint32_t l4, const struct held *held,
                        const struct policy *policy)
{
    const struct twin udp = twin_slice(all, l4, UDP_HEADER);

    /* GRO-KEY-001, GRO-UDP-005 */
    return same_4(udp, L4_PORTS) && same_2(udp, UDP_LENGTH) &&
           /* GRO-UDP-004 */
           bytes_be16(udp.is, UDP_CHECKSUM) != 0 &&
           /* GRO-END-004 would make it leave. */
           held->packets + 1 < policy->profile.max_udp_segments;
}

FLATTEN_PART static bool follows_l4(struct twin all, uint32_t l4,
                                    const struct held *held,
                                    const struct policy *policy)
{
    return held->first.protocol == IP_PROTO_TCP
               ? follows_tcp(all, l4, held)
               : follows_udp(all, l4, held, policy);
}

/* Whether all headers are those of the packet after those of `held`. */
FLATTEN_PART static bool follows(const struct policy *policy,
                                 struct bytes packet, const struct held *held)
{
    const struct twin all = twin_of(packet, held);

    /* GRO-TCP-009, GRO-TCP-010, GRO-UDP-006; GRO-END-003 would make it leave */
    if (packet.len != held->first.input.bytes.len ||
        /* GRO-LIM-001 */
        held->total + held->gso_size > SUPER_PACKET_MAX)
        return false;
    if (held->first.version == 4)
        return follows_ip4(all, held) &&
               follows_l4(all, IP4_HEADER, held, policy);
    /* Extension headers go the long way. */
    return held->first.l4 == IP6_HEADER && follows_ip6(all) &&
           follows_l4(all, IP6_HEADER, held, policy);
}

/* ---- Which one is held of the packet's flow ---- */

/* Whether the length, the last address and the ports are those of `held`. */
static bool may_follow(struct bytes packet, const struct held *held)
{
    const struct twin all = twin_of(packet, held);

    return packet.len == held->first.input.bytes.len &&
           same_8(all, held->first.l4 - 4);
}

/* The held one that the packet may follow, or NULL. */
FLATTEN_PART static struct held *candidate(const struct policy *policy,
                                           const struct flows *flows,
                                           struct bytes packet, uint32_t *hash)
{
    if (flows->recent != NULL && may_follow(packet, flows->recent))
        return flows->recent;
    *hash = flows_hash_bytes(flows, packet, policy->lossless);
    return *hash != 0 ? flows_probe(flows, *hash) : NULL;
}

FLATTEN struct held *predict(const struct policy *policy,
                             const struct flows *flows,
                             const struct grove_packet *given, uint32_t *hash)
{
    struct bytes packet;
    struct held *held;

    *hash = 0;
    if (!policy->plain || !vnet_is_zero(given->vnet) ||
        given->len > GROVE_MAX_PACKET_LEN)
        return NULL;
    packet = (struct bytes){given->data, (uint32_t)given->len};
    held = candidate(policy, flows, packet, hash);
    return held != NULL && follows(policy, packet, held) ? held : NULL;
}

#endif
