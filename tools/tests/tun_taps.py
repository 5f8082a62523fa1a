#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun --tap: tun_taps.py GROVE MEBIBYTES. Streams through TAPs, as they
are and in VXLAN.

Random bytes arrive as they were sent, in both directions, with and without
offloads, over a path that loses and reorders packets, through queues of two
packets, and while a device is down.
"""

import random
import socket
import threading

import tun_faults
import tun_world

TAP = ["--tap", "--tunnels", "vxlan:4789"]
LOSSY = ["--drop", "50", "--swap", "20", "--seed", "3"]
STREAMS = 4

down_and_up = tun_faults.down_and_up
queue_full = tun_faults.queue_full


def add_vxlan(left, right):
    """A VXLAN device on each side, and addresses inside. Only the left one
    sends outer checksums.
    """
    remotes = left.addresses[4], right.addresses[4]
    for number, side in ((1, left), (2, right)):
        side.link("add", "vxlan", "type", "vxlan", "id", "7", "dstport",
                  "4789", "local", remotes[number - 1], "remote",
                  remotes[2 - number], ("udpcsum", "noudpcsum")[number - 1])
        side.addresses = {4: f"10.72.0.{number}"}
        side.run("ip", "address", "add", f"10.72.0.{number}/24", "dev",
                 "vxlan")
        side.link("set", "vxlan", "up")


def carry(source, sink, data):
    """Sends the data by several streams at once, and receives it."""
    server = sink.bound(4, socket.SOCK_STREAM)
    pairs = []
    for _ in range(STREAMS):
        client = source.socket(4, socket.SOCK_STREAM)
        client.connect(server.getsockname())
        pairs.append((client, server.accept()[0]))
    for client, _ in pairs:
        threading.Thread(target=tun_faults.stream, args=(client, data)).start()
    for client, peer in pairs:
        peer.settimeout(tun_world.PATIENCE)
        with peer, client, peer.makefile("rb") as arrived:
            assert arrived.read() == data


def streams(left, right, place, size):
    if place == "in-vxlan":
        add_vxlan(left, right)
    data = random.Random(1).randbytes(int(size))
    for source, sink in ((left, right), (right, left)):
        carry(source, sink, data)


def outer(world):
    size = world.size // 16
    for place in "plain", "in-vxlan":
        statistics = world.between(streams, place, size, options=TAP)
        tun_world.lossless(statistics)
        for side in statistics:
            assert side["merged"] > 0 and side["split"] > 0, side
        statistics = world.between(streams, place, size // 8,
                                   options=[*TAP, "--no-tunnel-offload"])
        tun_world.lossless(statistics)
        # The kernel splits what is in VXLAN before it is read.
        splits = [side["split"] > 0 for side in statistics]
        assert splits == [place == "plain"] * 2, statistics
        statistics = world.between(streams, place, size // 8,
                                   options=[*TAP, "--no-offload"])
        tun_world.lossless(statistics)
        for options in [], ["--no-tunnel-offload"], ["--no-offload"]:
            statistics = world.between(streams, place, size // 32,
                                       options=[*TAP, *LOSSY, *options])
            for side in statistics:
                assert side["test_dropped"] > 0, side
            assert any(side["test_swapped"] > 0 for side in statistics)
    statistics = world.between(down_and_up, world.size, options=TAP)
    assert statistics[1]["discarded"] > 0, statistics
    tun_world.lossless(world.between(queue_full, world.size // 512,
                                     options=TAP))


if __name__ == "__main__":
    tun_world.main(globals(), outer)
