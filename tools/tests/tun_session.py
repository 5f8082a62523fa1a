#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun: tun_session.py GROVE MEBIBYTES. Small and odd packets.

No packet is held to wait for others: single bytes are echoed, which would hang
otherwise. Also pings of every size, fragments, the longest and the shortest
packets, and super-packets with the largest number of segments.
"""

import socket

import tun_frames
import tun_world

ROUNDS = 1000

SOL_UDP = 17
UDP_SEGMENT = 103


def round_trips(left, right, version):
    """Sends each byte after the answer to the one before."""
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        address = tun_world.echo_server(right, int(version), kind)
        client = left.socket(int(version), kind)
        client.connect(address)
        if kind == socket.SOCK_STREAM:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(ROUNDS):
            byte = bytes([number % 256])
            client.send(byte)
            assert client.recv(2) == byte, (kind, number)
        client.close()


def ping_singly(side, other, version, *words):
    """Pings one at a time: a second long answer might find no room in ping's
    socket.
    """
    for _ in range(5):
        side.ping(other, int(version), *words)


def pings(left, right, version, mtu):
    """Pings of all sizes up to the longest, in fragments if necessary."""
    headers = {4: 28, 6: 48}[int(version)]
    longest = {4: 65507, 6: 65527}[int(version)]
    whole = min(int(mtu) - headers, longest)
    for side, other in ((left, right), (right, left)):
        for size in 0, 1, whole - 1, whole, longest:
            ping_singly(side, other, version, "-s", size)
        ping_singly(side, other, version, "-s", whole, "-M", "do")


def one_byte_datagrams(left, right):
    """Super-packets with the largest number of datagrams."""
    receiver = right.bound(4, socket.SOCK_DGRAM)
    sender = left.socket(4, socket.SOCK_DGRAM)
    sender.setsockopt(SOL_UDP, UDP_SEGMENT, 1)
    for first in range(0, 256, 64):
        data = bytes(range(first, first + 64))
        sender.sendto(data, receiver.getsockname())
        assert b"".join(receiver.recv(2) for _ in data) == data


def one_byte_segments(left, right):
    """A TCP super-packet of 65,495 segments of one byte; under VNET-015 each
    has 8 bytes.
    """
    # IPv6 would send packets of its own, which would end the wait too early.
    left.run("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/left/disable_ipv6")
    frames = tun_frames.Frames(left)
    packet = tun_frames.tcp(left, right, bytes(65535 - 40))
    frames.send(tun_frames.vnet(flags=1, gso_type=1, hdr_len=40, gso_size=1,
                                csum_start=20, csum_offset=16) + packet)
    tun_world.wait_until(
        lambda: right.counters()["rx"]["bytes"] > len(packet))


def small_segments(left, right):
    """TCP with a small MSS makes super-packets of many segments."""
    server = right.bound(4, socket.SOCK_STREAM)
    client = left.socket(4, socket.SOCK_STREAM)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88)
    client.connect(server.getsockname())
    peer = server.accept()[0]
    client.sendall(bytes(65536))
    got = 0
    while got < 65536:
        got += len(peer.recv(65536))


def mtu_raised(left, right):
    """The MTU of both devices is raised under way: long packets are received
    in batches, and so coalesced, as others are."""
    size, count = 6000, 10
    for side in left, right:
        side.link("set", side.device, "mtu", 6100)
    receiver = right.bound(4, socket.SOCK_DGRAM)
    sender = left.socket(4, socket.SOCK_DGRAM)
    sender.setsockopt(SOL_UDP, UDP_SEGMENT, size)
    for burst in range(3):
        data = b"".join(bytes([burst, number]) + bytes(size - 2)
                        for number in range(count))
        sender.sendto(data, receiver.getsockname())
        for number in range(count):
            arrived = receiver.recv(65536)
            assert len(arrived) == size, len(arrived)
            assert arrived[:2] == bytes([burst, number]), arrived[:2]


def shortest(left, right):
    """Packets shorter than an IPv4 header, with several version numbers."""
    frames = tun_frames.Frames(left)
    for length in range(1, 21):
        for first in 0x00, 0x45, 0x60, 0xff:
            frames.send(tun_frames.vnet() + bytes([first]) + bytes(length - 1))
    left.ping(right, 4)


def outer(world):
    for options in [], ["--no-offload"]:
        for version in 4, 6:
            tun_world.lossless(world.between(round_trips, version,
                                             options=options))
            for mtu in 1280, 1500, 65535:
                tun_world.lossless(world.between(pings, version, mtu,
                                                 mtu=mtu, options=options))
    statistics = world.between(one_byte_datagrams)
    tun_world.lossless(statistics)
    assert statistics[0]["received"] == statistics[0]["reads"] + 4 * 63
    for mtu in 1500, 65535:
        statistics = world.between(one_byte_segments, mtu=mtu)
        tun_world.lossless(statistics)
        segments = statistics[0]["received"] - statistics[0]["reads"] + 1
        assert segments in (65495, 8187), statistics
    tun_world.lossless(world.between(small_segments))
    statistics = world.between(mtu_raised)
    tun_world.lossless(statistics)
    # The first packets show that they are longer.
    assert statistics[1]["merged"] >= 20 or \
        "udp" not in statistics[1]["coalescing"], statistics
    statistics = world.between(shortest)
    assert statistics[0]["dropped"] == {"GRO-IN-001": 40}, statistics


if __name__ == "__main__":
    tun_world.main(globals(), outer)
