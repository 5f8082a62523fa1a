#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Negative control of `grove diff` and `grove accumulate`: faults.py STEP DIR

The step `build` builds grove into DIR, without a fault and with each planted
fault that is for these commands. A fault whose finders name `accumulated` must
change an accumulated hash of 10,000 batches.

The step `compare` compares these programs with the kernel, and needs it alone.
It must find nothing in the sources as they are, and each fault within as many
batches as the tests run. Exit 1 is not enough, since that also means unused
rules.
"""

import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys

from scripts import command
from tests import planting

ACCUMULATED = (("--op=gro",), ("--op=gso",), ("--lossless",))
WITHOUT = "no-fault"


def hashes(program):
    """A hash of all accumulated answers of each kind."""
    return [hashlib.sha256(subprocess.run(
        [program, "accumulate", *options], check=True,
        stdout=subprocess.PIPE).stdout).digest() for options in ACCUMULATED]


def build(folder):
    """Builds all programs; the exit status."""
    with planting.copied("-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1",
                         "-DBUILD_TESTING=OFF", "-DGROVE_UNITY=OFF") as copy:
        copy.make("grove")
        right = hashes(shutil.copy(copy.build / "grove", folder / WITHOUT))

        def judge(fault):
            copy.make("grove", fault)
            program = shutil.copy(copy.build / "grove", folder / fault.name)
            if "accumulated" in fault.finders and hashes(program) == right:
                return "no accumulated hash changes"
            return ""
        return planting.control(("diff", "accumulated"), judge)


def difference(program, op):
    """The exit status of a comparison, and what it prints."""
    done = subprocess.run(
        [program, "diff", "--op", op, "--batches", "20000", "--seed", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    return done.returncode, done.stdout


def compare(folder):
    """Compares all programs with the kernel; the exit status."""
    for op in ("gro", "gso", "roundtrip"):
        status, output = difference(folder / WITHOUT, op)
        if status != 0:
            print(f"no fault, --op {op}: exit {status} instead of 0\n{output}")
            return status

    def judge(fault):
        for op in fault.found_by("diff"):
            status, output = difference(folder / fault.name, op)
            if status != 1 or "differs; shrunk to" not in output:
                return f"diff --op {op}: exit {status} instead of 1\n{output}"
        return ""
    return planting.control(("diff",), judge)


def main():
    parser = command.Parser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("step", choices=("build", "compare"))
    parser.add_argument("folder", type=pathlib.Path, metavar="DIR")
    options = parser.parse_args()
    if options.step == "build":
        options.folder.mkdir(parents=True, exist_ok=True)
        return build(options.folder)
    with command.advising("make it with the step build"):
        return compare(options.folder)


if __name__ == "__main__":
    sys.exit(command.run(main))
