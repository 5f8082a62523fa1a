# SPDX-License-Identifier: MIT
"""Builds a peer, and asks it: all vectors, and random batches."""

import collections
import json
import os
import re
import subprocess

from scripts import command

OPS = ("gro", "gso")
SHAPE = re.compile(r" +(\d+)  (unsafe .*)")
LEVELS = re.compile(r"(\d+) (exact|hints|safe|unsafe)\b")


def run(*words, **options):
    """Runs a command and returns it with its output as text."""
    return subprocess.run([os.fspath(word) for word in words], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, **options)


def last_line(done):
    """What a command that failed said last."""
    lines = (done.stdout + (done.stderr or "")).strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"


def build(folder, into):
    """Builds a peer; the path of its adapter. Skip: it cannot be built here."""
    into.mkdir(parents=True, exist_ok=True)
    done = run(folder / "build", into, stderr=subprocess.STDOUT)
    if done.returncode == command.SKIPPED:
        raise command.Skip(last_line(done))
    if done.returncode != 0:
        raise command.Problem(f"{folder}/build: {last_line(done)}")
    return into / "adapter"


def reasons(results):
    """Why answers were skipped: how often each reason was given."""
    counted = collections.Counter(result["why"][0] for result in results
                                  if result["result"] == "skipped")
    return dict(counted.most_common())


def check(grove, adapter, vectors):
    """What `grove check` reports, without the single results."""
    done = run(grove, "check", "--exec", adapter, "--level", "safe", "--json",
               *vectors)
    if done.returncode not in (command.HOLDS, command.DIFFERS):
        raise command.Problem(f"grove check --exec {adapter}: exit status "
                              f"{done.returncode}; run it by hand")
    report = json.loads(done.stdout)
    report["reasons"] = reasons(report.pop("results"))
    return report


def compare(grove, adapter, op, batches):
    """What `grove diff` finds in random batches: levels, and the kinds of harm
    with their fields."""
    done = run(grove, "diff", "--exec", adapter, "--op", op, "--level", "safe",
               "--all", "--batches", str(batches), stderr=subprocess.DEVNULL)
    levels = {name: int(count) for line in done.stdout.splitlines()
              if line.startswith("levels: ")
              for count, name in LEVELS.findall(line)}
    shapes = {match[2].strip(): int(match[1]) for match in
              map(SHAPE.fullmatch, done.stdout.splitlines()) if match}
    if not levels or sum(shapes.values()) != levels["unsafe"]:
        raise command.Problem(f"grove diff --exec {adapter} --op {op}: exit "
                              f"status {done.returncode}; run it by hand")
    return {"batches": batches, "levels": levels, "unsafe": shapes}
