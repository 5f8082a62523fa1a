#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/readme: README.md and its picture are what it writes, and it complains
of each part that is not.

    readme.py GROVE
"""
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GROVE = Path(sys.argv.pop(1)).resolve()
READ = ("README.md", "ref/gro.svg", "tools/readme",
        "vectors/captures/iperf3-tcp4.pcap")


class Test(unittest.TestCase):
    def setUp(self):
        work = tempfile.TemporaryDirectory()
        self.addCleanup(work.cleanup)
        self.tree = Path(work.name)
        for name in READ:
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.tree / name)
        shutil.copytree(ROOT / "tools/scripts", self.tree / "tools/scripts",
                        ignore=shutil.ignore_patterns("__pycache__"))

    def run_it(self, *args, grove=GROVE):
        return subprocess.run([self.tree / "tools/readme", *args, grove],
                              capture_output=True, text=True, check=False,
                              timeout=60)

    def change(self, name, old, new):
        path = self.tree / name
        text = path.read_text("utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), "utf-8")

    def expect(self, status, words, done):
        self.assertEqual(done.returncode, status, done)
        self.assertIn(words, done.stdout + done.stderr)

    def test_the_tree_is_what_it_writes(self):
        self.expect(0, "", self.run_it("--check"))

    def test_a_difference_is_found_and_mended(self):
        before = {name: (self.tree / name).read_bytes() for name in READ[:2]}
        for name, old, new in (("README.md", "merged", "marged"),
                               ("ref/gro.svg", "data 1", "data 7")):
            self.change(name, old, new)
            self.expect(1, f"{name} is not what", self.run_it("--check"))
            self.expect(0, "", self.run_it())
            self.assertEqual((self.tree / name).read_bytes(), before[name])

    def test_an_error_is_one_line_and_changes_nothing(self):
        for name, old, new, words in (
                ("README.md", "explain: end", "explain: and", "restore them"),
                ("tools/readme", "FRAME = 21", "FRAME = 999", "no frame 999"),
                ("tools/readme", "tcp4.pcap", "tcp4.none", "tcp4.none")):
            self.change(name, old, new)
            before = (self.tree / "README.md").read_bytes()
            done = self.run_it()
            self.expect(2, words, done)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertEqual((self.tree / "README.md").read_bytes(), before)
            self.change(name, new, old)
        self.expect(2, "build it", self.run_it(grove=self.tree / "grove"))
        self.expect(2, "--help", self.run_it("--none"))

    def test_the_picture_is_whole(self):
        """It is XML, nothing in it lies outside, and it has dark colours."""
        text = (ROOT / "ref/gro.svg").read_text("utf-8")
        self.assertIn("prefers-color-scheme: dark", text)
        tree = xml.etree.ElementTree.fromstring(text)
        width = float(tree.get("width"))
        height = float(tree.get("height"))
        for element in tree:
            right = float(element.get("x", 0)) + float(element.get("width", 0))
            below = float(element.get("y", 0)) + float(element.get("height", 0))
            self.assertLess(right, width)
            self.assertLess(below, height)
        self.assertIn("(ref/gro.svg)", (ROOT / "README.md").read_text("utf-8"))


if __name__ == "__main__":
    unittest.main()
