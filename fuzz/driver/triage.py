# SPDX-License-Identifier: MIT
"""Shrinks and explains findings."""

import subprocess
import sys

from driver import builds, common, corpus, engines
from scripts import command


def batch(path, target, binary):
    """Prints the smallest batch with the finding, its rules and a vector."""
    tool = builds.binary("libfuzzer", corpus.SANITIZER, "fuzz-triage")
    with common.kernel_lock(target):
        return subprocess.run((tool, path, target, binary), check=False,
                              env=engines.environment()).returncode


def other(path, binary):
    """Lets the engine remove bytes; shows the failure of the smallest input."""
    small = common.STATE / "triage" / binary.name / path.name
    small.parent.mkdir(parents=True, exist_ok=True)
    small.unlink(missing_ok=True)
    subprocess.run(
        (binary, "-minimize_crash=1", "-runs=100000",
         f"-exact_artifact_path={small}", path), check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=engines.environment())
    shown = small if small.exists() else path
    print(f"smallest input: {shown}, {shown.stat().st_size} bytes")
    sys.stdout.flush()
    return subprocess.run((binary, shown), check=False,
                          stderr=subprocess.STDOUT,
                          env=engines.environment()).returncode


def triage(path, target):
    """Explains the finding in a file; returns the exit status."""
    if not path.is_file():
        raise command.Problem(f"{path}: no such file; findings are below "
                              f"{common.WORK.relative_to(common.ROOT)}")
    reason = common.cannot_run(target)
    if reason:
        raise command.Skip(f"{target}: {reason}")
    binary = corpus.libfuzzer(target)
    if "BATCH" in common.traits(target):
        return batch(path, target, binary)
    same = other(path, binary) == 0
    return command.HOLDS if same else command.DIFFERS
