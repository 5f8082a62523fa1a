/* SPDX-License-Identifier: MIT */
#include "link.h"

#include <pcap/pcap.h>

/* libpcap's header names one of the three that systems have given it. */
enum { RAW_12 = 12, RAW_14 = 14, RAW_101 = 101 };

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,   /* 802.1Q */
    ETHERTYPE_QINQ = 0x88a8,   /* 802.1ad */
    ETHERTYPE_VLAN_9 = 0x9100, /* of switches older than 802.1ad */
    TAG_LEN = 4,               /* bytes, as the lengths below */
    ETHERNET_TYPE_AT = 12,
    SLL_TYPE_AT = 14,
    SLL_LEN = 16,
    SLL2_TYPE_AT = 0,
    SLL2_LEN = 20,
    FAMILY_LEN = 4
};

bool link_known(int type)
{
    switch (type) {
    case RAW_12:
    case RAW_14:
    case RAW_101:
    case DLT_IPV4:
    case DLT_IPV6:
    case DLT_EN10MB:
    case DLT_LINUX_SLL:
    case DLT_LINUX_SLL2:
    case DLT_NULL:
    case DLT_LOOP:
        return true;
    default:
        return false;
    }
}

/* What follows the first `offset` bytes, if it is IP of this version. */
static bool ip_at(struct bytes frame, uint32_t offset, uint32_t version,
                  struct bytes *ip)
{
    if (!bytes_have(frame, offset, 1))
        return false;
    *ip = bytes_from(frame, offset);
    return bytes_u8(*ip, 0) >> 4 == version;
}

static bool raw_packet(struct bytes frame, struct bytes *ip)
{
    return ip_at(frame, 0, 4, ip) || ip_at(frame, 0, 6, ip);
}

static bool is_tag(uint16_t ethertype)
{
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
           ethertype == ETHERTYPE_VLAN_9;
}

/*
 * The packet behind an EtherType at `type_at` and a header of `offset` bytes,
 * with any number of VLAN tags between them.
 */
static bool ethertype_packet(struct bytes frame, uint32_t type_at,
                             uint32_t offset, struct bytes *ip)
{
    if (!bytes_have(frame, type_at, 2) || !bytes_have(frame, 0, offset))
        return false;
    uint16_t ethertype = bytes_be16(frame, type_at);

    while (is_tag(ethertype) && bytes_have(frame, offset, TAG_LEN)) {
        ethertype = bytes_be16(frame, offset + 2);
        offset += TAG_LEN;
    }
    if (ethertype == ETHERTYPE_IPV4)
        return ip_at(frame, offset, 4, ip);
    return ethertype == ETHERTYPE_IPV6 && ip_at(frame, offset, 6, ip);
}

/*
 * The address family is in the byte order of the machine that captured. AF_INET
 * is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on
 * FreeBSD, 30 on macOS.
 */
static bool family_packet(struct bytes frame, struct bytes *ip)
{
    if (!bytes_have(frame, 0, FAMILY_LEN))
        return false;
    uint32_t family = bytes_be32(frame, 0);

    if (family > 0xffff)
        family = (family >> 24) | (family >> 8 & 0xff00);
    switch (family) {
    case 2:
        return ip_at(frame, FAMILY_LEN, 4, ip);
    case 10:
    case 24:
    case 28:
    case 30:
        return ip_at(frame, FAMILY_LEN, 6, ip);
    default:
        return false;
    }
}

bool link_packet(int type, struct bytes frame, struct bytes *ip)
{
    switch (type) {
    case DLT_IPV4:
        return ip_at(frame, 0, 4, ip);
    case DLT_IPV6:
        return ip_at(frame, 0, 6, ip);
    case DLT_EN10MB:
        return ethertype_packet(frame, ETHERNET_TYPE_AT, ETHERNET_TYPE_AT + 2,
                                ip);
    case DLT_LINUX_SLL:
        return ethertype_packet(frame, SLL_TYPE_AT, SLL_LEN, ip);
    case DLT_LINUX_SLL2:
        return ethertype_packet(frame, SLL2_TYPE_AT, SLL2_LEN, ip);
    case DLT_NULL:
    case DLT_LOOP:
        return family_packet(frame, ip);
    default:
        return raw_packet(frame, ip);
    }
}
