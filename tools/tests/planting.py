# SPDX-License-Identifier: MIT
"""Negative controls: a copy of the sources, in which faults are planted."""

import contextlib
import pathlib
import subprocess
import tempfile

from scripts import command, faults


def tree_in(folder):
    """Where in a folder a copy of the sources is."""
    return pathlib.Path(folder) / "tree"


class Copy:
    """A copy of the sources and its build, configured with these options."""

    def __init__(self, folder, *options):
        self.tree = tree_in(folder)
        self.build = pathlib.Path(folder) / "build"
        faults.copy_tree(self.tree)
        self._run("cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja",
                  *options)

    @staticmethod
    def _run(*arguments):
        done = subprocess.run(arguments, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise command.Problem(f"{done.stdout}\n{arguments[0]}: exit "
                                  f"{done.returncode}; see above")

    def make(self, target, fault=None):
        """Builds a target, with this fault if one is given."""
        with faults.plant(self.tree, fault) if fault \
                else contextlib.nullcontext():
            self._run("ninja", "-C", self.build, target)


@contextlib.contextmanager
def copied(*options):
    """A copy of the sources, configured with these options of cmake."""
    with tempfile.TemporaryDirectory() as folder:
        yield Copy(folder, *options)


def control(kinds, judge, sample=1):
    """Judges the faults that finders of these kinds must find, or every
    `sample`th: judge(fault) returns why it is not found, or "". Returns the exit
    status.
    """
    missed = 0
    chosen = [fault for fault in faults.planted()
              if fault.found_by(*kinds)][::sample]
    for fault in chosen:
        why = judge(fault)
        print(f"NOT FOUND: {fault.name}: {why}" if why else
              f"found: {fault.name}", flush=True)
        missed += bool(why)
    print(f"{len(chosen) - missed} of {len(chosen)} faults are found")
    if not chosen:
        raise command.Problem("tools/faults/planted: no fault for "
                              f"{', '.join(kinds)}; add one")
    return command.DIFFERS if missed else command.HOLDS
