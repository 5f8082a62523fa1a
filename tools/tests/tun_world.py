# SPDX-License-Identifier: MIT
"""What the tests of `grove tun` share.

Each test has two halves. The outer half starts tools/netns, which connects two
network namespaces by `grove tun` and runs the inner half between them. Then the
outer half checks the statistics. The inner half are functions of the same file.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

import support

NETNS = pathlib.Path(__file__).parents[1] / "netns"
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33

# A limit in seconds, which only a test that hangs reaches.
PATIENCE = 30


# ---- inside ----------------------------------------------------------------


class Side:
    """One of the two namespaces."""

    def __init__(self, name):
        self.device = name.lower()
        self.namespace = os.environ[name]
        self.addresses = {4: os.environ[name + "4"], 6: os.environ[name + "6"]}

    @contextlib.contextmanager
    def entered(self):
        """In the block this thread is in the namespace. Sockets that it makes
        stay there.
        """
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.namespace, os.O_RDONLY)
        try:
            assert LIBC.setns(there, CLONE_NEWNET) == 0
            yield
        finally:
            LIBC.setns(home, CLONE_NEWNET)
            os.close(there)
            os.close(home)

    def command(self, *words):
        return ["ip", "netns", "exec", self.namespace, *map(str, words)]

    def run(self, *words):
        """Runs a command, which must succeed; returns its stdout."""
        done = subprocess.run(self.command(*words), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              timeout=PATIENCE, check=False)
        assert done.returncode == 0, (words, done.returncode, done.stdout)
        return done.stdout

    def start(self, *words):
        """Starts a command, which ends with the namespace."""
        return subprocess.Popen(self.command(*words), text=True,
                                stdout=subprocess.PIPE)

    def link(self, *words):
        subprocess.run(["ip", "-n", self.namespace, "link", *map(str, words)],
                       check=True)

    def socket(self, version, kind):
        family = {4: socket.AF_INET, 6: socket.AF_INET6}[version]
        with self.entered():
            made = socket.socket(family, kind)
        made.settimeout(PATIENCE)
        return made

    def bound(self, version, kind):
        """A socket that is bound to the side's address, at any port."""
        made = self.socket(version, kind)
        made.bind((self.addresses[version], 0))
        if kind == socket.SOCK_STREAM:
            made.listen()
        return made

    def counters(self):
        """The kernel's counters of the device."""
        shown = json.loads(subprocess.run(
            ["ip", "-n", self.namespace, "-s", "-j", "link", "show",
             self.device], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL).stdout)
        return shown[0]["stats64"]

    def snmp(self, name):
        """A counter of the namespace, as "UdpRcvbufErrors"."""
        lines = [line.split() for line in
                 self.run("cat", "/proc/net/snmp").splitlines()]
        for titles, values in zip(lines[::2], lines[1::2]):
            for title, value in zip(titles[1:], values[1:]):
                if titles[0].rstrip(":") + title == name:
                    return int(value)
        for line in self.run("cat", "/proc/net/snmp6").splitlines():
            if line.split()[0] == name:
                return int(line.split()[1])
        raise KeyError(name)

    def queue_drops(self):
        """Packets that found the device's queue full."""
        shown = json.loads(self.run("tc", "-s", "-j", "qdisc", "show", "dev",
                                    self.device))
        return (self.counters()["tx"]["dropped"] +
                sum(qdisc["drops"] for qdisc in shown))

    def iperf_server(self):
        # For one client, since a server that listens again may find its port
        # in use.
        server = self.start("iperf3", "--server", "--one-off", "--forceflush")
        for line in server.stdout:
            if "listening" in line:
                break
        # Its later output must not fill the pipe.
        threading.Thread(target=server.stdout.read, daemon=True).start()
        return server

    def iperf(self, other, version, *words):
        """Runs a client of the server of `other`; returns its report."""
        report = json.loads(self.run(
            "iperf3", "--json", "--client", other.addresses[version], *words))
        assert "error" not in report, report["error"]
        return report["end"]

    def ping(self, other, version, *words):
        """A ping is answered. Of more than one, ping(8) would take an answer
        that is late for one that is lost.
        """
        said = self.run("ping", "-q", "-c", 1, *words,
                        other.addresses[version])
        assert " 0% packet loss" in said, said

    def answers(self, other, version):
        """A ping is answered. The first ones may be lost in a full queue."""
        self.run("ping", "-q", "-c", 1, "-w", PATIENCE,
                 other.addresses[version])


def wait_until(condition):
    """Waits for the condition; fails if it never becomes true."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, "waited in vain"


def sides():
    return Side("LEFT"), Side("RIGHT")


def echo_server(side, version, kind):
    """Starts a thread that echoes everything; returns its address."""
    server = side.bound(version, kind)

    def stream():
        with server.accept()[0] as peer:
            while data := peer.recv(65536):
                peer.sendall(data)

    def datagrams():
        while True:
            server.sendto(*server.recvfrom(65536))

    threading.Thread(target=stream if kind == socket.SOCK_STREAM else datagrams,
                     daemon=True).start()
    return server.getsockname()


class Losses:
    """Where datagrams from `source` to `sink` are lost inside the kernel."""

    def __init__(self, source, sink, version):
        self.source, self.sink, self.version = source, sink, version
        self.name = "UdpRcvbufErrors" if version == 4 else "Udp6RcvbufErrors"
        self.read = source.counters()["tx"]["packets"]
        self.dropped = source.queue_drops()
        self.overflowed = sink.snmp(self.name)
        self.others = source.snmp("Icmp6OutMsgs")

    def since(self):
        return (self.source.queue_drops() - self.dropped +
                self.sink.snmp(self.name) - self.overflowed)

    def wait_for(self, count):
        """Waits until `count` packets have arrived or were dropped. A queue
        keeps the order, so one more packet is sent behind them.
        """
        wait_until(lambda: (
            self.source.counters()["tx"]["packets"] - self.read +
            self.source.queue_drops() - self.dropped) >= count)
        self.source.ping(self.sink, self.version)

    def explain(self, sent, received):
        """The kernel counted each datagram that did not arrive as dropped. It
        also counts packets that IPv6 sends on its own.
        """
        lost = self.since()
        others = self.source.snmp("Icmp6OutMsgs") - self.others
        assert sent <= received + lost <= sent + others, (
            sent, received, lost, others)


def receive_all(receiver):
    """Gives the datagrams that have arrived."""
    receiver.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            yield receiver.recv(65536)


def grove_process():
    return int(os.environ["GROVE_PID"])


# ---- outside ---------------------------------------------------------------


def check_conservation(statistics):
    """Each packet from one device went to the other or is accounted for."""
    left, right = statistics
    for source, sink in ((left, right), (right, left)):
        where = source["name"], source, sink
        assert source["received"] == (
            sink["sent"] + sink["refused"] + sink["discarded"] +
            source["test_dropped"]), where
        assert sink["merged"] <= sink["sent"], where
        assert sink["writes"] <= sink["sent"], where
        assert source["split"] <= source["reads"], where


def check_counters(statistics, counters):
    """grove counted at least what the kernel counted on the devices."""
    for side, kernel in zip(statistics, counters):
        where = side, kernel
        assert side["reads"] >= kernel["tx"]["packets"], where
        assert side["writes"] >= kernel["rx"]["packets"], where
        assert side["sent_bytes"] >= kernel["rx"]["bytes"], where


def lossless(statistics):
    """No packet was lost between the devices."""
    for side in statistics:
        for what in ("refused", "discarded", "test_dropped", "fallbacks"):
            assert side[what] == 0, (side["name"], what, side[what])
        assert not side["dropped"], (side["name"], side["dropped"])


class World:
    """The outer half of one test."""

    def __init__(self, test, grove, size):
        self.test = test
        self.grove = grove
        self.size = size  # of a large file, in bytes
        self.folder = None

    def between(self, function, *arguments, options=(), mtu=1500, status=0):
        """Runs function(left, right, *arguments); returns the statistics."""
        result = pathlib.Path(self.folder, "statistics")
        counters = pathlib.Path(self.folder, "counters")
        result.unlink(missing_ok=True)
        counters.unlink(missing_ok=True)
        done = subprocess.run(
            [NETNS, "--grove", self.grove, "--mtu", str(mtu), "--statistics",
             result, "--json", *options, "--", sys.executable, self.test,
             "--inside", function.__name__, counters, *map(str, arguments)],
            stderr=subprocess.PIPE, text=True, check=False)
        title = " ".join((function.__name__, *map(str, arguments), *options))
        assert done.returncode == status, (title, done.returncode, done.stderr)
        assert len(done.stderr.splitlines()) == (status != 0), done.stderr
        statistics = json.loads(result.read_text())["devices"]
        check_conservation(statistics)
        if counters.exists():
            check_counters(statistics, json.loads(counters.read_text()))
        print(f"{title}, MTU {mtu}:",
              ", ".join(f"{side['name']} {side['received']} in, "
                        f"{side['sent']} out in {side['writes']} writes"
                        for side in statistics), flush=True)
        return statistics


def inside(functions, name, counters, arguments):
    left, right = sides()
    functions[name](left, right, *arguments)
    with contextlib.suppress(subprocess.CalledProcessError):
        found = [left.counters(), right.counters()]
        pathlib.Path(counters).write_text(json.dumps(found), encoding="utf-8")


def main(functions, outer):
    """The main function of a test, for the usage `TEST GROVE MEBIBYTES`. It
    runs outer(world). `functions` is the test's globals(), which has the inner
    half.
    """
    if sys.argv[1] == "--inside":
        inside(functions, sys.argv[2], sys.argv[3], sys.argv[4:])
        return
    if not support.HAS_TUN:
        print(f"SKIP: {support.NEEDS_TUN}")
        sys.exit(77)
    world = World(sys.argv[0], sys.argv[1], int(sys.argv[2]) << 20)
    with tempfile.TemporaryDirectory() as world.folder:
        outer(world)
