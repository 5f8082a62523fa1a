# SPDX-License-Identifier: MIT
"""SPEC.md section 4, "The link" and "PPPoE": what stands before the IP header."""

from words import BYPASS, u16

ETHERNET_LENGTH, TAG_LENGTH = 14, 4
IPV4, IPV6, ETHERNET, TAGS = 0x0800, 0x86dd, 0x6558, (0x8100, 0x88a8)  # types
VERSIONS = {IPV4: 4, IPV6: 6}

# PPPoE: its type and length, and the IP version by the protocol of PPP.
PPPOE, PPPOE_LENGTH, PPP_VERSIONS = 0x8864, 8, {0x0021: 4, 0x0057: 6}

# The most VLAN tags that are passed: by VNET-007, a split and GRO.
DISSECTED_TAGS, SPLIT_TAGS, GRO_TAGS = 15, 7, 13


def behind_link(data, config, most):
    """Where the IP header is, its version, and the number of VLAN tags, at
    most `most`, before it. The version is None if it is not IP."""
    if not config.ethernet:
        return 0, data[0] >> 4 if data else None, 0
    following, at, tags = u16(data, 12), ETHERNET_LENGTH, 0
    while (following in TAGS and tags < most
           and at + TAG_LENGTH <= len(data)):
        following = u16(data, at + 2)
        at += TAG_LENGTH
        tags += 1
    return at, VERSIONS.get(following), tags


def pppoe(packet, at):
    """Each rule for PPPoE at this offset of the received bytes. If none
    bypasses, the packet has the IP header behind it afterwards."""
    header = packet.received[at:]
    yield BYPASS, "GRO-PPP-001", len(header) < PPPOE_LENGTH
    yield BYPASS, "GRO-PPP-002", u16(header, 0) != 0x1100
    yield BYPASS, "GRO-PPP-003", u16(header, 4) != len(header) - 6
    version = PPP_VERSIONS.get(u16(header, 6))
    yield BYPASS, "GRO-PPP-004", version is None
    packet.frames += 1
    packet.pppoe.append(at)
    packet.enter(at + PPPOE_LENGTH, version)
