#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun with several queues: tun_queues.py GROVE MEBIBYTES. Each flow stays
on one queue, and in order, and the flows use more than one queue.

A socket for each queue sees what `grove tun` writes there: the kernel notes the
queue of each packet that comes in, and a filter reads it.
"""

import contextlib
import ctypes
import socket
import struct

import tun_world

FLOWS = 16
DATAGRAMS = 400
LENGTH = 600
ETH_P_IP = 0x0800
SO_ATTACH_FILTER = 26
IP, UDP = 20, 8

# Classic BPF: a packet whose queue_mapping is this number, and no other one.
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06
QUEUE_MAPPING = (-0x1000 + 24) & 0xffffffff


def watch(side, queue):
    """A socket that sees the packets that came in by this queue."""
    code = b"".join(struct.pack("=HBBI", *step) for step in (
        (LOAD, 0, 0, QUEUE_MAPPING), (EQUALS, 0, 1, queue + 1),
        (RETURN, 0, 0, 1 << 18), (RETURN, 0, 0, 0)))
    steps = ctypes.create_string_buffer(code)
    with side.entered():
        made = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        made.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack(
            "HL", len(code) // 8, ctypes.addressof(steps)))
        made.setsockopt(socket.SOL_SOCKET, tun_world.SO_RCVBUFFORCE, 1 << 26)
        made.bind((side.device, ETH_P_IP))
    return made


def seen(watcher):
    """(port, number) of each datagram that begins a packet."""
    for packet in tun_world.receive_all(watcher):
        if packet[9] == socket.IPPROTO_UDP:
            port, = struct.unpack_from("!H", packet, IP)
            number, = struct.unpack_from("!I", packet, IP + UDP)
            yield port, number


def check(queues):
    """Each flow is on one queue only, and in order: a list of (port, number)
    for each queue. Returns how many queues were used.
    """
    home = {}
    last = {}
    for queue, packets in enumerate(queues):
        for port, number in packets:
            assert home.setdefault(port, queue) == queue, (port, "two queues")
            assert number > last.get(port, -1), (port, number, "order")
            last[port] = number
    assert len(home) == FLOWS, home
    return len(set(home.values()))


def flows(left, right, count):
    """Sends datagrams of all flows in turn."""
    watchers = [watch(right, queue) for queue in range(int(count))]
    losses = tun_world.Losses(left, right, 4)
    receiver = right.bound(4, socket.SOCK_DGRAM)
    senders = [left.socket(4, socket.SOCK_DGRAM) for _ in range(FLOWS)]
    for number in range(DATAGRAMS):
        for sender in senders:
            sender.sendto(number.to_bytes(4, "big") + bytes(LENGTH),
                          receiver.getsockname())
    losses.wait_for(FLOWS * DATAGRAMS)
    assert check([list(seen(watcher)) for watcher in watchers]) > 1


def control():
    """The check finds what it is for."""
    good = [[(port, 0), (port, 1)] for port in range(FLOWS)]
    assert check(good) == FLOWS
    for bad in (good + [[(0, 2)]], [[(0, 1), (0, 0)]] + good[1:], good[1:]):
        with contextlib.suppress(AssertionError):
            check(bad)
            raise SystemExit("a planted fault was not found")


def outer(world):
    control()
    for queues in 2, 4:
        for options in [], ["--no-offload"]:
            statistics = world.between(
                flows, queues, options=["--queues", str(queues), *options])
            tun_world.lossless(statistics)


if __name__ == "__main__":
    tun_world.main(globals(), outer)
