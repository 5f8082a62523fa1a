#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove gen and grove explain: gen.py GROVE [Offline|Kernel]

Made again, the golden vectors are the same. Bad input is refused in one line,
and no file is written. `Kernel` makes the golden vectors by asking the running
kernel, `Offline` asks only the reference.
"""

import gzip
import json
import os
import re
import signal
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


# Makes vectors as the golden ones, without a kernel.
MODEL = ("--unconfirmed", "--profile", golden("expect")[0])


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


def ipv6(source, segment):
    """The segment, whose checksum is made right, to an address of zeros."""
    segment = segment[:16] + bytes(2) + segment[18:]
    check = checksum(source + struct.pack("!HH", 6, len(segment)) + segment)
    return (struct.pack("!IHBB", 6 << 28, len(segment), 6, 64) + source +
            bytes(16) + segment[:16] + struct.pack("!H", check) + segment[18:])


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


def left(segment):
    """The segment with the sum of its pseudo-header in place of the
    checksum, as a host leaves it to its NIC.
    """
    pseudo = struct.pack("!4B4BHH", 192, 0, 2, 1, 192, 0, 2, 2, 6,
                         len(segment))
    check = ~checksum(pseudo) & 0xffff
    return segment[:16] + struct.pack("!H", check) + segment[18:]


def layers(capture):
    """The options for the link and the tunnels of a capture's vectors."""
    path = GOLDEN / f"{capture.stem}.json"
    config = json.loads(path.read_text("utf-8"))["vectors"][0]["config"]
    options = []
    if "link" in config:
        options += ["--link", config["link"]]
    if "tunnels" in config:
        options += ["--tunnels", ",".join(config["tunnels"])]
    if "vnet_len" in config:
        options += ["--vnet-len", str(config["vnet_len"])]
    return options


class Gen(support.Test):
    def setUp(self):
        super().setUp()
        self.out = self.make_folder("out")

    def editcap(self, *words):
        self.run_well("editcap", "-F", "pcap", *words)

    def regenerate(self, *options):
        """Makes the golden vectors of all captures again. A kernel that cannot
        be asked all packets of one confirms nothing of it.
        """
        for capture in CAPTURES:
            words = (GROVE, "gen", *options, *layers(capture), capture, "-o",
                     self.out / f"{capture.stem}.json")
            done = support.run(*words)
            if "this kernel " in done.stderr:
                done = support.run(*words, *MODEL)
            self.expect_status(0, done)

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
                ("packed.pcap", gzip.compress(DNS.read_bytes()),
                 "byte 0: it is packed; read it by `zcat"),
                ("usb.pcap", None, "byte 0: link type 220"),
                ("none.pcap", None, "No such file")):
            with self.subTest(name):
                path = self.folder / name
                if data is not None:
                    path.write_bytes(data)
                elif name == "usb.pcap":
                    self.editcap("-T", "usb-linux-mmap", DNS, path)
                self.refuse(f"{name}: {words}", *UNCONFIRMED, path,
                            "-o", self.out / "x.json")
                self.refuse(f"{name}: {words}", GROVE, "explain", path)
                self.expect_empty(self.out)

    def test_bad_usage_of_gen(self):
        none = self.folder / "none/x.json"
        self.refuse("/none/x.json: ", *UNCONFIRMED, DNS, "-o", none)
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
        self.assertIn("  captured in part: 241; ", done.stderr)
        self.assertIn('"confirmed": ["model"]', out.read_text("utf-8"))

    def test_cut_captures(self):
        """All that is before the fault is told and made, then the fault."""
        for capture, size, frames, words in (
                (DNS, 1000, 7, "frame 8, byte 1000: truncated"),
                (SSH, 3000, 12, "frame 13, byte 3000: the file ends"),
                (LOSSY, 24 + 8, 0, "frame 1, byte 32: truncated")):
            with self.subTest(capture.name):
                path = self.folder / f"cut-{capture.name}"
                path.write_bytes(capture.read_bytes()[:size])
                done = support.run(GROVE, "explain", "--json", path)
                self.expect_one_line(1, f"{path}: {words}", done)
                lines = [json.loads(line) for line in done.stdout.splitlines()]
                self.assertEqual(lines[-1]["frames"], frames)
                self.expect_conservation(lines)
                self.make_of_cut(path, words, [
                    line["frame"] for line in lines
                    if line["type"] == "packet"])

    def make_of_cut(self, path, words, frames):
        """Makes vectors of the cut capture beside those of a whole one."""
        out = self.out / "x.json"
        if not frames:
            self.refuse(words, *UNCONFIRMED, path, DNS, "-o", out)
            self.expect_empty(self.out)
            return
        done = support.run(*UNCONFIRMED, path, DNS, "-o", out)
        self.expect_status(1, done)
        self.assertIn(f"{path}: {words}", done.stderr.splitlines()[-1])
        made = json.loads(out.read_text("utf-8"))["vectors"]
        numbers = [number for vector in made
                   for number in vector["source"]["packets"]
                   if vector["source"]["pcap"] == path.name]
        self.assertEqual(numbers, frames)
        self.assertEqual(made[-1]["source"]["pcap"], DNS.name)
        out.unlink()

    def test_names_of_captures(self):
        """Any name of a file gives a valid id."""
        names = {"Wi-Fi A&B.pcap": "wi-fi-a-b", "a+b  c.pcap": "a-b-c",
                 "wi-fi a b.pcap": "wi-fi-a-b-2", "\u00fc\u4e2d.pcap": "capture",
                 "x" * 200 + ".pcap": "x" * 64,
                 b"caf\xe9.pcap": "caf", ".pcap": ".pcap",
                 "v1.2_x.pcap": "v1.2_x", "new\nline.pcap": "new-line"}
        paths = []
        for name in names:
            path = os.path.join(os.fsencode(self.folder), os.fsencode(name))
            with open(path, "wb") as file:
                file.write(LOSSY.read_bytes()[:3000])
            paths.append(path)
        out = self.out / "My Vectors.json"
        done = support.run(*UNCONFIRMED, *paths, "-o", out, errors="replace")
        self.expect_status(1, done)
        content = json.loads(out.read_text("utf-8"))
        self.assertEqual(content["suite"], "my-vectors")
        self.assertEqual([vector["id"] for vector in content["vectors"]],
                         [f"{stem}-1" for stem in names.values()])
        self.run_well(GROVE, "check", out)
        self.run_well(GROVE, "format", "--check", out)

    def test_packed_vectors(self):
        """They are made one at a time, and are those of a plain file."""
        plain, packed = self.out / "x.json.json", self.out / "x.json.gz"
        for path in plain, packed:
            self.run_well(*UNCONFIRMED, LOSSY, "-o", path)
        self.assertEqual(gzip.decompress(packed.read_bytes()),
                         plain.read_bytes())

    def test_interrupted(self):
        """What is in a pipe at a signal is told, and the summary."""
        data = LOSSY.read_bytes()
        for number in signal.SIGINT, signal.SIGTERM:
            with self.subTest(number), subprocess.Popen(
                    [GROVE, "explain", "--json", "-"], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdin.write(data[:-100])
                process.stdin.flush()
                lines = [process.stdout.readline()]
                process.send_signal(number)
                # The pipe stays open: only the signal ends the program.
                lines += process.stdout.readlines()
                self.assertEqual(process.wait(60), 0)
                self.assertEqual(process.stderr.read(), b"")
                end = json.loads(lines[-1])
                self.assertEqual(end["type"], "end")
                self.assertEqual(end["frames"], 249)

    def test_headers(self):
        """Headers alone give the decisions of the whole packets."""
        path = self.folder / "snap.pcap"
        self.editcap("-s", "96", DOWNLOAD, path)
        whole = self.decisions("--csum=trusted", DOWNLOAD)
        self.assertEqual(self.decisions("--headers", path), whole)
        self.assertNotEqual(self.decisions(path), whole)
        said = self.run_well(GROVE, "explain", "--headers", path)
        self.assertRegex(said, r"(?m)^  decided by headers: \d+; no checksum")
        self.editcap("-s", "39", LOSSY, path)
        self.refuse("explain --headers", *UNCONFIRMED, path,
                    "-o", self.out / "x.json")
        self.expect_empty(self.out)

    def decisions(self, *words):
        """Verdict and rule of each packet."""
        said = self.run_well(GROVE, "explain", "--json", *words)
        lines = [json.loads(line) for line in said.splitlines()]
        return [(line["verdict"], line["rule"]) for line in lines
                if line["type"] == "packet"]

    def test_checksums_that_are_left(self):
        path = self.folder / "left.pcap"
        write_pcap(path, [ipv4(6, i, left(tcp(100 * i, bytes(100))))
                          for i in range(3)])
        for words in ((GROVE, "explain", path),
                      (*UNCONFIRMED, path, "-o", self.out / "x.json")):
            done = support.run(*words)
            self.expect_status(0, done)
            self.assertIn("checksums left to the hardware: 3; ",
                          done.stdout + done.stderr)
        self.assertEqual(self.decisions(path), [("passed", "GRO-TCP-001")] * 3)
        self.assertEqual(self.decisions("--csum=trusted", path),
                         [("held", None)] + [("merged", None)] * 2)

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

    @unittest.skipUnless(support.has_rights(), "only root can drop capabilities")
    def test_without_rights(self):
        self.refuse("the kernel cannot be asked", *support.without_rights(
            GROVE, "gen", DNS, "-o", self.out / "x.json"), status=77)

    def test_golden_vectors(self):
        self.regenerate(*MODEL)
        self.compare()

    def test_layers(self):
        """--csum and --link do not go together, and each frame has the link."""
        vlan = support.ROOT / "vectors/captures/tunnel-vlan.pcap"
        self.refuse("leave --link, --tunnels and --vnet-len out", GROVE, "gen",
                    "--csum", "trusted", "--link", "ethernet", vlan, "-o",
                    self.out / "x.json")
        self.refuse("frame 1: it has no Ethernet header; leave --link out",
                    *UNCONFIRMED, "--link", "ethernet", DNS, "-o",
                    self.out / "x.json")
        self.expect_empty(self.out)


class Kernel(Gen):
    @classmethod
    def setUpClass(cls):
        support.require_kernel(GROVE)

    def test_deviations(self):
        """The kernel coalesces TCP inside IPIP, and SPEC.md does not: K-2.
        Such packets are left out, and the others are used.
        """
        tunnel = [ipv4(4, i, ipv4(6, i, tcp(100 * i, bytes(100))))
                  for i in range(2)]
        plain = [ipv4(6, i, tcp(100 * i, bytes(100))) for i in range(3)]
        path = self.folder / "mixed.pcap"
        write_pcap(path, [plain[0], *tunnel, plain[1], bytes([0x45]) * 65576,
                          plain[2]])
        out = self.out / "x.json"
        done = support.run(GROVE, "gen", path, "-o", out)
        self.expect_status(0, done)
        self.assertIn("  3 left out, ", done.stderr)
        self.assertIn("  K-2 (SPEC.md, section 13): 2, the first in frame 2; ",
                      done.stderr)
        self.assertIn("  GRO-IN-002 (SPEC.md, section 13): 1, the first in "
                      "frame 5; ", done.stderr)
        vector, = json.loads(out.read_text("utf-8"))["vectors"]
        self.assertEqual(vector["source"]["packets"], [1, 4, 6])
        said = self.run_well(GROVE, "explain", path)
        self.assertEqual(said.count("; K-2 a kernel looks"), 2)
        write_pcap(path, tunnel)
        self.refuse("K-2", GROVE, "gen", path, "-o", self.out / "y.json")
        self.assertEqual([out], list(self.out.iterdir()))

    def test_a_difference(self):
        """K-1 of SPEC.md: the kernel takes a crafted IPv4 packet for one of an
        IPv6 flow. Nothing is written, although the first vector agreed.
        """
        path = self.folder / "difference.pcap"
        good = [ipv4(6, i, tcp(100 * i, bytes(100))) for i in range(64)]
        # The addresses of the IPv4 packet stand within that of the IPv6 one.
        source = bytes([0xfd, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 0, 0, 1])
        crafted = [ipv6(source, tcp(1 + 100 * i, bytes(100)))
                   for i in range(2)]
        crafted.insert(1, ipv4(6, 1, tcp(1, bytes(100))))
        write_pcap(path, good + crafted)
        done = support.run(GROVE, "gen", path, "-o", self.out / "x.json")
        self.expect_status(1, done)
        self.assertRegex(done.stderr, "(?m)^grove: difference-2, frames 65 to "
                         "67: .* differs")
        self.expect_empty(self.out)

    def test_checksums_that_are_left(self):
        """The kernel confirms them, with NEEDS_CSUM as the sender had it."""
        path = self.folder / "left.pcap"
        write_pcap(path, [ipv4(6, i, left(tcp(100 * i, bytes(100))))
                          for i in range(3)])
        out = self.out / "x.json"
        self.run_well(GROVE, "gen", "--csum", "trusted", path, "-o", out)
        vector, = json.loads(out.read_text("utf-8"))["vectors"]
        self.assertEqual(vector["input"][0]["vnet"], "01000000000014001000")
        answer = vector["expect"][golden("expect")[0]]
        self.assertEqual(answer["verdict"], ["held", "merged", "merged"])

    def test_golden_vectors(self):
        self.regenerate()
        release = "linux-" + re.match(r"[\d.]+", os.uname().release)[0]
        made = json.loads((self.out / "dns.json").read_text("utf-8"))
        self.assertEqual(made["vectors"][0]["confirmed"][0], release)
        if release.startswith(golden("expect")[0] + "."):
            self.compare()


support.main()
