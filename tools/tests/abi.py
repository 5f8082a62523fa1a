#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/abi: this tree has the stored interface, an added function and a change
of the inside keep it, and a changed type or function breaks it.
"""

import shutil
import unittest

import support
from support import append, replace

TABLE = "ref/include/grove/table.h"
# What breaks programs, and words of the report.
BREAKS = {
    "a field in the middle of a structure":
        (replace(TABLE, r"    uint32_t max_packets;",
                 r"    uint32_t new;\n\g<0>", 1), "grove_config"),
    "another type of a result":
        (lambda tree: [edit(tree) for edit in (
            replace("ref/include/grove/split.h", "uint32_t grove_split_left",
                    "uint64_t grove_split_left"),
            replace("ref/split.c", "uint32_t grove_split_left",
                    "uint64_t grove_split_left"))], "grove_split_left"),
    "a number of an enum":
        (replace(TABLE, "GROVE_E_CONFIG_FLOWS, ",
                 "GROVE_E_NEW, GROVE_E_CONFIG_FLOWS, "), "grove_error"),
}


@unittest.skipIf(shutil.which("abidiff") is None, "there is no abidiff")
class Abi(support.Test):
    def setUp(self):
        super().setUp()
        self.tree = support.Tree(
            self.folder / "tree", ("CMakeLists.txt", "ref", "tools/abi",
                                   "tools/scripts", "tools/package/abi"),
            without=("ref/tests",))
        self.abi = self.tree.root / "tools/abi"

    def test_this_tree(self):
        self.assertEqual(self.run_well(support.TOOLS / "abi"), "")

    def test_no_path(self):
        """What is stored does not tell where it was made."""
        for path in (support.ROOT / "tools/package/abi").iterdir():
            self.assertNotRegex(path.read_text("utf-8"), r"path='/")

    def test_added(self):
        """A new function, and a field where no program can look."""
        replace("ref/table.h", "    struct policy policy;",
                r"    uint64_t added;\n\g<0>")(self.tree)
        append(TABLE, "\nuint32_t grove_added(void);\n")(self.tree)
        append("ref/table.c", "\nuint32_t grove_added(void)\n{\n    return 1;\n"
               "}\n")(self.tree)
        self.assertEqual(self.run_well(self.abi), "")

    def test_breaks(self):
        for what, (edit, words) in BREAKS.items():
            with self.subTest(what):
                edit(self.tree)
                done = support.run(self.abi)
                self.expect_status(1, done)
                self.assertIn(words, done.stdout)
                self.tree.restore()

    def test_no_stored_one(self):
        (self.tree.root / "tools/package/abi/libgrove.abi").unlink()
        self.refuse("libgrove.abi: it is missing; restore it", self.abi)

    def test_spoilt(self):
        (self.tree.root / "tools/package/abi/libgrove.abi").write_text("<abi")
        self.refuse("libgrove.abi: abidiff:", self.abi)


if __name__ == "__main__":
    support.main()
