#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Each entry of the lists in tools/faults fits the sources; all that do not are
printed. This needs no build, so it is what a refactoring of ref/ sees first.

Negative controls: in a copy of the sources and lists, code that entries name is
changed, doubled or removed, and entries are written in a wrong way.
"""

import pathlib
import sys
import tempfile
import unittest

from scripts import faults
from scripts.command import Problem

DECIDE = "ref/decide.c"


class Lists(unittest.TestCase):
    def test_fit_the_sources(self):
        stale = list(faults.stale())
        self.assertEqual([], stale, "\n" + "\n".join(stale))


class Controls(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        faults.copy_tree(self.tree)

    def edit(self, path, old, new):
        text = (self.tree / path).read_text(encoding="utf-8")
        self.assertIn(old, text)
        (self.tree / path).write_text(text.replace(old, new),
                                      encoding="utf-8")

    def stale(self):
        return "\n".join(faults.stale(root=self.tree))

    def test_layout_and_comments_do_not_count(self):
        self.edit(DECIDE, "packet->sequence != held->next_sequence",
                  "packet->sequence /* new */ !=\n held->next_sequence")
        self.assertEqual("", self.stale())

    def test_names_all_at_once(self):
        self.edit(DECIDE, "TCP_URG | TCP_PSH |", "TCP_PSH | TCP_URG |")
        self.edit(DECIDE, "differs_tcp(", "other_tcp(")
        self.edit("ref/receive.c", "flows_oldest", "flows_first")
        (self.tree / "ref/checksum_ways.h").unlink()
        stale = self.stale()
        for words in ("TCP_URG | TCP_PSH | => TCP_URG |: no such code",
                      "no definition of differs_tcp",
                      "ref/receive.c leave_decided: ",
                      "ref/receive.c grove_flush: ",
                      "ref/checksum_ways.h: No such file"):
            self.assertIn(words, stale)

    def test_code_that_stands_there_twice(self):
        self.edit(DECIDE, "if (len > held->gso_size)",
                  "if (len > held->gso_size || len > held->gso_size)")
        self.assertIn("stands there 2 times; add #N, or more code",
                      self.stale())

    def refused(self, name, text, message):
        (self.tree / faults.LISTS / name).write_text(text, encoding="utf-8")
        with self.assertRaises(Problem) as caught:
            list(faults.entries_of(name, self.tree))
        self.assertIn(message, str(caught.exception))
        self.assertIn(f"{faults.LISTS}/{name}:1: ", str(caught.exception))

    def test_entries_that_are_none(self):
        self.refused("planted", "name: diff:gro\nref/ip.c f\n    Text.\n",
                     "write it as PATH PLACE: OLD => NEW")
        self.refused("planted", "name: nobody\nref/a.c f: a => b\n    Text.\n",
                     "nobody: no finder")
        self.refused("planted", "name: diff:gro\n    Text.\n",
                     "and changes in the lines below")
        self.refused("equivalent", "ref/ip.c walk_ip6: a => b\n", "no text")
        self.refused("equivalent", "ref/a.c f: a => b\n    Text.\nmore\n",
                     "begin a block with an empty line")
        self.refused("excluded", "ip.c\n    Text.\n", "write it as PATH")

    def test_no_list(self):
        (self.tree / faults.LISTS / "planted").unlink()
        with self.assertRaisesRegex(Problem, "planted: No such file"):
            self.stale()

    def test_planted_and_undone(self):
        before = faults.Sources(self.tree)[DECIDE].text
        [fault] = [fault for fault in faults.planted(self.tree)
                   if fault.name == "end-push"]
        with faults.plant(self.tree, fault):
            planted = faults.Sources(self.tree)[DECIDE].text
        self.assertEqual(before.replace("TCP_PSH | TCP_RST", "TCP_RST"),
                         planted)
        self.assertEqual(before, faults.Sources(self.tree)[DECIDE].text)


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=[sys.argv[0]])
