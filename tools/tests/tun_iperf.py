#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun: tun_iperf.py GROVE MEBIBYTES. Streams and datagrams in numbers.

iperf3 sends one and eight TCP streams in each direction and in both at a time,
over one queue and over several. It sends UDP at several rates, and every
datagram is counted.
"""

import socket

import tun_world


def streams(left, right, version, size, count, direction):
    """Sends `size` bytes over `count` TCP streams; "" is left to right."""
    right.iperf_server()
    end = left.iperf(right, int(version), "--bytes", size, "--parallel", count,
                     *direction.split())
    sums = [name for name in end if name.startswith("sum_sent")]
    assert len(sums) == (2 if "--bidir" in direction else 1), end.keys()
    assert sum(end[name]["bytes"] for name in sums) >= int(size), end
    for name in sums:
        sent = end[name]["bytes"]
        received = end[name.replace("sent", "received")]["bytes"]
        assert 0 < received <= sent, (name, sent, received)


def rate(left, right, version, size, bits):
    """iperf3 misses no datagram that the kernel did not drop."""
    right.iperf_server()
    losses = tun_world.Losses(left, right, int(version))
    end = left.iperf(right, int(version), "--udp", "--bitrate", bits,
                     "--length", 1200, "--bytes", size)
    assert end["sum"]["packets"] >= int(size) // 1200, end["sum"]
    assert end["sum"]["lost_packets"] <= losses.since(), (
        end["sum"], losses.since())


def count_datagrams(source, sink, version, lengths):
    """Sends datagrams of these lengths, each with its number. Returns the
    numbers of those that arrived.
    """
    losses = tun_world.Losses(source, sink, version)
    receiver = sink.bound(version, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, tun_world.SO_RCVBUFFORCE, 1 << 26)
    sender = source.socket(version, socket.SOCK_DGRAM)
    for number, length in enumerate(lengths):
        sender.sendto(number.to_bytes(4, "big") + bytes(length - 4),
                      receiver.getsockname())
    losses.wait_for(len(lengths))
    arrived = []
    for data in tun_world.receive_all(receiver):
        number = int.from_bytes(data[:4], "big")
        assert len(data) == lengths[number], (number, len(data))
        arrived.append(number)
    losses.explain(len(lengths), len(arrived))
    return arrived


def datagrams(left, right, version, count):
    """Each datagram arrived in order, or the kernel counted it as dropped. The
    lengths change, so that super-packets end.
    """
    lengths = [1200 if number % 50 else 300 for number in range(int(count))]
    for source, sink in ((left, right), (right, left)):
        arrived = count_datagrams(source, sink, int(version), lengths)
        assert arrived == sorted(set(arrived)), "order, or doubles"


def outer_streams(world):
    directions = "", "--reverse", "--bidir"
    for options in [], ["--no-offload"]:
        for version in 4, 6:
            for count in 1, 8:
                for direction in directions:
                    statistics = world.between(
                        streams, version, world.size // 16, count, direction,
                        options=options)
                    tun_world.lossless(statistics)
                    merged = sum(side["merged"] for side in statistics)
                    assert (merged == 0) == bool(options), statistics
    for queues in 2, 4:
        statistics = world.between(streams, 4, world.size // 4, 8, "--bidir",
                                   options=["--queues", str(queues)])
        assert all(side["queues"] == queues for side in statistics)
        tun_world.lossless(statistics)
    for mtu in 1280, 9000:
        tun_world.lossless(world.between(streams, 6, world.size // 8, 1, "",
                                         mtu=mtu))


def outer_datagrams(world):
    for options in [], ["--no-offload"]:
        for version in 4, 6:
            for bits in "50M", "500M", "0":
                statistics = world.between(rate, version, world.size // 32,
                                           bits, options=options)
                tun_world.lossless(statistics)
            statistics = world.between(datagrams, version, 30000,
                                       options=options)
            tun_world.lossless(statistics)
            if options:
                assert all(side["merged"] == 0 for side in statistics)


def outer(world):
    outer_streams(world)
    outer_datagrams(world)


if __name__ == "__main__":
    tun_world.main(globals(), outer)
