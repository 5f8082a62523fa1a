/* SPDX-License-Identifier: MIT */
/*
 * SPEC.md, "The bytes of a segment", "A packet that is not a GSO packet". The
 * headers of a segment and their sums are prepared once for all segments of the
 * same length. Each segment overwrites the fields that still differ, and adds
 * these to the sums.
 */
#include "iovec.h"
#include "ip.h"
#include "split.h"
#include "vnet.h"

/* The headers of a segment, which are written. */
struct segment_headers {
    struct buffer ip; /* IPv6 without extensions, which no segment changes;
                       * the header of the link stands before it */
    struct buffer l4;
};

/* Those of a tunnel before them. */
struct tunnel_headers {
    struct buffer ip;    /* as above */
    struct buffer udp;   /* as far as it is before the inner IP header */
    struct buffer inner; /* that header */
};

static struct bytes view(struct buffer buffer)
{
    return (struct bytes){buffer.at, buffer.len};
}

/* What stands before the inner IP header, without the outer IP header. */
static struct bytes tunnel_header(const struct grove_split *split)
{
    return bytes_slice(split->input.bytes, split->outer.l4,
                       split->input.network - split->outer.l4);
}

/* Of the UDP header: it ends where the inner IP header begins. */
static uint32_t udp_len(const struct grove_split *split)
{
    const uint32_t len = tunnel_header(split).len;

    return len < UDP_HEADER ? len : (uint32_t)UDP_HEADER;
}

/* Those in the memory of the splitter: they are not apart. */
static struct segment_headers own_headers(struct grove_split *split)
{
    uint8_t *ip = split->header_bytes + split->link_len;

    return (struct segment_headers){
        {ip, split->ip_len}, {ip + split->ip_len, split->payload - split->l4}};
}

/* Those of a tunnel in the memory of the splitter. */
static struct tunnel_headers own_tunnel(struct grove_split *split)
{
    struct split_outer *outer = &split->outer;

    return (struct tunnel_headers){
        .ip = {outer->ip_bytes + outer->network, outer->ip_len},
        .udp = {outer->udp_bytes, udp_len(split)},
        .inner = own_headers(split).ip};
}

/* The headers of the link and of IP in the memory of the splitter. */
static struct bytes own_first(const struct grove_split *split)
{
    return (struct bytes){split->header_bytes, split->link_len + split->ip_len};
}

static uint16_t checksum_field(const struct grove_split *split)
{
    return split->protocol == IP_PROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM;
}

static uint16_t sum_of(const struct grove_split *split, struct bytes bytes)
{
    return split->sum(bytes.at, bytes.len);
}

/* The same of bytes that may be none. */
static uint16_t sum_of_some(const struct grove_split *split, struct bytes bytes)
{
    return bytes.len == 0 ? 0 : sum_of(split, bytes);
}

/*
 * Puts a field of the outer UDP header. If a tunnel has less than that header,
 * the rest of it is the beginning of the inner IP header.
 */
static void put_udp(const struct tunnel_headers *headers, uint32_t field,
                    uint16_t value)
{
    const uint32_t len = headers->udp.len;

    for (uint32_t i = 0; i < 2; i++, value = (uint16_t)(value << 8)) {
        const uint8_t byte = (uint8_t)(value >> 8);

        if (field + i < len)
            buffer_put_u8(headers->udp, field + i, byte);
        else
            buffer_put_u8(headers->inner, field + i - len, byte);
    }
}

/* GSO-OUT-001, GSO-OUT-002: the IP header; an identification is left out. */
static void prepare_ip(uint8_t version, struct buffer ip, uint32_t len)
{
    if (version == 4) {
        buffer_put_be16(ip, IP4_TOTAL_LENGTH, (uint16_t)len);
        buffer_put_be16(ip, IP4_ID, 0);
        buffer_put_be16(ip, IP4_CHECKSUM, 0);
    } else {
        /* GSO-OUT-002: IPv6: payload_length is seglen - 40. */
        buffer_put_be16(ip, IP6_PAYLOAD_LENGTH, (uint16_t)(len - IP6_HEADER));
    }
}

/* GSO-OUT-004, GSO-OUT-005: the L4 header; numbers and flags are left out. */
static void prepare_l4(struct grove_split *split, struct buffer l4,
                       uint32_t len)
{
    const bool udp = split->protocol == IP_PROTO_UDP;
    uint16_t part;

    if (udp) {
        /* GSO-OUT-004: UDP: the length field is seglen - l4, mod 2^16. */
        len = (uint16_t)len;
        buffer_put_be16(l4, UDP_LENGTH, (uint16_t)len);
    } else {
        buffer_put_be32(l4, TCP_SEQUENCE, 0);
        buffer_put_u8(l4, TCP_FLAGS_LOW, 0);
    }
    /* GSO-OUT-005: part. */
    part = sum_fold((uint64_t)split->part + len);
    buffer_put_be16(l4, checksum_field(split), part);
    split->outer.l4_part = part;
}

/*
 * GSO-OUT-010, GSO-OUT-011: the headers of the tunnel of a segment with `len`
 * bytes. A UDP header that reaches into the inner IP header was not changed
 * there yet.
 */
static void prepare_tunnel(struct grove_split *split, uint32_t len)
{
    const struct tunnel_headers own = own_tunnel(split);
    const struct bytes tunnel = tunnel_header(split);
    struct split_outer *outer = &split->outer;
    const uint32_t udp = len - outer->l4;

    prepare_ip(outer->version, own.ip, len - outer->network);
    outer->ip_sum = sum_of(split, view(own.ip));
    put_udp(&own, UDP_LENGTH, (uint16_t)udp);
    if (!outer->checksum)
        return;
    put_udp(&own, UDP_CHECKSUM, sum_fold((uint64_t)outer->part + udp));
    outer->udp_sum =
        sum_fold((uint64_t)sum_of_some(split, view(own.udp)) +
                 sum_of_some(split, bytes_from(tunnel, own.udp.len)));
}

/* Prepares the headers of segments with so many bytes of payload. */
static void prepare(struct grove_split *split, uint32_t payload)
{
    const struct segment_headers own = own_headers(split);
    const uint32_t l4_len = own.l4.len + payload;

    if (split->in_tunnel) /* the outer UDP header may overlap it */
        buffer_copy(own.ip, bytes_first(split_network(split), own.ip.len));
    prepare_ip(split->input.version, own.ip,
               split_ip_len(split) - split->stripped + l4_len);
    prepare_l4(split, own.l4, l4_len);
    split->ip_sum = sum_of(split, view(own.ip));
    split->l4_sum = sum_of(split, view(own.l4));
    if (split->in_tunnel)
        prepare_tunnel(split, split->payload + payload);
}

/* Copies the header of the link to the start of `out`; returns what follows. */
static struct buffer copy_link(const struct grove_split *split,
                               struct buffer out)
{
    buffer_copy(out, bytes_first(split->input.bytes, split->link_len));
    return buffer_from(out, split->link_len);
}

/* Copies the headers of the tunnel. */
static void begin_tunnel(struct grove_split *split)
{
    struct split_outer *outer = &split->outer;
    const struct buffer room = {outer->ip_bytes, sizeof outer->ip_bytes};
    const struct buffer udp = {outer->udp_bytes, udp_len(split)};

    outer->ip_len =
        outer->version == 4 ? outer->l4 - outer->network : (uint32_t)IP6_HEADER;
    buffer_copy(
        room, bytes_first(split->input.bytes, outer->network + outer->ip_len));
    buffer_copy(udp, bytes_first(tunnel_header(split), udp.len));
}

void segment_begin(struct grove_split *split)
{
    const bool v4 = split->input.version == 4;
    struct segment_headers own;

    split->ip_len = v4 ? split_ip_len(split) : (uint32_t)IP6_HEADER;
    split->link_len = split->in_tunnel ? 0 : split->input.network;
    if (split->in_tunnel)
        begin_tunnel(split);
    own = own_headers(split);
    /* GSO-OUT-009: the header of the link. */
    copy_link(split, (struct buffer){split->header_bytes, SPLIT_LINK_MAX});
    buffer_copy(own.ip, bytes_first(split_network(split), own.ip.len));
    buffer_copy(own.l4, bytes_first(split_l4(split), own.l4.len));
    /* GSO-OUT-007: the next header field is 6. */
    if (split->stripped != 0)
        buffer_put_u8(own.ip, IP6_NEXT_HEADER, split->protocol);
    prepare(split, split->input.vnet.gso_size);
}

static void add_part(struct grove_segment *segment, struct bytes part)
{
    if (part.len != 0)
        segment->iov[segment->iovcnt++] = iovec_of(part);
    segment->len += part.len;
}

/*
 * GSO-OUT-006, GSO-OUT-008: with csum_offload the virtio header has NEEDS_CSUM,
 * unless a plain packet has not, else zeros.
 */
static void write_vnet(const struct grove_split *split, uint8_t *to)
{
    const struct grove_vnet *given = &split->input.vnet;
    struct grove_vnet vnet = {0};

    if (split->csum_offload && split->input.gso) {
        vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
        vnet.csum_start = (uint16_t)(split->l4 - split->stripped);
        vnet.csum_offset = checksum_field(split);
    } else if (split->csum_offload && vnet_needs_csum(given)) {
        vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
        vnet.csum_start = given->csum_start;
        vnet.csum_offset = given->csum_offset;
    }
    grove_vnet_store_len(to, split->vnet_len, &vnet);
}

/* Begins the segment with the virtio header in the memory of the splitter. */
static void begin_segment(struct grove_split *split,
                          struct grove_segment *segment)
{
    segment->iovcnt = 0;
    add_part(segment, (struct bytes){split->vnet_bytes, split->vnet_len});
    segment->len = 0;
}

/* GSO-OUT-001: IPv4: identification and checksum; `sum` is without them. */
static void write_segment_ip4(struct buffer ip, uint16_t id, uint16_t sum)
{
    assert(ip.len >= IP4_HEADER);
    ip.len = IP4_HEADER; /* is known to the compiler */
    buffer_put_be16(ip, IP4_ID, id);
    buffer_put_be16(ip, IP4_CHECKSUM, (uint16_t)~sum_fold((uint64_t)sum + id));
}

/*
 * GSO-OUT-003: TCP: the sequence number, and FIN, PSH and CWR. Returns the sum
 * of these fields.
 */
static inline uint32_t write_segment_tcp(const struct grove_split *split,
                                         struct buffer l4)
{
    const uint32_t gso_size = split->input.vnet.gso_size;
    const int not_last = split->next + 1 < split->count ? TCP_FIN | TCP_PSH : 0;
    const int not_first = split->next > 0 ? (int)TCP_CWR : 0;
    const uint32_t sequence = split->sequence + split->next * gso_size;
    const uint8_t flags = (uint8_t)(split->flags & ~(not_last | not_first));

    assert(l4.len >= TCP_HEADER);
    l4.len = TCP_HEADER;
    buffer_put_be32(l4, TCP_SEQUENCE, sequence);
    buffer_put_u8(l4, TCP_FLAGS_LOW, flags);
    return (sequence >> 16) + (sequence & 0xffff) + flags;
}

/*
 * Overwrites the fields that differ, but for the L4 checksum. Returns the sum
 * of the L4 fields.
 */
static inline uint32_t write_headers(const struct grove_split *split,
                                     struct segment_headers headers)
{
    if (split->input.version == 4)
        write_segment_ip4(headers.ip, (uint16_t)(split->id + split->next),
                          split->ip_sum);
    return split->protocol == IP_PROTO_TCP
               ? write_segment_tcp(split, headers.l4)
               : 0;
}

/*
 * GSO-OUT-005: without csum_offload the checksum itself. `sum` is that of the
 * fields that write_headers() wrote, and of the payload.
 */
static void write_checksum(const struct grove_split *split, struct buffer l4,
                           uint32_t sum)
{
    uint16_t checksum = (uint16_t)~sum_fold((uint64_t)split->l4_sum + sum);

    if (checksum == 0 && split->protocol == IP_PROTO_UDP)
        checksum = 0xffff; /* 0 means that there is none */
    buffer_put_be16(l4, checksum_field(split), checksum);
}

static struct bytes segment_payload(const struct grove_split *split)
{
    const struct bytes bytes = split->input.bytes;
    const uint32_t gso_size = split->input.vnet.gso_size;
    const uint32_t from = split->payload + split->next * gso_size;
    const uint32_t left = bytes.len - from;

    return bytes_slice(bytes, from, left < gso_size ? left : gso_size);
}

/* The last segment may be shorter than the others. */
static void prepare_last(struct grove_split *split, struct bytes payload)
{
    if (split->next + 1 == split->count)
        prepare(split, payload.len);
}

/* The IPv6 extension headers that stay. */
static struct bytes extensions_of(const struct grove_split *split,
                                  uint32_t ip_len)
{
    const uint32_t from = ip_len + split->stripped;

    return bytes_slice(split_network(split), from, split_ip_len(split) - from);
}

/* Of bytes with this sum. 0 would mean that there is none. */
static uint16_t only_checksum(uint16_t sum)
{
    const uint16_t checksum = (uint16_t)~sum;

    return checksum == 0 ? 0xffff : checksum;
}

/* A sum of bytes that begin at an odd place. */
static uint16_t swapped(uint16_t sum)
{
    return (uint16_t)(sum << 8 | sum >> 8);
}

/*
 * GSO-OUT-011: the sum of what the UDP checksum of a tunnel covers. The inner
 * L4 header and all behind it have the complement of what its checksum begins
 * with.
 */
static uint16_t tunnel_sum(const struct grove_split *split, struct buffer inner)
{
    const struct split_outer *outer = &split->outer;
    const struct bytes extensions = extensions_of(split, inner.len);
    const uint16_t ip = sum_fold((uint64_t)sum_of(split, view(inner)) +
                                 sum_of_some(split, extensions));
    const bool odd = tunnel_header(split).len % 2 != 0;

    return sum_fold((uint64_t)outer->udp_sum + (odd ? swapped(ip) : ip) +
                    (uint16_t)~outer->l4_part);
}

/* The headers of the tunnel, after those inside it. */
static void write_tunnel(const struct grove_split *split,
                         const struct tunnel_headers *headers, uint32_t len)
{
    const struct split_outer *outer = &split->outer;
    const uint32_t udp = len - outer->l4;

    /* GSO-OUT-010: the outer IP header, as GSO-OUT-001 and GSO-OUT-002 say. */
    if (outer->version == 4)
        write_segment_ip4(headers->ip, (uint16_t)(outer->id + split->next),
                          outer->ip_sum);
    put_udp(headers, UDP_LENGTH, (uint16_t)udp);
    /* GSO-OUT-011: the checksum of UDP, with flag 8. */
    if (!outer->checksum)
        return;
    put_udp(headers, UDP_CHECKSUM, sum_fold((uint64_t)outer->part + udp));
    put_udp(headers, UDP_CHECKSUM,
            only_checksum(tunnel_sum(split, headers->inner)));
}

/* The parts of a tunnel before the inner IP header. */
static void add_tunnel(struct grove_split *split, uint32_t len,
                       struct grove_segment *segment)
{
    const struct tunnel_headers own = own_tunnel(split);
    const struct split_outer *outer = &split->outer;
    const uint32_t ip_end = outer->network + outer->ip_len;

    write_tunnel(split, &own, len);
    add_part(segment, (struct bytes){outer->ip_bytes, ip_end});
    add_part(segment,
             bytes_slice(split->input.bytes, ip_end, outer->l4 - ip_end));
    add_part(segment, view(own.udp));
    add_part(segment, bytes_from(tunnel_header(split), own.udp.len));
}

static void next_segment(struct grove_split *split,
                         struct grove_segment *segment)
{
    const struct segment_headers own = own_headers(split);
    const struct bytes payload = segment_payload(split);
    uint32_t sum;

    prepare_last(split, payload);
    sum = write_headers(split, own);
    if (!split->csum_offload)
        write_checksum(split, own.l4, sum + sum_of(split, payload));
    if (split->in_tunnel)
        add_tunnel(split, split->payload + payload.len, segment);
    add_part(segment, own_first(split));
    add_part(segment, extensions_of(split, own.ip.len));
    add_part(segment, view(own.l4));
    add_part(segment, payload);
}

/* GSO-OUT-008: whether the one segment differs from the packet. */
static bool completes_checksum(const struct grove_split *split)
{
    return vnet_needs_csum(&split->input.vnet) && !split->csum_offload;
}

/* GSO-OUT-008: the one segment is the packet. */
static void only_segment(struct grove_split *split,
                         struct grove_segment *segment)
{
    const struct grove_vnet *vnet = &split->input.vnet;
    const struct bytes bytes = split->input.bytes;
    const uint32_t field = (uint32_t)vnet->csum_start + vnet->csum_offset;
    const struct buffer made = {split->header_bytes, CHECKSUM_LEN};

    if (!completes_checksum(split)) {
        add_part(segment, bytes);
        return;
    }
    buffer_put_be16(
        made, CHECKSUM_FIELD,
        only_checksum(sum_of(split, bytes_from(bytes, vnet->csum_start))));
    add_part(segment, bytes_first(bytes, field));
    add_part(segment, view(made));
    add_part(segment, bytes_from(bytes, field + made.len));
}

bool grove_split_next(struct grove_split *split, struct grove_segment *segment)
{
    if (split->next == split->count)
        return false;
    write_vnet(split, split->vnet_bytes);
    begin_segment(split, segment);
    if (split->input.gso)
        next_segment(split, segment);
    else
        only_segment(split, segment);
    split->next++;
    return true;
}

/* ---- the same into memory of the caller ---- */

/* Copies the bytes to the start of `out`, and returns their sum. */
static uint16_t copy_and_sum(const struct grove_split *split, struct buffer out,
                             struct bytes bytes)
{
    return split->copy(out.at, bytes.at, bytes.len);
}

/*
 * Copies the headers of the tunnel, of which finish_tunnel() writes the fields
 * of UDP; returns what follows.
 */
static struct buffer copy_tunnel(const struct grove_split *split,
                                 struct buffer out)
{
    const struct split_outer *outer = &split->outer;
    const uint32_t ip_end = outer->network + outer->ip_len;

    buffer_copy(out, (struct bytes){outer->ip_bytes, ip_end});
    buffer_copy(buffer_from(out, ip_end),
                bytes_slice(split->input.bytes, ip_end, outer->l4 - ip_end));
    buffer_copy(buffer_from(out, outer->l4), tunnel_header(split));
    return buffer_from(out, split->input.network);
}

/* Writes what differs there, once all inside is written. */
static void finish_tunnel(const struct grove_split *split, struct buffer out)
{
    const struct split_outer *outer = &split->outer;
    const struct tunnel_headers headers = {
        .ip = {out.at + outer->network, outer->ip_len},
        .udp = {out.at + outer->l4, udp_len(split)},
        .inner = {out.at + split->input.network, split->ip_len}};

    write_tunnel(split, &headers, out.len);
}

/* Copies the prepared headers to the start of `out`. */
static struct segment_headers copy_headers(struct grove_split *split,
                                           struct buffer out)
{
    const struct segment_headers own = own_headers(split);
    struct segment_headers headers;

    /* GSO-OUT-009: the header of the link. */
    if (split->link_len != 0)
        out = copy_link(split, out);
    headers = (struct segment_headers){out, buffer_from(out, own.ip.len)};
    buffer_copy(out, (struct bytes){own.ip.at, own.ip.len + own.l4.len});
    if (split_ip_len(split) != own.ip.len) {
        const struct bytes extensions = extensions_of(split, own.ip.len);

        assert(extensions.at != NULL || extensions.len == 0);
        buffer_copy(headers.l4, extensions);
        headers.l4 = buffer_from(headers.l4, extensions.len);
        buffer_copy(headers.l4, view(own.l4));
    }
    return headers;
}

/* Copies the next segment, whose payload this is, to `out`. */
static void copy_segment(struct grove_split *split, struct bytes payload,
                         struct buffer out)
{
    const struct buffer to = buffer_from(out, out.len - payload.len);
    struct buffer inner = out;
    struct segment_headers headers;
    uint32_t sum;

    prepare_last(split, payload);
    if (split->in_tunnel)
        inner = copy_tunnel(split, out);
    headers = copy_headers(split, inner);
    sum = write_headers(split, headers);
    if (split->csum_offload)
        buffer_copy(to, payload);
    else
        write_checksum(split, headers.l4,
                       sum + copy_and_sum(split, to, payload));
    if (split->in_tunnel)
        finish_tunnel(split, out);
}

/* GSO-OUT-008, as only_segment(). */
static void copy_packet(const struct grove_split *split, struct buffer out)
{
    const struct grove_vnet *vnet = &split->input.vnet;
    const struct bytes bytes = split->input.bytes;
    const uint32_t start = vnet->csum_start;
    uint16_t sum;

    if (!completes_checksum(split)) {
        buffer_copy(out, bytes);
        return;
    }
    buffer_copy(out, bytes_first(bytes, start));
    sum =
        copy_and_sum(split, buffer_from(out, start), bytes_from(bytes, start));
    buffer_put_be16(out, start + vnet->csum_offset, only_checksum(sum));
}

/* Of the link, IP and L4, in a segment. */
static uint32_t segment_headers_len(const struct grove_split *split)
{
    return split->payload - split->stripped;
}

uint32_t grove_split_copy(struct grove_split *split, uint8_t *data, size_t size,
                          uint8_t *vnet)
{
    const bool gso = split->input.gso;
    struct bytes payload = split->input.bytes;
    struct buffer out = {NULL, 0};

    if (split->next == split->count)
        return 0;
    out.at = data;
    out.len = payload.len;
    if (gso) {
        payload = segment_payload(split);
        out.len = segment_headers_len(split) + payload.len;
    }
    if (out.len > size)
        return out.len;
    if (gso)
        copy_segment(split, payload, out);
    else
        copy_packet(split, out);
    if (vnet != NULL)
        write_vnet(split, vnet);
    split->next++;
    return out.len;
}
