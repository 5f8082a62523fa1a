# SPDX-License-Identifier: MIT
"""SPEC.md section 5, without its rules: where the IP headers end."""

from math import inf

from link import DISSECTED_TAGS, behind_link
from words import u16, u32

TCP, UDP, GRE = 6, 17, 47
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60


class Ip:
    """An IP header, and what section 5 finds behind it. Offsets count from its
    first byte; `front` is the number of bytes before it."""

    def __init__(self, data, front, version):
        self.data = data
        self.len = len(data)
        self.front = front
        self.version = version      # None: not IP
        self.protocol = self.l4 = None

    @property
    def l4_length(self):
        return self.len - self.l4

    @property
    def addresses(self):
        """None: not known (section 11)."""
        if self.version == 4:
            return self.data[12:20] if self.len >= 20 else None
        if self.version == 6:
            return self.data[8:40] if self.len >= 40 else None
        return None

    @property
    def id(self):
        return u16(self.data, 4)

    @property
    def df(self):
        return self.data[6] & 0x40

    @property
    def flow_label(self):
        """With the upper 4 bits of the header, which are those of the version
        without a link and a tunnel."""
        return u32(self.data, 0) & 0xf00fffff

    @property
    def traffic_class(self):
        return u16(self.data, 0) >> 4 & 0xff

    @property
    def next_header(self):
        return self.data[6]

    @property
    def extensions(self):
        return self.data[40:self.l4]


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


def whole_headers(data, version, most=inf):
    """The protocol, l4 and the number of extension headers, or None: VNET-007,
    GSO-002 and GSO-003. IPv4 may have options here."""
    if version == 4 and len(data) >= 20:
        l4 = (data[0] & 15) * 4
        if 20 <= l4 <= len(data):
            return data[9], l4, 0
    if version == 6 and len(data) >= 40:
        return walk(data, most)
    return None


def dissected_headers(received, config):
    """The IP version, and for VNET-007 the protocol and l4, counted from the
    first byte of the packet, or None. This walk passes a fragment header, too,
    and counts VLAN tags."""
    front, version, tags = behind_link(received, config, DISSECTED_TAGS)
    data = received[front:]
    headers = whole_headers(data, version)
    if not headers:
        return version, None
    protocol, l4, passed = headers
    if version == 6 and protocol == FRAGMENT:
        if l4 + 8 > len(data):
            return version, None
        protocol, l4, passed = data[l4], l4 + 8, passed + 1
    if tags + passed > 16:
        return version, None
    return version, (protocol, front + l4)


def probed(ip):
    """Where GSO-009 expects the TCP header; the headers are whole."""
    _, l4, _ = whole_headers(ip.data, ip.version, most=16)
    return min(l4, ip.len % 2**16)
