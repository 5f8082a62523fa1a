#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove doctor: doctor.py GROVE

Each test takes one thing away, in namespaces of its own. The check of that
thing fails, with its remedy, those that need it are left out, and no other one
changes.
"""

import json
import signal
import subprocess
import unittest
from pathlib import Path

import support

GROVE = support.program_argument()

# What is taken away by a shell in new namespaces: options of unshare(1), a
# script, the check that fails, and the remedy.
TAKEN = [
    ("--mount", "mount -t tmpfs none /dev/net", "/dev/net/tun",
     "run `modprobe tun`; in a container, add --device=/dev/net/tun"),
    ("--mount", "mount -t tmpfs none /dev/net; mkdir /dev/net/tun",
     "/dev/net/tun", "remove the folder, and add --device=/dev/net/tun instead "
     "of a volume"),
    ("--mount", "mount -t tmpfs -o nodev none /dev/net; "
     "mknod /dev/net/tun c 10 200", "/dev/net/tun",
     "mount it with dev, or bind the host's /dev/net/tun there"),
    ("--net", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6", "IPv6",
     "set net.ipv6.conf.default.disable_ipv6=0, or that of the device"),
    ("--mount", "mkdir $HOME/bin; cp /bin/sh $HOME/bin; PATH=$HOME/bin",
     "captures", "install tcpdump, or capture elsewhere"),
]

# The checks that need another one.
NEEDS = {"TUN device": {"/dev/net/tun", "namespaces"},
         "super-packets": {"TUN device"}, "kernel": {"TUN device"}}

AS_ROOT = "run it as root; in a container, add --cap-add=NET_ADMIN"
NO_NAMESPACES = ("run it as root, or set the sysctl user.max_user_namespaces "
                 "over 0")

LEAVE = """
mount -t sysfs none /sys
ip tuntap add p0 mode tun $2
exec "$1" tun p0 q0 $3
"""


def left_out(failed):
    """The names of the checks that need those, directly or not."""
    names = set()
    while True:
        more = {name for name, needs in NEEDS.items()
                if needs & (failed | names)}
        if more == names:
            return names
        names = more


class Doctor(support.Test):
    before = None  # the checks of this machine, where nothing is taken away

    def examine(self, *command, status=None, **options):
        """Runs it by this command, as JSON; returns the checks by name."""
        done = support.run(*command, "doctor", "--json", **options)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        checks = {check["name"]: check for check in report["checks"]}
        states = {check["state"] for check in checks.values()}
        self.assertEqual(report["works"], states == {"works"})
        self.assertEqual(done.returncode, 0 if report["works"] else 1)
        return checks

    def expect_missing(self, remedies, *command, **options):
        """These checks fail, with their remedies, beside those that fail
        without the command.
        """
        if Doctor.before is None:
            Doctor.before = self.examine(GROVE)
        checks = self.examine(*command, **options)
        for name, check in checks.items():
            with self.subTest(name):
                if name in remedies:
                    self.assertEqual((check["state"], check["remedy"]),
                                     ("fails", remedies[name]))
                elif name in left_out(set(remedies)):
                    self.assertEqual(check["state"], "left out")
                else:
                    self.assertEqual(check["state"],
                                     self.before[name]["state"], check)

    def for_anybody(self):
        """The command, where each user can run it."""
        grove = self.folder / "grove"
        grove.write_bytes(Path(GROVE).read_bytes())
        grove.chmod(0o755)
        self.folder.chmod(0o755)
        return grove

    def test_usage(self):
        self.refuse("--json and --mend: give one of them", GROVE, "doctor",
                    "--json", "--mend", "x")
        self.refuse("--mend lo: no TUN device has this name", GROVE, "doctor",
                    "--mend", "lo")

    def test_text(self):
        """It says what JSON says."""
        checks = self.examine(GROVE)
        done = support.run(GROVE, "doctor")
        for name, check in checks.items():
            self.assertRegex(done.stdout, f"(?m)^  [a-zA-Z-]+ +{name} ")
            self.assertIn(check["says"], done.stdout)
            self.assertIn(check.get("remedy", ""), done.stdout)

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_root(self):
        checks = self.examine(GROVE)
        for name in ("rights", "/dev/net/tun", "namespaces", "TUN device",
                     "kernel"):
            self.assertEqual(checks[name]["state"], "works", checks[name])

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_what_is_taken_away(self):
        for option, script, name, remedy in TAKEN:
            with self.subTest(script):
                self.expect_missing(
                    {name: remedy}, "unshare", option, "sh", "-ec",
                    f'{script}; exec "$@"', "sh", GROVE,
                    env=support.environment(HOME=str(self.folder)))

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_nobody(self):
        self.expect_missing({"rights": AS_ROOT}, self.for_anybody(),
                            user=support.NOBODY, group=support.NOBODY,
                            extra_groups=[])

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_a_node_that_nobody_may_open(self):
        self.expect_missing(
            {"rights": AS_ROOT,
             "/dev/net/tun": "run it as root, or chmod 666 /dev/net/tun"},
            "unshare", "--mount", "sh", "-ec",
            "mount -t tmpfs none /dev/net; mknod -m 600 /dev/net/tun c 10 200; "
            'exec "$@"', "sh", "setpriv", f"--reuid={support.NOBODY}",
            f"--regid={support.NOBODY}", "--clear-groups", self.for_anybody())

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_without_user_namespaces(self):
        self.expect_missing(
            {"rights": AS_ROOT, "namespaces": NO_NAMESPACES},
            "unshare", "--user", "--map-root-user", "sh", "-c",
            'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', "sh",
            *support.without_rights(GROVE))


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class Leftovers(support.Test):
    """A persistent device whose program was killed."""

    def inside(self, *words):
        """A command in the namespaces of the killed program."""
        return ("nsenter", "--net", "--mount", f"--target={self.holder.pid}",
                *words)

    def doctor(self, *words):
        return support.run(*self.inside(GROVE, "doctor", *words))

    def leftovers(self):
        return next(check for check in
                    json.loads(self.doctor("--json").stdout)["checks"]
                    if check["name"] == "leftovers")

    def leave(self, kind, option):
        """Kills `grove tun`, and keeps its namespaces."""
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-c",
             "echo; exec sleep 1000"], stdout=subprocess.PIPE)
        self.addCleanup(self.holder.communicate)
        self.addCleanup(self.holder.kill)
        self.holder.stdout.readline()
        with subprocess.Popen(
                self.inside("sh", "-c", LEAVE, "sh", GROVE, kind, option),
                stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            self.assertEqual(self.leftovers()["state"], "works")
            self.expect_one_line(2, "p0: a program has it open",
                                 self.doctor("--mend", "p0"))
            process.send_signal(signal.SIGKILL)

    def expect_mended(self, kind, option):
        self.leave(kind, option)
        found = self.leftovers()
        self.assertEqual((found["state"], found["remedy"]),
                         ("fails", "run `grove doctor --mend p0` as root"))
        self.assertEqual(self.doctor("--mend", "p0").stdout,
                         "p0: its offloads are off now\n")
        self.assertEqual(self.leftovers()["state"], "works")
        self.assertEqual(self.doctor("--mend", "p0").stdout,
                         "p0: it has nothing to mend\n")

    def test_single_queue(self):
        self.expect_mended("", "")

    def test_multi_queue(self):
        self.expect_mended("multi_queue", "--queues=1")


support.main()
