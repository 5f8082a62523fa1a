#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove accumulate: the answers to COUNT batches have the hashes of
vectors/accumulated/SHA256SUMS.

    accumulated.py GROVE COUNT PROFILES [Reference|Kernel]

`Reference` asks the reference under the PROFILES, which are "all" or names with
commas between them; `Kernel` asks the running kernel.
"""

import hashlib
import os
import re
import subprocess
import sys
import unittest

import support

GROVE = support.program_argument()
COUNT = sys.argv.pop(1)
PROFILES = sys.argv.pop(1).split(",")
SUMS = support.ROOT / "vectors/accumulated/SHA256SUMS"


def published():
    """The hash of each name, for this number of batches."""
    lines = SUMS.read_text(encoding="ascii").splitlines()
    return {name.removesuffix(f"-{COUNT}"): digest
            for digest, name in map(str.split, lines)
            if name.endswith(f"-{COUNT}")}


def accumulate(*options):
    """The hash of what grove accumulate prints, which may be gigabytes."""
    digest = hashlib.sha256()
    with subprocess.Popen([GROVE, "accumulate", "--batches", COUNT, *options],
                          stdout=subprocess.PIPE) as process:
        while data := process.stdout.read(1 << 20):
            digest.update(data)
    assert process.returncode == 0, f"{options}: exit {process.returncode}"
    return digest.hexdigest()


class Accumulated(unittest.TestCase):
    def expect(self, sums, asked):
        """The options of each name give the hash in `sums`, and no name of
        `sums` is left out.
        """
        self.assertEqual(sorted(sums), sorted(asked))
        for name, options in asked.items():
            with self.subTest(name):
                self.assertEqual(accumulate(*options), sums[name])


class Reference(Accumulated):
    def test_hashes(self):
        sums = {name: digest for name, digest in published().items()
                if PROFILES == ["all"] or "inputs" in name
                or any(profile in name.split("-", 1)[1].split("-lossless")
                       for profile in PROFILES)}
        asked = {"gro-inputs": ["--inputs"],
                 "gso-inputs": ["--op", "gso", "--inputs"]}
        for name in sums:
            if match := re.fullmatch(r"gso-(linux-[\d.]+)", name):
                profile = match[1]
                options = ["--profile", profile]
                asked[f"gro-{profile}"] = options
                asked[f"gro-{profile}-lossless"] = [*options, "--lossless"]
                asked[f"gso-{profile}"] = ["--op", "gso", *options]
            elif match := re.fullmatch(r"layers-(linux-[\d.]+)(-lossless)?",
                                       name):
                asked[name] = ["--layers", "--profile", match[1],
                               *["--lossless"][:match[2] is not None]]
            elif name == "layers-inputs":
                asked[name] = ["--layers", "--inputs"]
        self.expect(sums, asked)


class Kernel(Accumulated):
    @classmethod
    def setUpClass(cls):
        support.require_kernel(GROVE)

    def test_hashes(self):
        series = "linux-" + ".".join(os.uname().release.split(".")[:2])
        asked = {f"gro-{series}": ["--kernel"],
                 f"gso-{series}": ["--op", "gso", "--kernel"]}
        sums = {name: digest for name, digest in published().items()
                if name in asked}
        self.expect(sums, asked)


support.main()
