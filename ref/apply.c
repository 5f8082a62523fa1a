/* SPDX-License-Identifier: MIT */
#include "apply.h"

#include "iovec.h"

static void add_iovec(struct outputs *outputs, struct iovec iovec)
{
    if (iovec.iov_len != 0)
        outputs->iov[outputs->iovs++] = iovec;
}

static void add_header(struct outputs *outputs, uint8_t *bytes, uint32_t len)
{
    add_iovec(outputs, (struct iovec){bytes, len});
}

/* Begins an output with its virtio_net_hdr; add_output() ends it. */
static struct headers *begin_output(struct outputs *outputs,
                                    const struct grove_vnet *vnet)
{
    struct headers *headers = &outputs->headers[outputs->count];

    grove_vnet_store(headers->vnet, vnet);
    outputs->list[outputs->count].iov = &outputs->iov[outputs->iovs];
    add_header(outputs, headers->vnet, GROVE_VNET_LEN);
    return headers;
}

static void end_output(struct outputs *outputs, uint32_t len, uint32_t packets,
                       uint32_t first, enum grove_rule rule)
{
    struct grove_output *output = &outputs->list[outputs->count++];

    output->iovcnt = (int)(&outputs->iov[outputs->iovs] - output->iov);
    output->len = len;
    output->packets = packets;
    output->first = first;
    output->rule = rule;
}

uint32_t apply_record(struct outputs *outputs, const struct packet *packet,
                      enum grove_verdict verdict, enum grove_rule rule)
{
    struct record *record = &outputs->records[outputs->received];

    if (verdict == GROVE_HELD || verdict == GROVE_MERGED)
        record->payload = iovec_of(bytes_from(packet->bytes, packet->payload));
    record->next = GROVE_NO_PACKET;
    record->verdict = (uint8_t)verdict;
    record->rule = (uint16_t)rule;
    return outputs->received++;
}

/* GRO-OUT-001: a packet that was not merged leaves as it came. */
static void emit_single(struct outputs *outputs, const struct packet *packet,
                        uint32_t number, enum grove_rule rule)
{
    struct grove_vnet vnet = packet->vnet;

    if (vnet.flags == 0 && packet->data_valid)
        vnet.flags = GROVE_VNET_F_DATA_VALID;
    begin_output(outputs, &vnet);
    add_iovec(outputs, iovec_of(packet->bytes));
    end_output(outputs, packet->bytes.len, 1, number, rule);
}

void apply_pass(struct outputs *outputs, const struct packet *packet,
                uint32_t number)
{
    emit_single(outputs, packet, number, GROVE_RULE_NONE);
}

void apply_hold(struct held *held, uint32_t number)
{
    const struct packet *first = &held->first;

    held->gso_size = packet_payload_len(first);
    held->total = first->bytes.len;
    held->packets = 1;
    held->next_sequence = first->sequence + held->gso_size;
    held->flags = 0;
    held->fixed_id = false;
    held->first_number = held->last_number = number;
}

void apply_merge(struct outputs *outputs, struct held *held,
                 const struct packet *packet, uint32_t number, bool fixed_id)
{
    const uint32_t len = packet_payload_len(packet);

    outputs->records[held->last_number].next = number;
    held->last_number = number;
    held->total += len;
    held->packets++;
    held->next_sequence += len;
    held->flags |= packet->word12 & (TCP_FIN | TCP_PSH);
    held->fixed_id = fixed_id;
}

/*
 * GRO-OUT-002. The checksum is updated, not computed (RFC 1624, equation 3):
 * of the two zeros of its arithmetic that gives the one that Linux gives.
 */
static void rewrite_ip4(struct buffer ip, const struct held *held)
{
    const uint16_t old_len = bytes_be16(held->first.bytes, IP4_TOTAL_LENGTH);
    const uint16_t inverted =
        (uint16_t)~bytes_be16(held->first.bytes, IP4_CHECKSUM);
    uint32_t sum = (uint32_t)inverted + (uint16_t)~old_len;

    sum = (sum & 0xffff) + (sum >> 16);
    sum += held->total;
    sum = (sum & 0xffff) + (sum >> 16);
    buffer_copy(ip, bytes_slice(held->first.bytes, 0, ip.len));
    buffer_put_be16(ip, IP4_TOTAL_LENGTH, (uint16_t)held->total);
    buffer_put_be16(ip, IP4_CHECKSUM, (uint16_t)~sum);
}

/* GRO-OUT-003. */
static void rewrite_ip6(struct buffer ip, const struct held *held)
{
    buffer_copy(ip, bytes_slice(held->first.bytes, 0, ip.len));
    buffer_put_be16(ip, IP6_PAYLOAD_LENGTH,
                    (uint16_t)(held->total - IP6_HEADER));
}

/* GRO-OUT-004, GRO-OUT-006. */
static void rewrite_l4(struct buffer l4, const struct held *held)
{
    const struct packet *first = &held->first;
    const uint32_t len = held->total - first->l4;
    const uint16_t seed = packet_pseudo_sum(first, len);

    buffer_copy(l4, bytes_slice(first->bytes, first->l4, l4.len));
    if (first->protocol == IP_PROTO_TCP) {
        buffer_put_u8(l4, TCP_FLAGS_BYTE,
                      (uint8_t)((first->word12 | held->flags) >> 16));
        buffer_put_be16(l4, TCP_CHECKSUM, seed);
    } else {
        buffer_put_be16(l4, UDP_LENGTH, (uint16_t)len);
        buffer_put_be16(l4, UDP_CHECKSUM, seed);
    }
}

/* GRO-OUT-005, GRO-OUT-007. */
static struct grove_vnet super_vnet(const struct policy *policy,
                                    const struct held *held)
{
    const struct packet *first = &held->first;
    const bool tcp = first->protocol == IP_PROTO_TCP;
    struct grove_vnet vnet = {
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = GROVE_VNET_GSO_UDP_L4,
        .hdr_len = (uint16_t)first->payload,
        .gso_size = (uint16_t)held->gso_size,
        .csum_start = (uint16_t)first->l4,
        .csum_offset = tcp ? TCP_CHECKSUM : UDP_CHECKSUM,
    };

    if (tcp)
        vnet.gso_type =
            first->version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;
    if (tcp && policy->profile->shows_cwr && (first->word12 & TCP_CWR) != 0)
        vnet.gso_type |= GROVE_VNET_GSO_ECN;
    return vnet;
}

static void emit_super(const struct policy *policy, struct outputs *outputs,
                       const struct held *held, enum grove_rule rule)
{
    const struct packet *first = &held->first;
    const struct grove_vnet vnet = super_vnet(policy, held);
    struct headers *headers = begin_output(outputs, &vnet);
    const struct buffer ip = {headers->ip,
                              first->version == 4 ? IP4_HEADER : IP6_HEADER};
    const struct buffer l4 = {headers->l4, first->payload - first->l4};

    if (first->version == 4)
        rewrite_ip4(ip, held);
    else
        rewrite_ip6(ip, held);
    rewrite_l4(l4, held);
    add_header(outputs, ip.at, ip.len);
    add_iovec(outputs, iovec_of(packet_extensions(first)));
    add_header(outputs, l4.at, l4.len);
    for (uint32_t i = held->first_number; i != GROVE_NO_PACKET;
         i = outputs->records[i].next)
        add_iovec(outputs, outputs->records[i].payload);
    end_output(outputs, held->total, held->packets, held->first_number, rule);
}

void apply_complete(const struct policy *policy, struct outputs *outputs,
                    const struct held *held, enum grove_rule rule)
{
    if (held->packets == 1)
        emit_single(outputs, &held->first, held->first_number, rule);
    else
        emit_super(policy, outputs, held, rule);
}
