/* SPDX-License-Identifier: MIT */
#include "ethertype.h"

#include "mix.h"

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,   /* 802.1Q */
    ETHERTYPE_QINQ = 0x88a8,   /* 802.1ad */
    ETHERTYPE_VLAN_9 = 0x9100, /* of switches older than 802.1ad */
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_UP = 0x8848, /* labels chosen by the sender's upstream */
    ETHERTYPE_PPPOE = 0x8864,   /* a session */
    LENGTH_MOST = 1500          /* up to here it is the length of 802.3 */
};

enum {
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    PPP_MPLS = 0x0281,
    PPP_HDLC = 0xff03 /* address and control */
};

/* Lengths of headers, in bytes. */
enum { TAG_LEN = 4, LABEL_LEN = 4, LLC_LEN = 3, SNAP_LEN = 5, PPPOE_LEN = 6 };

/* Both access points of LLC, and the control field of unnumbered information.
 */
enum { LLC_IP = 0x0606, LLC_SNAP = 0xaaaa, LLC_UI = 0x03 };

bool ip_at(struct bytes frame, uint32_t at, uint32_t version,
           struct link_packet *packet)
{
    if (!bytes_have(frame, at, 1))
        return false;
    const uint32_t is = bytes_u8(frame, at) >> 4;

    packet->at = at;
    return version == 0 ? is == 4 || is == 6 : is == version;
}

static bool is_tag(uint16_t type)
{
    return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
           type == ETHERTYPE_VLAN_9;
}

static void end_at(struct link_packet *packet, uint32_t end)
{
    if (end < packet->end)
        packet->end = end;
}

/* Steps over any number of VLAN tags. False: the frame ends before. */
static bool skip_tags(struct bytes frame, uint16_t *type, uint32_t *at,
                      struct link_packet *packet)
{
    while (is_tag(*type)) {
        if (!bytes_have(frame, *at, TAG_LEN))
            return false;
        packet->key = mix_bytes(packet->key, frame, *at, 2);
        *type = bytes_be16(frame, *at + 2);
        *at += TAG_LEN;
    }
    return true;
}

bool mpls_at(struct bytes frame, uint32_t at, struct link_packet *packet)
{
    bool last = false;

    while (!last) {
        if (!bytes_have(frame, at, LABEL_LEN))
            return false;
        packet->key = mix_bytes(packet->key, frame, at, 3);
        last = (bytes_u8(frame, at + 2) & 1) != 0;
        at += LABEL_LEN;
    }
    return ip_at(frame, at, 0, packet);
}

bool ppp_at(struct bytes frame, uint32_t at, struct link_packet *packet)
{
    uint16_t protocol;

    if (bytes_have(frame, at, 2) && bytes_be16(frame, at) == PPP_HDLC)
        at += 2;
    if (!bytes_have(frame, at, 1))
        return false;
    protocol = bytes_u8(frame, at++);
    if ((protocol & 1) == 0) { /* it has a second byte */
        if (!bytes_have(frame, at, 1))
            return false;
        protocol = (uint16_t)(protocol << 8 | bytes_u8(frame, at++));
    }
    if (protocol == PPP_MPLS)
        return mpls_at(frame, at, packet);
    if (protocol == PPP_IPV4)
        return ip_at(frame, at, 4, packet);
    return protocol == PPP_IPV6 && ip_at(frame, at, 6, packet);
}

bool pppoe_at(struct bytes frame, uint32_t at, struct link_packet *packet)
{
    if (!bytes_have(frame, at, PPPOE_LEN) || bytes_be16(frame, at) != 0x1100)
        return false;
    packet->key = mix_bytes(packet->key, frame, at + 2, 2); /* the session */
    end_at(packet, at + PPPOE_LEN + bytes_be16(frame, at + 4));
    return ppp_at(frame, at + PPPOE_LEN, packet);
}

/* The EtherType that LLC and SNAP announce, and what is behind; 0: none. */
static uint16_t llc_type(struct bytes frame, uint32_t *at)
{
    const uint32_t snap = *at + LLC_LEN;

    if (!bytes_have(frame, *at, LLC_LEN) || bytes_u8(frame, *at + 2) != LLC_UI)
        return 0;
    if (bytes_be16(frame, *at) == LLC_IP) {
        *at = snap;
        return ETHERTYPE_IPV4;
    }
    /* An organization of 0 announces an EtherType. */
    if (bytes_be16(frame, *at) != LLC_SNAP ||
        !bytes_have(frame, snap, SNAP_LEN) || bytes_be16(frame, snap) != 0 ||
        bytes_u8(frame, snap + 2) != 0)
        return 0;
    *at = snap + SNAP_LEN;
    return bytes_be16(frame, snap + 3);
}

/* What a type announces that is no tag and no length. */
static bool type_at(struct bytes frame, uint16_t type, uint32_t at,
                    struct link_packet *packet)
{
    switch (type) {
    case ETHERTYPE_IPV4:
        return ip_at(frame, at, 4, packet);
    case ETHERTYPE_IPV6:
        return ip_at(frame, at, 6, packet);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_UP:
        return mpls_at(frame, at, packet);
    case ETHERTYPE_PPPOE:
        return pppoe_at(frame, at, packet);
    default:
        return false;
    }
}

bool llc_at(struct bytes frame, uint32_t at, struct link_packet *packet)
{
    uint16_t type = llc_type(frame, &at);

    return skip_tags(frame, &type, &at, packet) &&
           type_at(frame, type, at, packet);
}

bool ethertype_at(struct bytes frame, uint16_t type, uint32_t at,
                  struct link_packet *packet)
{
    if (!skip_tags(frame, &type, &at, packet))
        return false;
    if (type > LENGTH_MOST)
        return type_at(frame, type, at, packet);
    end_at(packet, at + type);
    return llc_at(frame, at, packet);
}
