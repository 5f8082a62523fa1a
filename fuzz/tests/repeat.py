#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""fuzz/run --seed makes the same run again, and --temporary prints what it
finds: repeat.py GROVE
"""

import base64
import subprocess
import unittest

from tests import support

GROVE = support.program_argument()
RUN = support.ROOT / "fuzz/run"
TEMPORARY = support.ROOT / "build-fuzz/temporary"

# An adapter whose answers have one other byte.
WRONG = f"sh -c '{GROVE} adapter | sed -u s/00/01/3'"


def same_addresses():
    """Whether programs can be started at the same addresses each time."""
    return subprocess.run(("setarch", "-R", "true"), check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


class Repeat(support.Test):
    def inputs_of(self, seed):
        """The names of the inputs that a run keeps."""
        self.run_well(RUN, "checksum", "--temporary", "--runs", "3000",
                      "--seed", str(seed))
        return {path.name for path in (TEMPORARY / "checksum/corpus").iterdir()}

    @unittest.skipUnless(same_addresses(), "setarch -R is not allowed here")
    def test_seed(self):
        first = self.inputs_of(7)
        self.assertEqual(first, self.inputs_of(7))
        self.assertNotEqual(first, self.inputs_of(8))

    def test_no_seed(self):
        self.refuse("0: give a whole number over 0", RUN, "checksum",
                    "--seed", "0")

    def test_finding(self):
        done = support.run(RUN, "diff_exec", "--temporary", "--runs", "200",
                           env=support.environment(GROVE_FUZZ_EXEC=WRONG))
        self.expect_status(1, done)
        name, text = done.stdout.splitlines()[0].split(": base64 ")
        found = TEMPORARY / "diff_exec/findings" / name
        self.assertEqual(base64.b64decode(text), found.read_bytes())


support.main()
