#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The programs of ref/examples on devices that go down, come back and are
deleted: examples.py FOLDER, where the programs are.

Every packet arrives once and in order, also those that were sent while the
device was down. When the device is deleted, the program says so and ends.
"""

import contextlib
import ctypes
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

from tests import support

PATIENCE = 30  # seconds, for what should happen at once
ROUNDS = 3     # how often a device goes down
COUNT = 150    # datagrams in a round: more than a batch, less than a queue
PORT = 7000    # of what is received at last
TUNNEL = 7001  # of the datagrams that hold packets
UDP_SEGMENT = 103
CLONE_NEWNET = 0x40000000
HERE = f"grove-example-{os.getpid()}"
THERE = HERE + "-far"


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def link(namespace, *words):
    run("ip", "-n", namespace, "link", *words)


def wait_until(condition):
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, "waited in vain"


@contextlib.contextmanager
def entered(namespace):
    """Sockets that are made here stay in the namespace."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    with open("/run/netns/" + namespace, encoding="ascii") as there:
        enter(there.fileno())
    try:
        yield
    finally:
        enter(home)
        os.close(home)


def enter(namespace):
    assert ctypes.CDLL(None).setns(namespace, CLONE_NEWNET) == 0


def udp_socket(namespace, address=None):
    with entered(namespace):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(PATIENCE)
    if address is not None:
        made.bind(address)
    return made


def exists(namespace, device):
    return subprocess.run(["ip", "-n", namespace, "link", "show", device],
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False
                          ).returncode == 0


@contextlib.contextmanager
def program(folder, name, *words, devices):
    """The example runs; its devices are there. In the end the first of them is
    deleted, and one more packet is sent."""
    with subprocess.Popen(
            ["ip", "netns", "exec", HERE, folder / ("example_" + name), *words],
            stderr=subprocess.PIPE, text=True) as process:
        try:
            for device in devices:
                wait_until(lambda: exists(HERE, device))
            yield
            link(HERE, "delete", devices[0])
            udp_socket(HERE).sendto(packet_of(0), ("127.0.0.1", TUNNEL))
            assert process.wait(PATIENCE) == 1
            said = process.stderr.read()
            assert len(said.splitlines()) == 1 and name in said, said
        finally:
            process.kill()


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff - total


def packet_of(number):
    """IPv4 and UDP from 10.9.0.2 to PORT of 10.9.0.1."""
    payload = number.to_bytes(4, "big") + bytes(100)
    addresses = bytes([10, 9, 0, 2, 10, 9, 0, 1])
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 28 + len(payload), number, 0x4000,
                     64, 17, 0) + addresses
    udp = struct.pack("!HHHH", 9, PORT, 8 + len(payload), 0)
    pseudo = addresses + struct.pack("!HH", 17, 8 + len(payload))
    ip = ip[:10] + checksum(ip).to_bytes(2, "big") + ip[12:]
    udp = udp[:6] + checksum(pseudo + udp + payload).to_bytes(2, "big")
    return ip + udp + payload


def expect_numbers(receiver, numbers, at=0):
    """The next datagrams have these numbers, at this offset."""
    for number in numbers:
        data = receiver.recv(65536)
        assert data[at:at + 4] == number.to_bytes(4, "big"), (number, data)


def waiting(namespace, port):
    """Bytes that wait in the UDP socket that is bound to the port."""
    with entered(namespace):
        lines = pathlib.Path("/proc/thread-self/net/udp6").read_text(
            encoding="ascii").splitlines()[1:]
    return sum(int(line.split()[4].split(":")[1], 16) for line in lines
               if int(line.split()[1].split(":")[1], 16) == port)


def rounds(sender, receiver):
    """Packets in datagrams arrive behind the device once it is up."""
    for _ in range(ROUNDS):
        # More wait in the socket than the program has taken.
        for number in range(COUNT):
            sender.sendto(packet_of(number), ("127.0.0.1", TUNNEL))
            if number == 0:
                wait_until(lambda: waiting(HERE, TUNNEL) == 0)
        link(HERE, "set", "example", "up")
        expect_numbers(receiver, range(COUNT))
        yield
        link(HERE, "set", "example", "down")


def write_batch(folder):
    """Packets in datagrams arrive behind the device."""
    sender = udp_socket(HERE)
    with program(folder, "write_batch", "example", str(TUNNEL),
                 devices=["example"]):
        run("ip", "-n", HERE, "address", "add", "10.9.0.1/24", "dev", "example")
        receiver = udp_socket(HERE, ("10.9.0.1", PORT))
        for _ in rounds(sender, receiver):
            pass
    assert_empty(receiver)


def one_by_one(folder):
    """Packets in datagrams arrive behind the device, and answers come back."""
    sender = udp_socket(HERE)
    with program(folder, "one_by_one", "example", str(TUNNEL),
                 devices=["example"]):
        run("ip", "-n", HERE, "address", "add", "10.9.0.1/24", "dev", "example")
        receiver = udp_socket(HERE, ("10.9.0.1", PORT))
        for _ in rounds(sender, receiver):
            for number in range(COUNT):
                receiver.sendto(number.to_bytes(4, "big"), ("10.9.0.2", PORT))
                expect_numbers(sender, [number], at=28)
    assert_empty(receiver)
    assert_empty(sender)


def forward(folder):
    """Datagrams go through both devices."""
    with program(folder, "forward", "near", "far", devices=["near", "far"]):
        run("ip", "-n", HERE, "address", "add", "10.9.0.1/24", "dev", "near")
        link(HERE, "set", "far", "netns", THERE)
        run("ip", "-n", THERE, "address", "add", "10.9.0.2/24", "dev", "far")
        sender = udp_socket(HERE)
        receiver = udp_socket(THERE, ("10.9.0.2", PORT))
        for _ in range(ROUNDS):
            before = read_from("near")
            for number in range(COUNT):
                sender.sendto(number.to_bytes(4, "big") + bytes(100),
                              ("10.9.0.2", PORT))
            # The program has read some, and cannot write them.
            wait_until(lambda: read_from("near") > before)
            link(THERE, "set", "far", "up")
            expect_numbers(receiver, range(COUNT))
            link(THERE, "set", "far", "down")
    assert_empty(receiver)


def read_from(device):
    """Packets that the device has given."""
    with entered(HERE):
        lines = pathlib.Path("/proc/thread-self/net/dev").read_text(
            encoding="ascii").splitlines()
    return next(int(line.split()[10]) for line in lines
                if line.split()[0] == device + ":")


def read_split(folder):
    """A super-packet arrives as the datagrams that it holds."""
    receiver = udp_socket(HERE, ("127.0.0.1", TUNNEL))
    with program(folder, "read_split", "example", "127.0.0.1", str(TUNNEL),
                 devices=["example"]):
        run("ip", "-n", HERE, "address", "add", "10.9.0.1/24", "dev", "example")
        sender = udp_socket(HERE)
        sender.setsockopt(socket.SOL_UDP, UDP_SEGMENT, 1000)
        for _ in range(ROUNDS):
            link(HERE, "set", "example", "up")
            for number in range(0, 60, 20):
                sender.sendto(b"".join(
                    each.to_bytes(4, "big") + bytes(996)
                    for each in range(number, number + 20)), ("10.9.0.2", PORT))
            expect_numbers(receiver, range(60), at=28)
            link(HERE, "set", "example", "down")
        assert_empty(receiver)


def assert_empty(receiver):
    """Nothing arrived twice."""
    receiver.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        raise AssertionError(receiver.recv(65536))


def main():
    folder = pathlib.Path(sys.argv[1])
    if not support.HAS_TUN:
        print(f"SKIP: {support.NEEDS_TUN}")
        sys.exit(support.SKIPPED)
    for namespace in HERE, THERE:
        run("ip", "netns", "add", namespace)
    try:
        for namespace in HERE, THERE:
            run("ip", "netns", "exec", namespace, "sysctl", "-qw",
                "net.ipv6.conf.default.disable_ipv6=1")
            link(namespace, "set", "lo", "up")
        for example in write_batch, one_by_one, forward, read_split:
            example(folder)
            print(f"{example.__name__}: all packets arrived once")
    finally:
        for namespace in HERE, THERE:
            run("ip", "netns", "delete", namespace)


if __name__ == "__main__":
    main()
