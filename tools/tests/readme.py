#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/readme: README.md and its picture are what it writes. It complains of
each part that differs, and writes it again.

    readme.py GROVE
"""

import xml.etree.ElementTree

import support
from support import replace

GROVE = support.program_argument()
README = "README.md"
PICTURE = "ref/gro.svg"
TOOL = "tools/readme"
REPORT = "tools/bench/report.json"
PARTS = (README, PICTURE, TOOL, REPORT, "tools/scripts",
         "vectors/captures/iperf3-tcp4.pcap")

# What differs, and a change that makes it differ.
DIFFERENCES = (
    (README, replace(README, "merged", "marged", 1)),
    (PICTURE, replace(PICTURE, "data 1", "data 7", 1)),
    (README, replace(README, "TCP, 1448 bytes, 1 flow",
                     "TCP, 1448 bytes, 2 flows", 1)),
    (README, replace(README, "at least 0.55", "at least 0.5", 1)),
)

# Words of the complaint, and the change that leads to it.
ERRORS = (
    ("restore them", replace(README, "explain: end", "explain: and")),
    ("bench: begin", replace(README, "bench: end", "bench: and")),
    ("not a report of grove bench; run `build/grove bench --json",
     replace(REPORT, "ns_per_packet", "ns", 1)),
    ("not a report of grove bench", replace(REPORT, "reached", "hit", 1)),
    ("goals: begin", replace(README, "goals: end", "goals: and")),
    ("no frame 999", replace(TOOL, "FRAME = 21", "FRAME = 999")),
    ("tcp4.none", replace(TOOL, "tcp4.pcap", "tcp4.none")),
)


class Readme(support.Test):
    def setUp(self):
        super().setUp()
        self.tree = support.Tree(self.folder / "tree", PARTS)
        self.tool = self.tree.root / TOOL

    def written(self):
        """What the tool writes, as it is now."""
        return [(self.tree.root / name).read_bytes()
                for name in (README, PICTURE)]

    def check(self):
        return support.run(self.tool, "--check", GROVE)

    def test_the_tree_is_what_it_writes(self):
        self.expect_status(0, self.check())

    def test_a_difference_is_found_and_mended(self):
        before = self.written()
        for name, edit in DIFFERENCES:
            with self.subTest(name):
                edit(self.tree)
                done = self.expect_status(1, self.check())
                self.assertIn(f"{name} is not what", done.stdout)
                self.run_well(self.tool, GROVE)
                self.assertEqual(self.written(), before)

    def test_an_error_changes_nothing(self):
        for words, edit in ERRORS:
            with self.subTest(words):
                edit(self.tree)
                before = self.written()
                self.refuse(words, self.tool, GROVE)
                self.assertEqual(self.written(), before)
                self.tree.restore()

    def test_wrong_usage(self):
        self.refuse("build it", self.tool, self.folder / "grove")
        self.refuse("--help", self.tool, "--none", GROVE)

    def test_the_picture(self):
        """It is XML, no box lies outside, and it has colours for dark mode."""
        text = (support.ROOT / PICTURE).read_text("utf-8")
        self.assertIn("prefers-color-scheme: dark", text)
        tree = xml.etree.ElementTree.fromstring(text)
        for element in tree:
            for place, size in (("x", "width"), ("y", "height")):
                end = sum(float(element.get(name, 0)) for name in (place, size))
                self.assertLess(end, float(tree.get(size)))
        self.assertIn(f"({PICTURE})",
                      (support.ROOT / README).read_text("utf-8"))


if __name__ == "__main__":
    support.main()
