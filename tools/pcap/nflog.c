/* SPDX-License-Identifier: MIT */
#include "nflog.h"

#include "ethertype.h"

/* The header: address family, version, group. Then attributes follow. */
enum { HEADER_LEN = 4, FAMILY_IPV4 = 2, FAMILY_IPV6 = 10 };

/* An attribute has its length, its type, and a value. */
enum attribute { HEAD_LEN = 4, HOOK = 1, DEVICE_IN = 4, PAYLOAD = 9 };

/* The last hook that a packet meets on its way in. */
enum { LOCAL_IN = 1 };

/* Lengths and types are in the byte order of the machine that captured. */
static uint32_t native16(struct bytes view, uint32_t at, bool little)
{
    const uint16_t value = bytes_be16(view, at);

    return little ? __builtin_bswap16(value) : value;
}

static void read_attribute(struct bytes value, uint32_t type,
                           struct link_packet *packet)
{
    if (type == DEVICE_IN && value.len >= 4)
        packet->interface = bytes_be32(value, 0);
    if (type == HOOK && value.len >= 3)
        packet->direction =
            bytes_u8(value, 2) <= LOCAL_IN ? DIRECTION_IN : DIRECTION_OUT;
}

bool read_nflog(struct bytes frame, struct link_packet *packet)
{
    uint32_t at = HEADER_LEN;

    if (!bytes_have(frame, at, HEAD_LEN))
        return false;
    const uint8_t family = bytes_u8(frame, 0);
    const bool little = bytes_u8(frame, at) != 0; /* the first one is short */

    while (bytes_have(frame, at, HEAD_LEN)) {
        const uint32_t len = native16(frame, at, little);
        const uint32_t type = native16(frame, at + 2, little) & 0x7fff;

        if (len < HEAD_LEN)
            return false;
        if (type == PAYLOAD) {
            packet->end = at + len;
            return (family == FAMILY_IPV4 &&
                    ip_at(frame, at + HEAD_LEN, 4, packet)) ||
                   (family == FAMILY_IPV6 &&
                    ip_at(frame, at + HEAD_LEN, 6, packet));
        }
        if (!bytes_have(frame, at, len))
            return false;
        read_attribute(bytes_slice(frame, at + HEAD_LEN, len - HEAD_LEN), type,
                       packet);
        at += (len + 3) / 4 * 4;
    }
    return false;
}
