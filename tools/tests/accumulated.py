#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove accumulate: the answers to COUNT batches have the hashes of
vectors/accumulated/SHA256SUMS.

    accumulated.py GROVE COUNT PROFILES [Reference|Kernel]

`Reference` asks the reference under the PROFILES, which are "all" or names with
commas between them; `Kernel` asks the running kernel.
"""

import hashlib
import json
import os
import subprocess
import sys
import unittest

import support

GROVE = support.program_argument()
COUNT = sys.argv.pop(1)
PROFILES = sys.argv.pop(1).split(",")
SUMS = support.ROOT / "vectors/accumulated/SHA256SUMS"
LAYERED = "10000"
TELL_OF_TUNNELS = ("linux-6.18", "linux-7.2")


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


def profiles():
    """The names that the reference has, of which PROFILES chooses some."""
    hello = json.dumps({"cmd": "hello", "protocol": 1})
    done = subprocess.run([GROVE, "adapter"], input=hello + "\n", text=True,
                          check=True, stdout=subprocess.PIPE)
    names = json.loads(done.stdout)["profiles"]
    return names if PROFILES == ["all"] else PROFILES


def layered(names):
    """What is published of the batches with layers: 10,000 of them, and in
    lossless mode where a header of 24 bytes tells of tunnels.
    """
    asked = {"layers-inputs": ["--layers", "--inputs"]}
    for name in names:
        asked[f"layers-{name}"] = ["--layers", "--profile", name]
        if name in TELL_OF_TUNNELS:
            asked[f"layers-{name}-lossless"] = [
                "--layers", "--profile", name, "--lossless"]
    return asked if COUNT == LAYERED else {}


def asked_of(names):
    """The options that give each published hash of these profiles."""
    asked = {"gro-inputs": ["--inputs"],
             "gso-inputs": ["--op", "gso", "--inputs"]}
    for name in names:
        options = ["--profile", name]
        asked[f"gro-{name}"] = options
        asked[f"gro-{name}-lossless"] = [*options, "--lossless"]
        asked[f"gso-{name}"] = ["--op", "gso", *options]
    return asked | layered(names)


class Reference(unittest.TestCase):
    def test_hashes(self):
        sums = published()
        asked = asked_of(profiles())
        if PROFILES == ["all"]:
            self.assertEqual(sorted(sums), sorted(asked))
        for name, options in asked.items():
            with self.subTest(name):
                self.assertEqual(accumulate(*options), sums.get(name))


class Kernel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.require_kernel(GROVE)

    def test_hashes(self):
        series = "linux-" + ".".join(os.uname().release.split(".")[:2])
        asked = {f"gro-{series}": ["--kernel"],
                 f"gso-{series}": ["--op", "gso", "--kernel"]}
        sums = published()
        for name, options in asked.items():
            with self.subTest(name):
                self.assertEqual(accumulate(*options), sums[name])


support.main()
