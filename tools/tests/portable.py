#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The core of the library on other systems than Linux with glibc: with musl,
for Windows by mingw-w64, and without a C library.

    portable.py Musl|Mingw|Freestanding
"""

import hashlib
import re
import shutil
import unittest

import support

PROGRAMS = support.TOOLS / "tests/package"
ORACLE = support.TOOLS / "oracle"
# What answers.c needs of the tools.
ANSWERS = ("accumulate.c", "arena.c", "reference.c", "run.c")
SUMS = support.ROOT / "vectors/accumulated/SHA256SUMS"
PATIENCE = 240

# All that the core calls. __cpu_* are of the compiler's own library.
CALLS = {"memcmp", "memcpy", "memset", "strchr", "strcmp", "strcspn", "strlen",
         "malloc", "free", "__cpu_model", "__cpu_features2"}

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")


def need(compiler, package):
    """Skips a test without this compiler."""
    return unittest.skipUnless(
        shutil.which(compiler), f"no {compiler}: apt-get install {package}")


class Library(support.Test):
    def build_library(self, compiler, *options):
        """Builds libgrove as a project that includes it would."""
        build = self.folder / "build"
        self.run_well("cmake", "-S", support.ROOT, "-B", build, "-G", "Ninja",
                      f"-DCMAKE_C_COMPILER={compiler}", "-DBUILD_TESTING=OFF",
                      "-DGROVE_TUN=OFF", "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON",
                      *options, timeout=PATIENCE)
        self.run_well("cmake", "--build", build, timeout=PATIENCE)
        return build / "ref/libgrove.a"


@need("musl-gcc", "musl-tools")
class Musl(Library):
    def test_answers(self):
        """It gives the published answers."""
        library = self.build_library("musl-gcc")
        program = self.folder / "answers"
        self.run_well("musl-gcc", *WARNINGS, "-O2", "-D_GNU_SOURCE",
                      f"-I{ORACLE}", f"-I{support.ROOT}/ref/include",
                      PROGRAMS / "answers.c",
                      *(ORACLE / name for name in ANSWERS), library,
                      "-o", program, timeout=PATIENCE)
        published = re.findall(r"(\w+)  gro-(linux-[\d.]+)-10000$",
                               SUMS.read_text("ascii"), re.M)
        self.assertNotEqual(published, [])
        for digest, profile in published:
            with self.subTest(profile):
                said = self.run_well(program, profile, "10000", text=False)
                self.assertEqual(hashlib.sha256(said).hexdigest(), digest)


@need("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64-win32")
class Mingw(Library):
    def test_program(self):
        """It compiles, is linked, and shows the names of the headers only."""
        tools = "x86_64-w64-mingw32"
        library = self.build_library(f"{tools}-gcc",
                                     "-DCMAKE_SYSTEM_NAME=Windows")
        program = self.folder / "consumer.c"
        program.write_text(
            '#include "grove/split.h"\n'
            "int main(void) { struct grove_table *table;\n"
            "return grove_table_new(&(struct grove_config){0}, &table); }\n")
        self.run_well(f"{tools}-gcc", *WARNINGS,
                      f"-I{support.ROOT}/ref/include", program, library,
                      "-o", self.folder / "consumer.exe", timeout=PATIENCE)
        names = re.findall(r" [A-TV-Z] (\S+)", self.run_well(
            f"{tools}-nm", "--extern-only", library))
        self.assertIn("grove_table_new", names)
        self.assertEqual([name for name in names
                          if not name.startswith("grove_")], [])


class Freestanding(support.Test):
    def calls(self, *lines):
        """What the core calls, with these lines of C below it. It has the
        headers of package/freestanding and of the compiler.
        """
        headers = self.run_well("gcc", "-print-file-name=include").strip()
        unit = self.folder / "core.c"
        unit.write_text("\n".join([
            *(f'#include "{path}"'
              for path in sorted((support.ROOT / "ref").glob("*.c"))),
            *lines, ""]))
        compiled = self.folder / "core.o"
        self.run_well("gcc", *WARNINGS, "-std=c11", "-O2", "-ffreestanding",
                      "-nostdinc", "-isystem", headers,
                      f"-I{PROGRAMS}/freestanding", f"-I{support.ROOT}/ref",
                      f"-I{support.ROOT}/ref/include", "-fno-pic",
                      '-DGROVE_VERSION="0"', "-c", unit, "-o", compiled,
                      timeout=PATIENCE)
        return set(re.findall(r" U (\w+)", self.run_well(
            "nm", "--undefined-only", compiled)))

    def test_calls(self):
        self.assertLessEqual(self.calls(), CALLS)

    def test_a_planted_call(self):
        self.assertLessEqual({"puts"}, self.calls(
            "int puts(const char *);", "int planted(void);",
            'int planted(void) { return puts(""); }') - CALLS)


support.main()
