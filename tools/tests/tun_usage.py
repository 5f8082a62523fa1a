#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun and tools/netns: tun_usage.py GROVE

Wrong usage, and devices that cannot be opened, are refused in one line. Devices
are opened as they were asked for, and nothing is left behind.
"""

import contextlib
import os
import signal
import subprocess
import unittest
from pathlib import Path

import support

GROVE = support.program_argument()
NETNS = support.TOOLS / "netns"
NAMESPACE = f"grove-usage-{os.getpid()}"
IN = f"netns={NAMESPACE}"

# What is wrong, and the arguments.
WRONG_USAGE = [
    ("two devices are needed", "a"),
    ("two devices are enough", "a", "b", "c"),
    ("--queues 0: expected a number from 1 to 256", "--queues", "0", "a", "b"),
    ("--drop x: expected a number", "--drop", "x", "a", "b"),
    ("--swap -1: expected a number", "--swap", "-1", "a", "b"),
    ("--seed 1x: expected a number", "--seed", "1x", "a", "b"),
    ("--seed 18446744073709551616: expected a number",
     "--seed", "18446744073709551616", "a", "b"),
    ("--tunnels: ipx: give ipip, gre", "--tunnels", "ipx", "a", "b"),
    ("--tunnels: vxlan: give", "--tunnels", "vxlan", "a", "b"),
    ("a,mtu=1k: mtu: expected a number of bytes", "a,mtu=1k", "b"),
    ("a,mtu=0: mtu: expected", "a,mtu=0", "b"),
    ("a,address=10.0.0.1: address: expected an address",
     "a,address=10.0.0.1", "b"),
    ("a,address=10.0.0.1/33: address: expected", "a,address=10.0.0.1/33", "b"),
    ("a,address=fd00::1/129: address: expected", "a,address=fd00::1/129", "b"),
    ("a,address=10.0.0/8: address: expected", "a,address=10.0.0/8", "b"),
    ("a,netns=: netns: expected", "a,netns=", "b"),
    ("a,fd=-1: fd: expected", ",fd=1", "a,fd=-1"),
    ("a,owner=no-such-user: owner: expected", "a,owner=no-such-user", "b"),
    ("a,group=4294967295: group: expected", "a,group=4294967295", "b"),
    ("a,persist=1: persist: expected", "a,persist=1", "b"),
    ("a,mtu: mtu: expected a value", "a,mtu", "b"),
    ("a,colour=red: colour=red: expected netns=", "a,colour=red", "b"),
]

# Devices that the kernel does not give.
NO_DEVICE = [
    ("no such namespace", f"a,netns=none-{os.getpid()}", f"b,{IN}"),
    ("the MTU is out of range", f"a,{IN},mtu=65536", f"b,{IN}"),
    ("left-device-name", "left-device-name-too-long", "b"),
    ("a host cannot have this address", f"a,{IN}",
     f"b,{IN},address=10.0.0.1/8,address=ff02::1/64"),
    ("15 characters", "sixteen-letters-x", f"b,{IN}"),
    ("not a descriptor of a TUN device", ",fd=0", f"b,{IN}"),
    ("open a TAP (--tap), or give no tunnels",
     "--tunnels", "vxlan:4789", f"a,{IN}", f"b,{IN}"),
    ("a TAP at most 65521", "--tap", f"a,{IN},mtu=65522", f"b,{IN}"),
    ("give VXLAN, VXLAN-GPE and GENEVE only",
     "--tap", "--tunnels", "vxlan:4789,gre", f"a,{IN}", f"b,{IN}"),
]

# What tools/netns refuses.
WRONG_NETNS = [
    ("--mtu x: expected", "--grove", GROVE, "--mtu", "x", "--", "true"),
    ("no command to run", "--grove", GROVE),
    ("--grove: a value is missing", "--grove"),
    ("none: no such program", "--grove", "none", "--", "true"),
    ("mtu", "--grove", GROVE, "--mtu", "65536", "--", "true"),
]

# Its arguments are a file for the names of the two namespaces.
PING_BOTH_WAYS = """
echo "$LEFT $RIGHT" >"$1"
ip netns exec "$LEFT" ping -q -c 1 "$RIGHT4" >/dev/null &&
ip netns exec "$RIGHT" ping -q -c 1 "$LEFT6" >/dev/null && exit 5
"""


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class TunUsage(support.Test):
    def setUp(self):
        super().setUp()
        subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", NAMESPACE],
                        check=True)

    def ip(self, *words):
        return self.run_well("ip", "-n", NAMESPACE, *words)

    def devices(self):
        """A line for each TUN device of the namespace."""
        return self.ip("-o", "link", "show", "type", "tun").splitlines()

    def refuse_each(self, cases, *command):
        for words, *arguments in cases:
            with self.subTest(arguments):
                self.refuse(words, *command, *arguments,
                            stdin=subprocess.DEVNULL)

    @contextlib.contextmanager
    def running(self, *words):
        """Runs grove tun until its first line, and gives that and the process.
        After the block SIGTERM ends it, with exit status 0.
        """
        with subprocess.Popen([GROVE, "tun", *words], text=True,
                              stdout=subprocess.PIPE) as process:
            try:
                yield process.stdout.readline()
            finally:
                process.send_signal(signal.SIGTERM)
            self.said = process.stdout.read()
        self.assertEqual(process.returncode, 0)

    def test_wrong_usage(self):
        self.refuse_each(WRONG_USAGE, GROVE, "tun")

    def test_no_device(self):
        self.refuse_each(NO_DEVICE, GROVE, "tun")
        self.ip("tuntap", "add", "tap", "mode", "tap")
        self.refuse("the device is a TAP", GROVE, "tun", f"tap,{IN}", f"b,{IN}")
        self.ip("link", "delete", "tap")
        self.ip("tuntap", "add", "tun", "mode", "tun")
        self.refuse("the device is a TUN", GROVE, "tun", "--tap", f"tun,{IN}",
                    f"b,{IN}")
        self.ip("link", "delete", "tun")
        self.assertEqual(self.devices(), [])

    def test_no_rights(self):
        self.refuse("as root",
                    *support.without_rights(GROVE, "tun", "a", "b"), status=77)
        self.refuse("need root", "unshare", "--user", NETNS, "--", "true",
                    status=77)
        self.assertEqual(self.devices(), [])

    def test_wrong_usage_of_netns(self):
        self.refuse_each(WRONG_NETNS, NETNS)
        self.assertEqual(self.devices(), [])

    def test_devices_as_asked_for(self):
        """A persistent device stays, and is opened again."""
        options = (f"a,netns=/run/netns/{NAMESPACE},mtu=1400,owner=root,"
                   "group=0,persist,address=10.1.2.3/25,address=fd01::1/72",
                   f"b%d,{IN}")
        for _ in range(2):
            with self.running(*options) as line:
                self.assertRegex(line, r"^up: a \(offloads:.*, b0 \(offloads:")
                shown = self.ip("address", "show", "dev", "a")
                for words in ("mtu 1400", "UP", "inet 10.1.2.3/25",
                              "inet6 fd01::1/72"):
                    self.assertIn(words, shown)
            self.assertIn("packets per write", self.said)
        self.assertIn("persist on user root",
                      self.ip("-d", "link", "show", "a"))
        self.assertEqual(len(self.devices()), 1)

    def test_a_name_that_json_cannot_have(self):
        with self.running("--json", b"\xff,netns=" + NAMESPACE.encode(),
                          f"c,{IN}") as line:
            self.assertRegex(line, '"name":"not UTF-8".*"name":"c"')

    def test_netns(self):
        """It has the command's exit status, and leaves nothing behind."""
        statistics, names = self.folder / "statistics", self.folder / "names"
        done = support.run(NETNS, "--grove", GROVE, "--statistics", statistics,
                           "--", "sh", "-c", PING_BOTH_WAYS, "sh", names)
        self.expect_status(5, done)
        self.assertIn("packets per write", statistics.read_text("utf-8"))
        for name in names.read_text("utf-8").split():
            self.assertFalse(Path("/run/netns", name).exists(), name)

    def test_taps(self):
        """Pings pass through TAPs, which need ARP, and through VXLAN."""
        done = support.run(NETNS, "--grove", GROVE, "--tap", "--tunnels",
                           "vxlan:4789", "--", "sh", "-c", PING_BOTH_WAYS,
                           "sh", self.folder / "names")
        self.expect_status(5, done)

    def test_tunnels_that_are_not_carried(self):
        options = ("--tap", "--tunnels", "vxlan:4789", f"a,{IN}", f"b,{IN}")
        with self.running("--no-tunnel-offload", *options) as line:
            self.assertNotIn("tunnel", line)
        self.assertIn("a: takes no super-packets in tunnels", self.said)
        with self.running("--json", "--no-tunnel-offload", *options) as line:
            self.assertEqual(line.count('"link":"ethernet","vnet_len":10,'), 2)


support.main()
