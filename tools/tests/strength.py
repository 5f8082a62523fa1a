#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""How strong the vectors are, by tools/mutate and tools/strength.

The vectors alone reach every line and branch of the decision code, show each
rule from all sides, are confirmed by all kernels, and notice each change of
ref/ that is in a sample; tools/strength without --sample tries all. Negative controls: without most vectors tools/mutate must name a place
that no vector reaches and a mutant that survives, and tools/strength a rule
without vectors. Without a kernel's confirmation it must ask for that.
"""

import gzip
import re

import support

MUTATE = support.TOOLS / "mutate"
STRENGTH = support.TOOLS / "strength"
UDP = "vectors/rules/udp.json"
PATIENCE = 900
# It is prime, so that a sample has mutants of each kind.
SAMPLE = "127"

NO_LIBCLANG = """\
from clang import cindex
cindex.Config.set_library_file("/none")
"""


class Controls(support.Test):
    def expect_complaint(self, pattern, done):
        """Exit status 1, and a line that matches."""
        self.expect_status(1, done)
        self.assertRegex(done.stdout + done.stderr, f"(?m){pattern}")

    def copy_of_tools(self):
        """A copy of the tools, beside SPEC.md."""
        return support.Tree(self.folder / "tree", ("SPEC.md", "tools"))

    def test_sources_that_do_not_compile(self):
        root = self.copy_of_tools().root
        mutate = root / "tools/mutate"
        self.refuse(f"{root}/ref: No such file", mutate, "--list")
        (root / "ref").mkdir()
        (root / "ref/ip.c").write_text("int f(void) { return nobody; }\n")
        self.refuse("ref/ip.c:1:", mutate, "--list")

    def test_missing_packages(self):
        nothing = support.environment(PATH="/none")
        for words, option in (("apt-get install clang", "--list"),
                              ("apt-get install cmake", "--coverage")):
            self.refuse(words, MUTATE, option, env=nothing)
        self.write("sitecustomize.py", NO_LIBCLANG)
        self.refuse("apt-get install libclang", MUTATE, "--list",
                    env=support.environment(PYTHONPATH=str(self.folder)))

    def test_usage(self):
        self.refuse("see strength --help", STRENGTH, "--none")
        self.run_well(STRENGTH, "--help")
        for count in "0", "99999":
            self.refuse(f"mutate: --sample {count}: give 1 to ", MUTATE,
                        "--sample", count, "--list")

    def test_sample(self):
        """Samples of 3 have every third mutant, and name themselves."""
        whole, said = (self.run_well(
            MUTATE, "--list", "--file", "ip.c", *options).splitlines()
            for options in ((), ("--sample", "3")))
        self.assertEqual(said[1:], whole[::3])
        self.assertIn(f"one of 3 of {len(whole)} mutants; ", said[0])

    def test_few_vectors(self):
        for options, pattern in (
                (["--coverage"], "^ref/ip.c:.*: no vector gets here$"),
                (["--file", "ip.c"], "^ref/ip.c:.*: ref/ip.c is_extension: ")):
            with self.subTest(options):
                self.expect_complaint(pattern, support.run(
                    MUTATE, *options, UDP, cwd=support.ROOT, timeout=PATIENCE))

    def strength_of_copy(self, mutate, vectors, name):
        """tools/strength in a tree whose only vectors are these, and whose
        tools/mutate is another program.
        """
        root = support.Tree(self.folder / "tree", (
            "SPEC.md", "ref/profile.def", "tools")).root
        support.write_script(root / "tools/mutate", f"{mutate}\n")
        (root / "vectors/rules").mkdir(parents=True)
        (root / name).write_bytes(vectors)
        return support.run(root / "tools/strength")

    def test_rules_and_kernels(self):
        text = (support.ROOT / UDP).read_text("utf-8")
        text, found = re.subn(r'"linux-6\.12[^"]*",', "", text)
        self.assertGreater(found, 0)
        done = self.strength_of_copy("exit 0", text.encode(), UDP)
        self.expect_complaint("^GRO-TCP-001: no vector with flag allows, "
                              "boundary, refuses$", done)
        self.expect_complaint(r": not a word of linux-6\.12; ", done)

    def test_mutants_that_cannot_be_tried(self):
        done = self.strength_of_copy("echo mutate: no clang >&2; exit 2",
                                     (support.ROOT / UDP).read_bytes(), UDP)
        self.expect_one_line(2, "no clang", done)

    def test_vectors_that_cannot_be_read(self):
        packed = gzip.compress((support.ROOT / UDP).read_bytes())[:999]
        done = self.strength_of_copy("exit 0", packed, "vectors/cut.json.gz")
        self.expect_one_line(2, "cut.json.gz: ", done)


class Strength(support.Test):
    def test_coverage(self):
        self.run_well(MUTATE, "--coverage", timeout=PATIENCE)

    def test_sample(self):
        print(self.run_well(STRENGTH, "--sample", SAMPLE, timeout=PATIENCE),
              end="")


support.main()
