# SPDX-License-Identifier: MIT
"""The targets with a planted fault: what is built, and where it is."""

import functools
import hashlib
import shutil
import typing

from driver import builds, common, corpus
from scripts import command, faults

PLACE = common.STATE / "controls"
PROGRAMS = PLACE / "bin"


class Control(typing.NamedTuple):
    """A fault, and the targets that must find it."""

    fault: faults.Fault
    targets: tuple
    gate: tuple  # those of them that the tests try

    @property
    def name(self):
        """What it is called."""
        return self.fault.name

    def digest(self):
        """A hash that changes if the fault does."""
        return hashlib.sha1(repr(self.fault.changes).encode()).hexdigest()


def read_list():
    """All controls, in the order of the list."""
    for fault in faults.planted():
        targets = fault.found_by("fuzz", "gate")
        unknown = set(targets) - set(common.targets())
        if unknown:
            raise command.Problem(f"{fault.where}: {', '.join(unknown)}: no "
                                  "such target; see fuzz/run list")
        if targets:
            yield Control(fault, targets, fault.found_by("gate"))


@functools.lru_cache(maxsize=None)
def prepare():
    """Makes a copy of the sources, and configures a build of it: once in a
    run. Returns both folders."""
    tree = common.fresh_folder(PLACE / "tree")
    build = PLACE / "build"
    if build.exists():
        shutil.rmtree(build)
    common.fresh_folder(PROGRAMS)
    faults.copy_tree(tree, "fuzz")
    builds.configure("libfuzzer", corpus.SANITIZER, tree, build,
                     "-DGROVE_UNITY=OFF")
    return tree, build


def build(control):
    """Builds the targets of a fault. All faults are built in one tree, one
    after the other, since each of them changes only a file or two.
    """
    tree, folder = prepare()
    with faults.plant(tree, control.fault):
        builds.compile_targets(folder, control.targets)
    out = common.fresh_folder(PROGRAMS / control.name)
    for target in control.targets:
        shutil.copy(folder / "fuzz" / target, out)


def program(control, target):
    """A target with this fault; Problem if it is not built."""
    path = PROGRAMS / control.name / target
    if not path.exists():
        raise command.Problem(f"{path}: not there; make it with fuzz/run "
                              "controls --build")
    return path
