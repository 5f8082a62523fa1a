/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include "flatten.h"
#include "iovec.h"
#include "ip.h"

uint32_t outputs_record(struct outputs *outputs, struct bytes part,
                        enum grove_verdict verdict, enum grove_rule rule)
{
    struct record *record = &outputs->records[outputs->received];

    record->part = iovec_of(part);
    record->next = GROVE_NO_PACKET;
    record->verdict = (uint8_t)verdict;
    record->rule = (uint16_t)rule;
    return outputs->received++;
}

void outputs_chain(struct outputs *outputs, const struct held *held,
                   uint32_t number)
{
    outputs->records[held->last_number].next = number;
}

/* Puts the slice at `next`, unless it is empty; returns what is behind it. */
static struct iovec *add_iovec(struct iovec *next, struct iovec iovec)
{
    *next = iovec;
    return iovec.iov_len != 0 ? next + 1 : next;
}

static struct iovec *add_header(struct iovec *next, struct buffer header)
{
    return add_iovec(next, (struct iovec){header.at, header.len});
}

/* The slices of the next output, of which the first is its virtio_net_hdr. */
static struct iovec *begin_output(const struct outputs *outputs)
{
    struct iovec *iov = &outputs->iov[outputs->iovs];

    *iov = (struct iovec){outputs->vnets +
                              (size_t)outputs->count * outputs->vnet_len,
                          outputs->vnet_len};
    return iov;
}

/* The output has the slices from `iov` up to `end`. */
static void end_output(struct outputs *outputs, const struct iovec *iov,
                       const struct iovec *end, struct grove_output output)
{
    output.iov = iov;
    output.iovcnt = (int)(end - iov);
    outputs->iovs += (uint32_t)output.iovcnt;
    outputs->list[outputs->count++] = output;
}

/*
 * GRO-OUT-011: what the header of a packet tells of its tunnel. Where the outer
 * UDP header is, and the IP version, a kernel finds in the packet.
 */
static struct grove_vnet tunnel_vnet(const struct input *input)
{
    struct grove_vnet vnet = input->vnet;
    const struct ip_headers ip = ip_walk(input_network(input), input->version);

    vnet.gso_type &= (uint8_t)~vnet_tunnel(&vnet);
    vnet.gso_type |=
        input->version == 6 ? GROVE_VNET_GSO_TUNNEL6 : GROVE_VNET_GSO_TUNNEL4;
    if (ip.whole)
        vnet.outer_th_offset = (uint16_t)(input->network + ip.l4);
    return vnet;
}

/* GRO-OUT-001: the virtio header of a packet that leaves as it came. */
static void store_single(const struct outputs *outputs,
                         const struct packet *packet, uint8_t *wire)
{
    const struct grove_vnet *vnet = &packet->input.vnet;
    struct grove_vnet told;

    if (packet->input.gso && packet->input.tunnel) {
        told = tunnel_vnet(&packet->input);
        vnet = &told;
    }
    if (packet->input.gso || vnet_needs_csum(vnet))
        grove_vnet_store_len(wire, outputs->vnet_len, vnet);
    else
        vnet_store_flags(wire, outputs->vnet_len,
                         packet->verified ? GROVE_VNET_F_DATA_VALID : 0);
}

/*
 * The output is the packet `number`, which is not changed. `rest` more are of
 * the same list.
 */
static void end_single(struct outputs *outputs, struct iovec *iov,
                       struct iovec packet, uint32_t number,
                       enum grove_rule rule, uint32_t rest)
{
    iov[1] = packet;
    end_output(outputs, iov, &iov[2],
               (struct grove_output){
                   .len = (uint32_t)packet.iov_len,
                   .packets = 1,
                   .first = number,
                   .rule = rule,
                   .rest = rest,
               });
}

/* GRO-OUT-001: a packet that did not merge leaves with the bytes it had. */
static void write_single(struct outputs *outputs, const struct packet *packet,
                         uint32_t number, enum grove_rule rule)
{
    struct iovec *iov = begin_output(outputs);

    store_single(outputs, packet, (uint8_t *)iov->iov_base);
    end_single(outputs, iov, iovec_of(packet->input.bytes), number, rule, 0);
}

static uint8_t *kept_vnet(const struct outputs *outputs, uint32_t number)
{
    return outputs->kept_vnets + (size_t)number * outputs->vnet_len;
}

void outputs_keep_vnet(struct outputs *outputs, const struct packet *packet,
                       uint32_t number)
{
    store_single(outputs, packet, kept_vnet(outputs, number));
}

/*
 * GRO-OUT-016: a list leaves as its packets, each as it came, in order. Then
 * none of them follows another inside an output.
 */
RARE static void write_list(struct outputs *outputs, const struct held *held,
                            enum grove_rule rule)
{
    uint32_t number = held->first_number;

    for (uint32_t rest = held->packets; rest-- > 0;) {
        struct record *record = &outputs->records[number];
        struct iovec *iov = &outputs->iov[outputs->iovs];

        *iov = (struct iovec){kept_vnet(outputs, number), outputs->vnet_len};
        end_single(outputs, iov, record->part, number, rule, rest);
        number = record->next;
        record->next = GROVE_NO_PACKET;
    }
}

void outputs_pass(struct outputs *outputs, const struct packet *packet,
                  uint32_t number)
{
    write_single(outputs, packet, number, GROVE_RULE_NONE);
}

/* GRO-OUT-013, GRO-OUT-014: a length that has no 16 bits is written as 0. */
static uint16_t length_field(uint32_t len)
{
    return len <= UINT16_MAX ? (uint16_t)len : 0;
}

/*
 * GRO-OUT-002: total_length is total. The checksum is updated by RFC 1624,
 * equation 3, which gives the same zero as Linux.
 */
static void rewrite_ip4(struct buffer ip, uint32_t total)
{
    const struct bytes old = {ip.at, ip.len};
    const uint16_t old_len = bytes_be16(old, IP4_TOTAL_LENGTH);
    const uint16_t old_checksum = bytes_be16(old, IP4_CHECKSUM);
    const uint16_t len = length_field(total);
    const uint16_t sum =
        sum_fold((uint64_t)(uint16_t)~old_checksum + (uint16_t)~old_len + len);

    buffer_put_be16(ip, IP4_TOTAL_LENGTH, len);
    buffer_put_be16(ip, IP4_CHECKSUM, (uint16_t)~sum);
}

/* GRO-OUT-003: payload_length is total - 40. */
static void rewrite_ip6(struct buffer ip, uint32_t total)
{
    buffer_put_be16(ip, IP6_PAYLOAD_LENGTH, length_field(total - IP6_HEADER));
}

/* The L4 header behind `ip`; its checksum field is the seed. */
static void rewrite_l4(struct buffer l4, struct buffer ip,
                       const struct held *held)
{
    const struct packet *first = &held->first;
    const uint32_t len = held->total - first->l4;
    const uint16_t seed = ip_pseudo_sum((struct bytes){ip.at, ip.len},
                                        first->version, first->protocol, len);

    if (first->protocol == IP_PROTO_TCP) {
        /* GRO-OUT-004: FIN and PSH of all packets are set. */
        buffer_put_u8(l4, TCP_FLAGS_LOW, (uint8_t)(first->flags | held->flags));
        buffer_put_be16(l4, TCP_CHECKSUM, seed);
    } else {
        /* GRO-OUT-006: the length field is total - l4. */
        buffer_put_be16(l4, UDP_LENGTH, (uint16_t)len);
        buffer_put_be16(l4, UDP_CHECKSUM, seed);
    }
}

/*
 * GRO-OUT-007: the virtio header says how to split the super-packet, into which
 * a jumbo header of `jumbo` bytes is put, or none.
 */
static struct grove_vnet super_vnet(const struct policy *policy,
                                    const struct held *held, uint32_t jumbo)
{
    const struct packet *first = &held->first;
    const bool tcp = first->protocol == IP_PROTO_TCP;
    struct grove_vnet vnet = {
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = GROVE_VNET_GSO_UDP_L4,
        .hdr_len = (uint16_t)(first->payload + jumbo),
        .gso_size = (uint16_t)held->gso_size,
        .csum_start = (uint16_t)(first->l4 + jumbo),
        .csum_offset = (uint16_t)(tcp ? TCP_CHECKSUM : UDP_CHECKSUM),
    };

    if (tcp)
        vnet.gso_type =
            first->version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;
    /* GRO-OUT-005: TCP whose first packet has CWR, with shows_cwr. */
    if (tcp && policy->profile.shows_cwr && (first->flags & TCP_CWR) != 0)
        vnet.gso_type |= GROVE_VNET_GSO_ECN;
    return vnet;
}

/* GRO-OUT-012: a virtio header of 24 bytes tells of a tunnel over UDP. */
RARE static void store_in_tunnel(const struct outputs *outputs,
                                 const struct policy *policy,
                                 const struct packet *first,
                                 struct grove_vnet vnet, uint8_t *wire)
{
    if (outputs->vnet_len == GROVE_VNET_TUNNEL_LEN &&
        policy->profile.takes_tunnels && outer_udp(first).len != 0) {
        vnet.gso_type |= first->input.version == 6 ? GROVE_VNET_GSO_TUNNEL6
                                                   : GROVE_VNET_GSO_TUNNEL4;
        if (bytes_be16(outer_udp(first), UDP_CHECKSUM) != 0)
            vnet.flags |= GROVE_VNET_F_TUNNEL_CSUM;
        vnet.outer_th_offset =
            (uint16_t)(first->input.network + outer_ip_header(first));
        vnet.inner_nh_offset = (uint16_t)first->network;
    }
    grove_vnet_store_len(wire, outputs->vnet_len, &vnet);
}

/* The virtio header of a super-packet. */
static void store_super(const struct outputs *outputs,
                        const struct policy *policy, const struct held *held,
                        uint32_t jumbo, uint8_t *wire)
{
    const struct grove_vnet vnet = super_vnet(policy, held, jumbo);

    if (packet_in_tunnel(&held->first))
        store_in_tunnel(outputs, policy, &held->first, vnet, wire);
    else
        grove_vnet_store_len(wire, outputs->vnet_len, &vnet);
}

/* The payloads of packet `number` and of all that follow it: none is empty. */
static struct iovec *
add_payloads(struct iovec *next, const struct outputs *outputs, uint32_t number)
{
    for (; number != GROVE_NO_PACKET; number = outputs->records[number].next)
        *next++ = outputs->records[number].part;
    return next;
}

/*
 * What is written in one piece begins here: with the first byte, or with the
 * innermost IP header, or PPPoE before it, in a tunnel and behind VLAN tags.
 */
static uint32_t written_from(const struct packet *first)
{
    return first->network > LINK_HEADER_MAX ? first->network - first->pppoe : 0;
}

/*
 * GRO-OUT-017: the length field of PPPoE, which is before the IP header at
 * `network` of the super-packet. `headers` begins with PPPoE.
 */
RARE static void rewrite_pppoe(struct buffer headers, const struct held *held,
                               uint32_t network)
{
    const uint32_t behind = network - (PPPOE_HEADER - PPPOE_PROTOCOL);

    buffer_put_be16(headers, PPPOE_LENGTH, (uint16_t)(held->total - behind));
}

/*
 * GRO-OUT-008: the link header, too, is that of the first packet. If the packet
 * is long enough, some payload is copied with the headers: copying a constant
 * length takes less time.
 */
static void copy_first(struct headers *headers, const struct packet *first,
                       uint32_t from, uint32_t ip_end)
{
    const struct bytes packet = bytes_from(first->input.bytes, from);
    const struct buffer out = {headers->bytes, sizeof headers->bytes};

    if (packet.len >= out.len && first->l4 - from == ip_end) {
        buffer_copy(out, bytes_first(packet, out.len));
        return;
    }
    buffer_copy(out, bytes_first(packet, ip_end));
    buffer_copy(buffer_from(out, ip_end), packet_l4_header(first));
}

/* The headers, in one piece unless there are extension headers. */
static struct iovec *add_headers(struct iovec *next, struct headers *headers,
                                 const struct packet *first, uint32_t from,
                                 uint32_t ip_end)
{
    const uint32_t l4_len = first->payload - first->l4;
    uint8_t *bytes = headers->bytes;

    if (first->l4 - from == ip_end)
        return add_header(next, (struct buffer){bytes, ip_end + l4_len});
    next = add_header(next, (struct buffer){bytes, ip_end});
    next = add_iovec(next, iovec_of(packet_extensions(first)));
    return add_header(next, (struct buffer){bytes + ip_end, l4_len});
}

/*
 * GRO-OUT-015: the first extension header is one with the jumbo payload option
 * (RFC 2675), which has the length. `ip` has the IPv6 header and room for it.
 */
static void put_jumbo(struct buffer ip, uint32_t payload_len)
{
    const struct buffer jumbo = buffer_from(ip, IP6_HEADER);
    const struct bytes header = {ip.at, ip.len};

    buffer_put_u8(jumbo, EXTENSION_NEXT_HEADER,
                  bytes_u8(header, IP6_NEXT_HEADER));
    buffer_put_u8(jumbo, EXTENSION_LENGTH, 0);
    buffer_put_u8(jumbo, JUMBO_OPTION_TYPE, JUMBO_OPTION);
    buffer_put_u8(jumbo, JUMBO_OPTION_LENGTH, JUMBO_OPTION_DATA);
    buffer_put_be32(jumbo, JUMBO_PAYLOAD_LENGTH, payload_len);
    buffer_put_u8(ip, IP6_NEXT_HEADER, IP_PROTO_HOP_BY_HOP);
}

/*
 * GRO-OUT-015: the headers of a super-packet with a jumbo header. A table with
 * such super-packets has no link, so that they begin with the IP header.
 */
RARE static struct iovec *add_jumbo(struct iovec *next, struct outputs *outputs,
                                    const struct held *held)
{
    const struct packet *first = &held->first;
    uint8_t *bytes = outputs->headers[outputs->count].bytes;
    struct jumbo_headers *jumbo = &outputs->jumbos[outputs->count];
    const struct buffer ip = {jumbo->bytes, sizeof jumbo->bytes};

    buffer_copy(ip, (struct bytes){bytes, IP6_HEADER});
    put_jumbo(ip, held->total - IP6_HEADER + JUMBO_HEADER);
    next = add_header(next, ip);
    next = add_iovec(next, iovec_of(packet_extensions(first)));
    return add_header(
        next, (struct buffer){bytes + IP6_HEADER, first->payload - first->l4});
}

/* Total length and checksum of an IP header. */
static void rewrite_ip(struct buffer ip, uint8_t version, uint32_t total)
{
    if (version == 4)
        rewrite_ip4(ip, total);
    else
        rewrite_ip6(ip, total);
}

/*
 * The seed of the outer UDP header. A kernel without checks_csum_start takes
 * the inner IP header, with its flags of TCP, for the outer one.
 */
static uint16_t outer_seed(const struct policy *policy, const struct held *held,
                           uint32_t len)
{
    const struct packet *first = &held->first;
    const struct bytes inner = packet_network(first);
    const uint32_t flags = first->l4 - first->network + TCP_FLAGS_LOW;
    uint8_t bytes[IP6_HEADER];
    const struct buffer copy = {bytes, outer_ip_header(first)};
    struct bytes network = input_network(&first->input);

    if (!policy->profile.checks_csum_start && inner.len >= copy.len) {
        buffer_copy(copy, bytes_first(inner, copy.len));
        if (first->protocol == IP_PROTO_TCP && flags < copy.len)
            buffer_put_u8(copy, flags, (uint8_t)(first->flags | held->flags));
        network = (struct bytes){bytes, copy.len};
    }
    return ip_pseudo_sum(network, first->input.version, IP_PROTO_UDP, len);
}

/*
 * GRO-OUT-010: the length field of the outer UDP header is the length from it
 * on. A checksum that is not 0 becomes the seed.
 */
static struct iovec *add_outer_udp(struct iovec *next, struct buffer out,
                                   const struct policy *policy,
                                   const struct held *held)
{
    const struct packet *first = &held->first;
    const struct bytes udp = outer_udp(first);
    const uint32_t len = held->total - first->outer.l4;

    if (udp.len == 0)
        return next;
    buffer_copy(out, udp);
    buffer_put_be16(out, UDP_LENGTH, (uint16_t)len);
    if (bytes_be16(udp, UDP_CHECKSUM) != 0)
        buffer_put_be16(out, UDP_CHECKSUM, outer_seed(policy, held, len));
    return add_header(next, (struct buffer){out.at, udp.len});
}

/* GRO-OUT-009: the headers of a tunnel are those of the first packet. */
static struct iovec *add_outer(struct iovec *next,
                               struct outer_headers *headers,
                               const struct policy *policy,
                               const struct held *held)
{
    const struct packet *first = &held->first;
    const uint32_t pppoe = first->outer.pppoe;
    const uint32_t ip_end = pppoe + outer_ip_header(first);
    const struct buffer out = {headers->bytes, sizeof headers->bytes};

    buffer_copy(out, bytes_slice(first->input.bytes,
                                 first->input.network - pppoe, ip_end));
    if (pppoe != 0)
        rewrite_pppoe(out, held, first->input.network);
    rewrite_ip((struct buffer){out.at + pppoe, ip_end - pppoe},
               first->input.version, held->total - first->input.network);
    next = add_header(next, (struct buffer){out.at, ip_end});
    next = add_iovec(next, iovec_of(outer_extensions(first)));
    next = add_outer_udp(next, buffer_from(out, ip_end), policy, held);
    return add_iovec(next,
                     iovec_of(bytes_slice(first->input.bytes, first->outer.own,
                                          first->network - first->pppoe -
                                              first->outer.own)));
}

/* GRO-OUT-008: what stands before the innermost IP header. */
RARE static struct iovec *add_before(struct iovec *next,
                                     struct outputs *outputs,
                                     const struct policy *policy,
                                     const struct held *held)
{
    next = add_iovec(next, iovec_of(packet_link(&held->first)));
    if (packet_in_tunnel(&held->first))
        next = add_outer(next, &outputs->outers[outputs->count], policy, held);
    return next;
}

/* Two or more packets: the changed headers of the first, then all payloads. */
FLATTEN static void write_super(struct outputs *outputs,
                                const struct policy *policy,
                                const struct held *held, enum grove_rule rule)
{
    const struct packet *first = &held->first;
    struct headers *headers = &outputs->headers[outputs->count];
    const uint32_t from = written_from(first);
    const struct buffer ip = {headers->bytes + (first->network - from),
                              packet_ip_header(first)};
    const struct buffer l4 = {ip.at + ip.len, first->payload - first->l4};
    const uint32_t ip_end = first->network - from + ip.len;
    struct iovec *iov = begin_output(outputs);
    struct iovec *next = iov + 1;
    uint32_t jumbo = 0;

    if (from != 0)
        next = add_before(next, outputs, policy, held);
    copy_first(headers, first, from, ip_end);
    if (first->pppoe != 0)
        rewrite_pppoe((struct buffer){headers->bytes, sizeof headers->bytes},
                      held, first->network);
    rewrite_ip(ip, first->version, held->total - first->network);
    rewrite_l4(l4, ip, held);
    if (policy_adds_jumbo(policy, first->version,
                          held->total - first->network)) {
        next = add_jumbo(next, outputs, held);
        jumbo = JUMBO_HEADER;
    } else {
        next = add_headers(next, headers, first, from, ip_end);
    }
    store_super(outputs, policy, held, jumbo, (uint8_t *)iov->iov_base);
    next = add_payloads(next, outputs, held->first_number);
    end_output(outputs, iov, next,
               (struct grove_output){
                   .len = held->total + jumbo,
                   .packets = held->packets,
                   .first = held->first_number,
                   .rule = rule,
               });
}

FLATTEN_PART void outputs_held(struct outputs *outputs,
                               const struct policy *policy,
                               const struct held *held, enum grove_rule rule)
{
    if (held->packets == 1)
        write_single(outputs, &held->first, held->first_number, rule);
    else if (policy_lists(policy, held->first.protocol))
        write_list(outputs, held, rule);
    else
        write_super(outputs, policy, held, rule);
}
