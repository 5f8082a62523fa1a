#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Negative control of the unit tests on a processor: processor.py KIND PRESET

KIND is `endian`, `neon` or `avx512`. Each fault that has a finder of this kind
is a mistake on such a processor only, and makes the unit test fail that it is
for. The preset builds for the processor. If it is for another architecture, its
build folder has the system's libraries.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

from scripts import command, faults
from tests import planting

TEST_FAILED = 8  # exit status of ctest


def status_of(copy, test, fault=None):
    """Builds and runs a unit test: the exit status, and what ctest prints."""
    copy.make(test, fault)
    name = test.removeprefix("test_")
    done = subprocess.run(
        ["ctest", "--test-dir", copy.build, "--tests-regex", f"unit.{name}$",
         "--no-tests=error", "--output-on-failure"], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def make_copy(folder, preset):
    """A copy of the sources that is built as the preset says."""
    tree = planting.tree_in(folder)
    sysroot = pathlib.Path(f"build-{preset}") / "sysroot"
    if (faults.ROOT / sysroot).exists():
        (tree / sysroot).parent.mkdir(parents=True)
        (tree / sysroot).symlink_to(faults.ROOT / sysroot)
    else:
        tree.mkdir()
    shutil.copy(faults.ROOT / "CMakePresets.json", tree)
    return planting.Copy(folder, "--preset", preset, "-DGROVE_TOOLS=OFF",
                         "-DGROVE_FUZZ=OFF")


def has(kind):
    """Whether the tests run on a processor of this kind."""
    if kind != "avx512":
        return True  # an emulator is one
    with open("/proc/cpuinfo", encoding="ascii") as file:
        return {"avx512_vbmi2", "avx512_vnni"} <= set(file.read().split())


def main():
    kind, preset = sys.argv[1:]
    if not has(kind):
        print(f"SKIP: this processor has no {kind}")
        return command.SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        copy = make_copy(folder, preset)

        def judge(fault):
            for test in fault.found_by(kind):
                right, output = status_of(copy, test)
                if right != 0:
                    return f"{test} without a fault: exit {right}\n{output}"
                status, output = status_of(copy, test, fault)
                if status != TEST_FAILED:
                    return f"{test}: exit {status} of ctest\n{output}"
            return ""
        return planting.control((kind,), judge)


if __name__ == "__main__":
    sys.exit(command.run(main))
