# SPDX-License-Identifier: MIT
"""SPEC.md section 4, "The link": what stands before the IP header."""

from words import u16

ETHERNET_LENGTH, TAG_LENGTH = 14, 4
IPV4, IPV6, ETHERNET, TAGS = 0x0800, 0x86dd, 0x6558, (0x8100, 0x88a8)  # types
VERSIONS = {IPV4: 4, IPV6: 6}

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
