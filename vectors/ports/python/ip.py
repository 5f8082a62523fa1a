# SPDX-License-Identifier: MIT
"""SPEC.md section 5, without its rules: where the IP headers end."""

from math import inf

TCP, UDP = 6, 17
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60


def version(data):
    return data[0] >> 4 if data else None


def walk(data, most=inf):
    """The protocol behind the headers of an IPv6 packet of 40 bytes or more,
    l4, and the number of extension headers; or None if one does not fit. It
    passes at most `most` of them."""
    following, l4, passed = data[6], 40, 0
    while following in (HOP_BY_HOP, ROUTING, DESTINATION) and passed < most:
        if l4 + 2 > len(data):
            return None
        length = (data[l4 + 1] + 1) * 8
        if l4 + length > len(data):
            return None
        following = data[l4]
        l4 += length
        passed += 1
    return following, l4, passed


def whole_headers(data, most=inf):
    """The IP version, the protocol, l4 and the number of extension headers, or
    None: VNET-007, GSO-002 and GSO-003. IPv4 may have options here."""
    if version(data) == 4 and len(data) >= 20:
        l4 = (data[0] & 15) * 4
        if 20 <= l4 <= len(data):
            return 4, data[9], l4, 0
    if version(data) == 6 and len(data) >= 40:
        end = walk(data, most)
        if end:
            return 6, *end
    return None


def dissected_headers(data):
    """The same for VNET-007, which passes a fragment header, too."""
    headers = whole_headers(data)
    if headers and headers[:2] == (6, FRAGMENT):
        _, _, l4, passed = headers
        headers = l4 + 8 <= len(data) and (6, data[l4], l4 + 8, passed + 1)
    return headers if headers and headers[3] <= 16 else None


def probed(data):
    """Where GSO-009 expects the TCP header; the headers are whole."""
    _, _, l4, _ = whole_headers(data, most=16)
    return min(l4, len(data) % 2**16)
