#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Negative control of `grove diff`, `grove accumulate` and `grove check --level`:

    faults.py STEP DIR

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
import json
import pathlib
import shutil
import subprocess
import sys

from scripts import command, faults
from tests import planting

ACCUMULATED = (("--op=gro",), ("--op=gso",), ("--lossless",), ("--layers",),
               ("--layers", "--lossless"))
WITHOUT = "no-fault"


def hashes(program):
    """A hash of all accumulated answers of each kind."""
    return [hashlib.sha256(subprocess.run(
        [program, "accumulate", *options], check=True,
        stdout=subprocess.PIPE).stdout).digest() for options in ACCUMULATED]


def harms(program, judging):
    """The kinds of harm that a program does, as another one judges them."""
    done = subprocess.run(
        [judging, "check", "--exec", f"'{program}' adapter", "--level", "safe",
         "--profile", "linux-6.18", "--timeout", "1000", "--json",
         faults.ROOT / "vectors/rules"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=False)
    kinds = json.loads(done.stdout)["kinds"]
    return tuple(kind for kind, count in kinds.items() if count)


def why_missed(fault, program, folder, right):
    """Why the finders that need no kernel miss a fault, or ""."""
    if "accumulated" in fault.finders and hashes(program) == right:
        return "no accumulated hash changes"
    kinds = fault.found_by("judge")
    found = harms(program, folder / WITHOUT) if kinds else ()
    if found != kinds:
        return f"judged as {found} and not {kinds}"
    return ""


def build(folder):
    """Builds all programs; the exit status."""
    with planting.copied("-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1",
                         "-DBUILD_TESTING=OFF", "-DGROVE_UNITY=OFF") as copy:
        copy.make("grove")
        right = hashes(shutil.copy(copy.build / "grove", folder / WITHOUT))

        def judge(fault):
            copy.make("grove", fault)
            program = shutil.copy(copy.build / "grove", folder / fault.name)
            return why_missed(fault, program, folder, right)
        return planting.control(("diff", "judge", "accumulated"), judge)


# What `grove diff` compares, by the names of its finders.
SHAPES = {**{op: ("--op", op) for op in ("gro", "gso", "roundtrip")},
          "gro-12": ("--op", "gro", "--vnet-len", "12"),
          "gso-12": ("--op", "gso", "--vnet-len", "12"),
          "gro-big": ("--max-bytes", "131072"),
          "gro-list": ("--op", "gro", "--fraglist"),
          "gro-hash": ("--op", "gro", "--hash"),
          "tunnels": ("--tunnels", "ipip,gre,vxlan:4789,vxlan-gpe:4790"),
          **{f"{op}-tunnel": ("--op", op, "--link", "ethernet", "--vnet-len",
                              "24", "--tunnels", "vxlan:4789")
             for op in ("gso", "roundtrip")}}


def difference(program, shape):
    """The exit status of a comparison, and what it prints."""
    done = subprocess.run(
        [program, "diff", *SHAPES[shape], "--batches", "20000", "--seed", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    return done.returncode, done.stdout


def compare(folder):
    """Compares all programs with the kernel; the exit status."""
    for shape in SHAPES:
        status, output = difference(folder / WITHOUT, shape)
        if status != 0:
            print(f"no fault, {shape}: exit {status} instead of 0\n{output}")
            return status

    def judge(fault):
        for shape in fault.found_by("diff"):
            status, output = difference(folder / fault.name, shape)
            if status != 1 or "differs; shrunk to" not in output:
                return f"diff {shape}: exit {status} instead of 1\n{output}"
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
