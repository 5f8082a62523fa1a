/* SPDX-License-Identifier: MIT */
#include "wireless.h"

#include "ethertype.h"
#include "mix.h"

/* Frame control, its first byte. */
enum { TYPE_MASK = 0x0c, TYPE_DATA = 0x08, NO_DATA = 0x40, QOS = 0x80 };

/* Frame control, its second byte: flags. */
enum {
    TO_DS = 0x01,
    FROM_DS = 0x02,
    MORE_FRAGMENTS = 0x04,
    PROTECTED = 0x40,
    ORDER = 0x80
};

/* QoS control, its first byte: the body is a list of packets. */
enum { A_MSDU = 0x80 };

enum {
    HEADER_LEN = 24,
    ADDRESSES_AT = 4,
    ADDRESSES_LEN = 18,
    FRAGMENT_AT = 22, /* in the low four bits */
    ADDRESS_LEN = 6,
    QOS_LEN = 2,
    HT_LEN = 4,
    FCS_LEN = 4
};

/* Flags of radiotap. */
enum { RADIOTAP_FCS = 0x10, RADIOTAP_PAD = 0x20 };

/* Whether one frame has all of a packet, and not encrypted. */
static bool has_packet(uint8_t control, uint8_t flags, uint8_t fragment)
{
    return (control & TYPE_MASK) == TYPE_DATA && (control & NO_DATA) == 0 &&
           (flags & (MORE_FRAGMENTS | PROTECTED)) == 0 && (fragment & 15) == 0;
}

/* `padded`: the header is filled up to a multiple of four bytes. */
static bool data_at(struct bytes frame, uint32_t at, bool padded,
                    struct link_packet *packet)
{
    uint32_t len = HEADER_LEN;

    if (!bytes_have(frame, at, HEADER_LEN))
        return false;
    const uint8_t control = bytes_u8(frame, at);
    const uint8_t flags = bytes_u8(frame, at + 1);

    if (!has_packet(control, flags, bytes_u8(frame, at + FRAGMENT_AT)))
        return false;
    packet->key =
        mix_bytes(packet->key, frame, at + ADDRESSES_AT, ADDRESSES_LEN);
    if ((flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
        len += ADDRESS_LEN;
    if ((control & QOS) != 0) {
        if (!bytes_have(frame, at, len + QOS_LEN) ||
            (bytes_u8(frame, at + len) & A_MSDU) != 0)
            return false;
        len += QOS_LEN;
        if ((flags & ORDER) != 0)
            len += HT_LEN;
    }
    if (padded)
        len = (len + 3) / 4 * 4;
    return bytes_have(frame, at, len) && llc_at(frame, at + len, packet);
}

bool read_80211(struct bytes frame, struct link_packet *packet)
{
    return data_at(frame, 0, false, packet);
}

static uint16_t le16(struct bytes frame, uint32_t at)
{
    return __builtin_bswap16(bytes_be16(frame, at));
}

/*
 * The flags of radiotap: behind the words of bits that say which fields there
 * are, and behind the first field, a time of 8 bytes.
 */
static uint8_t radiotap_flags(struct bytes header)
{
    uint32_t at = 4;
    const uint8_t present = bytes_u8(header, at);

    while (bytes_have(header, at, 4) && (bytes_u8(header, at + 3) & 0x80) != 0)
        at += 4;
    at += 4;
    if ((present & 1) != 0)
        at = (at + 7) / 8 * 8 + 8;
    if ((present & 2) == 0 || !bytes_have(header, at, 1))
        return 0;
    return bytes_u8(header, at);
}

bool read_radiotap(struct bytes frame, struct link_packet *packet)
{
    uint32_t len;
    uint8_t flags;

    if (!bytes_have(frame, 0, 8))
        return false;
    len = le16(frame, 2);
    if (len < 8 || !bytes_have(frame, 0, len))
        return false;
    flags = radiotap_flags(bytes_first(frame, len));
    packet->trailer = (flags & RADIOTAP_FCS) != 0 ? FCS_LEN : 0;
    return data_at(frame, len, (flags & RADIOTAP_PAD) != 0, packet);
}

bool read_headed(struct bytes frame, struct link_packet *packet)
{
    uint32_t len;

    if (!bytes_have(frame, 0, 8))
        return false;
    len = bytes_be32(frame, 4);
    if (len > 0xffff)
        len = __builtin_bswap32(len);
    return bytes_have(frame, 0, len) && data_at(frame, len, false, packet);
}
