/* SPDX-License-Identifier: MIT */
/*
 * Headers are copied once. Every segment overwrites in them what differs from
 * the one before.
 */
#include "segment.h"

#include "grove/checksum.h"
#include "iovec.h"
#include "packet.h"
#include "vnet.h"

/* IPv4 with its options; IPv6 without extensions, which no segment changes. */
static struct buffer ip_of(struct grove_split *split)
{
    return (struct buffer){split->ip_header,
                           split->version == 4 ? split->l4 : IP6_HEADER};
}

static struct buffer l4_of(struct grove_split *split)
{
    return (struct buffer){split->l4_header, split->payload - split->l4};
}

static struct bytes view(struct buffer buffer)
{
    return (struct bytes){buffer.at, buffer.len};
}

void segment_begin(struct grove_split *split)
{
    const struct bytes input = segment_input(split);
    const struct buffer ip = ip_of(split);
    const struct buffer l4 = l4_of(split);

    buffer_copy(ip, bytes_slice(input, 0, ip.len));
    buffer_copy(l4, bytes_slice(input, split->l4, l4.len));
    if (split->stripped != 0) /* GSO-OUT-007 */
        buffer_put_u8(ip, IP6_NEXT_HEADER, split->protocol);
}

static uint16_t sum_of(struct bytes bytes)
{
    return grove_sum_fastest()(bytes.at, bytes.len);
}

static void add_part(struct grove_segment *segment, struct bytes part)
{
    if (part.len != 0)
        segment->iov[segment->iovcnt++] = iovec_of(part);
    segment->len += part.len;
}

/* GSO-OUT-006: NEEDS_CSUM is handed on to who offers to compute it. */
static void begin_segment(struct grove_split *split,
                          struct grove_segment *segment, bool csum,
                          uint32_t csum_start, uint16_t csum_offset)
{
    struct grove_vnet vnet = {0};

    if (csum && split->csum_offload) {
        vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
        vnet.csum_start = (uint16_t)csum_start;
        vnet.csum_offset = csum_offset;
    }
    grove_vnet_store(split->wire, &vnet);
    segment->iovcnt = 0;
    add_part(segment, (struct bytes){split->wire, GROVE_VNET_LEN});
    segment->len = 0;
}

/* GSO-OUT-001, GSO-OUT-002. */
static void write_ip(struct grove_split *split, uint32_t len)
{
    const struct buffer ip = ip_of(split);

    if (split->version == 6) {
        buffer_put_be16(ip, IP6_PAYLOAD_LENGTH, (uint16_t)(len - IP6_HEADER));
        return;
    }
    buffer_put_be16(ip, IP4_TOTAL_LENGTH, (uint16_t)len);
    buffer_put_be16(ip, IP4_ID, (uint16_t)(split->id + split->next));
    buffer_put_be16(ip, IP4_CHECKSUM, 0);
    buffer_put_be16(ip, IP4_CHECKSUM, (uint16_t)~sum_of(view(ip)));
}

/* GSO-OUT-003. */
static void write_tcp(struct grove_split *split)
{
    const struct buffer l4 = l4_of(split);
    const uint32_t sequence =
        split->sequence + split->next * split->vnet.gso_size;
    uint32_t flags = (uint32_t)split->flags << 16;

    if (split->next + 1 < split->count)
        flags &= ~(uint32_t)(TCP_FIN | TCP_PSH);
    if (split->next > 0)
        flags &= ~(uint32_t)TCP_CWR;
    buffer_put_be16(l4, TCP_SEQUENCE, (uint16_t)(sequence >> 16));
    buffer_put_be16(l4, TCP_SEQUENCE + 2, (uint16_t)sequence);
    buffer_put_u8(l4, TCP_FLAGS_BYTE, (uint8_t)(flags >> 16));
}

/* GSO-OUT-005: the sum of the pseudo-header, and of the rest if it is due. */
static void write_checksum(struct grove_split *split, struct bytes payload,
                           uint16_t at)
{
    const struct buffer l4 = l4_of(split);
    const bool udp = split->protocol == IP_PROTO_UDP;
    const uint32_t len = l4.len + payload.len;
    uint16_t checksum =
        sum_fold((uint64_t)split->base + (udp ? (uint16_t)len : len));

    buffer_put_be16(l4, at, checksum);
    if (split->csum_offload)
        return;
    checksum =
        (uint16_t)~sum_fold((uint64_t)sum_of(view(l4)) + sum_of(payload));
    if (checksum == 0 && udp)
        checksum = 0xffff; /* 0 means that there is none */
    buffer_put_be16(l4, at, checksum);
}

static struct bytes payload_of(const struct grove_split *split)
{
    const uint32_t gso_size = split->vnet.gso_size;
    const uint32_t from = split->payload + split->next * gso_size;
    const uint32_t rest = split->len - from;

    return bytes_slice(segment_input(split), from,
                       rest < gso_size ? rest : gso_size);
}

static void next_segment(struct grove_split *split,
                         struct grove_segment *segment)
{
    const struct bytes payload = payload_of(split);
    const struct buffer ip = ip_of(split);
    const struct buffer l4 = l4_of(split);
    const uint32_t extensions = ip.len + split->stripped;
    const bool tcp = split->protocol == IP_PROTO_TCP;
    const uint16_t checksum = tcp ? TCP_CHECKSUM : UDP_CHECKSUM;

    write_ip(split, split->payload - split->stripped + payload.len);
    if (tcp)
        write_tcp(split);
    else /* GSO-OUT-004 */
        buffer_put_be16(l4, UDP_LENGTH, (uint16_t)(UDP_HEADER + payload.len));
    write_checksum(split, payload, checksum);
    begin_segment(split, segment, true, split->l4 - split->stripped, checksum);
    add_part(segment, view(ip));
    add_part(segment, bytes_slice(segment_input(split), extensions,
                                  split->l4 - extensions));
    add_part(segment, view(l4));
    add_part(segment, payload);
}

/* GSO-OUT-008: a packet that is none of several. */
static void only_segment(struct grove_split *split,
                         struct grove_segment *segment)
{
    const struct grove_vnet *vnet = &split->vnet;
    const struct bytes input = segment_input(split);
    const bool csum = vnet_needs_csum(vnet);
    const uint32_t field = (uint32_t)vnet->csum_start + vnet->csum_offset;
    const struct buffer made = {split->l4_header, 2};
    uint16_t checksum;

    begin_segment(split, segment, csum, vnet->csum_start, vnet->csum_offset);
    if (!csum || split->csum_offload) {
        add_part(segment, input);
        return;
    }
    checksum = (uint16_t)~sum_of(bytes_from(input, vnet->csum_start));
    buffer_put_be16(made, 0, checksum == 0 ? 0xffff : checksum);
    add_part(segment, bytes_slice(input, 0, field));
    add_part(segment, view(made));
    add_part(segment, bytes_from(input, field + made.len));
}

bool grove_split_next(struct grove_split *split, struct grove_segment *segment)
{
    if (split->next == split->count)
        return false;
    if (split->gso)
        next_segment(split, segment);
    else
        only_segment(split, segment);
    split->next++;
    return true;
}
