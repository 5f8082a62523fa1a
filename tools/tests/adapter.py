#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `grove check --exec` says of adapters that misbehave.

    adapter.py GROVE

Every case is run on three vectors, of which the adapter fails on the second
one; the third then shows that a new process took over.
"""
import json
import os
import select
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

GROVE = sys.argv[1]
FAKE = Path(__file__).resolve().parent / "adapters" / "fake.py"

# What does not answer is given up after this time; the others have ten
# seconds, so that a slow machine changes nothing.
SHORT = ["--timeout", "3000"]
LATE = "no answer in 3 s: did the adapter flush stdout?"
NONSENSE = "nonsense in answer: "
FINE = ["ok", "ok", "ok"]
BROKEN = ["ok", "not ok", "ok"]
DEAD = ["not ok", "not ok", "not ok"]

# How it misbehaves, options, exit code, results, a line of stdout.
CASES = [
    ("honest", [], 0, FINE, None),
    ("bye-hang", SHORT, 0, FINE, None),
    ("exit", [], 1, BROKEN, "    the adapter crashed: exit status 5"),
    ("exec signal", [], 1, BROKEN,
     "    the adapter crashed: signal 11, Segmentation fault"),
    ("signal", [], 1, BROKEN, "    the adapter crashed: exit status 139, which "
     "is signal 11, Segmentation fault"),
    ("orphan", SHORT, 1, BROKEN, "    " + LATE),
    ("exec close", SHORT, 1, BROKEN, "    the adapter closed stdout and went on"),
    ("hang", SHORT, 1, BROKEN, "    " + LATE),
    ("hang", ["--timeout", "2999"], 1, BROKEN,
     "    no answer in 2999 ms: did the adapter flush stdout?"),
    ("no-flush", SHORT, 1, BROKEN, "    " + LATE),
    ("deaf", SHORT, 1, DEAD, "    " + LATE),
    ("leave", [], 1, DEAD, "    the adapter crashed: exit status 0"),
    ("half", [], 1, BROKEN, "    the adapter crashed: exit status 0"),
    ("garbage", [], 1, BROKEN, f"    {NONSENSE}line 1, column 9: not JSON: "
     "'[' or '{' expected near 'Traceback'"),
    ("array", [], 1, BROKEN, f"    {NONSENSE}not an object; write {{...}}"),
    ("endless", [], 1, BROKEN, f"    {NONSENSE}a line of over 64 MiB"),
    ("twice", [], 1, DEAD, f"    {NONSENSE}more than one line"),
    ("seq", [], 1, BROKEN,
     f"    {NONSENSE}seq: not that of the request, which is 2"),
    ("no-seq", [], 1, BROKEN,
     f"    {NONSENSE}seq: not that of the request, which is 2"),
    ("hex", [], 1, BROKEN, f"    {NONSENSE}output[0].packet: odd number of "
     "hex digits; a byte is two digits"),
    ("verdict", [], 0, FINE, None),
    ("bad-verdict", [], 1, BROKEN, f"    {NONSENSE}verdict[0]: \"merged?\" is "
     "no verdict; write held, merged, passed or rejected"),
    ("no-tier", [], 1, BROKEN,
     f"    {NONSENSE}no field \"verdict\", which hello promises"),
    ("field", [], 1, BROKEN,
     f"    {NONSENSE}unknown field \"outputs\"; remove it or call it "
     "\"x-...\""),
    ("header", [], 1, BROKEN,
     f"    {NONSENSE}output[0]: unknown field \"header\"; remove it"),
    ("wrong", [], 1, BROKEN, "    output 0: "),
    ("lost", [], 1, BROKEN, "    0 outputs, expected 1"),
    ("error", [], 1, BROKEN, "    out of?luck"),
    ("error-no-seq", [], 1, BROKEN, "    what?"),
    ("reject", [], 1, BROKEN, "    the answer is rejected (EINVAL), "),
    ("skip", [], 0, FINE, "ok 2 - b linux-6.18 # SKIP no ?[31m#b?here "
     "(https://example.org/1)"),
    ("no-op", [], 77, FINE,
     "ok 1 - a linux-6.18 # SKIP the adapter has no op gro"),
]

# Adapters that do not get as far: how, options, the end of the one line.
NO_HELLO = [
    ("exit-at-once", [], "the adapter crashed: exit status 3"),
    ("hello-error", [], "nonsense in hello: the adapter refuses: not today"),
    ("hello-nonsense", [], "nonsense in hello: no field \"version\"; add it"),
    ("never-flush", SHORT, LATE),
]


def vector(name, packets):
    return {"id": name, "title": name, "rules": ["GRO-IN-001"], "op": "gro",
            "input": [{"packet": packet} for packet in packets],
            "expect": {"linux-6.18": {
                "output": [{"packet": packet} for packet in packets]}}}


def write_vectors(folder):
    # The last one is longer than a pipe holds.
    vectors = [vector("a", ["a1"]), vector("b", ["b1"]),
               vector("c", ["c1" * 65000] * 4)]
    path = folder / "three.json"
    path.write_text(json.dumps({"schema": 1, "suite": "three", "spec": "1.0",
                                "vectors": vectors}), encoding="ascii")
    return path


def check_gone(pid):
    """A killed process is gone soon, or a zombie until init looks."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(process, select.POLLIN)
    gone = poll.poll(10000)
    os.close(process)
    assert gone, f"process {pid} is left"


def command(how):
    """The adapter as a child of the shell, or, by exec, instead of it."""
    prefix = "exec " if how.startswith("exec ") else ""
    return f"{prefix}'{FAKE}' {how.removeprefix('exec ')}"


def run(folder, how, options):
    """Runs the check, and looks whether any process survived it."""
    notes = Path(tempfile.mkstemp(dir=folder)[1])
    done = subprocess.run(
        [GROVE, "check", "--exec", command(how), *options,
         folder / "three.json"],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PROCESSES": str(notes)})
    for pid in notes.read_text(encoding="ascii").split():
        check_gone(int(pid))
    return done


def expect(what, got, wanted):
    assert got == wanted, f"{what} is {got!r}, not {wanted!r}"


def check_case(folder, how, options, status, results, line):
    done = run(folder, how, options)
    lines = done.stdout.splitlines()
    points = [text.split(" 1 - ")[0].split(" 2 - ")[0].split(" 3 - ")[0]
              for text in lines if text.startswith(("ok", "not ok"))]
    skipped = sum(" # SKIP " in text for text in lines)
    failed = results.count("not ok")
    expect("status", done.returncode, status)
    expect("results", points, results)
    expect("head", lines[:2], ["TAP version 14", "1..3"])
    expect("summary", done.stderr.splitlines()[-1], f"{3 - failed - skipped} "
           f"passed, {failed} failed, {skipped} skipped")
    assert line is None or any(text.startswith(line) for text in lines), \
        f"no line {line!r} in {done.stdout}"


def check_no_hello(folder, how, options, line):
    done = run(folder, how, options)
    expect("status", done.returncode, 2)
    expect("stdout", done.stdout, "")
    expect("stderr", done.stderr, f"grove: --exec ''{FAKE}' {how}': {line}\n")


def attempt(check, case):
    try:
        check(*case)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return f"{case[1]}: {error}"
    return None


def main():
    with tempfile.TemporaryDirectory() as name, \
            ThreadPoolExecutor(8) as pool:
        folder = Path(name)
        write_vectors(folder)
        tries = [pool.submit(attempt, check_case, (folder, *case))
                 for case in CASES]
        tries += [pool.submit(attempt, check_no_hello, (folder, *case))
                  for case in NO_HELLO]
        failures = [t.result() for t in tries if t.result() is not None]
    for failure in failures:
        print(failure)
    print(f"{len(tries) - len(failures)} of {len(tries)} cases are right")
    return 1 if failures else 0


sys.exit(main())
