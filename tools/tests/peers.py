#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Peers on trial: tools/peers/run asks those that Debian has, and the page
shows what was found.

    peers.py GROVE
"""
import json
import os
import shutil
import struct
import unittest

import support
from scripts import browser
from scripts.peers import ask, results

GROVE = support.program_argument()
RUN = support.TOOLS / "peers/run"
ADAPTER = support.ROOT / "build/peers/dpdk/adapter"
PAGE = support.ROOT / "vectors/peers/index.html"
RULES = support.ROOT / "vectors/rules"

HAS_DPDK = shutil.which("pkg-config") and \
    support.run("pkg-config", "--exists", "libdpdk").returncode == 0

# It is there once tools/peers/run has built it.
WIREGUARD = support.ROOT / "build/peers/wireguard-go/adapter"

# The longest payload that DPDK's adapter has room for.
PAYLOAD = 65535 - 128 - 14 - 40


def segments_of_a_byte():
    """A super-packet of TCP over IPv4 with the longest payload and a gso_size
    of 1.
    """
    addresses = bytes((10, 0, 0, 1, 10, 0, 0, 2))
    seed = sum(struct.unpack(">4H", addresses)) + 6 + 20 + PAYLOAD
    seed = (seed >> 16) + (seed & 0xffff)
    packet = (struct.pack(">BBHIBBH", 0x45, 0, 40 + PAYLOAD, 0, 64, 6, 0) +
              addresses + struct.pack(">HHIIHHHH", 1, 2, 0, 0, 0x5010, 512,
                                      seed, 0) + bytes(PAYLOAD))
    vnet = struct.pack("<BBHHHH", 1, 1, 40, 1, 20, 16)
    return {"op": "gso", "input": [{"vnet": vnet.hex(),
                                    "packet": packet.hex()}]}


@unittest.skipUnless(HAS_DPDK, "there is no DPDK; install libdpdk-dev")
class Dpdk(support.Test):
    """It is built and asked; what is known of it, and what is planted, is
    found.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sample = support.run(RUN, "--sample", "dpdk")

    def kinds(self, command):
        """What vectors show of an adapter: kinds with their fields."""
        done = support.run(GROVE, "check", "--json", "--level", "safe",
                           "--exec", command, RULES / "tcp.json")
        return {results.key(group)
                for group in json.loads(done.stdout)["groups"]}

    def test_the_sample(self):
        self.expect_status(0, self.sample)
        self.assertRegex(self.sample.stdout, r"(?m)^dpdk: dpdk [\d.]+: "
                         r"\d+ exact, \d+ hints, \d+ safe, \d+ unsafe$")

    def test_what_is_known_is_found_again(self):
        known = next(peer for peer in results.peers(support.ROOT)
                     if peer.name == "dpdk").about["confirmed"]
        found = self.kinds(ADAPTER)
        self.assertIn("gro changes TCP window", found)
        self.assertEqual(found - set(known), set())

    def test_a_planted_fault_is_found(self):
        planted = f"{ADAPTER} | sed -u 's/\"gso_size\":8/\"gso_size\":4/g'"
        self.assertNotEqual(self.kinds(planted) - self.kinds(ADAPTER), set())

    def test_each_byte_may_be_a_segment(self):
        answer, = ask.answers([ADAPTER], [segments_of_a_byte()])
        self.assertEqual(len(answer.get("output", [])), PAYLOAD, answer.keys())

    def test_a_report(self):
        done = support.run(support.TOOLS / "peers/reports", "dpdk-ecn")
        self.expect_status(0, done)
        self.assertIn("dpdk-ecn: fails as it says", done.stdout)

    def test_the_speed(self):
        done = support.run(GROVE, "bench", "--peers", "--rounds", "1",
                           "--json", "dpdk")
        self.expect_status(0, done)
        measured = {(cost["contestant"], cost["traffic"], cost["what"])
                    for cost in json.loads(done.stdout)
                    if cost["ns_per_packet"] > 0}
        for contestant in "limit", "grove", "dpdk":
            for what in 1, 64, "split":
                self.assertIn((contestant, "tcp", what), measured)
        self.assertNotIn(("dpdk", "udp", 1), measured)


def one_segment(length):
    """A super-packet of TCP over IPv6 that a kernel takes for a plain packet,
    since its gso_size leaves no second segment (VNET-014).
    """
    vnet = struct.pack("<BBHHHH", 1, 4, 0, length - 59, 40, 16)
    packet = struct.pack(">IHBB", 0x60000000, length - 40, 6, 64)
    return {"op": "gso", "input": [
        {"vnet": vnet.hex(), "packet": packet.ljust(length, b"\0").hex()}]}


@unittest.skipUnless(WIREGUARD.exists() and os.geteuid() == 0,
                     "needs root, and tools/peers/run wireguard-go")
class WireguardGo(support.Test):
    def test_what_has_no_room_is_skipped(self):
        fits, long = ask.answers([WIREGUARD],
                                 [one_segment(65519), one_segment(65520)])
        self.assertEqual(len(fits.get("output", [])), 1, fits.keys())
        self.assertIn("no room", long.get("skipped", {}).get("reason", ""))


class Usage(support.Test):
    def test_an_unknown_peer(self):
        self.expect_one_line(2, "nobody: no such peer",
                             support.run(RUN, "nobody"))

    def test_a_peer_without_speed(self):
        self.expect_one_line(2, "linux: cannot be measured",
                             support.run(GROVE, "bench", "--peers", "linux"))

    def test_an_unknown_report(self):
        self.expect_one_line(
            2, "nothing: no such report",
            support.run(support.TOOLS / "peers/reports", "nothing"))


@unittest.skipIf(browser.PROGRAM is None, "there is no chromium; as root: "
                 "tools/packages chromium-headless-shell")
class Page(support.Test):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = cls.enterClassContext(browser.Browser())
        cls.page.open(PAGE)

    def test_a_click_shows_the_packets(self):
        self.page.value("document.querySelector('#rules button').click()")
        text = self.page.value("document.querySelector('#case').innerText")
        for words in "Question, op", "Linux gives", "IPv":
            self.assertIn(words, text)
        self.page.value("document.querySelector('#case .close').click()")
        self.assertFalse(self.page.value(
            "document.querySelector('#case').open"))

    def test_no_error_and_no_network(self):
        self.assertEqual(self.page.named("Runtime.exceptionThrown"), [])
        asked = [event["request"]["url"] for event in
                 self.page.named("Network.requestWillBeSent")]
        self.assertEqual([url for url in asked
                          if not url.startswith("file:")], [])


if __name__ == "__main__":
    support.main()
