# SPDX-License-Identifier: MIT
"""Asks CBMC for a proof, and keeps what it said.

A result is kept under a digest of the preprocessed sources, the row of the
table and the version of CBMC. So a proof is done again when one of these
changes, and not when a comment does.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import resource
import subprocess
import tempfile
import typing

from scripts import outfile
from scripts.command import Problem
from scripts.proofs import cbmc, table

RESULTS = cbmc.FOLDER / "results"
DEFINES = ('-DGROVE_VERSION=""', "-DGROVE_PROOF")

# Beside what CBMC checks unless it is told otherwise.
CHECKS = ("--pointer-overflow-check", "--drop-unused-functions",
          "--object-bits", "12")
# Memory of the harnesses can always be had.
MALLOC = "--no-malloc-may-fail"
# The description of what a harness says that it reaches: CBMC must refute the
# claim that it does not.
REACHES = "reaches: "


class Verdict(typing.NamedTuple):
    """What came of a proof."""

    kind: str      # holds, refuted, vacuous, timeout, error
    checks: int    # the number of properties
    seconds: float  # of one CPU
    places: tuple = ()  # of what does not hold

    @property
    def holds(self):
        """Whether it is proved."""
        return self.kind == "holds"


def sources(proof, root):
    """The files that are compiled."""
    return [root / table.FOLDER / proof.harness,
            *(root / "ref" / unit for unit in proof.units)]


def flags(root, *defines):
    """What all files are compiled with."""
    return (*DEFINES, *(f"-D{name}" for name in defines),
            f"-I{root / 'ref/include'}", f"-I{root / 'ref'}",
            f"-I{root / table.FOLDER / 'intrinsics'}")


def preprocessed(proof, root):
    """What the compiler sees, without the names of files."""
    text = b""
    for path in sources(proof, root):
        done = subprocess.run(
            ["gcc", "-E", "-P", "-std=c11", *flags(root), path],
            capture_output=True, check=False)
        if done.returncode != 0:
            why = done.stderr.decode(errors="replace").splitlines()
            raise Problem(f"{why[0] if why else path}; correct it, or restore "
                          f"{path.name}")
        text += done.stdout
    return text


def digest(proof, root):
    """The name under which its result is kept."""
    row = {key: value for key, value in proof._asdict().items()
           if key not in ("proves", "bound", "seconds", "gate")}
    told = json.dumps([row, CHECKS, cbmc.VERSION], sort_keys=True)
    return hashlib.sha256(
        preprocessed(proof, root) + told.encode()).hexdigest()[:32]


def step(program, *arguments, seconds):
    """Runs a program that must succeed."""
    done = cbmc.run(program, *arguments, seconds=seconds)
    if done.returncode != 0:
        said = [line for line in (done.stderr + done.stdout).splitlines()
                if line.strip()]
        lines = [line for line in said if "error" in line.lower()] or said
        raise Problem(f"{program}: {lines[0] if lines else 'no output'}; see "
                      f"{table.TABLE} and the harness")


def compiled(proof, root, work, seconds, *defines):
    """The program of the proof, with models of functions and contracts of
    loops.
    """
    plain, ready = work / "plain.gb", work / "ready.gb"
    step("goto-cc", "--std", "c11", *flags(root, *defines), "--function",
         proof.function, "-o", plain, *sources(proof, root), seconds=seconds)
    if proof.models:
        calls = [part for pair in proof.models.items()
                 for part in ("--replace-calls", ":".join(pair))]
        step("goto-instrument", *calls, plain, plain, seconds=seconds)
    if not proof.loops:
        return plain
    (work / "loops.json").write_text(json.dumps(table.contracts(proof)))
    step("goto-instrument", "--loop-contracts-file", work / "loops.json",
         "--dfcc", proof.function, "--apply-loop-contracts", MALLOC, plain,
         ready, seconds=seconds)
    return ready


def properties(done):
    """The properties that CBMC reports."""
    try:
        said = json.loads(done.stdout)
    except ValueError:
        said = []
    for part in said:
        if "result" in part:
            return part["result"]
    errors = [part["messageText"] for part in said
              if part.get("messageType") == "ERROR"]
    why = errors or done.stderr.splitlines() or [f"exit {done.returncode}"]
    raise Problem(f"cbmc: {why[0]}; see {table.TABLE}")


def place(one):
    """Where a property is, and what it says."""
    at = one.get("sourceLocation", {})
    file = pathlib.Path(at.get("file", "")).name
    return f"{file}:{at.get('line', '?')}: {one['description']}"


def judge(found, seconds):
    """The verdict on properties."""
    reached = [one for one in found if one["description"].startswith(REACHES)]
    rest = [one for one in found if one not in reached]
    wrong = [place(one) for one in rest if one["status"] != "SUCCESS"]
    lost = [place(one) for one in reached if one["status"] != "FAILURE"]
    if wrong:
        return Verdict("refuted", len(rest), seconds, tuple(wrong))
    if lost or not reached:
        return Verdict("vacuous", len(rest), seconds, tuple(lost))
    return Verdict("holds", len(rest), seconds)


def bounds(proof):
    """The arguments about loops."""
    loops = dict(proof.unwind)
    others = loops.pop("others", 1)
    pairs = ",".join(f"{name}:{most}" for name, most in loops.items())
    return ("--unwind", str(others), *(("--unwindset", pairs) if pairs else ()))


def asked(proof, program):
    """The command line of CBMC."""
    return ("cbmc", program, MALLOC, *CHECKS, *bounds(proof),
            "--max-field-sensitivity-array-size", str(proof.arrays),
            "--json-ui")


def used():
    """The CPU time of all programs that this process has run."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def ask(proof, root):
    """Proves it now."""
    begin = used()
    with tempfile.TemporaryDirectory() as name:
        try:
            program = compiled(proof, root, pathlib.Path(name), proof.seconds)
            done = cbmc.run(*asked(proof, program), seconds=proof.seconds)
            found = properties(done)
        except cbmc.TimedOut:
            return Verdict("timeout", 0, used() - begin)
        except Problem as problem:
            return Verdict("error", 0, used() - begin, (str(problem),))
    return judge(found, used() - begin)


def refuted(proof, root):
    """Whether a property does not hold in a tree with a fault. Stops at the
    first one.
    """
    with tempfile.TemporaryDirectory() as name:
        program = compiled(proof, root, pathlib.Path(name), proof.seconds,
                           "GROVE_PROOF_CONTROL")
        try:
            done = cbmc.run(*asked(proof, program), "--stop-on-fail",
                            seconds=proof.seconds)
        except cbmc.TimedOut:
            return False
    # 10: CBMC found a counterexample.
    return done.returncode == 10


def kept(path):
    """The verdict in a file; None if there is none."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Verdict(**row)._replace(places=tuple(row["places"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def prove(proof, root=table.ROOT):
    """The verdict on a proof, which is kept."""
    path = RESULTS / f"{digest(proof, root)}.json"
    verdict = kept(path)
    if verdict is None:
        verdict = ask(proof, root)
        if verdict.kind not in ("timeout", "error"):
            RESULTS.mkdir(parents=True, exist_ok=True)
            outfile.write(path, json.dumps(verdict._asdict()).encode(),
                          "make room there")
    return verdict


def each(function, items, jobs):
    """Calls the function for all items, each in one of so many processes.
    Yields (item, result) in the order in which they end.
    """
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(function, item): item for item in items}
        try:
            for future in concurrent.futures.as_completed(waiting):
                yield waiting[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
