#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove gen and grove explain: gen.py GROVE [Offline|Kernel]

Made again, the golden vectors are the same. Bad input is refused in one line,
and no file is written. `Kernel` makes the golden vectors by asking the running
kernel, `Offline` asks only the reference.
"""

import json
import os
import re
import struct
import subprocess
import unittest

import support

GROVE = support.program_argument()
CAPTURES = sorted((support.ROOT / "vectors/captures").glob("*.pcap*"))
DNS, DOWNLOAD, LOSSY, SSH = (
    support.ROOT / "vectors/captures" / name
    for name in ("dns.pcap", "http-download.pcap", "lossy-tcp4.pcap",
                 "ssh-keystrokes.pcapng"))
GOLDEN = support.ROOT / "vectors/golden"
UNCONFIRMED = (GROVE, "gen", "--unconfirmed")

# What other kernels than the running one said of a vector.
OF_KERNELS = ("confirmed", "x-unasked")


def checked(path):
    """A vector file as text, without what kernels said of its vectors."""
    content = json.loads(path.read_text("utf-8"))
    for vector in content["vectors"]:
        for name in OF_KERNELS:
            vector.pop(name, None)
    return json.dumps(content, indent=1)


def golden(field):
    """The values of a field in the golden vectors of dns.pcap."""
    content = json.loads((GOLDEN / "dns.json").read_text("utf-8"))
    return list(content["vectors"][0][field])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(protocol, number, payload):
    header = struct.pack("!BBHHHBBH4B4B", 0x45, 0, 20 + len(payload), number,
                         0x4000, 64, protocol, 0, 192, 0, 2, 1, 192, 0, 2, 2)
    return (header[:10] + struct.pack("!H", checksum(header)) + header[12:] +
            payload)


def tcp(sequence, payload):
    pseudo = struct.pack("!4B4BHH", 192, 0, 2, 1, 192, 0, 2, 2, 6,
                         20 + len(payload))
    header = struct.pack("!HHIIBBHHH", 1, 2, sequence, 0, 0x50, 0x10, 100, 0, 0)
    check = checksum(pseudo + header + payload)
    return header[:16] + struct.pack("!H", check) + header[18:] + payload


def write_pcap(path, packets):
    """A capture of IP packets without a link layer."""
    with path.open("wb") as file:
        file.write(struct.pack("!IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for number, packet in enumerate(packets):
            file.write(struct.pack("!IIII", 0, number, len(packet),
                                   len(packet)))
            file.write(packet)


class Gen(support.Test):
    def setUp(self):
        super().setUp()
        self.out = self.make_folder("out")

    def editcap(self, *words):
        self.run_well("editcap", "-F", "pcap", *words)

    def regenerate(self, *options):
        """Makes the golden vectors of all captures again."""
        for capture in CAPTURES:
            self.run_well(GROVE, "gen", *options, capture, "-o",
                          self.out / f"{capture.stem}.json")

    def compare(self):
        """The golden vectors are those that were made again."""
        paths = sorted(GOLDEN.glob("*.json"))
        self.assertEqual({path.stem for path in paths},
                         {capture.stem for capture in CAPTURES})
        for path in paths:
            with self.subTest(path.name):
                self.assertEqual(checked(self.out / path.name), checked(path))


class Offline(Gen):
    def test_bad_captures(self):
        for name, data, words in (
                ("empty.pcap", b"", "byte 0: the file is empty"),
                ("garbage.pcap", b"this is no capture\n",
                 "byte 0: no pcap or pcapng"),
                ("header.pcap", DNS.read_bytes()[:20],
                 "byte 0: no pcap or pcapng"),
                ("cut.pcap", DNS.read_bytes()[:1000],
                 "frame 8, byte 1000: truncated"),
                ("cut.pcapng", SSH.read_bytes()[:3000],
                 "frame 13, byte 3000: truncated"),
                ("wifi.pcap", None, "byte 0: link type 105"),
                ("none.pcap", None, "No such file")):
            with self.subTest(name):
                path = self.folder / name
                if data is not None:
                    path.write_bytes(data)
                elif name == "wifi.pcap":
                    self.editcap("-T", "ieee-802-11", DNS, path)
                self.refuse(f"{name}: {words}", *UNCONFIRMED, path,
                            "-o", self.out / "x.json")
                # What is before the fault was explained already.
                self.expect_one_line(2, f"{name}: {words}",
                                     support.run(GROVE, "explain", path))
                self.expect_empty(self.out)

    def test_bad_usage_of_gen(self):
        none = self.folder / "none/x.json"
        self.refuse("/none/x.json: ", *UNCONFIRMED, DNS, "-o", none)
        self.refuse("the ids", *UNCONFIRMED, DNS, DNS,
                    "-o", self.out / "x.json")
        arp = self.folder / "arp.pcap"
        self.editcap("-r", DOWNLOAD, arp, "1-2")
        self.refuse("no whole IP packet", *UNCONFIRMED, arp,
                    "-o", self.out / "x.json")
        self.expect_empty(self.out)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            done = support.run(GROVE, "explain", DNS, stdout=full)
        self.expect_status(2, done)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("stdout: ", done.stderr)

    def test_a_reader_that_leaves(self):
        with subprocess.Popen([GROVE, "explain", LOSSY],
                              stdout=subprocess.PIPE) as process:
            self.assertTrue(process.stdout.readline())
            process.stdout.close()
        self.assertEqual(process.returncode, 0)

    def test_frames_that_are_cut_by_the_snap_length(self):
        """They are counted, and the others are used."""
        path = self.folder / "snap.pcap"
        self.editcap("-s", "200", LOSSY, path)
        out = self.out / "x.json"
        done = support.run(*UNCONFIRMED, path, "-o", out)
        self.expect_status(0, done)
        self.assertIn("241 cut by the snap length", done.stderr)
        self.assertIn('"confirmed": ["model"]', out.read_text("utf-8"))

    def test_every_packet_is_in_one_output(self):
        for capture in CAPTURES:
            with self.subTest(capture.name):
                said = self.run_well(GROVE, "explain", "--json", capture)
                self.expect_conservation(
                    [json.loads(line) for line in said.splitlines()])

    def expect_conservation(self, lines):
        packets = [line for line in lines if line["type"] == "packet"]
        outputs = [line for line in lines if line["type"] == "output"]
        end = lines[-1]
        self.assertEqual(end["packets"], len(packets))
        passed = [packet["frame"] for packet in packets
                  if packet["verdict"] == "passed"]
        left = passed + [frame for output in outputs
                         for frame in output["frames"]]
        self.assertEqual(sorted(left), [packet["frame"] for packet in packets])
        traffic = end["traffic"].values()
        self.assertEqual(sum(kind["outputs"] for kind in traffic),
                         len(passed) + len(outputs))
        self.assertEqual(sum(kind["packets"] for kind in traffic),
                         len(packets))

    @unittest.skipUnless(os.geteuid() == 0, "only root can drop capabilities")
    def test_without_rights(self):
        self.refuse("the kernel cannot be asked", *support.without_rights(
            GROVE, "gen", DNS, "-o", self.out / "x.json"), status=77)

    def test_golden_vectors(self):
        self.regenerate("--unconfirmed", "--profile", golden("expect")[0])
        self.compare()


class Kernel(Gen):
    def test_a_difference(self):
        """SPEC.md differs from the kernel: it coalesces TCP inside IPIP. Such
        a capture shows what gen does about a difference.
        """
        path = self.folder / "ipip.pcap"
        write_pcap(path, [
            ipv4(4, i, ipv4(6, i, tcp(100 * i, bytes(100)))) for i in range(2)])
        done = support.run(GROVE, "gen", path, "-o", self.out / "x.json")
        self.expect_status(1, done)
        self.assertRegex(done.stderr,
                         "(?m)^grove: ipip-1, frames 1 to 2: .* differs")
        self.expect_empty(self.out)

    def test_golden_vectors(self):
        self.regenerate()
        release = "linux-" + re.match(r"[\d.]+", os.uname().release)[0]
        made = json.loads((self.out / "dns.json").read_text("utf-8"))
        self.assertEqual(made["vectors"][0]["confirmed"][0], release)
        if release.startswith(golden("expect")[0] + "."):
            self.compare()


support.main()
