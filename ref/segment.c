/* SPDX-License-Identifier: MIT */
/*
 * SPEC.md, "The bytes of a segment", "A packet that is not a GSO packet". The
 * headers are copied once. Each segment overwrites the fields that differ.
 */
#include "grove/checksum.h"
#include "iovec.h"
#include "ip.h"
#include "split.h"
#include "vnet.h"

/* IPv4 with its options; IPv6 without extensions, which no segment changes. */
static struct buffer ip_of(struct grove_split *split)
{
    const bool v4 = split->input.version == 4;

    return (struct buffer){split->ip_bytes,
                           v4 ? split_ip_len(split) : (uint32_t)IP6_HEADER};
}

static struct buffer l4_of(struct grove_split *split)
{
    return (struct buffer){split->l4_bytes, split->payload - split->l4};
}

static struct bytes view(struct buffer buffer)
{
    return (struct bytes){buffer.at, buffer.len};
}

void segment_begin(struct grove_split *split)
{
    const struct buffer ip = ip_of(split);
    const struct buffer l4 = l4_of(split);

    buffer_copy(ip, bytes_first(split_network(split), ip.len));
    buffer_copy(l4, bytes_first(split_l4(split), l4.len));
    /* GSO-OUT-007: the next header field is 6. */
    if (split->stripped != 0)
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

/* Begins the segment with a virtio header of zeros, or of NEEDS_CSUM. */
static void begin_segment(struct grove_split *split,
                          struct grove_segment *segment, bool needs_csum,
                          uint32_t csum_start, uint16_t csum_offset)
{
    struct grove_vnet vnet = {0};

    if (needs_csum && split->csum_offload) {
        vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
        vnet.csum_start = (uint16_t)csum_start;
        vnet.csum_offset = csum_offset;
    }
    grove_vnet_store(split->vnet_bytes, &vnet);
    segment->iovcnt = 0;
    add_part(segment, (struct bytes){split->vnet_bytes, GROVE_VNET_LEN});
    segment->len = 0;
}

/* GSO-OUT-001: IPv4: total_length, identification and checksum. */
static void write_segment_ip4(struct grove_split *split, uint32_t len)
{
    const struct buffer ip = ip_of(split);

    buffer_put_be16(ip, IP4_TOTAL_LENGTH, (uint16_t)len);
    buffer_put_be16(ip, IP4_ID, (uint16_t)(split->id + split->next));
    buffer_put_be16(ip, IP4_CHECKSUM, 0);
    buffer_put_be16(ip, IP4_CHECKSUM, (uint16_t)~sum_of(view(ip)));
}

/* GSO-OUT-002: IPv6: payload_length is seglen - 40. */
static void write_segment_ip6(struct grove_split *split, uint32_t len)
{
    buffer_put_be16(ip_of(split), IP6_PAYLOAD_LENGTH,
                    (uint16_t)(len - IP6_HEADER));
}

/* GSO-OUT-003: TCP: the sequence number, and FIN, PSH and CWR. */
static void write_segment_tcp(struct grove_split *split)
{
    const struct buffer l4 = l4_of(split);
    const uint32_t gso_size = split->input.vnet.gso_size;
    const int not_last = split->next + 1 < split->count ? TCP_FIN | TCP_PSH : 0;
    const int not_first = split->next > 0 ? (int)TCP_CWR : 0;

    buffer_put_be32(l4, TCP_SEQUENCE, split->sequence + split->next * gso_size);
    buffer_put_u8(l4, TCP_FLAGS_LOW,
                  (uint8_t)(split->flags & ~(not_last | not_first)));
}

/* GSO-OUT-004: UDP: the length field is seglen - l4, mod 2^16. */
static void write_segment_udp(struct grove_split *split, uint32_t len)
{
    buffer_put_be16(l4_of(split), UDP_LENGTH, (uint16_t)len);
}

/* GSO-OUT-005: part; without csum_offload the checksum itself. */
static void write_checksum(struct grove_split *split, struct bytes payload,
                           uint16_t field)
{
    const struct buffer l4 = l4_of(split);
    const bool udp = split->protocol == IP_PROTO_UDP;
    const uint32_t len = l4.len + payload.len;
    const uint16_t part =
        sum_fold((uint64_t)split->part + (udp ? (uint16_t)len : len));
    uint16_t checksum;

    buffer_put_be16(l4, field, part);
    if (split->csum_offload)
        return;
    checksum =
        (uint16_t)~sum_fold((uint64_t)sum_of(view(l4)) + sum_of(payload));
    if (checksum == 0 && udp)
        checksum = 0xffff; /* 0 means that there is none */
    buffer_put_be16(l4, field, checksum);
}

static struct bytes segment_payload(const struct grove_split *split)
{
    const struct bytes all = bytes_from(split->input.bytes, split->payload);
    const uint32_t gso_size = split->input.vnet.gso_size;
    const struct bytes rest = bytes_from(all, split->next * gso_size);

    return bytes_first(rest, rest.len < gso_size ? rest.len : gso_size);
}

/* Overwrites the fields of the headers that differ; returns the payload. */
static struct bytes write_headers(struct grove_split *split)
{
    const struct bytes payload = segment_payload(split);
    const uint32_t l4_len = l4_of(split).len + payload.len;
    const uint32_t len = split_ip_len(split) - split->stripped + l4_len;

    if (split->input.version == 4)
        write_segment_ip4(split, len);
    else
        write_segment_ip6(split, len);
    if (split->protocol == IP_PROTO_TCP)
        write_segment_tcp(split);
    else
        write_segment_udp(split, l4_len);
    return payload;
}

static void next_segment(struct grove_split *split,
                         struct grove_segment *segment)
{
    const struct bytes payload = write_headers(split);
    const struct buffer ip = ip_of(split);
    const uint32_t extensions = ip.len + split->stripped;
    const uint16_t field =
        split->protocol == IP_PROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM;

    write_checksum(split, payload, field);
    /* GSO-OUT-006: with csum_offload NEEDS_CSUM, else zeros. */
    begin_segment(split, segment, true, split->l4 - split->stripped, field);
    add_part(segment, view(ip));
    add_part(segment, bytes_slice(split_network(split), extensions,
                                  split_ip_len(split) - extensions));
    add_part(segment, view(l4_of(split)));
    add_part(segment, payload);
}

/* GSO-OUT-008: the one segment is the packet. */
static void only_segment(struct grove_split *split,
                         struct grove_segment *segment)
{
    const struct grove_vnet *vnet = &split->input.vnet;
    const struct bytes bytes = split->input.bytes;
    const bool needs_csum = vnet_needs_csum(vnet);
    const uint32_t field = (uint32_t)vnet->csum_start + vnet->csum_offset;
    const struct buffer made = {split->l4_bytes, CHECKSUM_LEN};
    uint16_t checksum;

    begin_segment(split, segment, needs_csum, vnet->csum_start,
                  vnet->csum_offset);
    if (!needs_csum || split->csum_offload) {
        add_part(segment, bytes);
        return;
    }
    checksum = (uint16_t)~sum_of(bytes_from(bytes, vnet->csum_start));
    buffer_put_be16(made, CHECKSUM_FIELD, checksum == 0 ? 0xffff : checksum);
    add_part(segment, bytes_first(bytes, field));
    add_part(segment, view(made));
    add_part(segment, bytes_from(bytes, field + made.len));
}

bool grove_split_next(struct grove_split *split, struct grove_segment *segment)
{
    if (split->next == split->count)
        return false;
    if (split->input.gso)
        next_segment(split, segment);
    else
        only_segment(split, segment);
    split->next++;
    return true;
}
