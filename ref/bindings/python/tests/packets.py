# SPDX-License-Identifier: MIT
"""Packets over IPv6 with right checksums."""

import struct


def ip6(protocol, l4):
    return (struct.pack("!LHBB", 0x60000000, len(l4), protocol, 64)
            + b"\xfd" * 16 + b"\xfc" * 16 + l4)


def summed(protocol, l4, at):
    """The same of TCP or UDP, whose checksum is at this offset."""
    covered = ip6(0, b"")[8:] + struct.pack("!HH", protocol, len(l4)) + l4
    total = sum(struct.unpack(f"!{len(covered) // 2}H", covered))
    while total > 0xffff:
        total = (total >> 16) + (total & 0xffff)
    check = struct.pack("!H", ~total & 0xffff)
    return ip6(protocol, l4[:at] + check + l4[at + 2:])


def udp_to(port, payload):
    return summed(17, struct.pack("!4H", 7, port, 8 + len(payload), 0)
                  + payload, 6)


def udp(fill):
    """UDP with 8 bytes of payload."""
    return udp_to(9, bytes([fill]) * 8)


def tcp(number, payload):
    """Segment `number` of a TCP stream, of this payload."""
    header = struct.pack("!HHLLBBHHH", 7, 9, number * payload, 1, 5 << 4, 0x10,
                         256, 0, 0)
    return summed(6, header + bytes(payload), 16)


def frame(packet):
    """The packet in an Ethernet frame."""
    return b"\x02" * 12 + b"\x86\xdd" + packet


def in_ip(packet):
    """The packet in IPv6."""
    return ip6(41, packet)


def in_vxlan(packet):
    """The packet in VXLAN."""
    return udp_to(4789, bytes.fromhex("0800000000000100") + frame(packet))
