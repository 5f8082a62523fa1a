#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun, and the example, at a kernel that lies:

    tun_probe.py GROVE EXAMPLE LIAR

They name what the kernel gets wrong, and start all the same. EXAMPLE is the
program of ref/examples/forward.c. LIAR is the library of tun_liar.c, which
makes the running kernel lie.
"""

import json
import signal
import subprocess
import unittest

import support

GROVE = support.program_argument()
EXAMPLE = support.program_argument()
LIAR = support.program_argument()

# What the kernel does, and what grove says about it.
LIES = {
    "udp": [
        "kernel: uso: UDP over IPv4, 4 equal segments: a header differed "
        "(segment 1, byte 25); such packets are sent one by one",
        "kernel: uso: UDP over IPv4, 4 segments, the last one short: a header "
        "differed (segment 1, byte 25); such packets are sent one by one"],
    "tcp6": [
        "kernel: tso6: TCP over IPv6, 4 equal segments: the kernel refused it "
        "(Invalid argument); such packets are sent one by one",
        "kernel: tso6: TCP over IPv6, 4 segments, the last one short: the "
        "kernel refused it (Invalid argument); such packets are sent one by "
        "one"],
    "redirect": [
        "kernel: not probed: redirecting packets to a second device: the "
        "kernel cannot redirect packets; run `modprobe -a sch_ingress cls_bpf "
        "act_mirred` on the host"],
}


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class TunProbe(support.Test):
    def setUp(self):
        super().setUp()
        self.truth = json.loads(self.start(None, "--json")[0])
        if "error" in self.truth["probe"]:
            self.skipTest(self.truth["probe"]["error"])

    @staticmethod
    def lying(how):
        """The environment of a program at a kernel that lies so."""
        if how is None:
            return support.environment()
        return support.environment(LD_PRELOAD=LIAR, LIAR=how,
                                   ASAN_OPTIONS="verify_asan_link_order=0")

    def start(self, how, *options):
        """Runs grove tun in a namespace of its own; returns what it says until
        its statistics.
        """
        with subprocess.Popen(["unshare", "-n", GROVE, "tun", *options, "a",
                               "b"],
                              text=True, stdout=subprocess.PIPE,
                              env=self.lying(how)) as process:
            first = process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            rest = process.stdout.read()
        self.assertEqual(process.returncode, 0, first + rest)
        return (first + rest).partition("Statistics")[0].splitlines()

    def lies(self):
        """A lie about what the kernel does not take at all cannot be seen."""
        takes_uso = "uso" in self.truth["probe"]["tried"]
        return [(how, lines) for how, lines in LIES.items()
                if takes_uso or how != "udp"]

    def test_truth(self):
        self.assertEqual(len(self.start(None)), 1)
        # The library by itself changes nothing.
        self.assertEqual(len(self.start("none")), 1)

    def test_lies(self):
        for how, lines in self.lies():
            with self.subTest(how):
                said = self.start(how)
                self.assertRegex(said[0], "^up: a .*, b ")
                self.assertEqual(said[1:], lines)

    def test_json(self):
        if not self.truth["probe"]["takes_uso"]:
            self.skipTest("this kernel takes no UDP super-packets")
        up = json.loads(self.start("udp", "--json")[0])
        probe = up["probe"]
        self.assertEqual(probe["wrong"], ["uso"])
        self.assertEqual([finding["symptom"] for finding in probe["findings"]],
                         ["a header differed"] * 2)
        self.assertFalse(probe["takes_uso"])
        # Nothing accepts UDP super-packets, and tables make none.
        self.assertNotEqual(up["profile"], self.truth["profile"])
        probe = json.loads(self.start("redirect", "--json")[0])["probe"]
        self.assertEqual(probe["error"], "the kernel cannot redirect packets")

    def test_not_asked(self):
        said = self.start("udp", "--json", "--no-offload")
        self.assertIsNone(json.loads(said[0])["probe"])
        self.assertEqual(len(self.start("udp", "--no-offload")), 1)

    def test_example(self):
        for how, lines in self.lies():
            with self.subTest(how), subprocess.Popen(
                    ["unshare", "-n", EXAMPLE, "a", "b"], text=True,
                    stderr=subprocess.PIPE, env=self.lying(how)) as process:
                said = [process.stderr.readline() for _ in lines]
                process.kill()
                for line, expected in zip(said, lines):
                    words = expected.split(": ")[2]
                    self.assertRegex(line, f"^forward: .*{words}")


if __name__ == "__main__":
    support.main()
