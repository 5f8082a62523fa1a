# SPDX-License-Identifier: MIT
"""Every vector, asked of every kernel."""

import collections
import json
import pathlib
import shlex
import subprocess
import sys

import archive
import cache

TOOLS = pathlib.Path(__file__).resolve().parents[1]
COMMAND = TOOLS / "kernels"
sys.path.insert(0, str(TOOLS / "vectors.d"))

import confirmed  # noqa: E402
import layout  # noqa: E402

# For an answer, the first of which waits for the machine.
TIMEOUT_MS = "120000"

SKIPPED = 77


def ask(grove, source, vectors):
    """The report of `grove check`; None if this kernel cannot be asked."""
    done = subprocess.run(
        [grove, "check", "--json", "--timeout", TIMEOUT_MS, *source, *vectors],
        stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == SKIPPED and not done.stdout:
        return None
    if done.returncode not in (0, 1, SKIPPED):
        raise archive.Failed(f"grove check {' '.join(source)} failed")
    return json.loads(done.stdout)


def sources(grove):
    """How each kernel is asked, and its name until it has said its own."""
    for series in cache.RELEASES:
        adapter = shlex.join([str(COMMAND), "--grove", str(grove), "adapter",
                              series])
        yield f"Linux {series}", ["--exec", adapter]
    yield "the running one", ["--kernel"]


def show(report):
    """A row of the matrix, and below it why it is not all passed."""
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


def reports(grove, vectors):
    """Of each kernel, shown as they come; None for one that cannot be asked."""
    print(f"{'kernel':20}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for name, source in sources(grove):
        report = ask(grove, source, vectors)
        if report is None:
            print(f"{name:20} cannot be asked")
        else:
            show(report)
        yield report


def check(grove, vectors):
    """True if no kernel contradicts a vector and every kernel was asked."""
    good = True
    askable = collections.defaultdict(set)
    for report in reports(grove, vectors):
        if report is None:
            good = False
            continue
        good = good and report["failed"] == 0
        for result in report["results"]:
            if result["result"] != "skipped":
                askable[result["id"]].add(result["result"])
    confirmed = sum(outcomes == {"passed"} for outcomes in askable.values())
    print(f"{confirmed} of {len(askable)} vectors that a kernel can be asked "
          "are confirmed by every one that can")
    return good


def confirm(grove, vectors):
    """As check, and writes into the vectors which kernels confirm them."""
    good = True
    outcomes = collections.defaultdict(list)
    for report in reports(grove, vectors):
        if report is None:
            good = False
            continue
        good = good and report["failed"] == 0
        # An adapter says these in two words.
        kernel = report["implementation"].replace(" ", "-")
        for result in report["results"]:
            outcomes[result["file"]].append(
                (result["id"], kernel,
                 result["result"] == "passed",
                 " ".join(result["why"])
                 if result["result"] == "skipped" else None))
    for path, told in outcomes.items():
        write(pathlib.Path(path), told)
    return good


def write(path, told):
    """Notes in a file of vectors what the kernels told."""
    content = layout.load(path)
    by_id = {vector["id"]: vector for vector in content["vectors"]}
    for name, *outcome in told:
        confirmed.update(by_id[name], *outcome)
    layout.store(path, content)
