#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/amalgamate: amalgamate.py BUILD OBJECT...

grove.c and grove.h compile alone as C11 and as C++17, show no other names than
those of the headers, and pass the vectors: the command is linked from its
objects and the libraries in the folder BUILD, with grove.c in place of
libgrove. The vectors find a fault in grove.c. The same answers come without
header prediction.
"""

import re
import shutil
import sys
from pathlib import Path

import support

(BUILD, *OBJECTS), sys.argv[1:] = sys.argv[1:], []
LIBRARIES = ("-Wl,--start-group", *Path(BUILD, "tools").glob("*/*.a"),
             Path(BUILD, "ref/libgrove-tun.a"), "-Wl,--end-group",
             "-ljansson", "-lmnl", "-lpcap", "-lz", "-pthread")
AMALGAMATE = support.TOOLS / "amalgamate"
STRICT = ("-Wall", "-Wextra", "-Werror")
C = ("gcc", "-std=c11", "-O1", *STRICT)
CXX = ("g++", "-std=c++17", "-O1", "-x", "c++", *STRICT)
CLANG = ("clang", "-std=c11", *STRICT)
CLANGXX = ("clang++", "-std=c++17", "-x", "c++", *STRICT)
# A program of a user. It merges two packets of no bytes: both are rejected.
USER = """
#include <stdio.h>
#include "grove.h"
int main(void)
{
    struct grove_config config = {};
    struct grove_table *table;
    if (grove_table_new(&config, &table) != GROVE_OK)
        return 1;
    puts(grove_version());
    grove_table_free(table);
    return 0;
}
"""
LONG = ("total > policy->max_bytes", "total > policy->max_bytes + 1")


class Amalgamation(support.Test):
    """The two files of this tree."""

    @classmethod
    def setUpClass(cls):
        cls.made = support.scratch(cls.addClassCleanup)
        cls.done = support.run(AMALGAMATE, "-o", cls.made)

    def compile(self, compiler, name="grove.c"):
        if shutil.which(compiler[0]) is None:
            self.skipTest(f"there is no {compiler[0]}")
        made = self.made / f"{compiler[0]}-{name}.o"
        if not made.exists():
            self.run_well(*compiler, "-c", self.made / name, "-o", made)
        return made

    def link(self, single):
        """The command with this object in place of libgrove."""
        program = self.folder / "grove"
        self.run_well("gcc", *OBJECTS, single, *LIBRARIES, "-o", program)
        return program

    def check(self, single, folder="vectors"):
        return support.run(self.link(single), "check",
                           support.ROOT / folder)

    def test_no_file_of_ours_is_included(self):
        self.expect_status(0, self.done)
        for name in "grove.c", "grove.h":
            text = (self.made / name).read_text(encoding="utf-8")
            self.assertIn("Permission is hereby granted", text)
            self.assertEqual(re.findall(r'^#\s*include "', text, re.M), [])

    def test_names(self):
        """Only the names of the shared library are visible."""
        for compiler in C, CXX:
            listed = self.run_well("nm", "-g", "--defined-only", "--format",
                                   "posix", self.compile(compiler))
            names = {line.split()[0] for line in listed.splitlines()}
            self.assertIn("grove_coalesce", names)
            self.assertEqual(
                [name for name in names if not name.startswith("grove_")], [])

    def test_vectors(self):
        for compiler in C, CXX:
            with self.subTest(compiler[0]):
                self.expect_status(0, self.check(self.compile(compiler)))

    def test_without_prediction(self):
        """GROVE_NO_PREDICT: the vectors and the published hashes hold."""
        text = (self.made / "grove.c").read_text(encoding="utf-8")
        (self.made / "without.c").write_text(
            f"#define GROVE_NO_PREDICT 1\n{text}", encoding="utf-8")
        single = self.compile(C, "without.c")
        self.expect_status(0, self.check(single))
        self.run_well(support.TOOLS / "tests/accumulated.py",
                      self.link(single), "10000", "all", "Reference")

    def test_other_compiler(self):
        for compiler in CLANG, CLANGXX:
            with self.subTest(compiler[0]):
                self.compile(compiler)

    def test_user(self):
        """A program includes grove.h only, in C and in C++."""
        (self.made / "user.c").write_text(USER, encoding="utf-8")
        library = self.compile(C)
        for compiler in C, CXX:
            program = self.folder / "user"
            self.run_well(compiler[0], "-x", "c++" if compiler is CXX else "c",
                          f"-I{self.made}", self.made / "user.c", "-x", "none",
                          library, "-o", program)
            self.assertRegex(self.run_well(program), r"^\d+\.\d+\.\d+\n$")

    def test_control(self):
        """The vectors find a fault, so they ask this file."""
        text = (self.made / "grove.c").read_text(encoding="utf-8")
        self.assertIn(LONG[0], text)
        (self.made / "faulty.c").write_text(text.replace(*LONG),
                                            encoding="utf-8")
        self.expect_status(1, self.check(self.compile(C, "faulty.c"),
                                         "vectors/rules"))


class Refusals(support.Test):
    """Bad input ends in one line."""

    def tree(self):
        return support.Tree(self.folder / "tree", (
            "CMakeLists.txt", "LICENSE", "ref", "tools/amalgamate",
            "tools/scripts"), without=("ref/tests",))

    def test_no_folder(self):
        self.refuse("choose another by -o", AMALGAMATE, "-o",
                    self.folder / "none")

    def test_no_guard(self):
        tree = self.tree()
        support.replace("ref/held.h", "#ifndef GROVE_HELD_H\n", "")(tree)
        self.refuse("held.h: no include guard; add one",
                    tree.root / "tools/amalgamate", "-o", self.folder)

    def test_no_file(self):
        tree = self.tree()
        (tree.root / "ref/held.h").unlink()
        self.refuse("no file held.h; restore it",
                    tree.root / "tools/amalgamate", "-o", self.folder)


if __name__ == "__main__":
    support.main()
