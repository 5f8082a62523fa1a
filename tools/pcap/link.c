/* SPDX-License-Identifier: MIT */
#include "link.h"

#include <pcap/pcap.h>
#include <zlib.h>

#include "ethertype.h"
#include "mix.h"
#include "nflog.h"
#include "wireless.h"

/* libpcap's header names one of the three that systems have given it. */
enum { RAW_12 = 12, RAW_14 = 14, RAW_101 = 101 };

/* DLT_PKTAP is DLT_USER2 in captures of macOS. */
enum { PKTAP = 258, PKTAP_MACOS = 149 };

enum { MACS_LEN = 12, ETHERNET_LEN = 14, FCS_LEN = 4 };

typedef bool read_function(struct bytes frame, struct link_packet *packet);

struct link {
    int type;
    read_function *read;
};

static bool read_raw(struct bytes frame, struct link_packet *packet)
{
    return ip_at(frame, 0, 0, packet);
}

static bool read_ip4(struct bytes frame, struct link_packet *packet)
{
    return ip_at(frame, 0, 4, packet);
}

static bool read_ip6(struct bytes frame, struct link_packet *packet)
{
    return ip_at(frame, 0, 6, packet);
}

static bool read_ethernet(struct bytes frame, struct link_packet *packet)
{
    if (!bytes_have(frame, 0, ETHERNET_LEN))
        return false;
    packet->key = mix_bytes(packet->key, frame, 0, MACS_LEN);
    return ethertype_at(frame, bytes_be16(frame, MACS_LEN), ETHERNET_LEN,
                        packet);
}

/* The types of packet are those of Linux: 4 is one that the host sent. */
static enum direction cooked_direction(uint32_t type)
{
    return type == 4 ? DIRECTION_OUT : DIRECTION_IN;
}

static bool read_sll(struct bytes frame, struct link_packet *packet)
{
    if (!bytes_have(frame, 0, 16))
        return false;
    packet->direction = cooked_direction(bytes_be16(frame, 0));
    packet->key =
        mix_bytes(packet->key, frame, 6, 8); /* the sender's address */
    return ethertype_at(frame, bytes_be16(frame, 14), 16, packet);
}

static bool read_sll2(struct bytes frame, struct link_packet *packet)
{
    if (!bytes_have(frame, 0, 20))
        return false;
    packet->direction = cooked_direction(bytes_u8(frame, 10));
    packet->interface = bytes_be32(frame, 4);
    packet->key = mix_bytes(packet->key, frame, 12, 8);
    return ethertype_at(frame, bytes_be16(frame, 0), 20, packet);
}

/*
 * The address family is in the byte order of the machine that captured. AF_INET
 * is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on
 * FreeBSD, 30 on macOS.
 */
static bool read_family(struct bytes frame, struct link_packet *packet)
{
    if (!bytes_have(frame, 0, 4))
        return false;
    uint32_t family = bytes_be32(frame, 0);

    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:
        return ip_at(frame, 4, 4, packet);
    case 10:
    case 24:
    case 28:
    case 30:
        return ip_at(frame, 4, 6, packet);
    default:
        return false;
    }
}

static bool read_ppp(struct bytes frame, struct link_packet *packet)
{
    return ppp_at(frame, 0, packet);
}

/* PPP behind a byte that is 0 for what was received. */
static bool read_ppp_dir(struct bytes frame, struct link_packet *packet)
{
    if (!bytes_have(frame, 0, 1))
        return false;
    packet->direction = bytes_u8(frame, 0) == 0 ? DIRECTION_IN : DIRECTION_OUT;
    return ppp_at(frame, 1, packet);
}

static bool read_pppoe(struct bytes frame, struct link_packet *packet)
{
    return pppoe_at(frame, 0, packet);
}

/* Cisco's HDLC: address, control, EtherType. */
static bool read_chdlc(struct bytes frame, struct link_packet *packet)
{
    return bytes_have(frame, 0, 4) &&
           ethertype_at(frame, bytes_be16(frame, 2), 4, packet);
}

/* PPP in HDLC, or Cisco's HDLC, which begins with 0x0f or 0x8f. */
static bool read_hdlc(struct bytes frame, struct link_packet *packet)
{
    if (bytes_have(frame, 0, 1) && (bytes_u8(frame, 0) & 0x7f) == 0x0f)
        return read_chdlc(frame, packet);
    return ppp_at(frame, 0, packet);
}

static bool read_mpls(struct bytes frame, struct link_packet *packet)
{
    return mpls_at(frame, 0, packet);
}

/* 40 bytes where a global route header may stand, then type and reserved. */
static bool read_ipoib(struct bytes frame, struct link_packet *packet)
{
    if (!bytes_have(frame, 0, 44))
        return false;
    packet->key = mix_bytes(packet->key, frame, 0, 40);
    return ethertype_at(frame, bytes_be16(frame, 40), 44, packet);
}

static const struct link *find_inside(uint32_t type);

static uint32_t le32(struct bytes frame, uint32_t at)
{
    return __builtin_bswap32(bytes_be32(frame, at));
}

/*
 * A frame of another link type behind a header of this: its length, its own
 * type, that link type, a name of 24 bytes, flags (1: in, 2: out).
 */
static bool read_pktap(struct bytes frame, struct link_packet *packet)
{
    const struct link *inside;
    uint32_t len;

    if (!bytes_have(frame, 0, 40))
        return false;
    len = le32(frame, 0);
    inside = find_inside(le32(frame, 8));
    if (len < 40 || !bytes_have(frame, 0, len) || inside == NULL ||
        !inside->read(bytes_from(frame, len), packet))
        return false;
    packet->name = bytes_slice(frame, 12, 24);
    packet->direction = (enum direction)(le32(frame, 36) & 3);
    packet->at += len;
    if (packet->end != UINT32_MAX)
        packet->end += len;
    return true;
}

static const struct link links[] = {
    {DLT_EN10MB, read_ethernet},
    {RAW_12, read_raw},
    {RAW_14, read_raw},
    {RAW_101, read_raw},
    {DLT_IPV4, read_ip4},
    {DLT_IPV6, read_ip6},
    {DLT_LINUX_SLL, read_sll},
    {DLT_LINUX_SLL2, read_sll2},
    {DLT_NULL, read_family},
    {DLT_LOOP, read_family},
    {DLT_PPP, read_ppp},
    {DLT_PPP_SERIAL, read_hdlc},
    {DLT_PPP_ETHER, read_pppoe},
    {DLT_PPP_WITH_DIR, read_ppp_dir},
    {DLT_C_HDLC, read_chdlc},
    {DLT_MPLS, read_mpls},
    {DLT_IPOIB, read_ipoib},
    {DLT_NFLOG, read_nflog},
    {DLT_IEEE802_11, read_80211},
    {DLT_IEEE802_11_RADIO, read_radiotap},
    {DLT_IEEE802_11_RADIO_AVS, read_headed},
    {DLT_PRISM_HEADER, read_headed},
    {PKTAP, read_pktap},
    {PKTAP_MACOS, read_pktap},
};

const struct link *link_find(int type)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].type == type)
            return &links[i];
    return NULL;
}

/* PKTAP is in no PKTAP. */
static const struct link *find_inside(uint32_t type)
{
    if (type > INT32_MAX || type == PKTAP || type == PKTAP_MACOS)
        return NULL;
    return link_find((int)type);
}

bool link_read(const struct link *link, struct bytes frame,
               struct link_packet *packet)
{
    *packet = (struct link_packet){.end = UINT32_MAX};
    return link->read(frame, packet) && packet->at < packet->end;
}

bool link_ends_with_fcs(const struct link *link, struct bytes frame)
{
    if (link->read != read_ethernet || frame.len < ETHERNET_LEN + FCS_LEN)
        return false;
    const uint32_t end = frame.len - FCS_LEN;

    return crc32(0, frame.at, end) == le32(frame, end);
}
