# SPDX-License-Identifier: MIT
"""SPEC.md section 14: split."""

from checksum import pseudo_sum
from held import CWR, FIN, PSH
from ip import TCP, UDP, Ip, probed, whole_headers
from link import ETHERNET_LENGTH, SPLIT_TAGS, TAGS
from packet import Packet, far_l4, refusals
from vnet import (NEEDS_CSUM, OUTER_CSUM, TCPV4, TCPV6, UDP_FRAGMENTS, UDP_L4,
                  Vnet, accept, inner_version, tell)
from words import first, fold, invert, put16, put32, sum_words, u16


def split(data, vnet, config, csum_offload=False):
    """A list of (virtio header, bytes), empty if the packet is dropped; None
    if it is rejected."""
    vnet = tell(vnet, config)
    if first(refusals(data, vnet, config)):
        return None
    packet = Packet(data, config, SPLIT_TAGS)
    packet.vnet = vnet = accept(data, vnet, config)
    if first(drops_any(packet, config)):
        return []
    if loses_csum(packet, config):                          # GSO-OUT-012
        vnet.flags = vnet.csum_start = vnet.csum_offset = 0
    if not vnet.is_gso:
        return [plain(packet, csum_offload)]
    if first(drops(packet, config.profile)):
        return []
    n = -(-packet.payload_length // vnet.gso_size)      # ceil
    jumbo = strips_jumbo(packet, config.profile)
    return [segment(packet, i, n, csum_offload, jumbo) for i in range(n)]


def drops_any(packet, config):
    """Each rule that drops even what is not a GSO packet."""
    yield "GSO-011", (config.ethernet and u16(packet.received, 12) in TAGS
                      and len(packet.received) < ETHERNET_LENGTH + 6)
    yield "GSO-012", packet.vnet.told and not packet.vnet.is_gso


def loses_csum(packet, config):
    """The condition of GSO-OUT-012."""
    vnet = packet.vnet
    return (config.ethernet and u16(packet.received, 12) in TAGS
            and vnet.needs_csum and vnet.type != UDP_L4
            and vnet.csum_start < ETHERNET_LENGTH + 4)


def drops(packet, profile):
    """Each other rule that drops, with whether it holds."""
    vnet = packet.vnet
    yield "GSO-001", vnet.type == UDP_FRAGMENTS
    yield "GSO-010", packet.version is None
    yield from cut(packet)
    if vnet.told and packet.protocol == UDP:
        yield from tunnel(packet)
    yield "GSO-004", (packet.protocol != (TCP if vnet.is_tcp else UDP)
                      or vnet.type == TCPV4 and packet.version != 4
                      or vnet.type == TCPV6 and packet.version != 6)
    yield "GSO-005", (vnet.csum_start != packet.front + packet.l4
                      if vnet.needs_csum else far_l4(packet))
    if packet.protocol == TCP:
        yield "GSO-006", packet.l4_length < 20
        header_length = packet.data_offset * 4
        yield "GSO-007", not 20 <= header_length <= packet.l4_length
    else:
        header_length = 8
    packet.payload = packet.l4 + header_length
    yield "GSO-008", packet.payload_length <= vnet.gso_size
    yield "GSO-009", (profile.probes_tcp and packet.protocol == TCP
                      and not vnet.needs_csum
                      and packet.data[probed(packet) + 12] >> 4 < 5)


def cut(ip):
    """Finds the protocol and l4."""
    headers = whole_headers(ip.data, ip.version)
    yield "GSO-002" if ip.version == 4 else "GSO-003", headers is None
    ip.protocol, ip.l4, _ = headers


def tunnel(packet):
    """Enters it."""
    outer = Ip(packet.data, packet.front, packet.version)
    outer.protocol, outer.l4 = packet.protocol, packet.l4
    inner = packet.vnet.inner_nh_offset
    yield "GSO-013", outer.front + outer.l4 > inner
    packet.outer = outer
    packet.enter(inner, inner_version(packet.received, packet.vnet))
    yield from cut(packet)


def segment(packet, i, n, csum_offload, jumbo):
    """Virtio header and bytes of segment i of n."""
    data, l4, payload = packet.data, packet.l4, packet.payload
    gso_size = packet.vnet.gso_size
    at = payload + i * gso_size
    out = bytearray(data[:payload] + data[at:at + gso_size])
    put_ip(out, packet, i)
    if packet.protocol == TCP:                              # GSO-OUT-003
        put32(out, l4 + 4, (packet.sequence + i * gso_size) % 2**32)
        if i < n - 1:
            out[l4 + 13] &= ~(FIN | PSH)
        if i > 0:
            out[l4 + 13] &= ~CWR
    else:                                                   # GSO-OUT-004
        put16(out, l4 + 4, (len(out) - l4) % 2**16)
    checksum_offset = 16 if packet.protocol == TCP else 6
    part = put_checksum(packet, out, l4 + checksum_offset, csum_offload)
    vnet = Vnet()
    if csum_offload:                                        # GSO-OUT-006
        vnet = Vnet(flags=NEEDS_CSUM, csum_start=packet.front + l4,
                    csum_offset=checksum_offset)
    if jumbo:                                               # GSO-OUT-007
        out[6] = TCP
        put16(out, 4, u16(out, 4) - 8)
        del out[40:48]
        if csum_offload:
            vnet.csum_start -= 8
    out[:0] = packet.received[:packet.front]                # GSO-OUT-009
    if packet.outer:
        put_outer(packet, out, i, part)
    return vnet, bytes(out)


def put_ip(out, ip, i):
    """The IP header of segment i, which begins with it."""
    if ip.version == 4:
        ip4_header(out, len(out), ip.id + i)
    else:
        put16(out, 4, len(out) - 40)                        # GSO-OUT-002


def put_outer(packet, out, i, part):
    """GSO-OUT-010: the outer headers of segment i, whose inner ones are
    complete."""
    outer = packet.outer
    ip = out[outer.front:]
    put_ip(ip, outer, i)
    out[outer.front:] = ip
    udp = outer.front + outer.l4
    put16(out, udp + 4, (len(out) - udp) % 2**16)
    if packet.vnet.flags & OUTER_CSUM:                      # GSO-OUT-011
        seed = u16(packet.received, udp + 6)
        old, new = len(packet.received) - udp, len(out) - udp
        put16(out, udp + 6, fold(seed + 0xffffffff - old + new))
        s = sum_words(out[udp:packet.front + packet.l4])
        checksum = invert(fold(s + invert(part)))
        put16(out, udp + 6, checksum or 0xffff)


def ip4_header(out, seglen, identification):
    """GSO-OUT-001"""
    header_length = (out[0] & 15) * 4
    put16(out, 2, seglen % 2**16)
    put16(out, 4, identification % 2**16)
    put16(out, 10, 0)
    put16(out, 10, invert(fold(sum_words(out[:header_length]))))


def put_checksum(packet, out, at, csum_offload):
    """GSO-OUT-005. Returns part."""
    l4 = packet.l4
    old = packet.l4_length
    new = len(out) - l4
    if packet.protocol == UDP:
        old = u16(packet.data, l4 + 4)
        new %= 2**16
    seed = packet.checksum
    if not packet.vnet.needs_csum:
        seed = fold(pseudo_sum(packet, old))
    part = fold(seed + 0xffffffff - old + new)
    put16(out, at, part)
    if not csum_offload:
        checksum = invert(fold(sum_words(out[l4:])))
        if packet.protocol == UDP and checksum == 0:
            checksum = 0xffff
        put16(out, at, checksum)
    return part


def strips_jumbo(packet, profile):
    """GSO-OUT-007"""
    data = packet.data
    return (profile.strips_jumbo and packet.vnet.type == TCPV6
            and packet.len > 65536 and packet.next_header == 0
            and packet.l4 == 48 and data[42] == 0xc2
            and packet.frames <= 1 and is_in_one_piece(packet, profile))


def is_in_one_piece(packet, profile):
    tcp = packet.front + packet.l4
    return (packet.vnet.needs_csum
            or profile.shows_cwr and profile.checks_csum_start
            or packet.vnet.hdr_len == 0 or packet.vnet.hdr_len >= tcp
            or tcp <= 60)


def plain(packet, csum_offload):
    """GSO-OUT-008"""
    vnet = packet.vnet
    if not vnet.needs_csum:
        return Vnet(), packet.received
    if csum_offload:
        return Vnet(flags=NEEDS_CSUM, csum_start=vnet.csum_start,
                    csum_offset=vnet.csum_offset), packet.received
    out = bytearray(packet.received)
    checksum = invert(fold(sum_words(out[vnet.csum_start:])))
    put16(out, vnet.csum_start + vnet.csum_offset, checksum or 0xffff)
    return Vnet(), bytes(out)
