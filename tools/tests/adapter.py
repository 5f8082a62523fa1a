#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""What `grove check --exec` reports about adapters that misbehave.

    adapter.py GROVE

Each case checks three vectors. The adapter misbehaves on the second one. The
third one shows that a new process was started.
"""
import json
import os
import select
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import support

GROVE = support.program_argument()
FAKE = support.TOOLS / "tests/adapters/fake.py"

# The time limit where an adapter does not answer. The other cases keep the
# limit of ten seconds, so that a slow machine changes nothing.
SHORT = ["--timeout", "3000"]
LATE = "no answer in 3 s: did the adapter flush stdout?"
NONSENSE = "nonsense in answer: "
FINE = ["ok", "ok", "ok"]
BROKEN = ["ok", "not ok", "ok"]
DEAD = ["not ok", "not ok", "not ok"]

# The argument of fake.py, options, the exit status, the results of the three
# vectors, and the beginning of a line of stdout.
CASES = [
    ("honest", [], 0, FINE, None),
    ("bye-hang", SHORT, 0, FINE, None),
    ("exit", [], 1, BROKEN, "    the adapter crashed: exit status 5"),
    ("exec signal", [], 1, BROKEN,
     "    the adapter crashed: signal 11, Segmentation fault"),
    ("signal", [], 1, BROKEN, "    the adapter crashed: exit status 139, which "
     "is signal 11, Segmentation fault"),
    ("orphan", SHORT, 1, BROKEN, "    " + LATE),
    ("exec close", SHORT, 1, BROKEN,
     "    the adapter closed stdout but did not exit"),
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
     "not a verdict; write held, merged, passed or rejected"),
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

# Adapters that fail before the first vector: the argument of fake.py, options,
# the end of the one line on stderr.
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
    # The last one is longer than the buffer of a pipe.
    vectors = [vector("a", ["a1"]), vector("b", ["b1"]),
               vector("c", ["c1" * 65000] * 4)]
    path = folder / "three.json"
    path.write_text(json.dumps({"schema": 1, "suite": "three", "spec": "1.0",
                                "vectors": vectors}), encoding="ascii")
    return path


def check_gone(pid):
    """The killed process ends soon; it may be a zombie until init reaps it."""
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
    """The command line of the adapter. The shell starts it as a child, or
    replaces itself by it if `how` begins with "exec".
    """
    prefix = "exec " if how.startswith("exec ") else ""
    return f"{prefix}'{FAKE}' {how.removeprefix('exec ')}"


class Adapter(support.Test):
    def setUp(self):
        super().setUp()
        write_vectors(self.folder)

    def check(self, how, options):
        """Runs the check; none of its processes may survive it."""
        notes = Path(tempfile.mkstemp(dir=self.folder)[1])
        done = support.run(
            GROVE, "check", "--exec", command(how), *options,
            self.folder / "three.json", timeout=120,
            env=support.environment(PROCESSES=str(notes)))
        for pid in notes.read_text(encoding="ascii").split():
            check_gone(int(pid))
        return done

    def each(self, cases, expect):
        """Runs the check of all rows at once, since most of them wait, and
        compares each with its row.
        """
        with ThreadPoolExecutor(8) as pool:
            runs = [pool.submit(self.check, *case[:2]) for case in cases]
        for case, done in zip(cases, runs):
            with self.subTest(" ".join([case[0], *case[1]])):
                expect(done.result(), *case)

    def test_misbehaviour(self):
        self.each(CASES, self.expect_results)

    def test_no_hello(self):
        self.each(NO_HELLO, self.expect_no_hello)

    def expect_results(self, done, _how, _options, status, results, line):
        self.expect_status(status, done)
        lines = done.stdout.splitlines()
        points = [text.split(" 1 - ")[0].split(" 2 - ")[0].split(" 3 - ")[0]
                  for text in lines if text.startswith(("ok", "not ok"))]
        skipped = sum(" # SKIP " in text for text in lines)
        failed = results.count("not ok")
        self.assertEqual(points, results)
        self.assertEqual(lines[:2], ["TAP version 14", "1..3"])
        self.assertEqual(done.stderr.splitlines()[-1],
                         f"{3 - failed - skipped} passed, {failed} failed, "
                         f"{skipped} skipped")
        if line is not None:
            self.assertTrue(any(text.startswith(line) for text in lines),
                            f"no line {line!r} in {done.stdout}")

    def expect_no_hello(self, done, how, _options, line):
        self.expect_status(2, done)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr,
                         f"grove: --exec ''{FAKE}' {how}': {line}\n")


support.main()
