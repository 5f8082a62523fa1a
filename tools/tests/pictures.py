#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove explain --html and --pcapng: pictures.py GROVE CLASS...

Chromium shows the page of a capture, which loads nothing, has the numbers of
`grove explain --json`, and shows a packet's headers, rule and SPEC's sentence
after a click or a key. tshark reads the packets with their comments, and the
super-packets. What cannot be written is one line, and leaves nothing behind.
"""

import base64
import json
import re
import shutil
import struct
import unittest
from collections import Counter

import support
from scripts import browser

GROVE = support.program_argument()
CAPTURES = support.ROOT / "vectors/captures"
LOSSY = CAPTURES / "lossy-tcp4.pcap"
PAGE = support.ROOT / "tools/grove/explain.html"
MANY = 100000
MOST = 250000
PATIENCE = 120


def explained(capture, *options):
    """What --json says: packets and outputs."""
    said = support.run(GROVE, "explain", "--json", *options, capture,
                       timeout=PATIENCE).stdout
    lines = [json.loads(line) for line in said.splitlines()]
    return ([line for line in lines if line["type"] == "packet"],
            [line for line in lines if line["type"] == "output"])


def supers(outputs):
    return [output for output in outputs if len(output["frames"]) > 1]


def became(capture):
    """How many packets merged, left as they came, passed, were rejected."""
    packets, outputs = explained(capture)
    merged = {frame for output in supers(outputs) for frame in output["frames"]}
    kinds = Counter("merged" if packet["frame"] in merged
                    else packet["verdict"] for packet in packets)
    return [kinds["merged"], kinds["held"], kinds["passed"], kinds["rejected"]]


def sentence(rule):
    """What SPEC.md's table says of a rule."""
    spec = (support.ROOT / "SPEC.md").read_text(encoding="utf-8")
    return re.search(rf"^\| \*\*{rule}\*\* \| (.*?) \|", spec, re.M)[1]


def pcap_header(link):
    return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link)


def pcap_of(count, flows):
    """A capture of UDP packets of IPv4 without checksums, so all pass."""
    records = [pcap_header(101)]
    for i in range(count):
        packet = struct.pack("!BBHHHBBHII", 0x45, 0, 32, i & 0xffff, 0, 64, 17,
                             0, 0x0a000001, 0x0a000002)
        packet += struct.pack("!HHHH4s", 1000 + i * 7 % flows, 53, 12, 0,
                              b"data")
        records.append(struct.pack("<IIII", 1700000000 + i // 1000,
                                   i % 1000 * 1000, len(packet), len(packet))
                       + packet)
    return b"".join(records)


def mixed(link=1):
    """A capture of ARP, TCP of IPv4, one frame of it cut, and LLDP."""
    data = LOSSY.read_bytes()
    records, at = [], 24
    while len(records) < 40:
        *time, size, _ = struct.unpack_from("<IIII", data, at)
        records.append((time, data[at + 16:at + 16 + size]))
        at += 16 + size
    frames = [(time, bytes(12) + b"\x08\0" + packet, 0)
              for time, packet in records]
    for place, kind in (40, 0x88cc), (25, 0x0806), (24, 0x0806), (0, 0x0806):
        frame = b"\xff" * 12 + struct.pack("!H", kind) + bytes(46)
        frames.insert(place, (records[min(place, 39)][0], frame, 0))
    frames[30] = (frames[30][0], frames[30][1][:40], len(frames[30][1]) - 40)
    return pcap_header(link) + b"".join(
        struct.pack("<IIII", *time, len(frame), len(frame) + cut) + frame
        for time, frame, cut in frames)


def luminance(colour):
    """The relative luminance of "#rrggbb", as WCAG 2.1 defines it."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.03928
             else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Written(support.Test):
    """The files as such."""

    def test_bad_capture(self):
        """Nothing is written, and what was there stays."""
        cut = self.folder / "cut.pcap"
        cut.write_bytes(b"not a capture")
        for option in "--html", "--pcapng":
            old = self.folder / "old"
            old.write_text("old", encoding="utf-8")
            done = support.run(GROVE, "explain", option, old, cut)
            self.expect_one_line(2, str(cut), done)
            self.assertEqual(old.read_text("utf-8"), "old")
            self.assertEqual({path.name for path in self.folder.iterdir()},
                             {"cut.pcap", "old"})

    def test_cut_capture(self):
        """What is before the damage is written."""
        cut = self.folder / "cut.pcap"
        cut.write_bytes(LOSSY.read_bytes()[:-700])
        for option in "--html", "--pcapng":
            made = self.folder / "made"
            self.expect_one_line(1, str(cut), support.run(
                GROVE, "explain", option, made, cut))
            self.assertGreater(made.stat().st_size, 1000)
            made.unlink()

    def test_most(self):
        """The picture has so many packets, and the counts have all."""
        path = self.folder / "most.pcap"
        path.write_bytes(pcap_of(MOST + 100, 3))
        page = self.folder / "page.html"
        self.run_well(GROVE, "explain", "--html", page, path)
        data = json.loads(re.search(
            r'<script id="data"[^>]*>(.*?)</script>',
            page.read_text("ascii", errors="replace"), re.S)[1])
        self.assertEqual(data["packets"], MOST + 100)
        self.assertEqual(len(base64.b64decode(data["frame"])), 4 * MOST)

    def test_no_place(self):
        for option in "--html", "--pcapng":
            self.refuse("name a place that can be written", GROVE, "explain",
                        option, self.folder / "none/page", LOSSY)
            self.refuse("give it a place with room", GROVE, "explain", option,
                        "/dev/full", LOSSY)

    def test_one_of_them(self):
        self.refuse("give one of them", GROVE, "explain", "--html", "a",
                    "--pcapng", "b", LOSSY)
        self.refuse("give one of them", GROVE, "explain", "--json", "--html",
                    "a", LOSSY)
        self.expect_empty(self.folder)

    def test_contrast(self):
        """Text has a contrast of 4.5, signs of 3, in light and in dark."""
        text = PAGE.read_text(encoding="utf-8")
        schemes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
                   for block in re.findall(r":root \{(.*?)\}", text, re.S)]
        self.assertEqual(len(schemes), 2)
        for scheme in schemes:
            for name in "text", "muted", "accent":
                for ground in "page", "panel":
                    self.assertGreaterEqual(
                        contrast(scheme[name], scheme[ground]), 4.5)
            for name in "merged", "alone", "passed", "rejected":
                for ground in "page", "bar", "band":
                    self.assertGreaterEqual(
                        contrast(scheme[name], scheme[ground]), 3, name)

    def test_contrast_control(self):
        self.assertAlmostEqual(contrast("#ffffff", "#000000"), 21)
        self.assertLess(contrast("#999999", "#ffffff"), 3)


@unittest.skipIf(browser.PROGRAM is None, "there is no chromium; as root: "
                 "tools/packages chromium-headless-shell")
class Page(support.Test):
    """The page in a browser."""

    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(browser.Browser())

    def page_of(self, capture):
        page = self.folder / "page.html"
        self.assertEqual(self.run_well(GROVE, "explain", "--html", page,
                                       capture, timeout=PATIENCE), "")
        return page

    def open(self, capture, fragment=""):
        self.browser.open(self.page_of(capture), fragment)

    def detail(self):
        return self.browser.value("byId('detail').innerText")

    def test_numbers(self):
        """The page counts what --json counts."""
        for name in "lossy-tcp4.pcap", "dns.pcap", "http-vlan.pcap":
            with self.subTest(name):
                self.open(CAPTURES / name)
                packets, _ = explained(CAPTURES / name)
                self.assertEqual(self.browser.value(
                    "classes.map((_, kind) => "
                    "became.filter(each => each === kind).length)"),
                    became(CAPTURES / name))
                rules = Counter(packet["rule"] for packet in packets
                                if packet["rule"])
                self.assertEqual(dict(self.browser.value(
                    "[...document.querySelectorAll('#why tr')].slice(1).map("
                    "row => [row.cells[0].innerText, "
                    "Number(row.cells[1].innerText)])")), dict(rules))

    def test_supers(self):
        """The bars are the outputs of more than one packet."""
        self.open(LOSSY)
        _, outputs = explained(LOSSY)
        self.assertEqual(self.browser.value(
            "ofOutput.filter(list => list.length > 1)"
            ".map(list => list.map(i => packets.frame[i]))"),
            [output["frames"] for output in supers(outputs)])

    def test_loads_nothing(self):
        self.open(LOSSY)
        self.assertEqual([event["request"]["url"].split("#")[0] for event in
                          self.browser.named("Network.requestWillBeSent")],
                         [(self.folder / "page.html").as_uri()])
        self.assertEqual(self.browser.named("Runtime.exceptionThrown"), [])
        self.assertEqual(self.browser.named("Log.entryAdded"), [])

    def test_loads_nothing_control(self):
        """The test would notice a picture from elsewhere."""
        page = self.page_of(LOSSY)
        page.write_text(page.read_text("utf-8").replace(
            "<main>", '<main><img src="http://localhost:9/x.png">'), "utf-8")
        self.browser.open(page)
        self.browser.value("1")
        self.assertNotEqual(self.browser.named("Log.entryAdded"), [])

    def expect_detail(self, packet):
        """The panel tells of this packet."""
        said = self.detail()
        self.assertIn(f"Frame {packet['frame']}:", said)
        self.assertIn(f"{packet['len']} bytes", said)
        self.assertIn(str(packet["sequence"]), said)
        if packet["rule"]:
            self.assertIn(packet["rule"], said)
            self.assertIn(sentence(packet["rule"]).replace("`", ""), said)

    def test_click(self):
        self.open(LOSSY)
        packets, _ = explained(LOSSY)
        refused = next(packet for packet in packets
                       if packet["rule"] == "GRO-TCP-011")
        x, y = self.browser.value(f"""(() => {{
            const i = packets.frame.indexOf({refused['frame']});
            zoom(1e-9, packets.time[i]); draw();
            const box = canvas.getBoundingClientRect();
            return [box.left + xOf(packets.time[i]),
                    box.top + AXIS + packets.flow[i] * ROW + ROW / 2]; }})()""")
        self.browser.click(x, y)
        self.expect_detail(refused)

    def test_keys(self):
        """Arrow keys go through the packets of a flow."""
        packets, _ = explained(LOSSY)
        flow = [packet for packet in packets
                if packet["from"] == packets[0]["from"]]
        self.open(LOSSY, f"#frame={flow[0]['frame']}")
        self.browser.value("canvas.focus()")
        for packet in flow[1:4]:
            self.browser.press("ArrowRight")
            self.expect_detail(packet)
        self.browser.press("ArrowLeft")
        self.expect_detail(flow[2])

    def test_names(self):
        """The name of a file is text, whatever it is."""
        name = "<!--<script><b id=x>\"'\\ü \n.pcap"
        shutil.copy(LOSSY, self.folder / name)
        self.open(self.folder / name)
        self.assertIsNone(self.browser.value("byId('x')"))
        self.assertIn("<b id=x>\"'\\", self.browser.value(
            "byId('name').textContent"))

    def test_empty(self):
        """A capture without packets."""
        path = self.folder / "empty.pcap"
        path.write_bytes(pcap_of(0, 1))
        self.open(path)
        self.assertEqual(self.browser.named("Runtime.exceptionThrown"), [])
        self.assertIn("0", self.browser.value("byId('tiles').innerText"))

    def test_many(self):
        """All packets of a large capture are there, and drawn."""
        path = self.folder / "many.pcap"
        for flows in 300, 60000:
            path.write_bytes(pcap_of(MANY, flows))
            self.open(path)
            self.assertEqual(self.browser.value("[count, data.flows.length]"),
                             [MANY, flows])
            ready = self.browser.value(
                "document.documentElement.dataset.ready")
            print(f"{MANY} packets, {flows} flows: ready after {ready} ms")
            self.browser.value("select(count - 1)")
            self.assertIn(f"Frame {MANY}:", self.detail())

    def test_schemes(self):
        """Light and dark differ where nothing is drawn."""
        self.open(LOSSY)
        seen = []
        for dark in False, True:
            self.browser.dark(dark)
            seen.append(self.browser.wait_for(
                f"Array.from(context.getImageData(2, 2, 1, 1).data)[0] "
                f"{'<' if dark else '>'} 128"))
        self.assertEqual(seen, [True, True])


@unittest.skipIf(shutil.which("tshark") is None, "there is no tshark")
class Pcapng(support.Test):
    """The packets with comments."""

    def read(self, capture, *names):
        """These fields of each frame, by tshark."""
        done = support.run("tshark", "-r", capture, "-T", "fields",
                           *(word for name in names for word in ("-e", name)),
                           timeout=PATIENCE)
        self.expect_status(0, done)
        self.assertNotIn("cut short", done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def fields(self, capture, *names):
        """These fields of what --pcapng makes of a capture."""
        made = self.folder / "made.pcapng"
        self.assertEqual(self.run_well(GROVE, "explain", "--pcapng", made,
                                       capture, timeout=PATIENCE), "")
        return self.read(made, *names)

    def test_left_out(self):
        """Frames without a packet are there, with the reason. An interface of
        which grove knows nothing, and one of which it does, take turns."""
        user, other, both = (self.folder / name for name in (
            "user.pcap", "other.pcap", "both.pcapng"))
        user.write_bytes(mixed(link=147))
        other.write_bytes(mixed())
        self.run_well("mergecap", "-w", both, user, other)
        reasons = [re.findall("left out; (.*)", comment)
                   for comment in self.check_comments(both)]
        unknown = ["grove does not know its link type"]
        self.assertEqual(reasons.count(unknown), 44)
        not_ip = ["it is not IP, so GRO does not look at it"]
        wanted = [[]] * 44
        wanted[0] = wanted[25] = wanted[27] = wanted[43] = not_ip
        wanted[30] = ["its end was not captured, so no checksum can be "
                      "verified"]
        self.assertEqual([reason for reason in reasons if reason != unknown],
                         wanted)

    def test_many_interfaces(self):
        """More of them, and of their link types, than grove tells apart."""
        def block(kind, body):
            size = struct.pack("<I", 12 + len(body))
            return struct.pack("<I", kind) + size + body + size

        path = self.folder / "many.pcapng"
        frame = b"\xff" * 12 + b"\x08\x06" + bytes(46)
        path.write_bytes(
            block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
            + b"".join(block(1, struct.pack("<HHI", link, 0, 0))
                       for link in range(1000, 1700))
            + b"".join(block(6, struct.pack("<5I", number, 0, number, 60, 60)
                             + frame) for number in range(700)))
        comments = [row[0] for row in self.fields(path, "frame.comment")]
        self.assertEqual(comments, [
            f"frame {number}: left out; grove does not know its link type"
            for number in range(1, 701)])

    def test_only_left_out(self):
        """More of them than wait at a time."""
        path = self.folder / "arp.pcap"
        frame = b"\xff" * 12 + b"\x08\x06" + bytes(1000)
        path.write_bytes(pcap_header(1) + b"".join(
            struct.pack("<IIII", number, 0, len(frame), len(frame)) + frame
            for number in range(3000)))
        comments = [row[0] for row in self.fields(path, "frame.comment")]
        self.assertEqual(
            [comment.partition(";")[0] for comment in comments],
            [f"frame {number}: left out" for number in range(1, 3001)])

    def test_comments(self):
        both = self.folder / "both.pcapng"
        self.run_well("mergecap", "-w", both, CAPTURES / "http-vlan.pcap",
                      CAPTURES / "iperf3-tcp6.pcap")
        for capture in (*(CAPTURES / name for name in (
                "lossy-tcp4.pcap", "iperf3-udp6.pcapng", "dns.pcap",
                "http-vlan.pcap")), both):
            with self.subTest(capture.name):
                self.check_comments(capture)

    def check_comments(self, capture):
        """Returns the comments."""
        packets, outputs = explained(capture)
        merged = {frame: output["frames"] for output in supers(outputs)
                  for frame in output["frames"]}
        same = "frame.time_epoch", "frame.len", "frame.protocols"
        original = self.read(capture, *same)
        read = [row[1:] for row in self.fields(
            capture, "frame.interface_name", *same, "frame.comment")
            if row[0] != "super-packets"]
        told = {packet["frame"]: packet for packet in packets}
        self.assertEqual(len(read), len(original))
        for number, (frame, (*same, comment)) in enumerate(
                zip(original, read, strict=True), 1):
            self.assertEqual(same, frame)
            if number not in told:
                self.assertTrue(comment.startswith(
                    f"frame {number}: left out; "), comment)
                continue
            packet = told[number]
            self.assertTrue(comment.startswith(
                f"frame {number}: {packet['verdict']}"), comment)
            self.assertEqual(packet["rule"] or "", "".join(
                re.findall(r"; ((?:GRO|VNET|GSO)-[\w-]+)", comment)))
            frames = merged.get(packet["frame"])
            self.assertEqual(frames is not None,
                             "in the super-packet" in comment)
            if frames:
                self.assertIn(f"frames {frames[0]} to {frames[-1]}", comment)
        return [row[-1] for row in read]

    def test_supers(self):
        for name in "lossy-tcp4.pcap", "iperf3-udp6.pcapng":
            with self.subTest(name):
                packets, outputs = explained(CAPTURES / name)
                payload = {packet["frame"]: packet["payload"]
                           for packet in packets}
                read = [row[1:] for row in self.fields(
                    CAPTURES / name, "frame.interface_id", "frame.len",
                    "tcp.len", "udp.length", "frame.comment") if row[0] == "1"]
                wanted = [[output["len"], sum(map(payload.get,
                                                  output["frames"]))]
                          for output in supers(outputs)]
                self.assertEqual([[int(row[0]), int(row[1] or int(row[2]) - 8)]
                                  for row in read], wanted)
                for output, row in zip(supers(outputs), read, strict=True):
                    self.assertIn(f"gso_size {output['gso_size']}; "
                                  f"left: {output['rule']}", row[3])


if __name__ == "__main__":
    support.main()
