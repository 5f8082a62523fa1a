#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove bench --worst: worst.py GROVE

The worst packets stay within their bounds. Control: half of a bound is found.
The loads that take longest are left out here.
"""

import json
import pathlib
import re
import shutil
import unittest

import support

GROVE = support.program_argument()
BENCH = (GROVE, "bench", "--worst")
QUICK = ("bytes", "collisions", "fragments", "segments")


class Worst(support.Test):
    def test_refusal(self):
        self.refuse("nothing: no such load; give one of", *BENCH, "nothing")

    @unittest.skipUnless(shutil.which("valgrind"),
                         "no valgrind: apt-get install valgrind")
    def test_bounds(self):
        rows = json.loads(self.run_well(*BENCH, "--json", *QUICK))
        self.assertEqual(list(QUICK), [row["load"] for row in rows])
        self.assertEqual([128, 128, 128, 65495],
                         [row["packets"] for row in rows])

    @unittest.skipUnless(shutil.which("valgrind"),
                         "no valgrind: apt-get install valgrind")
    def test_a_bound_that_is_too_low(self):
        """A copy of the tool beside the program, with a tenth of a bound."""
        build = pathlib.Path(GROVE).resolve().parent
        text = (support.TOOLS / "bench-worst").read_text(encoding="utf-8")
        tool = self.folder / "bench-worst"
        low = re.sub(r'("bytes": \("count_coalesce"), [\d_]+', r"\1, 100", text)
        self.assertNotEqual(text, low)
        tool.write_text(low, encoding="utf-8")
        tool.chmod(0o755)
        (self.folder / "scripts").symlink_to(support.TOOLS / "scripts")
        (self.folder / "grove-bench-attack").symlink_to(
            build / "grove-bench-attack")
        done = support.run(tool, "bytes", timeout=120)
        self.expect_status(1, done)
        self.assertRegex(done.stdout, r"(?m)^bytes .* 100$")


support.main()
