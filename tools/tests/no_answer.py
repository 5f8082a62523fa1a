#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""What each command does if the kernel gives no answer: no_answer.py GROVE STALL

STALL is the library made of stall.c.
"""

import json
import unittest

import support

GROVE = support.program_argument()
STALL = support.program_argument()
CAPTURE = support.ROOT / "vectors/captures/dns.pcap"
WHY = (r"linux-[\d.]+: no answer, though asked twice: the kernel has stopped "
       r"polling; see `grove doctor`")

# More than any command waits.
FOR_EVER = 1000

HELLO = '{"cmd":"hello","protocol":1}\n'


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class NoAnswer(support.Test):
    def run_stalled(self, stalls, *args, **options):
        """Runs the command; so often the kernel does not answer in time."""
        return support.run(GROVE, *args, **options, env=support.environment(
            LD_PRELOAD=STALL, GROVE_STALLS=str(stalls),
            ASAN_OPTIONS="verify_asan_link_order=0"))

    def profile(self):
        return json.loads(self.run_well(GROVE, "kernel", input=HELLO))[
            "profiles"][0]

    def vectors(self):
        """A file of two vectors, for the profile of the running kernel."""
        expect = {self.profile(): {"output": [{"packet": "45aa"}]}}
        return self.write("v.json", json.dumps({
            "schema": 1, "suite": "v", "spec": "1.0", "vectors": [
                {"id": name, "title": name, "rules": ["GRO-IP4-001"],
                 "op": "gro", "input": [{"packet": "45aa"}], "expect": expect}
                for name in ("one", "two")]}))

    def commands(self):
        """Those that ask the kernel, and the question that they name."""
        profile = self.profile()
        return (
            (f"one {profile}", "check", "--kernel", self.vectors()),
            ("batch 0", "diff", "--batches", "5000"),
            ("batch 0", "accumulate", "--kernel", "--batches", "9",
             "--vectors"),
            ("dns-1", "gen", CAPTURE, "-o", self.folder / "dns.json"))

    def test_once(self):
        for _, *command in self.commands():
            with self.subTest(command):
                done = self.expect_status(0, self.run_stalled(1, *command))
                self.assertNotIn("answer", done.stderr)

    def expect_no_answer(self, question, *command):
        done = self.run_stalled(FOR_EVER, *command)
        self.expect_status(2, done)
        self.assertRegex(done.stderr.splitlines()[-1],
                         f"^grove: {question}: {WHY}$")

    def test_always(self):
        for question, *command in self.commands():
            with self.subTest(command):
                self.expect_no_answer(question, *command, "--profile",
                                      self.profile())
        self.assertFalse((self.folder / "dns.json").exists())

    def test_when_its_profile_is_asked(self):
        """The first question is a vector of tools/oracle/deciding.def."""
        for _, *command in (*self.commands(), ("", "profile"),
                            ("", "kernel")):
            with self.subTest(command):
                self.expect_no_answer(r"vnet-[\w.-]+", *command)

    def test_check_reports_no_failure(self):
        done = self.run_stalled(FOR_EVER, "check", "--kernel", "--profile",
                                self.profile(), self.vectors())
        lines = done.stdout.splitlines()
        self.assertEqual(lines[:2], ["TAP version 14", "1..2"])
        self.assertRegex(lines[2], "^Bail out! one linux-.*: no answer")
        self.assertEqual(len(lines), 3)

    def test_the_adapter(self):
        """It answers with an error, goes on, and says so at its end."""
        question = json.dumps({
            "cmd": "run", "seq": 1, "op": "gro", "profile": self.profile(),
            "input": [{"packet": "45aa"}]}) + "\n"
        done = self.run_stalled(2, "kernel", "--profile", self.profile(),
                                input=2 * question)
        self.expect_status(2, done)
        self.assertIn("asked twice: the kernel has stopped polling",
                      done.stderr.splitlines()[-1])
        first, second = map(json.loads, done.stdout.splitlines())
        self.assertRegex(first["error"], "^no answer, though asked twice")
        self.assertEqual(second["output"][0]["packet"], "45aa")


support.main()
