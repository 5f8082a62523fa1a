#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tun_control.py [N]: the tests of the TUN backend and of the examples under
ThreadSanitizer, and their negative control: ThreadSanitizer must report nothing
in the sources as they are, and each planted fault must make the unit test fail
that it is for. With N, every Nth fault is planted.
"""

import os
import subprocess
import sys

from scripts import command
from tests import planting

TESTS = ("test_tag", "test_tun_columns", "test_tun_open", "test_tun_probe",
         "test_tun_recv", "test_tun_send", "test_tun_threads",
         "test_example_forward", "test_example_split", "test_example_write")
SECONDS = 240  # a test that takes longer hangs, which is a failure, too


def run(copy, test, fault=None):
    """Builds and runs a test: why it fails, or "" if it passes."""
    copy.make(test, fault)
    try:
        done = subprocess.run(
            [copy.build / "ref/tests" / test], check=False, timeout=SECONDS,
            env={**os.environ, "TSAN_OPTIONS": "exitcode=66"}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return f"{test}: over {SECONDS} s"
    if done.returncode == 0:
        return ""
    return f"{test}: exit {done.returncode}\n{done.stdout}"


def main():
    with planting.copied("-DCMAKE_BUILD_TYPE=None", "-DBUILD_TESTING=ON",
                         "-DCMAKE_C_FLAGS=-O1 -g -fsanitize=thread",
                         "-DGROVE_TOOLS=OFF", "-DGROVE_UNITY=OFF") as copy:
        for test in TESTS:
            failure = run(copy, test)
            if failure:
                print(f"no fault, {failure}")
                return command.DIFFERS

        def judge(fault):
            passed = [test for test in fault.found_by("test")
                      if not run(copy, test, fault)]
            return f"{', '.join(passed)}: exit 0" if passed else ""
        return planting.control(("test",), judge,
                                int(sys.argv[1]) if sys.argv[1:] else 1)


if __name__ == "__main__":
    sys.exit(command.run(main))
