# SPDX-License-Identifier: MIT
"""SPEC.md sections 4 to 7: the packet by itself, and its flow."""

from checksum import checksum_is_right
from ip import TCP, UDP, Ip, walk
from link import GRO_TAGS, PPPOE, behind_link, pppoe
from tunnel import KINDS, tunnel, tunnel_of
from vnet import accept, leaves_short, tell, vnet_refusals
from words import (BYPASS, FLUSH, REJECT, first, fold, put16, sum_words, u16,
                   u32)


class Packet(Ip):
    """The fields that the rules read. Which of them are there to be read is
    what sections 4 to 6 find out."""

    def __init__(self, received, config, most_tags):
        self.received = received    # from the first byte on
        front, version, self.frames = behind_link(received, config, most_tags)
        super().__init__(received[front:], front, version)
        self.outer = None           # in a tunnel
        self.pppoe = []             # where it stands in the received bytes
        self.outcome = self.rule = None
        self.vnet = None            # as accepted
        self.hash = 0
        self.flow = None            # None: not known
        self.verified = False
        self.payload = None

    def enter(self, front, version):
        """The inner IP header of a tunnel is the packet's from now on."""
        super().__init__(self.received[front:], front, version)

    def compared(self, start, end):
        """What the key has of these received bytes: not the length of PPPoE.
        GRO-KEY-007"""
        data = bytearray(self.received[:end])
        for at in self.pppoe:
            if at < end:
                put16(data, at + 4, 0)
        return bytes(data[start:])

    @property
    def outermost(self):
        return self.outer or self

    @property
    def payload_length(self):
        return self.len - self.payload

    # TCP

    @property
    def sequence(self):
        return u32(self.data, self.l4 + 4)

    @property
    def acknowledgment(self):
        return u32(self.data, self.l4 + 8)

    @property
    def data_offset(self):
        return self.data[self.l4 + 12] >> 4

    @property
    def flags(self):
        """The 12 bits of GRO-TCP-005."""
        return u16(self.data, self.l4 + 12) & 0xfff

    @property
    def window(self):
        return u16(self.data, self.l4 + 14)

    @property
    def urgent(self):
        return u16(self.data, self.l4 + 18)

    @property
    def options(self):
        return self.data[self.l4 + 20:self.payload]

    # TCP and UDP

    @property
    def checksum(self):
        return u16(self.data, self.l4 + (16 if self.protocol == TCP else 6))


def refusals(data, vnet, config):
    """Each rule that rejects, with whether it holds."""
    yield "GRO-IN-002", len(data) > 65575
    yield "GRO-IN-004", len(data) < config.link_length
    yield from vnet_refusals(data, vnet, config)
    yield "GRO-IN-001", not config.ethernet and (not data or
                                                 data[0] >> 4 not in (4, 6))


def parse(data, vnet, hash, config):
    """Sections 3 to 7. outcome stays None if no rule has one."""
    vnet = tell(vnet, config)
    packet = Packet(data, config, config.most_tags)
    packet.hash = hash
    packet.rule = first(refusals(data, vnet, config))
    if packet.rule:
        packet.outcome = REJECT
        return packet
    packet.vnet = accept(data, vnet, config)
    if config.lossless and leaves_short(packet.vnet, config):
        packet.outcome, packet.rule = REJECT, "VNET-017"
        return packet
    # The first bypass, else the first flush.
    for outcome, rule, holds in by_itself(packet, config):
        if holds and (outcome == BYPASS or packet.outcome is None):
            packet.outcome, packet.rule = outcome, rule
            if outcome == BYPASS:
                break
    return packet


def by_itself(packet, config):
    """Each rule of sections 4 to 6 that does not reject, with its outcome and
    whether it holds. None is evaluated after one that bypasses."""
    yield FLUSH, "GRO-IN-003", packet.vnet.is_gso
    if config.has_pppoe and is_before_pppoe(packet, config):
        yield from pppoe(packet, packet.front)
    yield BYPASS, "GRO-IN-005", packet.version is None
    yield from ip(packet, config)
    kind = tunnel_of(packet, config)
    if kind:
        yield from tunnel(packet, kind, config)
        yield from ip(packet, config)
    packet.flow = flow(packet, config)
    if packet.protocol == TCP:
        yield from tcp(packet, config)
    else:
        yield from udp(packet, config)
    if config.lossless:
        yield from lossless(packet, config)


def is_before_pppoe(packet, config):
    """Section 4, "PPPoE": it is not behind too many VLAN tags."""
    return (config.ethernet and packet.frames < config.most_tags
            and u16(packet.received, packet.front - 2) == PPPOE)


# Section 5

def ip(packet, config):
    return ip4(packet, config) if packet.version == 4 else ip6(packet, config)


def is_unknown(packet, config):
    """No rule is for the protocol, and it is not that of a tunnel."""
    if packet.protocol in (TCP, UDP):
        return False
    return packet.outer or not tunnel_of(packet, config)


def ip4(packet, config):
    data = packet.data
    yield BYPASS, "GRO-IP4-001", packet.len < 20
    packet.protocol = data[9]
    packet.l4 = 20
    yield BYPASS, "GRO-IP4-002", is_unknown(packet, config)
    yield BYPASS, "GRO-IP4-012", data[0] >> 4 != 4
    yield BYPASS, "GRO-IP4-003", data[0] & 15 != 5
    yield BYPASS, "GRO-IP4-004", u16(data, 6) & 0x3fff
    yield BYPASS, "GRO-IP4-005", fold(sum_words(data[:20])) != 0xffff
    yield FLUSH, "GRO-IP4-006", u16(data, 2) != packet.len % 2**16
    yield FLUSH, "GRO-IP4-007", data[6] & 0x80


def ip6(packet, config):
    yield BYPASS, "GRO-IP6-001", packet.len < 40
    end = walk(packet.data)
    yield BYPASS, "GRO-IP6-003", end is None
    packet.protocol, packet.l4, _ = end
    yield BYPASS, "GRO-IP6-004", is_unknown(packet, config)
    yield FLUSH, "GRO-IP6-002", u16(packet.data, 4) != packet.len - 40


# Section 6

def tcp(packet, config):
    yield BYPASS, "GRO-TCP-001", not checksum_is_right(packet, config)
    yield BYPASS, "GRO-TCP-002", packet.l4_length < 20
    header_length = packet.data_offset * 4
    yield BYPASS, "GRO-TCP-003", not 20 <= header_length <= packet.l4_length
    packet.payload = packet.l4 + header_length


def udp(packet, config):
    yield BYPASS, "GRO-UDP-001", packet.l4_length < 8
    yield BYPASS, "GRO-UDP-002", not checksum_is_right(packet, config)
    yield BYPASS, "GRO-TUN-002", packet.outer and tunnel_of(packet, config)
    yield BYPASS, "GRO-UDP-008", packet.frames == most_frames(packet)
    yield BYPASS, "GRO-UDP-007", packet.vnet.told
    yield BYPASS, "GRO-UDP-003", not (config.udp or config.fraglist)
    yield BYPASS, "GRO-UDP-004", packet.checksum == 0
    length_field = u16(packet.data, packet.l4 + 4)
    yield BYPASS, "GRO-UDP-005", (length_field != packet.l4_length
                                  or packet.l4_length == 8)
    packet.payload = packet.l4 + 8


def most_frames(packet):
    """GRO-UDP-008"""
    return (KINDS[packet.outer.kind].most_frames if packet.outer
            else GRO_TAGS)


# Section 7

def flow(packet, config):
    """The key, or None if the flow is not known."""
    if packet.l4_length < 4:
        return None
    ports = packet.data[packet.l4:packet.l4 + 4]
    key = ip_key(packet, config.lossless) + (ports,)
    # GRO-KEY-004
    key += packet.compared(0, packet.outermost.front),
    if packet.outer:
        key += tunnel_key(packet.outer)
    # GRO-KEY-006
    key += packet.hash,
    # GRO-KEY-003
    if far_l4(packet) and not config.lossless:
        key += object(),        # equal to no other
    return key


def tunnel_key(outer):
    """GRO-KEY-005"""
    ports = outer.data[outer.l4:outer.l4 + 4] if outer.over_udp else b""
    return (outer.kind, ip_key(outer, False), ports, outer.no_checksum,
            outer.own, outer.frames)


def ip_key(ip, lossless):
    """The part of a key that an IP header has."""
    # GRO-KEY-001
    key = ip.version, ip.addresses, ip.protocol
    # GRO-KEY-002
    if ip.version == 6 and not lossless:
        key += ip.flow_label, ip.next_header, ip.extensions
    return key


def far_l4(packet):
    """GRO-KEY-003, GRO-LL-011 and GSO-005"""
    return packet.front + packet.l4 > 65470


# Section 11

def lossless(packet, config):
    yield FLUSH, "GRO-LL-001", packet.vnet.needs_csum
    yield FLUSH, "GRO-LL-002", any(ip.version == 4
                                   and u16(ip.data, 10) == 0xffff
                                   for ip in (packet, packet.outermost))
    yield FLUSH, "GRO-LL-003", (packet.protocol == TCP
                                and packet.checksum == 0xffff)
    yield FLUSH, "GRO-LL-004", (packet.protocol == UDP
                                and not config.profile.takes_uso)
    yield FLUSH, "GRO-LL-011", far_l4(packet)
    outer = packet.outer
    if outer:
        yield FLUSH, "GRO-LL-012", (u16(outer.data, outer.l4 + 4)
                                    != outer.len - outer.l4)
        yield FLUSH, "GRO-LL-013", (packet.protocol == UDP
                                    and packet.version == 6
                                    and packet.data[0] >> 4 != 6)
