# SPDX-License-Identifier: MIT
"""SPEC.md sections 4 to 7: the packet by itself, and its flow."""

from ip import TCP, UDP, version, walk
from vnet import accept, vnet_refusals
from words import first, fold, sum_words, u16, u32

REJECT, BYPASS, FLUSH = "reject", "bypass", "flush"


class Packet:
    """The fields that the rules read. Which of them are there to be read is
    what sections 4 to 6 find out."""

    def __init__(self, data):
        self.data = data
        self.len = len(data)
        self.outcome = self.rule = None
        self.vnet = None            # as accepted
        self.flow = None            # None: not known
        self.verified = False
        self.version = version(data)
        self.protocol = self.l4 = self.payload = None

    # Section 1

    @property
    def l4_length(self):
        return self.len - self.l4

    @property
    def payload_length(self):
        return self.len - self.payload

    # IP

    @property
    def addresses(self):
        """None: not known (section 11)."""
        if self.version == 4:
            return self.data[12:20] if self.len >= 20 else None
        return self.data[8:40] if self.len >= 40 else None

    @property
    def id(self):
        return u16(self.data, 4)

    @property
    def df(self):
        return self.data[6] & 0x40

    @property
    def flow_label(self):
        return u32(self.data, 0) & 0xfffff

    @property
    def traffic_class(self):
        return u16(self.data, 0) >> 4 & 0xff

    @property
    def next_header(self):
        return self.data[6]

    @property
    def extensions(self):
        return self.data[40:self.l4]

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


def pseudo_sum(packet, length):
    return sum_words(packet.addresses) + packet.protocol + length


def refusals(data, vnet, profile):
    """Each rule that rejects, with whether it holds."""
    yield "GRO-IN-002", len(data) > 65575
    yield from vnet_refusals(data, vnet, profile)
    yield "GRO-IN-001", version(data) not in (4, 6)


def parse(data, vnet, config):
    """Sections 3 to 7. outcome stays None if no rule has one."""
    packet = Packet(data)
    packet.rule = first(refusals(data, vnet, config.profile))
    if packet.rule:
        packet.outcome = REJECT
        return packet
    packet.vnet = accept(data, vnet, config.profile)
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
    yield from ip4(packet) if packet.version == 4 else ip6(packet)
    packet.flow = flow(packet, config)
    if packet.protocol == TCP:
        yield from tcp(packet, config)
    else:
        yield from udp(packet, config)
    if config.lossless:
        yield from lossless(packet, config)


# Section 5

def ip4(packet):
    data = packet.data
    yield BYPASS, "GRO-IP4-001", packet.len < 20
    packet.protocol = data[9]
    packet.l4 = 20
    yield BYPASS, "GRO-IP4-002", packet.protocol not in (TCP, UDP)
    yield BYPASS, "GRO-IP4-003", data[0] & 15 != 5
    yield BYPASS, "GRO-IP4-004", u16(data, 6) & 0x3fff
    yield BYPASS, "GRO-IP4-005", fold(sum_words(data[:20])) != 0xffff
    yield FLUSH, "GRO-IP4-006", u16(data, 2) != packet.len % 2**16
    yield FLUSH, "GRO-IP4-007", data[6] & 0x80


def ip6(packet):
    yield BYPASS, "GRO-IP6-001", packet.len < 40
    end = walk(packet.data)
    yield BYPASS, "GRO-IP6-003", end is None
    packet.protocol, packet.l4, _ = end
    yield BYPASS, "GRO-IP6-004", packet.protocol not in (TCP, UDP)
    yield FLUSH, "GRO-IP6-002", u16(packet.data, 4) != packet.len - 40


# Section 6

def checksum_is_right(packet, config):
    """Or taken as right. Notes whether the packet is verified."""
    if packet.outcome == FLUSH:     # by one of the four rules
        return True
    if packet.vnet.needs_csum and packet.vnet.csum_start >= packet.l4:
        return True
    packet.verified = (
        config.csum == "trusted"
        or packet.protocol == UDP and packet.checksum == 0
        or fold(pseudo_sum(packet, packet.l4_length)
                + sum_words(packet.data[packet.l4:])) == 0xffff)
    return packet.verified


def tcp(packet, config):
    yield BYPASS, "GRO-TCP-001", not checksum_is_right(packet, config)
    yield BYPASS, "GRO-TCP-002", packet.l4_length < 20
    header_length = packet.data_offset * 4
    yield BYPASS, "GRO-TCP-003", not 20 <= header_length <= packet.l4_length
    packet.payload = packet.l4 + header_length


def udp(packet, config):
    yield BYPASS, "GRO-UDP-001", packet.l4_length < 8
    yield BYPASS, "GRO-UDP-002", not checksum_is_right(packet, config)
    yield BYPASS, "GRO-UDP-003", not config.udp
    yield BYPASS, "GRO-UDP-004", packet.checksum == 0
    length_field = u16(packet.data, packet.l4 + 4)
    yield BYPASS, "GRO-UDP-005", (length_field != packet.l4_length
                                  or packet.l4_length == 8)
    packet.payload = packet.l4 + 8


# Section 7

def flow(packet, config):
    """The key, or None if the flow is not known."""
    if packet.l4_length < 4:
        return None
    ports = packet.data[packet.l4:packet.l4 + 4]
    # GRO-KEY-001
    key = packet.version, packet.addresses, packet.protocol, ports
    # GRO-KEY-002
    if packet.version == 6 and not config.lossless:
        key += packet.flow_label, packet.next_header, packet.extensions
    # GRO-KEY-003
    if packet.l4 > 65470 and not config.lossless:
        key += object(),        # equal to no other
    return key


# Section 11

def lossless(packet, config):
    yield FLUSH, "GRO-LL-001", packet.vnet.needs_csum
    yield FLUSH, "GRO-LL-002", (packet.version == 4
                                and u16(packet.data, 10) == 0xffff)
    yield FLUSH, "GRO-LL-003", (packet.protocol == TCP
                                and packet.checksum == 0xffff)
    yield FLUSH, "GRO-LL-004", (packet.protocol == UDP
                                and not config.profile.takes_uso)
    yield FLUSH, "GRO-LL-011", packet.l4 > 65470
