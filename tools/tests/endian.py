#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Negative control of the tests on a big-endian machine: endian.py BUILD_DIR

Each of these faults is a mistake on a big-endian machine only, and makes the
unit test fail that it is for. BUILD_DIR belongs to the preset with the name of
its folder, build-NAME.
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


def make_copy(folder, build_dir):
    """A copy of the sources that is built as those in BUILD_DIR are."""
    tree = planting.tree_in(folder)
    (tree / build_dir.name).mkdir(parents=True)
    (tree / build_dir.name / "sysroot").symlink_to(build_dir / "sysroot")
    shutil.copy(faults.ROOT / "CMakePresets.json", tree)
    preset = build_dir.name.removeprefix("build-")
    return planting.Copy(folder, "--preset", preset, "-DGROVE_TOOLS=OFF")


def main():
    build_dir = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        copy = make_copy(folder, build_dir)

        def judge(fault):
            for test in fault.found_by("endian"):
                right, output = status_of(copy, test)
                if right != 0:
                    return f"{test} without a fault: exit {right}\n{output}"
                status, output = status_of(copy, test, fault)
                if status != TEST_FAILED:
                    return f"{test}: exit {status} of ctest\n{output}"
            return ""
        return planting.control(("endian",), judge)


if __name__ == "__main__":
    sys.exit(command.run(main))
