#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/kernels try: each column that is forgotten is found again, and nothing
is found where nothing is missing. The reference in a profile is the kernel.

    trial.py GROVE
"""

import json
import shlex

import support
from scripts import profiles
from scripts.command import Problem
from scripts.kernels import image, source

GROVE = support.program_argument()
KERNEL = support.TOOLS / "tests/adapters/kernel.py"
VECTORS = support.ROOT / "vectors/rules"

# A profile with each column that has two values, the vectors that are asked,
# and how many random batches.
COLUMNS = {
    "min_tcp_gso_size": ("linux-6.12", "key", 300),
    "takes_uso": ("linux-6.12", "key", 100),
    "checks_csum_start": ("linux-6.12", "key", 300),
    "dissects": ("linux-7.2", "key", 300),
    "refuses_cwr": ("linux-6.12", "key", 300),
    "compares_cwr": ("linux-6.18", "tcp", 0),
    "shows_cwr": ("linux-6.12", "out", 0),
    "fixed_id_needs_df": ("linux-6.12", "key", 300),
    "strips_jumbo": ("linux-6.12", "key", 300),
    "probes_tcp": ("linux-7.2:dissects=no,probes_tcp=yes", "key", 500),
    "takes_tunnels": ("linux-6.18", "header", 0),
    "counts_unread": ("linux-6.18", "header", 0),
    "big_ip4": ("linux-6.12", "big", 0),
    "lists_tcp": ("linux-6.12", "list", 0),
    "flushed_beside": ("linux-6.12", "list", 0),
    "checks_tunnel_length": ("linux-7.2:checks_tunnel_length=yes", "tunnel", 0),
}


class Trial(support.Test):
    def attempt(self, profile, vectors, batches, *more):
        """The finished command, and its report."""
        out = self.folder / "out"
        kernel = shlex.join(map(str, (KERNEL, GROVE, profile)))
        done = support.run(
            support.TOOLS / "kernels", "--grove", GROVE, "try", "--exec",
            kernel, "--vectors", VECTORS / f"{vectors}.json", "--batches",
            str(batches), "--output", out, *more, timeout=600)
        return done, json.loads((out / "report.json").read_text())

    def test_all_columns_are_tested(self):
        self.assertEqual([*COLUMNS], [
            column.name for column in profiles.columns()
            if len(column.known) > 1])

    def test_forgotten_columns(self):
        """A forgotten column is missing: no other one explains what differs.
        """
        for column, (profile, vectors, batches) in COLUMNS.items():
            with self.subTest(column):
                done, report = self.attempt(profile, vectors, batches,
                                            "--forget", column)
                self.expect_status(1, done)
                missing = [cause for cause in report["causes"]
                           if cause["column"] is not None]
                self.assertTrue(missing, report)
                self.expect_drafts(missing[0])

    def expect_drafts(self, cause):
        page = (self.folder / "out/page.md").read_text()
        self.assertIn(f"GROVE_COLUMN(bool, {cause['column']}", page)
        self.assertIn(f"> With {cause['column']}, ", page)
        least = cause["groups"][0]["smallest"]["input"]
        self.assertLessEqual(len(least), 3)
        # The vectors expect what the kernel answers, so the reference fails.
        done = support.run(GROVE, "check", self.folder / "out/vectors.json")
        self.assertIn("not ok 1 - try-1 ", done.stdout)

    def test_dropped_super_packets(self):
        """What 7.2.6 was found to do, before it had a column."""
        profile, vectors, batches = COLUMNS["probes_tcp"]
        _, report = self.attempt(profile, vectors, batches,
                                 "--forget", "probes_tcp")
        group, = [group for cause in report["causes"]
                  for group in cause["groups"]]
        self.assertEqual(group["op"], "gso")
        self.assertEqual(group["shape"], "the kernel refuses or drops it")
        self.assertIn("NEEDS_CSUM: no", group["common"])

    def test_a_kernel_that_fits(self):
        for profile in "linux-7.2", "linux-6.12:min_tcp_gso_size=0":
            done, report = self.attempt(profile, "gso", 100)
            self.expect_status(0, done)
            self.assertIn("no difference", done.stdout)
            self.assertEqual(report["causes"], [])
            self.assertFalse((self.folder / "out/vectors.json").exists())

    def test_an_installed_kernel(self):
        """The modules are those of the release in the image's name."""
        root = self.make_folder("my root")
        for release in "6.9.1", "6.9.2":
            modules = root / "lib/modules" / release
            modules.mkdir(parents=True)
            (modules / "modules.builtin").write_text("".join(
                f"kernel/{name}.ko\n" for name in image.MODULES))
        (root / "boot").mkdir()
        kernel = root / "boot/vmlinuz-6.9.2"
        kernel.write_bytes(b"a kernel")
        for number, named in enumerate((root, kernel)):
            tree = source.kernel_of(named, self.make_folder(f"tree{number}"))
            self.assertEqual((tree / "vmlinuz").resolve(), kernel)
            self.assertEqual(
                [path.resolve() for path in tree.rglob("modules.builtin")],
                [modules / "modules.builtin"])
        (root / "boot/vmlinuz-6.9.1").write_bytes(b"another one")
        with self.assertRaisesRegex(Problem, "2 images of a kernel; name one"):
            source.kernel_of(root, self.make_folder("tree"))

    def test_refusals(self):
        kernels = support.TOOLS / "kernels"
        empty = self.make_folder("empty")
        debs = self.make_folder("debs")
        (debs / "one.deb").write_text("not a package\n")
        built = self.make_folder("built") / "bzImage"
        built.write_bytes(b"not a kernel")
        for words, named in (
                ("neither *.deb nor a bzImage", empty),
                ("one.deb: ", debs), ("no kernel that boots", built),
                ("buster: neither a version nor a suite", "buster"),
                ("no kernel to try; name one", None)):
            arguments = [] if named is None else [named]
            self.refuse(words, kernels, "--grove", GROVE, "try", *arguments,
                        "-o", self.folder / "none")
        self.refuse("--forget mode: no column with two values", kernels,
                    "--grove", GROVE, "try", "--exec",
                    shlex.join(map(str, (KERNEL, GROVE, "linux-7.2"))),
                    "--forget", "mode", "-o", self.folder / "none")


if __name__ == "__main__":
    support.main()
