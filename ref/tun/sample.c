/* SPDX-License-Identifier: MIT */
#include "tun/sample.h"

#include "grove/checksum.h"
#include "header.h"

/* The addresses are for documentation: RFC 5737, RFC 3849. */
static const uint8_t ip4_header[IP4_HEADER] = {
    0x45, 0, 0, 0, 0xff, 0xfe, 0x40, 0, 64, 0, /* the id overflows; DF */
    0,    0,                                   /* of 16 bits: the checksum */
    192,  0, 2, 1, 198,  51,   100,  2,
};
static const uint8_t ip6_header[IP6_HEADER] = {
    0x60, 0,    0,    0,    0, 0, 0, 64, /* hop limit */
    0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0,  0, 0, 0, 0, 0, 0, 0, 1,
    0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 0,  0, 0, 0, 0, 0, 0, 0, 2,
};

/* The sequence number overflows within a super-packet. */
static const uint8_t tcp_header[] = {
    0x9c, 0x40, 0x1f, 0x90, 0xff, 0xff, 0xfe, 0, 0, 0, 0, 1,
    0,    0,    4,    0,    0,    0,    0,    0, /* and timestamps: */
    1,    1,    8,    10,   0,    0,    0,    1, 0, 0, 0, 2,
};
static const uint8_t udp_header[UDP_HEADER] = {0x9c, 0x40, 0x1f, 0x90};

/* The addresses are administered locally: IEEE 802, 8.4. */
static const uint8_t ethernet_header[ETHERNET_HEADER] = {2, 0, 0, 0, 0, 2,
                                                         2, 0, 0, 0, 0, 1};
static const uint8_t vxlan_header[VXLAN_HEADER] = {8, 0, 0, 0, 0, 0, 1, 0};

enum { VXLAN_PORT = 4789 };

static void put(struct buffer room, const uint8_t *from, uint32_t len)
{
    buffer_copy(room, (struct bytes){from, len});
}

static uint16_t sum_of(struct bytes bytes)
{
    return grove_sum_fastest()(bytes.at, bytes.len);
}

static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static uint32_t ip_len(uint8_t version)
{
    return version == 6 ? IP6_HEADER : IP4_HEADER;
}

/* Writes the IP header of a packet that fills `packet`. */
static void put_ip(struct buffer packet, uint8_t version, uint8_t protocol)
{
    const struct bytes header = {packet.at, IP4_HEADER};

    if (version == 6) {
        put(packet, ip6_header, IP6_HEADER);
        buffer_put_be16(packet, IP6_PAYLOAD_LENGTH,
                        (uint16_t)(packet.len - IP6_HEADER));
        buffer_put_u8(packet, IP6_NEXT_HEADER, protocol);
        return;
    }
    put(packet, ip4_header, IP4_HEADER);
    buffer_put_be16(packet, IP4_TOTAL_LENGTH, (uint16_t)packet.len);
    buffer_put_u8(packet, IP4_PROTOCOL, protocol);
    buffer_put_be16(packet, IP4_CHECKSUM, (uint16_t)~sum_of(header));
}

/* Sum of the pseudo-header of a packet with `l4` as its L4 bytes. */
static uint16_t pseudo_sum(struct bytes packet, struct bytes l4,
                           uint8_t protocol)
{
    const struct bytes addresses =
        l4.at == packet.at + IP6_HEADER
            ? bytes_slice(packet, IP6_SOURCE, IP6_HEADER - IP6_SOURCE)
            : bytes_slice(packet, IP4_SOURCE, IP4_HEADER - IP4_SOURCE);

    return fold(sum_of(addresses) + (uint32_t)protocol + l4.len);
}

/* Writes the L4 header at the start of `l4`. */
static void put_l4(struct buffer l4, const struct tun_recipe *recipe)
{
    const uint32_t len = TCP_HEADER + (uint32_t)recipe->options;

    if (recipe->protocol == IP_PROTO_UDP) {
        put(l4, udp_header, UDP_HEADER);
        buffer_put_be16(l4, UDP_LENGTH, (uint16_t)l4.len);
        return;
    }
    put(l4, tcp_header, len);
    buffer_put_be16(l4, TCP_OFFSET_FLAGS,
                    (uint16_t)(len / 4 << TCP_OFFSET_SHIFT | recipe->flags));
}

/* Bytes that differ from those of other segments, at any gso_size. */
static void put_payload(struct buffer payload, uint8_t first)
{
    for (uint32_t i = 0; i < payload.len; i++)
        buffer_put_u8(payload, i, (uint8_t)(first + i * 7 + i / 256));
}

/* Where the parts of a packet begin. */
struct parts {
    uint32_t ip; /* the inner one, if there is a tunnel */
    uint32_t l4;
    uint32_t payload;
};

/* From the outer IP header to the inner one. */
static uint32_t tunnel_len(uint8_t version)
{
    return ip_len(version) + UDP_HEADER + VXLAN_HEADER + ETHERNET_HEADER;
}

static struct parts parts_of(const struct tun_recipe *recipe)
{
    const uint32_t ip =
        recipe->tunnel == 0 ? 0 : ETHERNET_HEADER + tunnel_len(recipe->tunnel);
    const uint32_t l4 = ip + ip_len(recipe->version);
    const uint32_t header = recipe->protocol == IP_PROTO_UDP
                                ? (uint32_t)UDP_HEADER
                                : TCP_HEADER + (uint32_t)recipe->options;

    return (struct parts){ip, l4, l4 + header};
}

static struct grove_vnet vnet_of(const struct tun_recipe *recipe, uint32_t l4,
                                 uint32_t payload)
{
    return (struct grove_vnet){
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = recipe->gso_type,
        .hdr_len = (uint16_t)payload,
        .gso_size = recipe->gso_size,
        .csum_start = (uint16_t)l4,
        .csum_offset =
            recipe->protocol == IP_PROTO_UDP ? UDP_CHECKSUM : TCP_CHECKSUM,
    };
}

static void add_checksum(struct tun_sample *sample, uint32_t offset)
{
    sample->checksums[sample->checksum_count++] = offset;
}

static void put_ethernet(struct buffer frame, uint8_t version)
{
    put(frame, ethernet_header, ETHERNET_HEADER);
    buffer_put_be16(frame, ETHERNET_TYPE,
                    version == 6 ? ETHERNET_TYPE_IP6 : ETHERNET_TYPE_IP4);
}

/* Sum of the pseudo-header of what is in `packet`, whose L4 is at `l4`. */
static uint16_t pseudo_sum_of(struct buffer packet, uint32_t l4,
                              uint8_t protocol)
{
    const struct bytes bytes = {packet.at, packet.len};

    return pseudo_sum(bytes, bytes_from(bytes, l4), protocol);
}

/* Writes the outer UDP header and all that stands between it and inner IP. */
static void put_tunnel(struct buffer packet, const struct tun_recipe *recipe)
{
    const struct buffer udp = buffer_from(packet, ip_len(recipe->tunnel));

    put(udp, udp_header, UDP_HEADER);
    buffer_put_be16(udp, L4_DESTINATION_PORT, VXLAN_PORT);
    buffer_put_be16(udp, UDP_LENGTH, (uint16_t)udp.len);
    if (recipe->tunnel == 6)
        buffer_put_be16(
            udp, UDP_CHECKSUM,
            pseudo_sum_of(packet, ip_len(recipe->tunnel), IP_PROTO_UDP));
    put(buffer_from(udp, UDP_HEADER), vxlan_header, VXLAN_HEADER);
    put_ethernet(buffer_from(udp, UDP_HEADER + VXLAN_HEADER), recipe->version);
}

/* Writes the outer headers, and what the virtio header says of them. */
static void add_tunnel(struct buffer packet, const struct tun_recipe *recipe,
                       struct tun_sample *sample)
{
    const struct buffer ip = buffer_from(packet, ETHERNET_HEADER);
    const uint32_t udp = ETHERNET_HEADER + ip_len(recipe->tunnel);

    put_ethernet(packet, recipe->tunnel);
    put_ip(ip, recipe->tunnel, IP_PROTO_UDP);
    put_tunnel(ip, recipe);
    sample->vnet.outer_th_offset = (uint16_t)udp;
    sample->vnet.inner_nh_offset =
        (uint16_t)(ETHERNET_HEADER + tunnel_len(recipe->tunnel));
    if (recipe->tunnel == 6) {
        sample->vnet.flags |= GROVE_VNET_F_TUNNEL_CSUM;
        sample->vnet.gso_type |= GROVE_VNET_GSO_TUNNEL6;
        add_checksum(sample, udp + UDP_CHECKSUM);
    } else {
        sample->vnet.gso_type |= GROVE_VNET_GSO_TUNNEL4;
        add_checksum(sample, ETHERNET_HEADER + IP4_CHECKSUM);
    }
}

struct tun_sample tun_sample_make(struct buffer room,
                                  const struct tun_recipe *recipe)
{
    const struct parts at = parts_of(recipe);
    const struct buffer packet = {room.at, at.payload + recipe->payload};
    const struct buffer ip = buffer_from(packet, at.ip);
    struct tun_sample sample = {
        .vnet = vnet_of(recipe, at.l4, at.payload),
        .packet = {packet.at, packet.len},
        .payload = at.payload,
    };

    put_ip(ip, recipe->version, recipe->protocol);
    put_l4(buffer_from(packet, at.l4), recipe);
    put_payload(buffer_from(packet, at.payload), recipe->first);
    buffer_put_be16(buffer_from(packet, at.l4), sample.vnet.csum_offset,
                    pseudo_sum_of(ip, at.l4 - at.ip, recipe->protocol));
    add_checksum(&sample, at.l4 + sample.vnet.csum_offset);
    if (recipe->version == 4)
        add_checksum(&sample, at.ip + IP4_CHECKSUM);
    if (recipe->tunnel != 0)
        add_tunnel(packet, recipe, &sample);
    return sample;
}

void tun_sample_complete(struct buffer room, struct tun_sample *sample)
{
    const uint32_t l4 = sample->vnet.csum_start;

    /* The checksum field holds the sum of the pseudo-header. */
    buffer_put_be16(buffer_from(room, l4), sample->vnet.csum_offset,
                    (uint16_t)~sum_of(bytes_from(sample->packet, l4)));
    sample->vnet = (struct grove_vnet){0};
}
