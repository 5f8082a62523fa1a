#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The encrypted tunnel of ref/examples/vpn.c, between two namespaces:

    vpn.py EXAMPLE [LIBRARY...]

EXAMPLE is "none" where libsodium is missing. Most tests stand in the middle: a
relay takes each datagram and forwards it, changed or twice. With the libraries
that EXAMPLE was linked with, copies of it with planted faults are tested, too:
a test finds each.
"""

import contextlib
import hashlib
import json
import os
import random
import socket
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import support
import tun_world
from scripts import tunnel

EXAMPLE = support.program_argument()
LIBRARIES = [sys.argv.pop(1) for word in sys.argv[1:] if word.endswith(".a")]
HAS_EXAMPLE = os.access(EXAMPLE, os.X_OK)
SOURCE = support.ROOT / "ref/examples/vpn.c"

# A test, and a fault that it finds: the old text and the new one.
FAULTS = (
    ("Attack.test_each_datagram_twice",
     "    seen[word % WORDS] |= bit;\n", ""),
    ("Attack.test_the_window", "if (word + WORDS <= top)", "if (0)"),
    ("Attack.test_no_nonce_comes_twice", "htole64(sent++)",
     "htole64(sent++ / 2)"),
    ("Attack.test_a_wrong_key", "sodium_memcmp(mac, hello->mac, KEY) != 0",
     "0"),
    ("Traffic.test_bytes", ".no_offload = !offload", ".no_offload = false"),
)

MEBIBYTE = 1 << 20
TAG = 16
NONCE = 12
HELLO = 0xFF
# Counters that are this much older than the newest are refused for sure.
WINDOW = 64 * 64
OF_OWN, OF_ECHO = slice(21, 53), slice(53, 85)
PORTS = (5000, 5001)
RELAYS = (7000, 7001)
KEY = "0123456789abcdef" * 4


def is_hello(datagram):
    return datagram[:NONCE] == bytes([HELLO]) * NONCE


def counter_of(datagram):
    return int.from_bytes(datagram[:8], "little")


class Relay(threading.Thread):
    """Between the hosts, on the second one. `forward(side, datagram)` gives
    what it sends for a datagram of a side; the test may replace it.
    """

    def __init__(self, host):
        super().__init__(daemon=True)
        self.sockets = []
        for port in RELAYS:
            made = host.socket(4, socket.SOCK_DGRAM)
            made.setsockopt(socket.SOL_SOCKET, tun_world.SO_RCVBUFFORCE,
                            1 << 25)
            made.bind((tunnel.OUTER[1], port))
            self.sockets.append(made)
        self.seen = ([], [])
        self.forward = lambda side, datagram: [datagram]
        self.other = threading.Thread(target=self.run, args=(1,), daemon=True)

    def start(self):
        super().start()
        self.other.start()

    def run(self, side=0):
        while datagram := self.sockets[side].recv(65536):
            self.seen[side].append(datagram)
            for changed in self.forward(side, datagram):
                self.send(side, changed)

    def stop(self):
        """Sends itself what no program sends: nothing."""
        for made in self.sockets:
            made.sendto(b"", made.getsockname())
        self.join()
        self.other.join()
        for made in self.sockets:
            made.close()

    def send(self, side, datagram):
        """Sends to the other side, as if it came from `side`."""
        with contextlib.suppress(ConnectionRefusedError):
            self.sockets[1 - side].sendto(
                datagram, (tunnel.OUTER[1 - side], PORTS[1 - side]))

    def hellos(self, side):
        return [datagram for datagram in self.seen[side] if is_hello(datagram)]

    def packets(self, side):
        return [datagram for datagram in self.seen[side]
                if not is_hello(datagram)]


@unittest.skipUnless(HAS_EXAMPLE, "it was built without libsodium")
class Test(support.Test):
    def key(self, name="key", text=KEY + "\n"):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def command(self, side, *options, key=None, peer=None):
        """The command line of a side. peer: the address and port to talk to."""
        return [EXAMPLE, *options, tunnel.DEVICES[side], key or self.key(),
                tunnel.OUTER[side], PORTS[side],
                *(peer or (tunnel.OUTER[1 - side], PORTS[1 - side]))]


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class World(Test):
    """Two hosts; each test starts the programs."""

    def setUp(self):
        super().setUp()
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.names = stack.enter_context(tunnel.hosts())
        for at, side in enumerate(("LEFT", "RIGHT")):
            os.environ.update({side: self.names[at],
                               side + "4": tunnel.INNER[at],
                               side + "6": tunnel.INNER6[at]})
        self.sides = tun_world.sides()

    @contextlib.contextmanager
    def joined(self, *options):
        """In the block the tunnel works."""
        with tunnel.started(self.names, [self.command(side, *options)
                                         for side in (0, 1)]) as processes:
            self.wait_for_answers()
            yield processes

    @contextlib.contextmanager
    def relayed(self, keys=(None, None)):
        """In the block the tunnel is there, by way of a relay."""
        relay = Relay(self.sides[1])
        relay.start()
        try:
            with tunnel.started(self.names, [
                    self.command(side, key=keys[side],
                                 peer=(tunnel.OUTER[1], RELAYS[side]))
                    for side in (0, 1)]) as processes:
                yield relay, processes
        finally:
            relay.stop()

    def wait_for_answers(self):
        tunnel.wait_for("an answer", lambda: tunnel.answers(self.names[0], 0))

    # ---- numbered datagrams inside ----

    def open_inner(self):
        """A receiver on the right, and what sends it a number."""
        receiver = self.sides[1].bound(4, socket.SOCK_DGRAM)
        receiver.setsockopt(socket.SOL_SOCKET, tun_world.SO_RCVBUFFORCE,
                            1 << 25)
        sender = self.sides[0].socket(4, socket.SOCK_DGRAM)
        sender.connect(receiver.getsockname())
        self.addCleanup(receiver.close)
        self.addCleanup(sender.close)
        return (lambda number: sender.send(number.to_bytes(4, "big") * 16),
                lambda: int.from_bytes(receiver.recv(65536)[:4], "big"))

    def collect(self, receive, last):
        """The numbers that arrive, up to the last one, which takes the same
        way and comes behind all others.
        """
        numbers = []
        while not numbers or numbers[-1] != last:
            numbers.append(receive())
        return numbers


class Traffic(World):
    def test_pings(self):
        for options in (), ("--no-offload",):
            with self.subTest(options), self.joined(*options):
                for version in 4, 6:
                    for size in 0, 1, 1000, 1396 - 20 * (version == 6), 4000:
                        self.sides[0].ping(self.sides[1], version, "-s", size)
                        self.sides[1].ping(self.sides[0], version, "-s", size)

    def transfer(self, source, sink, version, data):
        """Sends the bytes over TCP; returns what arrives."""
        with sink.bound(version, socket.SOCK_STREAM) as server, \
                source.socket(version, socket.SOCK_STREAM) as client:
            address = server.getsockname()
            got = []

            def receive():
                peer = server.accept()[0]
                with peer:
                    while chunk := peer.recv(1 << 20):
                        got.append(chunk)

            thread = threading.Thread(target=receive)
            thread.start()
            client.connect(address)
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            thread.join(tun_world.PATIENCE)
        return b"".join(got)

    def test_bytes(self):
        """They arrive unchanged, in super-packets or one by one."""
        data = random.Random(1).randbytes(8 * MEBIBYTE)
        digest = hashlib.sha256(data).digest()
        for options in (), ("--no-offload",):
            with self.subTest(options), self.joined(*options):
                before = self.sides[1].counters()["rx"]
                for version in 4, 6:
                    for source, sink in (self.sides, self.sides[::-1]):
                        got = self.transfer(source, sink, version, data)
                        self.assertEqual(hashlib.sha256(got).digest(), digest)
                after = self.sides[1].counters()["rx"]
                mean = ((after["bytes"] - before["bytes"]) /
                        (after["packets"] - before["packets"]))
                # Half of the packets are acknowledgements.
                if options:
                    self.assertLess(mean, 1424)
                else:
                    self.assertGreater(mean, 1424)

    def test_a_smaller_mtu_outside(self):
        """The socket cannot cut trains then, and sends datagrams singly."""
        with self.joined():
            for name in self.names:
                tunnel.ip("-n", name, "link", "set", "outer", "mtu", "1400")
            data = random.Random(2).randbytes(MEBIBYTE)
            self.assertEqual(self.transfer(*self.sides, 4, data), data)

    def test_the_device_goes(self):
        with self.joined() as processes:
            self.sides[0].link("delete", "left")
            self.assertEqual(processes[0].wait(tun_world.PATIENCE), 1)


class Attack(World):
    def test_each_datagram_twice(self):
        """Replays are dropped: at once, out of order, and at the end."""
        with self.relayed() as (relay, _):
            self.wait_for_answers()
            send, receive = self.open_inner()
            relay.forward = lambda side, datagram: [datagram, datagram]
            for number in range(300):
                send(number)
            self.assertEqual(self.collect(receive, 299), list(range(300)))
            for datagram in random.Random(3).sample(relay.packets(0), 200):
                relay.send(0, datagram)
            send(300)
            self.assertEqual(receive(), 300)

    def test_changed_datagrams(self):
        """With one bit changed, in each byte, a datagram is dropped; so is
        anything else that is no datagram.
        """
        with self.relayed() as (relay, _):
            self.wait_for_answers()
            send, receive = self.open_inner()
            chance = random.Random(4)

            def forward(side, datagram):
                for at in range(len(datagram)):
                    changed = bytearray(datagram)
                    changed[at] ^= 1 << chance.randrange(8)
                    yield bytes(changed)
                for size in range(len(datagram)):
                    yield datagram[:size]
                for size in range(120):
                    yield chance.randbytes(size)
                yield datagram

            relay.forward = forward
            for number in range(5):
                send(number)
                self.assertEqual(receive(), number)

    def test_the_window(self):
        """A datagram that comes late is taken, and one that comes too late is
        not.
        """
        with self.relayed() as (relay, _):
            self.wait_for_answers()
            send, receive = self.open_inner()
            held = []

            def forward(side, datagram):
                if side == 0 and len(datagram) == NONCE + 28 + 64 + TAG:
                    if len(held) < 2:
                        held.append(datagram)
                        return []
                    # What has the same bit in the window is lost.
                    if counter_of(datagram) == counter_of(held[0]) + WINDOW:
                        return []
                return [datagram]

            def exchange(first, last):
                for number in range(first, last):
                    send(number)
                send(last) # if one of them is lost, the other is not
                send(last)
                return self.collect(receive, last)

            relay.forward = forward
            for number in 0, 1:
                send(number)
            tunnel.wait_for("two datagrams", lambda: len(held) == 2)
            exchange(2, 100)
            relay.send(0, held[1])
            self.assertIn(1, exchange(101, 110))
            for number in range(111, WINDOW + 300, 100):
                exchange(number, number + 99)
            relay.send(0, held[0])
            self.assertNotIn(0, exchange(2 * WINDOW, 2 * WINDOW + 1))

    def test_no_nonce_comes_twice(self):
        """Also after a new start of one side, which gets a new session."""
        with self.relayed() as (relay, processes):
            self.wait_for_answers()
            send, receive = self.open_inner()
            for number in range(300):
                send(number)
            self.collect(receive, 299)
            old = list(relay.seen[0])
            processes[0].terminate()
            processes[0].wait()
            del relay.seen[0][:], relay.seen[1][:]
            again = subprocess.Popen(tunnel.within(
                self.names[0], *self.command(
                    0, peer=(tunnel.OUTER[1], RELAYS[0]))))
            self.addCleanup(again.wait)
            self.addCleanup(again.kill)
            tunnel.wait_for("a new device", lambda: tunnel.has_device(
                self.names[0], "left"))
            tunnel.give_addresses(self.names[0], 0)
            self.wait_for_answers()
            for sent in old, relay.seen[0]:
                counters = [counter_of(datagram) for datagram in sent
                            if not is_hello(datagram)]
                self.assertEqual(len(set(counters)), len(counters))
            # The last process's hellos and packets change nothing.
            for datagram in old:
                relay.send(0, datagram)
            send, receive = self.open_inner()
            send(7)
            self.assertEqual(receive(), 7)
            self.assertNotEqual(old[0][OF_OWN], relay.hellos(0)[0][OF_OWN])

    def test_a_wrong_key(self):
        """No hello is answered, and no packet is sent."""
        other = self.key("other", KEY[::-1] + "\n")
        with self.relayed((None, other)) as (relay, _):
            tunnel.wait_for("three hellos of each side", lambda: min(
                map(len, relay.seen)) >= 3)
            for side in 0, 1:
                for datagram in relay.seen[side]:
                    self.assertTrue(is_hello(datagram))
                    self.assertEqual(datagram[OF_ECHO], bytes(32))

    def test_the_right_key(self):
        """The control: hellos are answered, whichever is lost at first."""
        for lost in range(5):
            with self.subTest(lost), self.relayed() as (relay, _):
                counts = iter(range(100000))
                relay.forward = lambda side, datagram, at=counts, lost=lost: (
                    [datagram] * (next(at) >= lost))
                self.wait_for_answers()
                for side in 0, 1:
                    self.assertNotEqual(relay.hellos(side)[-1][OF_ECHO],
                                        bytes(32))


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class Usage(Test):
    """Bad input is one line."""

    def refused(self, words, *arguments):
        self.refuse(words, "unshare", "--net", "sh", "-c",
                    'ip link set lo up; exec "$@"', "sh", EXAMPLE,
                    *map(str, arguments))

    def test_words(self):
        for arguments in (), ("left",), range(7), ("--help",):
            self.refused("vpn: usage: vpn [--no-offload] DEVICE", *arguments)

    def test_keys(self):
        where = "127.0.0.1", 5000, "127.0.0.1", 5001
        for name, text in (("empty", ""), ("short", KEY[1:]),
                           ("long", KEY + "0"), ("letters", "x" * 64),
                           ("two", KEY + "\n" + KEY)):
            self.refused(f"{name}: not 64 hex digits", "left",
                         self.key(name, text), *where)
        self.refused("none: No such file", "left", self.folder / "none", *where)
        self.refused("Is a directory", "left", self.make_folder("d"), *where)
        path = self.key()
        path.chmod(0o640)
        self.refused("others may read it; chmod 600", "left", path, *where)

    def test_places(self):
        key = self.key(text=KEY) # a newline is not needed
        self.refused("vpn: not/a/name", "not/a/name", key, "127.0.0.1", 5000,
                     "127.0.0.1", 5001)
        self.refused("vpn: 127.0.0.1.9", "left", key, "127.0.0.1.9", 5000,
                     "127.0.0.1", 5001)
        self.refused("vpn: the addresses and ports", "left", key, "192.0.2.9",
                     5000, "192.0.2.1", 5001)


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class Bench(Test):
    """tools/bench-vpn measures; no test says how fast anything is."""

    def test_json(self):
        report = json.loads(self.run_well(
            support.TOOLS / "bench-vpn", "--build",
            Path(EXAMPLE).parents[2], "--rounds", "1", "--seconds", "1",
            "--no-wireguard", "--json", timeout=120))
        for row in report["rows"]:
            self.assertEqual(set(row["gigabits"]), {"offload", "no-offload"})
            self.assertGreater(min(row["gigabits"].values()), 0)
        bound = report["bound"]
        self.assertGreater(min(bound["seal"], bound["open"]), 0)
        for name, cost in bound["least"].items():
            self.assertGreaterEqual(cost, bound["seal"] + bound["open"])
            self.assertAlmostEqual(cost * bound["ratio"][name],
                                   report["rows"][0]["costs"]["no-offload"])

    def test_wrong_usage(self):
        self.refuse("--rounds: ", support.TOOLS / "bench-vpn", "--rounds", "0")
        self.refuse("SKIP: no /none/ref/examples/example_vpn",
                    support.TOOLS / "bench-vpn", "--build", "/none", status=77)


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
@unittest.skipUnless(LIBRARIES, "it needs the libraries")
class Control(Test):
    """Each planted fault is found."""

    def test_faults(self):
        text = SOURCE.read_text("utf-8")
        for test, old, new in FAULTS:
            with self.subTest(test):
                self.assertEqual(text.count(old), 1, old)
                source = self.write("faulty.c", text.replace(old, new))
                faulty = self.folder / "faulty"
                self.run_well(
                    "cc", "-D_GNU_SOURCE", f"-I{support.ROOT}/ref/include",
                    "-o", faulty, source, *LIBRARIES, "-lmnl", "-lsodium",
                    "-lpthread")
                done = support.run(sys.executable, "-B", __file__, faulty,
                                   test, timeout=120)
                self.expect_status(1, done)


support.main()
