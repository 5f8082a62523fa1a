# SPDX-License-Identifier: MIT
"""Asks a kernel that nobody knows everything, and collects what differs."""

import dataclasses
import json
import pathlib
import shlex
import subprocess
import sys

from scripts import profiles, stored
from scripts.command import DIFFERS, HOLDS, Problem, complain
from scripts.kernels import drafts, matrix
from scripts.vectors import ask, judge

OPS = ("gro", "gso")

# A vector in what `grove diff` prints stands behind a line that begins so.
MARK = "as a vector, which expects the answer of "


@dataclasses.dataclass
class Difference:
    """A question to which the kernel and the reference give two answers."""

    vector: dict    # op, config and input
    found: str      # the vector or the random batch that shows it
    kernel: dict    # its answer
    reference: dict

    @property
    def rules(self):
        """The rules that decided in the reference."""
        return sorted(judge.named(self.reference))


@dataclasses.dataclass
class Target:
    """How to ask the kernel: commands, and the options of grove."""

    grove: str
    adapter: list  # it speaks the adapter protocol
    forced: list   # before a profile: the adapter answers as one of it
    diff: list     # it compares random batches
    profile: str | None  # that the adapter is asked about to find its own

    def words(self, profile):
        """The adapter, which believes to have this profile."""
        if self.forced:
            return [*self.forced, profile]
        return self.adapter

    def source(self, profile=None):
        words = self.adapter if profile is None else self.words(profile)
        return ["--timeout", matrix.TIMEOUT_MS, "--exec", shlex.join(words)]


def guest(grove, folder):
    """A kernel under QEMU, which compares random batches by itself."""
    command = [str(matrix.COMMAND), "--grove", str(grove)]
    run_grove = [*command, "run", str(folder)]
    return Target(grove, [*command, "adapter", str(folder)],
                  [*run_grove, "kernel", "--profile"],
                  [*run_grove, "diff"], None)


def program(grove, words):
    """Any adapter. The profile that it names first is its own."""
    target = Target(grove, ["sh", "-c", words], [], [], None)
    target.profile = ask.Adapter(*target.adapter).profiles[0]
    target.diff = [grove, "diff", *target.source()]
    return target


def run(what, *command):
    """The output of grove, which may find a difference."""
    try:
        done = subprocess.run([str(word) for word in command], text=True,
                              stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise Problem(f"{command[0]}: {error.strerror}; build it, or name it "
                      "by --grove") from error
    if done.returncode not in (HOLDS, DIFFERS):
        raise Problem(f"{what}: {matrix.reason(done.stderr)}")
    return done.stdout


def measure(target):
    """What `grove profile` says about the kernel."""
    return json.loads(run("profile", target.grove, "profile", "--json",
                          *(("--profile", target.profile)
                            if target.profile else ()), *target.source()))


def known_values():
    """The values of each column that has two."""
    return {column.name: column.known for column in profiles.columns()
            if len(column.known) > 1}


def check_column(name):
    if name not in known_values():
        raise Problem(f"--forget {name}: no column with two values; SPEC.md, "
                      "section 2, has them")


def without(profile, column):
    """The profile with another value of a column, which is thus forgotten."""
    values = profiles.values_of(profile)
    values[column] = next(value for value in known_values()[column]
                          if value != values[column])
    return profiles.name_of(values)


def failed_vectors(target, profile, vectors):
    """The vectors that the kernel contradicts."""
    report = json.loads(run("vectors", target.grove, "check", "--json",
                            "--profile", profile, *target.source(profile),
                            *vectors))
    files = {}
    for result in report["results"]:
        if result["result"] == "failed":
            files.setdefault(result["file"], set()).add(result["id"])
    for path, ids in files.items():
        for vector in stored.load(pathlib.Path(path))["vectors"]:
            if vector["id"] in ids:
                yield vector["id"], {"config": {}, **vector}


def failed_batches(target, profile, op, batches):
    """The first random batches of each shape that differ, as vectors."""
    text = run(f"batches of {op}", *target.diff, "--all", "--profile", profile,
               "--op", op, "--batches", batches)
    for part in text.split(MARK)[1:]:
        vector, _ = json.JSONDecoder().raw_decode(part.partition("\n")[2])
        yield vector["id"], {"config": {}, **vector}


def answered(target, profile, found):
    """A Difference for each vector to which two answers are given."""
    kernel = ask.Adapter(*target.words(profile))
    reference = ask.Adapter(str(target.grove), "adapter")
    told = kernel.ask([ask.question(vector, kernel.profiles[0])
                       for _, vector in found])
    expected = reference.ask([ask.question(vector, profile)
                              for _, vector in found])
    for (name, vector), one, other in zip(found, told, expected):
        if one and other and judge.seen(one) != judge.seen(other):
            yield Difference(vector, name, one, other)


def explained(target, profile, differences, forgotten):
    """The profile that differs from this one in a column and gives all answers
    of the kernel; None if there is none.
    """
    reference = ask.Adapter(str(target.grove), "adapter")
    for column in sorted(known_values().keys() - {forgotten}):
        other = without(profile, column)
        answers = list(reference.ask([ask.question(one.vector, other)
                                      for one in differences]))
        if all(answer and judge.seen(answer) == judge.seen(one.kernel)
               for answer, one in zip(answers, differences)):
            return other
    return None


@dataclasses.dataclass
class Kernel:
    """What was found out about a kernel."""

    name: str
    profile: str   # with the value that a forgotten column does not have
    misfits: list  # of `grove profile`: answers that no profile gives
    causes: list   # of drafts.causes()

    @property
    def fits(self):
        return not self.causes and not self.misfits


def found_differences(target, profile, vectors, batches):
    """All that differs, each question once."""
    found = list(failed_vectors(target, profile, vectors))
    complain(f"vectors: {len(found)} that the kernel contradicts")
    for op in OPS:
        of_op = list(failed_batches(target, profile, op, batches))
        complain(f"{batches} batches of {op}: {len(of_op)} differences shown")
        found += of_op
    return list(answered(target, profile, found)) if found else []


def ask_all(target, vectors, batches, forgotten):
    """The kernel, asked everything. A forgotten column is not known."""
    said = measure(target)
    profile, misfits = said["profile"], said["misfits"]
    name = said["implementation"].replace(" ", "-")
    complain(f"{name}: {profile}")
    if forgotten is not None:
        profile, misfits = without(profile, forgotten), []
        complain(f"without the column {forgotten}: {profile}")
    differences = found_differences(target, profile, vectors, batches)
    return Kernel(name, profile, misfits, drafts.causes(
        differences, lambda some: explained(target, profile, some, forgotten)))
