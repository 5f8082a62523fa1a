#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/kernels survey, with kernels that answer from a script, and the pages
that it writes.
"""

import unittest.mock

import support
from scripts import command, profiles, stored
from scripts.kernels import (cache, defects, machine, matrix, pages, releases,
                             suites, survey)
from scripts.vectors import confirmed

OLD = "linux-6.12:min_tcp_gso_size=0"
NEW = "linux-6.12"

# Stands in for grove, and for `tools/kernels exec`. FAILS is a word of the
# command that shall fail, and STATUS its exit status.
PLANTED = """#!/bin/sh
for word; do
    if [ "$word" = "$FAILS" ]; then exit $STATUS; fi
done
case $1 in
--grove) echo '{"profile": "linux-6.12"}' ;;
check) echo '{"passed": 7, "skipped": 2}' ;;
esac
"""


def release(name, profile=NEW):
    return releases.Release(name, profile, 7, 2, survey.BATCHES)


class Survey(support.Test):
    def setUp(self):
        super().setUp()
        self.known = self.folder / "releases.def"
        self.patch(releases, "PATH", self.known)
        self.patch(pages, "KERNELS", self.folder / "KERNELS.md")
        self.patch(pages, "DEFECTS", self.folder / "DEFECTS.md")
        releases.write([])

    def patch(self, place, name, value):
        self.enterContext(unittest.mock.patch.object(place, name, value))

    def plant(self, fails="", status=1):
        """Makes kernels that give the answers of PLANTED."""
        program = support.write_program(self.folder / "program", PLANTED)
        self.patch(matrix, "COMMAND", program)
        self.patch(machine, "check", lambda name, grove: None)
        self.patch(cache, "kernel_folder", lambda name: name)
        self.patch(cache, "release_of", lambda name: name)
        self.enterContext(unittest.mock.patch.dict(
            "os.environ", FAILS=fails, STATUS=str(status)))
        return program

    def test_ask(self):
        self.assertEqual(survey.ask(self.plant(), "6.12.9"), release("6.12.9"))

    def test_a_difference(self):
        """A kernel that differs is not noted; the next one is still asked."""
        for word in ("exec", "check", "roundtrip"):
            program = self.plant(word)
            with self.assertRaisesRegex(command.Difference, "6.12.9: .*try"):
                survey.ask(program, "6.12.9")
        program = self.plant("6.12.9")
        self.assertFalse(survey.survey(program, ["6.12.9", "6.12.10"]))
        self.assertEqual(releases.read(), [release("6.12.10")])

    def test_no_answer(self):
        with self.assertRaisesRegex(command.Problem, "exit status 2"):
            survey.ask(self.plant("exec", 2), "6.12.9")

    def test_file(self):
        """Releases are in their order, and the latest result counts."""
        first = [release("7.3.4"), release("7.3~rc7"), release("6.12.43", OLD),
                 release("6.12.43", NEW), release("6.9.1")]
        releases.write(first)
        self.assertEqual(releases.read(), [first[i] for i in (4, 3, 1, 0)])
        for line in self.known.read_text().splitlines():
            self.assertLessEqual(len(line), 80)
        self.known.write_text(self.known.read_text().replace('"6.9.1"', "69"))
        with self.assertRaisesRegex(command.Problem, "releases.def: "):
            releases.read()

    def test_missing(self):
        """A kernel is asked once, whatever name its folder has."""
        self.patch(cache, "kernels", lambda: {"a": "6.12.9", "b": "6.12.10",
                                              "c": "6.12.9"})
        self.assertEqual(survey.missing(), ["6.12.9", "6.12.10"])
        releases.write([release("6.12.10")])
        self.assertEqual(survey.missing(), ["6.12.9"])

    def test_halving(self):
        """Few kernels are asked to find the first one with another profile."""
        names = [f"6.12.{number}" for number in range(1, 101)]
        asked = []

        def ask(_, new):
            asked.extend(new)
            releases.write(releases.read() + [
                release(name, OLD if suites.order(name) <
                        suites.order("6.12.43") else NEW) for name in new])
            return True

        self.patch(survey, "available", lambda: names)
        self.patch(survey, "survey", ask)
        self.patch(cache, "fetch", lambda *_: None)
        releases.write([release(names[0], OLD), release(names[-1])])
        self.assertTrue(survey.halve(None))
        self.assertLessEqual(len(asked), 7)
        self.assertEqual(
            [change[1:4:2] for change in pages.changes(releases.read())],
            [("6.12.42", "6.12.43")])

    def test_no_halving(self):
        """Neighbours with one profile, or with nothing between them."""
        known = [release("6.12.1"), release("6.12.9"), release("6.16.3", OLD)]
        self.assertEqual(list(survey.middles(known, ["6.12.5"])), [])


class Refusals(support.Test):
    def test_reason(self):
        """The cause, and not what follows from it or comes before it."""
        for errors, expected in (
                ("", "grove check failed and does not say why"),
                ("grove: x: No such file\n", "x: No such file"),
                ("grove: linux-6.12.9 has the profile y\n"
                 "grove: no device\ngrove: --exec 'z': the adapter crashed\n",
                 "no device"),
                ("grove: --exec 'z': the adapter crashed\n",
                 "--exec 'z': the adapter crashed")):
            self.assertEqual(matrix.reason(errors), expected)


class Known(support.Test):
    """What is stored is consistent."""

    def test_pages(self):
        """They are what the files in tools/oracle/ give; run `tools/kernels
        pages`.
        """
        for path, text in pages.pages():
            self.assertEqual(path.read_text(encoding="utf-8"), text)

    def test_defects(self):
        """Each one has a range and a vector that exists."""
        known = defects.read()
        self.assertEqual(len({one.id for one in known}), len(known))
        ids = {vector["id"] for _, content in stored.files(profiles.ROOT)
               for vector in content["vectors"]}
        for one in known:
            self.assertTrue(one.ranges, one.id)
            self.assertIn(one.vector, ids | {""})
            for two in one.ranges:
                self.assertLessEqual(suites.order(two.first),
                                     suites.order(two.last))

    def test_one_of_each_profile(self):
        """A kernel replaces those of its profile in `confirmed`."""
        vector = {"rules": ["VNET-015"], "expect": {
            "linux-6.12": {"output": 8}, "linux-6.16": {"output": 0}}}
        self.enterContext(unittest.mock.patch.dict(
            confirmed.learnt, {"linux-6.12.43": OLD, "linux-6.12.57": OLD}))
        for kernel, expected in (
                ("linux-6.12.43", ["linux-6.12.43", "model"]),
                ("linux-6.12.118", ["linux-6.12.43", "linux-6.12.118"]),
                ("linux-6.12.57", ["linux-6.12.57", "linux-6.12.118"])):
            confirmed.update(vector, kernel, True, None)
            self.assertEqual(vector["confirmed"], expected)


if __name__ == "__main__":
    support.main()
