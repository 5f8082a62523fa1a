#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The memory of grove check does not grow with the number of results.

    check_memory.py GROVE

A sanitizer needs more memory than is allowed here, so this is a test of the
release build.
"""
import resource
import signal
import subprocess

import support

GROVE = support.program_argument()

# A result in memory would take 120 bytes: the limit has room for a tenth.
VECTORS = 1000
PROFILES = 400
LIMIT = VECTORS * PROFILES * 120 // 10

HEAD = """{
 "schema": 1,
 "suite": "s",
 "spec": "1.0",
 "notes": {},
 "vectors": [
"""
# No implementation has the profiles, so that all is skipped at once.
ANSWERS = "".join(f',\n    "linux-9.{number}": "= linux-9.0"'
                  for number in range(1, PROFILES))
VECTOR = """  {
   "id": "v%d",
   "title": "a packet",
   "rules": ["GRO-IP4-001"],
   "flags": [],
   "op": "gro",
   "config": {},
   "input": [
    {"packet":"45aa"}
   ],
   "expect": {
    "linux-9.0": {"output": [
     {"packet":"45aa"}
    ]}""" + ANSWERS + """
   }
  }"""


def limit(kind, size):
    """For a child process: sets a limit of its resources."""
    def set_limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(kind, (size, size))
    return set_limit


class Memory(support.Test):
    def check(self, count, *options, **run_options):
        """Checks a file of `count` vectors."""
        path = self.write("v.json", HEAD + ",\n".join(
            VECTOR % number for number in range(count)) + "\n ]\n}\n")
        return support.run(GROVE, "check", *options, path, **run_options)

    def test_results(self):
        junit = self.folder / "out.xml"
        done = self.check(VECTORS, "--junit", junit, stdout=subprocess.DEVNULL,
                          preexec_fn=limit(resource.RLIMIT_DATA, LIMIT))
        self.expect_status(support.SKIPPED, done)
        self.assertIn(f"{VECTORS * PROFILES} skipped", done.stderr)
        with junit.open(encoding="utf-8") as file:
            self.assertIn(f' tests="{VECTORS * PROFILES}" ',
                          file.readlines()[1])

    def test_too_little_memory(self):
        """The limit is one: with a tenth of it the check cannot begin."""
        done = self.check(VECTORS, stdout=subprocess.DEVNULL,
                          preexec_fn=limit(resource.RLIMIT_DATA, LIMIT // 10))
        self.assertNotEqual(done.returncode, support.SKIPPED)

    def test_no_room_for_results(self):
        """A full disk: nothing is printed, and one line tells what to do."""
        for options in ["--json"], ["--junit", self.folder / "out.xml"]:
            done = self.check(10, *options, stdout=subprocess.DEVNULL,
                              restore_signals=False,
                              preexec_fn=limit(resource.RLIMIT_FSIZE, 1 << 16))
            self.assertEqual(done.returncode, 2)
            self.assertIn("the results cannot be stored; make room there",
                          done.stderr)
        self.assertEqual([path.name for path in self.folder.iterdir()],
                         ["v.json"])


support.main()
