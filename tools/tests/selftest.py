#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/kernels selftest: the file that it writes, and that it finds a wrong
answer of the running kernel.
"""

import re
import unittest

import support

SELFTEST = [support.TOOLS / "kernels", "selftest", "-o"]
FLAGS = ["-O2", "-Wall", "-Wextra", "-Werror"]


class Selftest(support.Test):
    @classmethod
    def setUpClass(cls):
        source = support.scratch(cls.addClassCleanup) / "gro_tun.c"
        support.run(*SELFTEST, source)
        cls.text = source.read_text()

    def build(self, text):
        """Builds a program from the text and returns its path."""
        program = self.folder / "gro_tun"
        self.run_well("gcc", *FLAGS, "-o", program,
                      self.write("gro_tun.c", text))
        return program

    def test_file(self):
        """It is always the same, and short enough for a review."""
        again = self.folder / "again.c"
        self.run_well(*SELFTEST, again)
        self.assertEqual(again.read_text(), self.text)
        self.assertLess(self.text.count("\n"), 1000)
        self.assertRegex(self.text, r"^// SPDX-License-Identifier: GPL-2\.0 ")
        self.assertNotIn("@", self.text)

    def test_no_file(self):
        self.refuse("none/x.c: No such file or directory; make room",
                    *SELFTEST, self.folder / "none/x.c")

    def test_no_rights(self):
        done = support.run(*support.without_rights(self.build(self.text)))
        self.expect_status(4, done)
        self.assertRegex(done.stdout, r"1\.\.0 # SKIP new namespaces")

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_kernel(self):
        program = self.build(self.text)
        for _ in range(10):
            lines = self.run_well(program).splitlines()
            self.assertEqual(lines[0], "KTAP version 1")
            self.assertEqual(lines[1], f"1..{len(lines) - 2}")
            self.assertGreater(len(lines), 40)
            for number, line in enumerate(lines[2:], 1):
                self.assertTrue(line.startswith(f"ok {number} "), line)

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_planted_mistakes(self):
        """Another byte, another header, one output more, and one less."""
        last = self.text.rindex("\t}, {\n")
        head, tail = self.text[:last], self.text[last:]
        packet = re.search(r"\t\t\{.*?\" \},\n", tail, re.S)[0]
        for wrong in (re.sub(r"[0-9a-f](?=\" \},)", "x", packet),
                      packet.replace("NONE", "VALID") if "NONE" in packet
                      else re.sub(r'\{ ("\w+"|VALID)', "{ NONE", packet),
                      packet + packet, ""):
            self.assertNotEqual(wrong, packet)
            program = self.build(head + tail.replace(packet, wrong, 1))
            done = self.expect_status(1, support.run(program))
            failed = re.findall(r"(?m)^not ok .*$", done.stdout)
            self.assertEqual(len(failed), 1, done.stdout)
            self.assertIn(head.rpartition('\t{ "')[2].partition('"')[0],
                          failed[0])


if __name__ == "__main__":
    support.main()
