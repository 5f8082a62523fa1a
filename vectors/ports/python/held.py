# SPDX-License-Identifier: MIT
"""SPEC.md section 1, the held super-packet; section 8, what keeps a packet
from merging with it; section 10, its bytes when it leaves."""

from checksum import pseudo_sum
from ip import TCP, UDP, whole_headers
from vnet import (DATA_VALID, ECN, NEEDS_CSUM, OUTER_CSUM, TCPV4, TCPV6,
                  TUNNEL4, TUNNEL6, UDP_L4, Vnet)
from words import fold, invert, put16, sum_words, u16

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))


class Held:
    def __init__(self, packet):
        self.first = packet
        self.members = [packet]     # all packets, as received
        self.gso_size = packet.payload_length
        self.total = packet.outermost.len
        self.flags = 0
        self.fixed_id = self.outer_fixed_id = None
        if packet.protocol == TCP:
            self.next_sequence = (packet.sequence + self.gso_size) % 2**32

    @property
    def packets(self):
        return len(self.members)

    def append(self, packet, config):
        """Merges."""
        self.fixed_id = fixed_id_with(self, packet, config)
        if packet.outer:
            self.outer_fixed_id = outer_fixed_id_with(self, packet, config)
        self.members.append(packet)
        self.total += packet.payload_length
        if packet.protocol == TCP:
            self.next_sequence += packet.payload_length
            self.next_sequence %= 2**32
            self.flags |= packet.flags & (FIN | PSH)

    def is_overtaken(self, packet, config):
        """A packet passes beside it (GRO-LIST-004)."""
        if config.profile.checks_csum_start:
            self.fixed_id = fixed_id_with(self, packet, config)


# Section 8

def differences(held, packet, config):
    """Each rule with outcome mismatch, with whether it holds."""
    first, profile = held.first, config.profile
    if packet.protocol == TCP:
        yield from tcp_header(first, packet, profile)
    else:
        yield "GRO-UDP-006", packet.payload_length > held.gso_size
    if packet.outer:
        yield from ip_header(first.outer, packet.outer, config,
                             outer_id_with(held, packet, config))
    yield from ip_header(first, packet, config, id_with(held, packet, config))
    if packet.protocol == TCP:
        yield "GRO-TCP-009", packet.payload_length == 0
        yield "GRO-TCP-010", packet.payload_length > held.gso_size
        yield "GRO-TCP-011", packet.sequence != held.next_sequence
    if config.makes_list(packet):
        yield from list_differences(held, packet)
    else:
        tags = packet.outermost.front - config.link_length
        yield from limits(
            packet, tags + held.total + packet.payload_length, config)
    if config.lossless:
        yield from lossless_differences(held, packet, config)


def limits(packet, total, config):
    profile, extensions = config.profile, packet.l4 - 40
    yield "GRO-LIM-001", total > config.max_bytes
    yield "GRO-LIM-002", total > 65535 and (
        packet.protocol == UDP
        or not profile.big_ip4 and (packet.version == 4 or extensions))
    yield "GRO-LIM-003", extensions > 8 and adds_jumbo(packet, total, profile)


def list_differences(held, packet):
    """ "Lists" """
    first = held.first
    one_needs_csum = packet.vnet.needs_csum != first.vnet.needs_csum
    if packet.protocol == TCP:
        yield "GRO-LIST-001", (packet.flags ^ first.flags) & (FIN | PSH | CWR)
        yield "GRO-LIST-002", one_needs_csum
        yield "GRO-LIST-003", held.packets == 64
    else:
        yield "GRO-LIST-004", one_needs_csum or not (
            packet.vnet.needs_csum or packet.verified)
    yield "GRO-LIST-005", held.total + packet.len > 65535


def adds_jumbo(ip, total, profile):
    """GRO-OUT-015: whether a super-packet of this length gets the header."""
    return ip.version == 6 and total > 65575 and profile.strips_jumbo


def tcp_header(first, packet, profile):
    yield "GRO-TCP-004", profile.refuses_cwr and packet.flags & CWR
    aside = FIN | PSH | (0 if profile.compares_cwr else CWR)
    yield "GRO-TCP-005", (packet.flags ^ first.flags) & ~aside
    yield "GRO-TCP-006", packet.window != first.window
    yield "GRO-TCP-007", packet.acknowledgment != first.acknowledgment
    yield "GRO-TCP-008", packet.options != first.options


def ip_header(first, ip, config, id_that_follows):
    if not compares_as_ip4(ip, config):
        yield "GRO-IP6-005", ip.traffic_class != first.traffic_class
        yield "GRO-IP6-006", ip.data[7] != first.data[7]
        return
    yield "GRO-IP4-008", ip.data[8] != first.data[8]
    yield "GRO-IP4-009", ip.data[1] != first.data[1]
    yield "GRO-IP4-010", ip.df != first.df
    yield "GRO-IP4-011", ip.id != id_that_follows % 2**16


def compares_as_ip4(ip, config):
    """An IPv6 header, too, by GRO-IP6-007."""
    return ip.version == 4 or (
        ip.data[0] >> 4 != 6
        and config.profile.checks_csum_start and not config.lossless)


def id_with(held, packet, config):
    """GRO-IP4-011"""
    fixed_id = fixed_id_with(held, packet, config)
    return held.first.id + (0 if fixed_id else held.packets)


def outer_id_with(held, packet, config):
    """The same for the outer header of a tunnel."""
    profile = config.profile
    if not profile.fixed_id_needs_df:
        fixed_id = outer_fixed_id_with(held, packet, config)
    elif packet.outer.df:
        return packet.outer.id      # it always follows
    else:
        fixed_id = profile.checks_csum_start and held.fixed_id
    return held.first.outer.id + (0 if fixed_id else held.packets)


def fixed_id_with(held, packet, config):
    """What fixed_id is once the packet has merged."""
    if held.packets > 1 or held.fixed_id:   # is_overtaken() stored it
        return held.fixed_id
    return id_stays(held.first, packet, config)


def outer_fixed_id_with(held, packet, config):
    if held.packets > 1:
        return held.outer_fixed_id
    return id_stays(held.first.outer, packet.outer, config)


def id_stays(first, ip, config):
    if ip.id != first.id or not compares_as_ip4(ip, config):
        return False
    return bool(ip.df) if config.profile.fixed_id_needs_df else True


def lossless_differences(held, packet, config):
    """Section 11"""
    first = held.first
    if packet.version == 6:
        yield "GRO-LL-005", packet.flow_label != first.flow_label
        yield "GRO-LL-006", (packet.next_header != first.next_header
                             or packet.extensions != first.extensions)
    else:
        yield "GRO-LL-007", fixed_id_with(held, packet, config)
    if packet.outer and packet.outer.version == 4:
        counted = first.outer.id + held.packets
        yield "GRO-LL-007", packet.outer.id != counted % 2**16
    if packet.protocol == TCP:
        yield "GRO-LL-008", packet.urgent != first.urgent
        yield "GRO-LL-009", packet.flags & CWR
        yield "GRO-LL-010", held.gso_size < 8


# Section 10

def single(packet):
    """GRO-OUT-001: virtio header and bytes."""
    vnet = packet.vnet
    if vnet.told and vnet.is_gso:
        vnet = told_again(packet)
    if packet.verified and not vnet.needs_csum:
        vnet = vnet.but(flags=DATA_VALID)
    return vnet, packet.received


def told_again(packet):
    """GRO-OUT-011"""
    vnet, ip = packet.vnet.but(), packet.outermost
    headers = whole_headers(ip.data, ip.version)
    vnet.gso_type &= ~(TUNNEL4 | TUNNEL6)
    vnet.gso_type |= TUNNEL6 if ip.version == 6 else TUNNEL4
    if headers:
        _, l4, _ = headers
        vnet.outer_th_offset = ip.front + l4
    return vnet


def leaving(held, config):
    """The entries of to_write: virtio header, bytes, and indices."""
    if held.packets == 1 or config.makes_list(held.first):  # GRO-OUT-016
        return [(*single(packet), [packet.index]) for packet in held.members]
    indices = [packet.index for packet in held.members]
    return [(*super_packet(held, config), indices)]


def super_packet(held, config):
    """Virtio header and bytes, of two or more packets."""
    profile = config.profile
    first, l4 = held.first, held.first.l4
    outer = first.outermost
    total = held.total - (first.front - outer.front)    # of the inner packet
    headers = bytearray(first.data[:first.payload])
    put_length(headers, first, total)
    seed = fold(pseudo_sum(first, total - l4))
    vnet = Vnet(flags=NEEDS_CSUM,                           # GRO-OUT-007
                hdr_len=first.front + first.payload,
                gso_size=held.gso_size, csum_start=first.front + l4)
    if first.protocol == TCP:                               # GRO-OUT-004
        headers[l4 + 13] |= held.flags
        put16(headers, l4 + 16, seed)
        vnet.gso_type = TCPV4 if first.version == 4 else TCPV6
        vnet.csum_offset = 16
        if profile.shows_cwr and first.flags & CWR:         # GRO-OUT-005
            vnet.gso_type |= ECN
    else:                                                   # GRO-OUT-006
        put16(headers, l4 + 4, total - l4)
        put16(headers, l4 + 6, seed)
        vnet.gso_type = UDP_L4
        vnet.csum_offset = 6
    front = first.received[:first.front]                    # GRO-OUT-008
    if first.outer:
        front = outer_headers(held, profile)
        if config.can_tell and outer.over_udp:
            tell_of_tunnel(vnet, first)
    if adds_jumbo(first, total, profile):
        add_jumbo(headers, total)
        vnet.csum_start += 8
        vnet.hdr_len += 8
    data = bytearray().join([front, headers, *(packet.data[packet.payload:]
                                               for packet in held.members)])
    for at in first.pppoe:                                  # GRO-OUT-017
        put16(data, at + 4, len(data) - at - 6)
    return vnet, bytes(data)


def add_jumbo(headers, total):
    """GRO-OUT-015"""
    headers[40:40] = bytes([headers[6], 0, 0xc2, 4]) \
        + (total - 32).to_bytes(4, "big")
    headers[6] = 0


def tell_of_tunnel(vnet, first):
    """GRO-OUT-012"""
    outer = first.outer
    vnet.told = TUNNEL4 if outer.version == 4 else TUNNEL6
    vnet.gso_type |= vnet.told
    vnet.outer_th_offset = outer.front + (
        outer.l4 if outer.version == 4 else 40)
    vnet.inner_nh_offset = first.front
    if not outer.no_checksum:
        vnet.flags |= OUTER_CSUM


def put_length(headers, ip, length):
    """The IP header says that it and what is behind it have this length."""
    if ip.version == 4:                                     # GRO-OUT-002
        length = length if length <= 65535 else 0           # GRO-OUT-013
        old, m = u16(headers, 10), u16(headers, 2)
        put16(headers, 2, length)
        put16(headers, 10, invert(fold(invert(old) + invert(m) + length)))
    else:                                       # GRO-OUT-003, GRO-OUT-014
        put16(headers, 4, length - 40 if length <= 65575 else 0)


def outer_headers(held, profile):
    """GRO-OUT-009: what stands before the inner IP header."""
    first, outer = held.first, held.first.outer
    link = first.received[:outer.front]
    headers = bytearray(first.received[outer.front:first.front])
    put_length(headers, outer, held.total)
    if outer.over_udp:                                      # GRO-OUT-010
        length = held.total - outer.l4
        put16(headers, outer.l4 + 4, length)
        if not outer.no_checksum:
            addresses = sum_words(outer_addresses(held, profile))
            put16(headers, outer.l4 + 6, fold(addresses + UDP + length))
    return link + headers


def outer_addresses(held, profile):
    """The bytes that stand for the outer addresses in the seed."""
    first, outer = held.first, held.first.outer
    start, end = (12, 20) if outer.version == 4 else (8, 40)
    if profile.checks_csum_start or first.len < end:        # K-7
        return outer.addresses
    data = bytearray(first.data)
    if first.protocol == TCP:
        data[first.l4 + 13] |= held.flags
    return data[start:end]
