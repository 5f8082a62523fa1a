# SPDX-License-Identifier: MIT
"""Asks kernels every vector."""

import collections
import json
import pathlib
import shlex
import subprocess
import sys

from scripts import command, stored
from scripts.kernels import cache, machine
from scripts.vectors import canonical, confirmed

COMMAND = pathlib.Path(__file__).resolve().parents[2] / "kernels"

# The time for an answer. The first one includes the boot of the machine, which
# may share its processor with many others.
TIMEOUT_MS = "600000"


def reason(errors):
    """Why nothing could be asked: the last line. If an adapter refuses, it is
    the line before the one in which grove says that the adapter ended.
    """
    lines = errors.splitlines() or ["grove check failed and does not say why"]
    causes = [line for line in lines if not line.startswith("grove: --exec ")]
    return (causes or lines)[-1].removeprefix("grove: ")


def ask(grove, source, vectors):
    """The report of `grove check`; None if this kernel cannot be asked."""
    try:
        done = subprocess.run(
            [grove, "check", "--json", "--timeout", TIMEOUT_MS, *source,
             *vectors], capture_output=True, text=True, check=False)
    except OSError as error:
        raise command.Problem(f"{grove}: {error.strerror}; build it, or name "
                              "it by --grove") from error
    if done.returncode == command.SKIPPED and not done.stdout:
        return None
    if done.returncode == command.USAGE:
        raise command.Problem(reason(done.stderr))
    sys.stderr.write(done.stderr)
    if done.returncode not in (command.HOLDS, command.DIFFERS,
                               command.SKIPPED):
        raise command.Problem(f"grove check {' '.join(source)} failed")
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise command.Problem(f"{grove}: check --json gives no JSON; build it, "
                              "or name it by --grove") from error


def adapter(grove, name):
    """The command of a kernel behind the adapter protocol."""
    return [str(COMMAND), "--grove", str(grove), "adapter", name]


def sources(grove, names):
    """The name of each kernel, and the options of grove check to ask it. If no
    kernels are named, they are one of each series and the running one.
    """
    guests = names or cache.SERIES
    for name in guests:
        machine.check(name, grove)
    for name in guests:
        yield f"Linux {name}", ["--exec", shlex.join(adapter(grove, name))]
    if not names:
        yield "the running one", ["--kernel"]


def show(report):
    """Prints a row of the matrix, and the vectors that did not pass."""
    print(f"{report['implementation']:20}"
          f"{report['passed']:8}{report['failed']:8}{report['skipped']:8}")
    reasons = collections.Counter(
        " ".join(result["why"]) for result in report["results"]
        if result["result"] == "skipped")
    for reason, count in reasons.most_common():
        print(f"{count:12} skipped: {reason}")
    for result in report["results"]:
        if result["result"] == "failed":
            print(f"      failed: {result['id']}: {'; '.join(result['why'])}")


def ask_all(grove, vectors, names):
    """Asks the kernels, and prints their results. Returns whether every kernel
    was asked and none contradicts a vector, and the reports.
    """
    good, reports, head = True, [], True
    for name, source in list(sources(grove, names)):
        report = ask(grove, source, vectors)
        if head: # once the vectors were read
            print(f"{'kernel':20}{'passed':>8}{'failed':>8}{'skipped':>8}")
            head = False
        if report is None:
            print(f"{name:20} cannot be asked")
            good = False
            continue
        show(report)
        good = good and report["failed"] == 0
        reports.append(report)
    return good, reports


def check(grove, vectors, names):
    """Whether the kernels agree; prints how many vectors they confirm."""
    good, reports = ask_all(grove, vectors, names)
    askable = collections.defaultdict(set)
    for report in reports:
        for result in report["results"]:
            if result["result"] != "skipped":
                askable[result["id"]].add(result["result"])
    confirmed_by_all = sum(outcomes == {"passed"}
                           for outcomes in askable.values())
    print(f"{confirmed_by_all} of {len(askable)} vectors that a kernel can be "
          "asked are confirmed by every one that can")
    return good


def confirm(grove, vectors, names):
    """Whether the kernels agree; writes the results into the vectors."""
    good, reports = ask_all(grove, vectors, names)
    told = collections.defaultdict(list)
    for report in reports:
        # An adapter gives name and version as two words.
        kernel = report["implementation"].replace(" ", "-")
        for result in report["results"]:
            confirmed.learn(kernel, result["profile"])
            told[result["file"]].append(
                (result["id"], kernel, result["result"] == "passed",
                 " ".join(result["why"])
                 if result["result"] == "skipped" else None))
    for path, outcomes in told.items():
        write(grove, pathlib.Path(path), outcomes)
    return good


def write(grove, path, outcomes):
    """Notes in a vector file what the kernels answered."""
    with command.advising("restore it"):
        content = stored.load(path)
    by_id = {vector["id"]: vector for vector in content["vectors"]}
    for name, *outcome in outcomes:
        confirmed.update(by_id[name], *outcome)
    canonical.store(grove, path, content)
