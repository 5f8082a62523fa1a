#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""What `grove check --exec` reports about adapters that misbehave.

    adapter.py GROVE

Each case checks three vectors. The adapter misbehaves on the second one. The
third one shows that a new process was started. An adapter that never answers is
given up, and the other vectors are not asked.
"""
import json
import os
import select
import subprocess
import tempfile
import xml.etree.ElementTree
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

# How often an adapter may fail that has not answered anything.
PATIENCE = 10

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

# Adapters that answer no vector: the argument of fake.py, options, the vectors
# that fail before it is given up, and how the last one failed.
GIVEN_UP = [
    ("deaf", SHORT, 0, LATE),
    ("hang always", SHORT, 0, LATE),
    ("no-flush always", SHORT, 0, LATE),
    ("orphan always", SHORT, 0, LATE),
    ("exec close always", SHORT, 0,
     "the adapter closed stdout but did not exit"),
    ("leave", [], PATIENCE - 1, "the adapter crashed: exit status 0"),
    ("exit always", [], PATIENCE - 1, "the adapter crashed: exit status 5"),
    ("exec signal always", [], PATIENCE - 1,
     "the adapter crashed: signal 11, Segmentation fault"),
    ("half always", [], PATIENCE - 1, "the adapter crashed: exit status 0"),
    ("garbage always", [], PATIENCE - 1, f"{NONSENSE}line 1, column 9: not "
     "JSON: '[' or '{' expected near 'Traceback'"),
    ("seq always", [], PATIENCE - 1, f"{NONSENSE}seq: not that of the request, "
     f"which is {PATIENCE}"),
    ("twice always", [], PATIENCE - 1, f"{NONSENSE}more than one line"),
]

# Adapters that fail before the first vector: the argument of fake.py, options,
# the end of the one line on stderr.
NO_HELLO = [
    ("exit-at-once", [], "the adapter crashed: exit status 3; it must answer as "
     "vectors/README.md says"),
    ("hello-error", [], "nonsense in hello: the adapter refuses: not today"),
    ("hello-nonsense", [], "nonsense in hello: no field \"version\"; add it"),
    ("never-flush", SHORT, LATE),
]


def vector(name, packets):
    return {"id": name, "title": name, "rules": ["GRO-IN-001"], "op": "gro",
            "input": [{"packet": packet} for packet in packets],
            "expect": {"linux-6.18": {
                "output": [{"packet": packet} for packet in packets]}}}


def write_vectors(path, vectors):
    path.write_text(json.dumps({"schema": 1, "suite": path.stem, "spec": "1.0",
                                "vectors": vectors}), encoding="ascii")


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
        self.three, self.many = (self.folder / name for name in
                                 ("three.json", "many.json"))
        # The last one is longer than the buffer of a pipe.
        write_vectors(self.three, [
            vector("a", ["a1"]), vector("b", ["b1"]),
            vector("c", ["c1" * 65000] * 4)])
        write_vectors(self.many, [vector(f"v{number}", ["a1"])
                                  for number in range(2 * PATIENCE)])

    def check(self, how, options, path=None):
        """Runs the check; none of its processes may survive it."""
        notes = Path(tempfile.mkstemp(dir=self.folder)[1])
        done = support.run(
            GROVE, "check", "--exec", command(how), *options,
            path or self.three, timeout=120,
            env=support.environment(PROCESSES=str(notes)))
        for pid in notes.read_text(encoding="ascii").split():
            check_gone(int(pid))
        return done

    def each(self, cases, expect, path=None):
        """Runs the check of all rows at once, since most of them wait, and
        compares each with its row.
        """
        with ThreadPoolExecutor(8) as pool:
            runs = [pool.submit(self.check, *case[:2], path) for case in cases]
        for case, done in zip(cases, runs):
            with self.subTest(" ".join([case[0], *case[1]])):
                expect(done.result(), *case)

    def test_misbehaviour(self):
        self.each(CASES, self.expect_results)

    def test_given_up(self):
        self.each(GIVEN_UP, self.expect_given_up, self.many)

    def test_given_up_reports(self):
        """The reports say which vectors have no answer."""
        junit = self.folder / "junit.xml"
        done = self.check("exit always", ["--json", "--junit", junit],
                          self.many)
        self.expect_status(2, done)
        report = json.loads(done.stdout)
        unanswered = PATIENCE + 1
        self.assertEqual((report["failed"], report["unanswered"]),
                         (PATIENCE - 1, unanswered))
        self.assertEqual([result["result"] for result in report["results"]],
                         ["failed"] * (PATIENCE - 1) +
                         ["unanswered"] * unanswered)
        root = xml.etree.ElementTree.parse(junit).getroot()
        errors = [error.get("message") for error in root.iter("error")]
        self.assertEqual((root.get("failures"), root.get("errors")),
                         (str(PATIENCE - 1), str(unanswered)))
        self.assertIn("is asked no more: the adapter crashed", errors[0])
        self.assertEqual(set(errors[1:]),
                         {"not asked, since there was no answer before"})

    def test_results_come_one_by_one(self):
        """Each line is written before the next vector is asked."""
        fifo = self.folder / "go"
        os.mkfifo(fifo)
        with subprocess.Popen(
                [GROVE, "check", "--exec", f"'{FAKE}' wait '{fifo}'",
                 self.three], text=True, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL) as process:
            said = [process.stdout.readline() for _ in range(3)]
            fifo.write_text("", encoding="ascii")
            process.communicate()
        self.assertEqual(said, ["TAP version 14\n", "1..3\n",
                                "ok 1 - a linux-6.18\n"])
        self.assertEqual(process.returncode, 0)

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

    def expect_given_up(self, done, _how, _options, failed, reason):
        self.expect_status(2, done)
        why = (f"it answered 0 of {failed + 1} questions and is asked no more: "
               f"{reason}")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[-1], f"Bail out! v{failed} linux-6.18: {why}")
        self.assertEqual(sum(line.startswith("not ok") for line in lines),
                         failed)
        self.assertEqual(done.stderr.splitlines(), [
            f"0 passed, {failed} failed, 0 skipped, "
            f"{2 * PATIENCE - failed} not answered",
            f"grove: v{failed} linux-6.18: fake 1: {why}"])

    def expect_no_hello(self, done, how, _options, line):
        self.expect_status(2, done)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr,
                         f"grove: --exec ''{FAKE}' {how}': {line}\n")


support.main()
