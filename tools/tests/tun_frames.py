# SPDX-License-Identifier: MIT
"""Packets with a virtio_net_hdr in front, for the tests of `grove tun`."""

import fcntl
import os
import socket
import struct

TUNSETIFF = 0x400454ca
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 1, 0x1000, 0x4000
VNET_LEN = 10

SOL_PACKET = 263
PACKET_VNET_HDR = 15
ETH_P_IP = 0x0800


def open_tun(side, name):
    """Makes a TUN in the namespace of a side; returns its descriptor."""
    with side.entered():
        tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack(
        "16sH22x", name.encode(), IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
    return tun


class Frames:
    """Sends packets out of the device of a side. grove receives them."""

    def __init__(self, side):
        self.device = side.device
        with side.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)

    def send(self, frame):
        self.socket.sendto(frame, (self.device, ETH_P_IP))


def vnet(flags=0, gso_type=0, hdr_len=0, gso_size=0, csum_start=0,
         csum_offset=0):
    return struct.pack("=BBHHHH", flags, gso_type, hdr_len, gso_size,
                       csum_start, csum_offset)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def ipv4(source, sink, protocol, l4):
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(l4), 1, 0x4000, 64, protocol, 0,
        socket.inet_aton(source.addresses[4]),
        socket.inet_aton(sink.addresses[4]))
    return (header[:10] + struct.pack("!H", 0xffff - checksum(header)) +
            header[12:] + l4)


def ipv6(source, sink, protocol, l4):
    return struct.pack(
        "!IHBB16s16s", 6 << 28, len(l4), protocol, 64,
        socket.inet_pton(socket.AF_INET6, source.addresses[6]),
        socket.inet_pton(socket.AF_INET6, sink.addresses[6])) + l4


def pseudo(source, sink, version, protocol, length):
    """The checksum field of a super-packet: the sum of its pseudo-header."""
    family = {4: socket.AF_INET, 6: socket.AF_INET6}[version]
    return checksum(socket.inet_pton(family, source.addresses[version]) +
                    socket.inet_pton(family, sink.addresses[version]) +
                    struct.pack("!HH", protocol, length))


def tcp(source, sink, payload, version=4):
    """A packet whose checksum the receiver must complete."""
    begun = pseudo(source, sink, version, 6, 20 + len(payload))
    header = struct.pack("!HHIIBBHHH", 1, 2, 3, 4, 0x50, 0x10, 1000, begun, 0)
    ip = {4: ipv4, 6: ipv6}[version]
    return ip(source, sink, 6, header + payload)


def udp(source, sink, payload, version=4):
    length = 8 + len(payload)
    header = struct.pack("!HHHH", 1, 2, length,
                         pseudo(source, sink, version, 17, length))
    ip = {4: ipv4, 6: ipv6}[version]
    return ip(source, sink, 17, header + payload)
