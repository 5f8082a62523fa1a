# SPDX-License-Identifier: MIT
"""SPEC.md section 5, "Tunnels"."""

from typing import Callable, NamedTuple

from checksum import checksum_is_right, uncomputed
from ip import GRE, UDP, Ip
from link import (ETHERNET, ETHERNET_LENGTH, IPV4, IPV6, PPPOE, TAG_LENGTH, TAGS,
                  VERSIONS, pppoe)
from words import BYPASS, FLUSH, u16

# By type, the length of a header that may stand before the inner IP header.
FRAMES = {ETHERNET: ETHERNET_LENGTH, **dict.fromkeys(TAGS, TAG_LENGTH)}


class Outer(Ip):
    """The headers before the tunnel's own one."""

    def __init__(self, packet, kind):
        super().__init__(packet.data, packet.front, packet.version)
        self.protocol, self.l4 = packet.protocol, packet.l4
        self.kind = kind
        self.over_udp = KINDS[kind].over_udp
        self.no_checksum = self.over_udp and u16(self.data, self.l4 + 6) == 0
        self.uncomputed = False     # a checksum is there, and not computed
        self.own = self.frames = b""    # GRO-KEY-005


# The tunnel's own header. Each generator yields its rules, and returns the
# length of the header and the type of what follows.

def no_header(outer, data):
    yield from ()
    return 0, IPV4 if outer.protocol == 4 else IPV6


GRE_CHECKSUM, GRE_KEY = 0x8000, 0x2000      # flags


def gre_header(outer, data):
    yield BYPASS, "GRO-TUN-003", len(data) < 4
    flags = u16(data, 0)
    yield BYPASS, "GRO-TUN-007", flags & ~(GRE_CHECKSUM | GRE_KEY)
    length = 4 + 4 * bool(flags & GRE_CHECKSUM) + 4 * bool(flags & GRE_KEY)
    yield BYPASS, "GRO-TUN-003", len(data) < length
    outer.own = data[:8 if flags & GRE_KEY else 4]
    return length, u16(data, 2)


def vxlan_header(outer, data):
    yield BYPASS, "GRO-TUN-003", len(data) < 8
    outer.own = data[:8]
    return 8, ETHERNET


def vxlan_gpe_header(outer, data):
    yield BYPASS, "GRO-TUN-003", len(data) < 8
    yield BYPASS, "GRO-TUN-007", data[0] & 0x35 != 0x04
    outer.own = data[:8]
    return 8, {1: IPV4, 2: IPV6, 3: ETHERNET}.get(data[3])


def geneve_header(outer, data):
    yield BYPASS, "GRO-TUN-003", len(data) < 8
    yield BYPASS, "GRO-TUN-007", data[0] & 0xc0 or data[1] & 0x80
    length = 8 + (data[0] & 0x3f) * 4
    yield BYPASS, "GRO-TUN-003", len(data) < length
    outer.own = data[:length]
    return length, u16(data, 2)


class Kind(NamedTuple):
    protocols: tuple
    over_udp: bool
    most_frames: int        # GRO-TUN-005
    header: Callable


KINDS = {
    "ipip":      Kind((4, 41), False, 12, no_header),
    "gre":       Kind((GRE,),  False, 11, gre_header),
    "vxlan":     Kind((UDP,),  True,  10, vxlan_header),
    "vxlan-gpe": Kind((UDP,),  True,  10, vxlan_gpe_header),
    "geneve":    Kind((UDP,),  True,  10, geneve_header),
}


def ends(names):
    """By protocol and, for UDP, port: the kind of the tunnel that ends there.
    The names are those of the configuration."""
    table = {}
    for name in names:
        kind, _, port = name.partition(":")
        if kind == "pppoe":         # it stands behind no IP header
            continue
        for protocol in KINDS[kind].protocols:
            table.setdefault((protocol, int(port) if port else None), kind)
    return table


def tunnel_of(packet, config):
    """The kind of the tunnel that the packet is in, or None."""
    if not config.tunnels:
        return None
    port = None
    if packet.protocol == UDP and packet.l4_length >= 8:
        port = u16(packet.data, packet.l4 + 2)
    return config.ends.get((packet.protocol, port))


def tunnel(packet, kind, config):
    """Each rule for what stands before the inner IP header. If none bypasses,
    the packet has the inner one afterwards."""
    outer = packet.outer = Outer(packet, kind)
    own = outer.l4
    if outer.over_udp:
        yield from outer_udp(packet, config)
        own += 8
    length, following = yield from KINDS[kind].header(outer, outer.data[own:])
    yield BYPASS, "GRO-TUN-006", (following not in (*VERSIONS, *FRAMES)
                                  and not leads_to_pppoe(following, config))
    if kind == "gre":
        yield from gre_checksum(packet, config)
    yield from inside(packet, own + length, following, config)


def outer_udp(packet, config):
    outer = packet.outer
    outer.uncomputed = not outer.no_checksum and uncomputed(packet)
    yield BYPASS, "GRO-UDP-002", not checksum_is_right(packet, config)
    yield BYPASS, "GRO-TUN-001", (
        packet.outcome == FLUSH and not outer.no_checksum
        and config.csum == "verify" and not packet.vnet.needs_csum)
    yield BYPASS, "GRO-TUN-009", (
        config.profile.checks_tunnel_length
        and u16(packet.data, packet.l4 + 4) != packet.l4_length)


def gre_checksum(packet, config):
    if u16(packet.data, packet.l4) & GRE_CHECKSUM:
        packet.outer.uncomputed = uncomputed(packet)
        yield BYPASS, "GRO-TUN-008", not checksum_is_right(packet, config)


def leads_to_pppoe(following, config):
    return config.has_pppoe and following == PPPOE


def inside(packet, start, following, config):
    """Passes Ethernet headers, VLAN tags and PPPoE."""
    outer, at = packet.outer, start
    most = KINDS[outer.kind].most_frames
    yield BYPASS, "GRO-TUN-005", packet.frames > most
    while following in FRAMES:
        packet.frames += 1
        yield BYPASS, "GRO-TUN-005", packet.frames > most
        yield BYPASS, "GRO-TUN-004", at + FRAMES[following] > outer.len
        at += FRAMES[following]
        following = u16(outer.data, at - 2)
    if leads_to_pppoe(following, config):
        yield BYPASS, "GRO-TUN-005", packet.frames == most
        yield from pppoe(packet, outer.front + at)
    else:
        yield BYPASS, "GRO-TUN-006", following not in VERSIONS
        packet.enter(outer.front + at, VERSIONS[following])
    outer.frames = packet.compared(outer.front + start, packet.front)
