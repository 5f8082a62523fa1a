#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove bench --instructions: instructions.py GROVE

The library runs no more instructions than that of the last release. A function
that a planted fault makes slow is found and named.
"""

import json
import os
import shutil
import unittest

import support
from scripts import faults
from tests import planting

GROVE = support.program_argument()
STORED = support.TOOLS / "bench/instructions.json"
BENCH = (GROVE, "bench", "--instructions")


@unittest.skipUnless(shutil.which("valgrind"),
                     "no valgrind: apt-get install valgrind")
class Count(support.Test):
    def compared(self, *command):
        """The exit status of a comparison that is possible, and the output."""
        done = support.run(*command, timeout=120)
        if done.returncode == support.SKIPPED:
            self.expect_one_line(support.SKIPPED, "SKIP: the numbers are of",
                                 done)
            self.skipTest(done.stderr.strip())
        return done

    def test_last_release(self):
        self.expect_status(0, self.compared(*BENCH, "--compare"))

    def test_a_slow_function_is_named(self):
        [fault] = [fault for fault in faults.planted()
                   if fault.found_by("instructions")]
        with planting.copied("-DCMAKE_BUILD_TYPE=Release",
                             "-DBUILD_TESTING=OFF") as copy:
            copy.make("grove-bench-count", fault)
            done = self.compared(copy.build / "grove-bench-instructions",
                                 "--compare")
            self.expect_status(1, done)
            self.assertRegex(done.stdout,
                             r"(?m)^split tcp: over 2 % more: .*prepare \+")

    def test_the_same_twice(self):
        first, second = (json.loads(self.run_well(*BENCH, "--json"))
                         for _ in range(2))
        self.assertEqual(first, second)
        self.assertGreater(len(first["instructions"]["split tcp"]), 3)
        self.assertIn(first["compiler"], self.run_well(*BENCH))

    def test_another_compiler(self):
        stored = json.loads(STORED.read_text(encoding="utf-8"))
        stored["compiler"] = "gcc 1.0"
        path = self.write("other.json", json.dumps(stored))
        done = support.run(*BENCH, "--compare", path)
        self.expect_one_line(support.SKIPPED, "SKIP: the numbers are of "
                             "compiler gcc 1.0, and this is ", done)


class Refusals(support.Test):
    def test_bad_files(self):
        self.refuse("none.json: No such file or directory; run it with "
                    "--update", *BENCH, "--compare", self.folder / "none.json")
        for text in "{", "[]", "{}":
            self.refuse("not what --update writes", *BENCH, "--compare",
                        self.write("bad.json", text))

    def test_no_valgrind(self):
        self.refuse("no valgrind; apt-get install valgrind", *BENCH,
                    env={**os.environ, "PATH": self.path_of("python3")})

    def path_of(self, program):
        """A folder with this program alone."""
        (self.folder / program).symlink_to(shutil.which(program))
        return str(self.folder)


support.main()
