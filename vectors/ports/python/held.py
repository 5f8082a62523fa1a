# SPDX-License-Identifier: MIT
"""SPEC.md section 1, the held super-packet; section 8, what keeps a packet
from merging with it; section 10, its bytes when it leaves."""

from dataclasses import replace

from ip import TCP
from packet import pseudo_sum
from vnet import DATA_VALID, ECN, NEEDS_CSUM, TCPV4, TCPV6, UDP_L4, Vnet
from words import fold, invert, put16, u16

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))


class Held:
    def __init__(self, packet):
        self.first = packet
        self.payloads = []          # of the later packets
        self.of = [packet.index]
        self.gso_size = packet.payload_length
        self.packets = 1
        self.total = packet.len
        self.flags = 0
        self.fixed_id = None
        if packet.protocol == TCP:
            self.next_sequence = (packet.sequence + self.gso_size) % 2**32

    def append(self, packet, profile):
        """Merges."""
        if packet.version == 4:
            self.fixed_id = fixed_id_with(self, packet, profile)
        self.payloads.append(packet.data[packet.payload:])
        self.of.append(packet.index)
        self.packets += 1
        self.total += packet.payload_length
        if packet.protocol == TCP:
            self.next_sequence += packet.payload_length
            self.next_sequence %= 2**32
            self.flags |= packet.flags & (FIN | PSH)


# Section 8

def differences(held, packet, config):
    """Each rule with outcome mismatch, with whether it holds."""
    first, profile = held.first, config.profile
    if packet.protocol == TCP:
        yield from tcp_header(first, packet, profile)
    else:
        yield "GRO-UDP-006", packet.payload_length > held.gso_size
    if packet.version == 4:
        yield from ip4_header(held, packet, profile)
    else:
        yield "GRO-IP6-005", packet.traffic_class != first.traffic_class
        yield "GRO-IP6-006", packet.data[7] != first.data[7]
    if packet.protocol == TCP:
        yield "GRO-TCP-009", packet.payload_length == 0
        yield "GRO-TCP-010", packet.payload_length > held.gso_size
        yield "GRO-TCP-011", packet.sequence != held.next_sequence
    yield "GRO-LIM-001", held.total + packet.payload_length > 65535
    if config.lossless:
        yield from lossless_differences(held, packet, profile)


def tcp_header(first, packet, profile):
    yield "GRO-TCP-004", profile.refuses_cwr and packet.flags & CWR
    aside = FIN | PSH | (0 if profile.compares_cwr else CWR)
    yield "GRO-TCP-005", (packet.flags ^ first.flags) & ~aside
    yield "GRO-TCP-006", packet.window != first.window
    yield "GRO-TCP-007", packet.acknowledgment != first.acknowledgment
    yield "GRO-TCP-008", packet.options != first.options


def ip4_header(held, packet, profile):
    first = held.first
    yield "GRO-IP4-008", packet.data[8] != first.data[8]
    yield "GRO-IP4-009", packet.data[1] != first.data[1]
    yield "GRO-IP4-010", packet.df != first.df
    fixed_id = fixed_id_with(held, packet, profile)
    follows = first.id + (0 if fixed_id else held.packets)
    yield "GRO-IP4-011", packet.id != follows % 2**16


def fixed_id_with(held, packet, profile):
    """GRO-IP4-011: what fixed_id is once the packet has merged."""
    if held.packets > 1:
        return held.fixed_id
    if packet.id != held.first.id:
        return False
    return bool(packet.df) if profile.fixed_id_needs_df else True


def lossless_differences(held, packet, profile):
    """Section 11"""
    first = held.first
    if packet.version == 6:
        yield "GRO-LL-005", packet.flow_label != first.flow_label
        yield "GRO-LL-006", (packet.next_header != first.next_header
                             or packet.extensions != first.extensions)
    else:
        yield "GRO-LL-007", fixed_id_with(held, packet, profile)
    if packet.protocol == TCP:
        yield "GRO-LL-008", packet.urgent != first.urgent
        yield "GRO-LL-009", packet.flags & CWR
        yield "GRO-LL-010", held.gso_size < 8


# Section 10

def single(packet):
    """GRO-OUT-001: virtio header and bytes."""
    vnet = packet.vnet
    if packet.verified and not vnet.needs_csum:
        vnet = replace(vnet, flags=DATA_VALID)
    return vnet, packet.data


def super_packet(held, profile):
    """Virtio header and bytes."""
    if held.packets == 1:
        return single(held.first)
    first, l4, total = held.first, held.first.l4, held.total
    headers = bytearray(first.data[:first.payload])
    if first.version == 4:                                  # GRO-OUT-002
        old, m = u16(headers, 10), u16(headers, 2)
        put16(headers, 2, total)
        put16(headers, 10, invert(fold(invert(old) + invert(m) + total)))
    else:                                                   # GRO-OUT-003
        put16(headers, 4, total - 40)
    seed = fold(pseudo_sum(first, total - l4))
    vnet = Vnet(flags=NEEDS_CSUM, hdr_len=first.payload,    # GRO-OUT-007
                gso_size=held.gso_size, csum_start=l4)
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
    return vnet, b"".join([headers, first.data[first.payload:],
                           *held.payloads])
