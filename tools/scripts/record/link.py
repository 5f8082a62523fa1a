#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""A link between two network namespaces, for tools/record.

link.py tun A B [faults]  forwards packets between tun0 of A and tun0 of B;
                          what goes to B suffers the faults, in per cent.
link.py vlan A B M        forwards frames between tap0 of A and tap0 of B, over
                          trunk0 and trunk1 of M, where they are in VLAN 42.
"""
import argparse
import ctypes
import fcntl
import os
import random
import selectors
import socket
import struct

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_TAP, IFF_NO_PI = 1, 2, 0x1000
CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
VLAN_TAG = struct.pack("!HH", 0x8100, 42)

libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    """Moves this process into the namespace."""
    with open(f"/run/netns/{namespace}", "rb") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def open_tun(namespace, name, kind):
    enter(namespace)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH22x", name.encode(), kind | IFF_NO_PI)
    fcntl.ioctl(fd, TUNSETIFF, request)
    return fd


def open_trunk(namespace, name):
    enter(namespace)
    trunk = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                          socket.htons(ETH_P_ALL))
    trunk.bind((name, 0))
    return trunk


class Faults:
    """Decides what happens to each packet, by a fixed seed."""

    def __init__(self, args):
        self.args = args
        self.random = random.Random(args.seed)
        self.late = None  # the packet that arrives after the next one

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def damage(self, packet):
        """Flips one bit after the IP header, as faulty memory does."""
        place = self.random.randrange(40, len(packet))
        damaged = bytearray(packet)
        damaged[place] ^= 1 << self.random.randrange(8)
        return bytes(damaged)

    @staticmethod
    def mark(packet):
        """Sets Congestion Experienced in an IPv6 packet with ECN."""
        if packet[0] >> 4 != 6 or packet[1] >> 4 & 3 == 0:
            return packet
        return packet[:1] + bytes([packet[1] | 0x30]) + packet[2:]

    def apply(self, packet):
        """The packets that arrive after this one was sent."""
        if self.chance(self.args.drop):
            return []
        if self.chance(self.args.damage) and len(packet) > 40:
            packet = self.damage(packet)
        if self.chance(self.args.mark):
            packet = self.mark(packet)
        arriving = [packet]
        if self.chance(self.args.double):
            arriving.append(packet)
        if self.late is not None:
            arriving.append(self.late)
            self.late = None
        elif self.chance(self.args.swap):
            self.late = packet
            return []
        return arriving


def forward_tun(args):
    a = open_tun(args.a, "tun0", IFF_TUN)
    b = open_tun(args.b, "tun0", IFF_TUN)
    faults = Faults(args)

    def a_to_b():
        for packet in faults.apply(os.read(a, 65536)):
            os.write(b, packet)

    return {a: a_to_b, b: lambda: os.write(a, os.read(b, 65536))}


def forward_vlan(args):
    a = open_tun(args.a, "tap0", IFF_TAP)
    b = open_tun(args.b, "tap0", IFF_TAP)
    trunk0 = open_trunk(args.m, "trunk0")
    trunk1 = open_trunk(args.m, "trunk1")

    def to_trunk(tap, trunk):
        frame = os.read(tap, 65536)
        trunk.send(frame[:12] + VLAN_TAG + frame[12:])

    def from_trunk(trunk, tap):
        # The kernel has removed the tag.
        frame, address = trunk.recvfrom(65536)
        if address[2] != socket.PACKET_OUTGOING:
            os.write(tap, frame)

    return {a: lambda: to_trunk(a, trunk0), b: lambda: to_trunk(b, trunk1),
            trunk0: lambda: from_trunk(trunk0, a),
            trunk1: lambda: from_trunk(trunk1, b)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["tun", "vlan"])
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("m", nargs="?")
    for fault in ["drop", "swap", "double", "damage", "mark"]:
        parser.add_argument(f"--{fault}", type=float, default=0)
    parser.add_argument("--seed", type=int, default=2)
    args = parser.parse_args()

    sources = (forward_tun if args.kind == "tun" else forward_vlan)(args)
    selector = selectors.DefaultSelector()
    for source, action in sources.items():
        selector.register(source, selectors.EVENT_READ, action)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            key.data()


if __name__ == "__main__":
    main()
