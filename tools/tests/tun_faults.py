#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun: tun_faults.py GROVE MEBIBYTES. Devices and readers that fail.

A device is deleted or taken down under load. grove is stopped for a while. A
queue is full. The kernel accepts no more packets. In each case every packet is
accounted for, and all that can continue does.
"""

import contextlib
import fcntl
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import threading

import tun_frames
import tun_world

TUNSETSNDBUF = 0x400454d4
PORT = 7000


def wait_for_traffic(side):
    """Waits until a hundred packets have left the device. They may carry all
    data of a short stream, since they are super-packets.
    """
    tun_world.wait_until(lambda: side.counters()["tx"]["packets"] >= 100)


def wait_for_end(process):
    """Waits for the end of a process, which need not be a child."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    ready = select.select([descriptor], [], [], tun_world.PATIENCE)[0]
    os.close(descriptor)
    assert ready, "it has not ended"


def deleted(left, right, name, load):
    """grove ends and reports the reason."""
    side = {"left": left, "right": right}[name]
    client = None
    if load == "loaded":
        right.iperf_server()
        client = left.start("iperf3", "--client", right.addresses[4],
                            "--time", 0)
        wait_for_traffic(left)
    process = tun_world.grove_process()
    side.link("delete", side.device)
    wait_for_end(process)
    if client is not None:
        client.kill()


def down_and_up(left, right, size):
    """Packets that arrive meanwhile are discarded. The stream continues."""
    right.iperf_server()
    client = left.start("iperf3", "--json", "--client", right.addresses[4],
                        "--bytes", size)
    wait_for_traffic(left)
    right.link("set", "right", "down")
    # No answer comes, but all that was sent before has left when this ends.
    subprocess.run(left.command("ping", "-c", 3, "-i", 0.01, "-W", 0.1,
                                right.addresses[4]),
                   check=False, stdout=subprocess.DEVNULL)
    right.link("set", "right", "up")
    end = json.loads(client.communicate()[0])["end"]
    assert end["sum_sent"]["bytes"] >= int(size), end
    left.ping(right, 4)


class Stopped:
    """grove is stopped during the block."""

    def __enter__(self):
        os.kill(tun_world.grove_process(), signal.SIGSTOP)
        # kill() returns before the signal takes effect.
        tun_world.wait_until(lambda: self.state() == "T")

    @staticmethod
    def state():
        with open(f"/proc/{tun_world.grove_process()}/stat",
                  encoding="ascii") as status:
            return status.read().rpartition(")")[2].split()[0]

    def __exit__(self, *what):
        os.kill(tun_world.grove_process(), signal.SIGCONT)


def send_some(source, address, count):
    """Sends numbered datagrams of a thousand bytes to PORT."""
    sender = source.socket(4, socket.SOCK_DGRAM)
    for number in range(count):
        sender.sendto(number.to_bytes(4, "big") + bytes(996), (address, PORT))


def reader_stopped(left, right, queue):
    """The kernel drops what the queue cannot hold. The rest arrives."""
    count = 3000
    left.link("set", "left", "txqueuelen", queue)
    losses = tun_world.Losses(left, right, 4)
    receiver = right.socket(4, socket.SOCK_DGRAM)
    receiver.bind((right.addresses[4], PORT))
    with Stopped():
        send_some(left, right.addresses[4], count)
    losses.wait_for(count)
    received = sum(1 for _ in tun_world.receive_all(receiver))
    losses.explain(count, received)
    assert 0 < received < count, received
    left.ping(right, 4)


def stream(client, data):
    """Sends all data and ends the stream."""
    client.sendall(data)
    client.shutdown(socket.SHUT_WR)


def queue_full(left, right, size):
    """Streams get through a queue of two packets, in both directions, to their
    ends. The test does not use iperf3, which counts data that may still be on
    its way.
    """
    for side in left, right:
        side.link("set", side.device, "txqueuelen", 2)
    for source, sink in ((left, right), (right, left)):
        server = sink.bound(4, socket.SOCK_STREAM)
        data = random.Random(1).randbytes(int(size))
        pairs = []
        for _ in range(8):
            client = source.socket(4, socket.SOCK_STREAM)
            client.connect(server.getsockname())
            pairs.append((client, server.accept()[0]))
        for client, _ in pairs:
            threading.Thread(target=stream, args=(client, data)).start()
        for client, peer in pairs:
            peer.settimeout(tun_world.PATIENCE)
            with peer, client, peer.makefile("rb") as arrived:
                assert arrived.read() == data


# ---- the kernel accepts no more packets ------------------------------------

# Redirects from the device `slow` to `out`, whose queue is slow at first.
SLOW_PATH = """
ip link set out txqueuelen 10000 up
tc qdisc add dev out root tbf rate 100kbit burst 3000 limit 100000000
tc qdisc add dev slow clsact
tc filter add dev slow ingress protocol ip u32 match u32 0 0 \\
    action mirred egress redirect dev out
"""


@contextlib.contextmanager
def another_grove(grove, *words, **more):
    """Starts grove tun and waits until it is up. Its statistics come through
    its pipe.
    """
    process = subprocess.Popen([grove, "tun", "--json", *words], text=True,
                               stdout=subprocess.PIPE, **more)
    try:
        assert json.loads(process.stdout.readline())["type"] == "up"
        yield process
    finally:
        process.kill()
        process.wait()


def read_out(out, count):
    """Reads `count` datagrams from the TUN; returns their numbers."""
    numbers = []
    while len(numbers) < count:
        assert select.select([out], [], [], tun_world.PATIENCE)[0], (
            "it waits", len(numbers))
        packet = os.read(out, 65536)[tun_frames.VNET_LEN:]
        if packet[0] >> 4 == 4:
            numbers.append(int.from_bytes(packet[28:32], "big"))
    return numbers


def send_both_ways(left, right, out):
    """Packets to the right are slow, packets to the left are not."""
    count = 2000
    send_some(left, "10.72.0.2", count)
    back = left.socket(4, socket.SOCK_DGRAM)
    back.bind(("10.72.0.1", PORT))
    back.setsockopt(socket.SOL_SOCKET, tun_world.SO_RCVBUFFORCE, 1 << 20)
    send_some(right, "10.72.0.1", 100)
    for number in range(100):
        assert back.recv(65536)[:4] == number.to_bytes(4, "big")
    waiting = json.loads(right.run("tc", "-s", "-j", "qdisc", "show", "dev",
                                   "out"))[0]["qlen"]
    assert waiting < count // 2, waiting
    right.run("tc", "qdisc", "change", "dev", "out", "root", "tbf", "rate",
              "100mbit", "burst", 30000, "limit", 100000000)
    assert read_out(out, count) == list(range(count))


def blocked(left, right, grove, *options):
    """In one direction the kernel accepts no more packets for a while. The
    other direction continues, and in the end all packets arrive. The device is
    an adopted descriptor.
    """
    slow = tun_frames.open_tun(right, "slow")
    out = tun_frames.open_tun(right, "out")
    fcntl.ioctl(slow, TUNSETSNDBUF, struct.pack("i", 20000))
    right.run("sh", "-ec", SLOW_PATH)
    with another_grove(
            grove, *options,
            f"near,netns={left.namespace},address=10.72.0.1/24",
            f",fd={slow},address=10.72.0.2/24", pass_fds=[slow]) as process:
        left.link("set", "near", "txqueuelen", 10000)
        send_both_ways(left, right, out)
        process.send_signal(signal.SIGINT)
        statistics = json.loads(process.stdout.read())["devices"]
        assert process.wait() == 0
    tun_world.check_conservation(statistics)
    tun_world.lossless(statistics)


def outer(world):
    for name in "left", "right":
        for load in "loaded", "idle":
            world.between(deleted, name, load, status=1)
    statistics = world.between(down_and_up, world.size)
    assert statistics[1]["discarded"] > 0, statistics
    for queue in 500, 2:
        statistics = world.between(reader_stopped, queue)
        tun_world.lossless(statistics)
        # They arrived together, as many as there was room for.
        assert statistics[1]["merged"] >= queue - 4, statistics
    tun_world.lossless(world.between(queue_full, world.size // 512))
    for options in [], ["--no-offload"]:
        world.between(blocked, world.grove, *options)


if __name__ == "__main__":
    tun_world.main(globals(), outer)
