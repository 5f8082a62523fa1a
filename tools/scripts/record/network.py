# SPDX-License-Identifier: MIT
"""Network namespaces A and B, the link between them, and the programs that run
inside. All offloads of the devices are off, so that a capture holds packets as
they are on a wire: at most one MTU long, with correct checksums.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import time

from scripts import namespaces
from scripts.command import Problem
from scripts.namespaces import ip

HERE = pathlib.Path(__file__).resolve().parent

A4, B4 = "192.0.2.1", "192.0.2.2"
A6, B6 = "2001:db8::1", "2001:db8::2"

# Seconds to wait for a program, and between two looks.
PATIENCE = 10
PAUSE = 0.05


def wait_for(condition, what, log):
    """Waits until the condition holds; `log` is what the program prints."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            lines = log.read_text().strip().splitlines() or ["nothing"]
            raise Problem(f"gave up waiting for {what}, which printed: "
                          f"{lines[-1]}")
        time.sleep(PAUSE)


def end_of(process, number):
    """Ends a process by a signal, unless it has ended."""
    if process.poll() is None:
        process.send_signal(number)
        process.wait()


class Network:
    """The namespaces; `work` is a folder for files of the programs, and `out`
    is the folder for captures.
    """

    def __init__(self, work, out):
        self.work = work
        self.out = out
        self.a, self.m, self.b = (f"grove-{name}-{os.getpid()}"
                                  for name in "amb")
        self.ends = contextlib.ExitStack()

    def __enter__(self):
        self.ends.enter_context(namespaces.added(self.a, self.m, self.b))
        return self

    def __exit__(self, *_):
        self.ends.close()

    # ---- programs ----------------------------------------------------------

    @staticmethod
    def within(namespace, *words):
        return ["ip", "netns", "exec", namespace, *map(str, words)]

    def run(self, namespace, *words):
        """Runs a program to its end, which must be good."""
        done = subprocess.run(self.within(namespace, *words), check=False,
                              text=True, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no message"]
            raise Problem(f"{words[0]}: exit {done.returncode}: {lines[-1]}")

    def start(self, namespace, *words):
        """Starts a program, which is ended with the namespaces; returns the
        file of what it prints.
        """
        log = self.work / f"log.{time.monotonic_ns()}"
        with open(log, "wb") as stream:
            process = subprocess.Popen(
                self.within(namespace, *words), stdin=subprocess.DEVNULL,
                stdout=stream, stderr=subprocess.STDOUT)
        self.ends.callback(end_of, process, signal.SIGTERM)
        return log

    def serve(self, namespace, port, kind, *command):
        """Starts a program, and waits until it listens on a port; `kind` is
        "t" for TCP or "u" for UDP.
        """
        log = self.start(namespace, *command)
        words = self.within(namespace, "ss", f"-Hln{kind}",
                            f"sport = :{port}")
        wait_for(lambda: subprocess.run(
            words, check=True, stdout=subprocess.PIPE).stdout,
            command[0], log)

    def random_file(self, name, size):
        """A file of random bytes in the work folder; returns its path."""
        path = self.work / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(size))
        return path

    # ---- links -------------------------------------------------------------

    def sides(self):
        return (self.a, A4, A6), (self.b, B4, B6)

    @staticmethod
    def bring_up(namespace, device, ip4, ip6):
        ip("-n", namespace, "address", "add", f"{ip4}/24", "dev", device)
        ip("-n", namespace, "address", "add", f"{ip6}/64", "dev", device,
           "nodad")
        ip("-n", namespace, "link", "set", device, "up")

    def offloads_off(self, namespace, device):
        """Switches off every offload that the device has."""
        self.run(namespace, HERE / "offloads_off.sh", device)

    def link_veth(self):
        """A --eth0-- B at a gigabit per second."""
        ip("link", "add", "eth0", "netns", self.a, "type", "veth",
           "peer", "name", "eth0", "netns", self.b)
        for namespace in self.a, self.b:
            self.offloads_off(namespace, "eth0")
            subprocess.run(
                ["tc", "-n", namespace, "qdisc", "add", "dev", "eth0", "root",
                 "tbf", "rate", "1gbit", "burst", "64kb", "latency", "20ms"],
                check=True)
        for namespace, ip4, ip6 in self.sides():
            self.bring_up(namespace, "eth0", ip4, ip6)

    def start_link(self, *words):
        """Starts link.py, and waits until it forwards packets."""
        log = self.start(self.m, HERE / "link.py", *words)
        wait_for(lambda: "ready" in log.read_text(), "link.py", log)

    def link_lossy(self, *faults):
        """A --tun0-- link.py --tun0-- B, with these faults of link.py."""
        for namespace, ip4, ip6 in self.sides():
            ip("-n", namespace, "tuntap", "add", "tun0", "mode", "tun")
            ip("-n", namespace, "link", "set", "tun0", "mtu", "1500",
               "txqueuelen", "1000")
            self.bring_up(namespace, "tun0", ip4, ip6)
        self.start_link("tun", self.a, self.b, *faults)

    def link_vlan(self):
        """A --tap0-- link.py --trunk0/trunk1 in VLAN 42-- link.py --tap0-- B.
        """
        ip("link", "add", "trunk0", "netns", self.m, "type", "veth",
           "peer", "name", "trunk1", "netns", self.m)
        for end in "trunk0", "trunk1":
            self.offloads_off(self.m, end)
            ip("-n", self.m, "link", "set", end, "mtu", "1504", "up")
        for namespace, ip4, ip6 in self.sides():
            ip("-n", namespace, "tuntap", "add", "tap0", "mode", "tap")
            self.bring_up(namespace, "tap0", ip4, ip6)
        self.start_link("vlan", self.a, self.b, self.m)

    # ---- recording ---------------------------------------------------------

    @contextlib.contextmanager
    def recorded(self, name, place, packets, *options, form="pcap"):
        """Records what happens inside. `place` is a namespace and a device,
        `packets` is the range to keep, as in "1-300", `options` are those of
        tcpdump, and `form` is a file format of editcap.
        """
        namespace, device = place
        raw, log = self.work / "raw", self.work / "tcpdump"
        with open(log, "wb") as stream:
            listener = subprocess.Popen(
                self.within(namespace, "tcpdump", "-i", device, "-w", raw,
                            "-Z", "root", "--immediate-mode", "-B", 16384,
                            *options), stdout=stream, stderr=stream)
        self.ends.callback(end_of, listener, signal.SIGINT)
        wait_for(lambda: "listening on" in log.read_text(), "tcpdump",
                 log)
        yield
        time.sleep(0.3)  # the last packets are on their way
        end_of(listener, signal.SIGINT)
        self.keep(raw, name, packets, form)

    def keep(self, raw, name, packets, form):
        """Puts a part of the recording into the folder for captures."""
        ending = "pcapng" if form == "pcapng" else "pcap"
        target = self.out / f"{name}.{ending}"
        beside = target.with_name(target.name + ".tmp")
        subprocess.run(["editcap", "-F", form, "-r", raw, beside, packets],
                       check=True, stdout=subprocess.DEVNULL)
        beside.chmod(0o644)
        beside.replace(target)
