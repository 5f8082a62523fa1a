/* SPDX-License-Identifier: MIT */
/* PPPoE, which stands before an IP header as a VLAN tag does; SPEC.md, "PPPoE".
 */
#ifndef GROVE_PPPOE_H
#define GROVE_PPPOE_H

#include <stdint.h>

#include "bytes.h"
#include "grove/rule.h"
#include "header.h"

/* The IP version of a PPP protocol; 0: it is neither IPv4 nor IPv6. */
static inline uint8_t pppoe_version(uint16_t protocol)
{
    if (protocol == PPP_PROTOCOL_IP4)
        return 4;
    return protocol == PPP_PROTOCOL_IP6 ? 6 : 0;
}

/*
 * Reads the header at `at`, which is inside of the packet or at its end.
 * Returns why the packet bypasses, or NONE: then `*version` is that of the IP
 * header behind it.
 */
static inline enum grove_rule pppoe_read(struct bytes packet, uint32_t at,
                                         uint8_t *version)
{
    const struct bytes header = bytes_from(packet, at);

    /* GRO-PPP-001: the header of PPPoE does not fit len. */
    if (header.len < PPPOE_HEADER)
        return GROVE_RULE_PPP_SHORT;
    /* GRO-PPP-002: it is not that of a session: version, type, code. */
    if (bytes_be16(header, PPPOE_VERSION_CODE) != PPPOE_OF_SESSION)
        return GROVE_RULE_PPP_CODE;
    /* GRO-PPP-003: its length field is not the number of bytes behind it. */
    if (bytes_be16(header, PPPOE_LENGTH) != header.len - PPPOE_PROTOCOL)
        return GROVE_RULE_PPP_LENGTH;
    *version = pppoe_version(bytes_be16(header, PPPOE_PROTOCOL));
    /* GRO-PPP-004: the protocol is neither that of IPv4 nor of IPv6. */
    return *version == 0 ? GROVE_RULE_PPP_PROTOCOL : GROVE_RULE_NONE;
}

#endif
