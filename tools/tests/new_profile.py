#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""A new kernel is at most ten edited files.

    new_profile.py Recipe Ports

In a copy of the sources, linux-9.9 becomes the newest profile. It is like the
newest one of today, but a UDP super-packet may have 128 packets. The copy is
built. `Recipe`: tools/lint, all vectors and the Python port must pass, and so
must a new vector that shows the difference. `Ports`: the unit tests and the
other ports must pass, too, and without one of the edits lint fails.
"""

import filecmp
import hashlib
import re
import shutil
import sys
import unittest

import support
from scripts import profiles
from support import append, replace

PARTS = (".github", "ref", "tools", "fuzz", "vectors", "CMakeLists.txt",
         *(path.name for path in support.ROOT.glob("*.md")))
MOST_FILES = 10

NEW = "linux-9.9"
OLD = profiles.profiles()[-1]
NUMBER = 1 + max(row.number for row in profiles.profiles())
LIMIT = "max_udp_segments"
COLUMNS = "|".join(column.name for column in profiles.columns())

GO = "vectors/ports/go/profile.go"
PYTHON = "vectors/ports/python/config.py"
RUST = "vectors/ports/rust/src/profile.rs"
SUMS = "vectors/accumulated/SHA256SUMS"
END = "vectors/rules/end.json"
DECIDING = "tools/oracle/deciding.def"

VECTOR = "end-count-9.9"
SOURCE = f'''
early("{VECTOR}", "128 datagrams are one super-packet in Linux 9.9",
      "GRO-END-004", [{{}}] * 127, ["merged"] * 127,
      [list(range(1, 129)), [0]], "boundary", {{**UDP4, "size": 1}},
      profile="{NEW}", flags="order profile")
'''


def with_copy(row):
    """A row of profile.def or of a port, and the new one behind it."""
    new = row[0].replace(OLD.name, NEW).replace("64", "128")
    return row[0] + new.replace(f"({OLD.number},", f"({NUMBER},")


def with_cell(row):
    """A row of SPEC.md with the new profile before "Read by"."""
    *cells, last = row[0].strip("| ").split(" | ")
    new = {"Column": NEW, LIMIT: "128"}.get(cells[0], cells[-1])
    if cells[0] == LIMIT:
        cells[1] += ", 128"
    return f"| {' | '.join([*cells, new, last])} |"


def with_value(row):
    """A tuple of the Python port with one element more."""
    new = {None: f'"{NEW}"', LIMIT: "128"}.get(row["name"], row["last"])
    return f"{row[0]}, {new}"


# What somebody edits by hand. The rest is made by commands.
EDITS = (
    replace("ref/profile.def",
            rf'^GROVE_PROFILE\({OLD.number}, "{OLD.name}",[^)]*\)\n', with_copy),
    replace("ref/profile.def", rf"(?<={LIMIT}, \()64", "64, 128"),
    replace("SPEC.md", rf"^\| (?:Column|{COLUMNS}) \|.*$", with_cell),
    replace("SPEC.md", r"(?<=Read by \|\n\|)", "---|"),
    replace(GO, rf'^\t{{"{OLD.name}", .*\n', with_copy),
    replace(GO, rf'(?<="{LIMIT}", ")64', "64 128"),
    replace(RUST, r"(?<=PROFILES: \[\(&str, &str\); )\d+",
            lambda count: str(int(count[0]) + 1)),
    replace(RUST, rf'^    \("{OLD.name}", .*\n', with_copy),
    replace(RUST, rf'(?<="{LIMIT}", &\[")64"', '64", "128"'),
    replace(PYTHON, r'^(?:NAMES|    "(?P<name>\w+)":) .*?'
            r"(?P<last>[^\s,(]+)(?=\),?$)", with_value),
    replace(PYTHON, '"64": 64', '"64": 64, "128": 128'),
    append("fuzz/grove.dict", f'json_9_9="\\"{NEW}\\""\n'),
    append("tools/scripts/vectors/rules/end.py", SOURCE),
)


def edited(root):
    """The files of the copy that differ from the sources."""
    names = [path.relative_to(root) for part in PARTS
             for path in [root / part, *(root / part).rglob("*")]
             if path.is_file()]
    return sorted(str(name) for name in names
                  if not (support.ROOT / name).exists() or not filecmp.cmp(
                      root / name, support.ROOT / name, shallow=False))


class Copy(support.Test):
    """The copy, in which the recipe was followed."""

    unit_tests = "OFF"

    @classmethod
    def setUpClass(cls):
        folder = support.scratch(cls.addClassCleanup)
        cls.root = folder / "tree"
        cls.build = folder / "build"
        cls.grove = cls.build / "grove"
        tree = support.Tree(cls.root, PARTS)
        for edit in EDITS:
            edit(tree)
        cls.do("cmake", "-S", cls.root, "-B", cls.build, "-G", "Ninja",
               "-DCMAKE_C_FLAGS=-O1", "-DCMAKE_BUILD_TYPE=Debug",
               f"-DBUILD_TESTING={cls.unit_tests}")
        cls.do("cmake", "--build", cls.build, timeout=600)
        cls.do("tools/deciding", "--grove", cls.grove, timeout=300)
        cls.do("cmake", "--build", cls.build, timeout=600)
        cls.add_hashes()
        cls.do("tools/tests/one_vector.py", cls.grove, "rules/end", VECTOR)

    @classmethod
    def do(cls, *command, **options):
        """Runs a command in the copy, which must succeed."""
        done = support.run(*command, cwd=cls.root, env=support.environment(
            PYTHONPATH=str(cls.root / "tools"),
            PYTHONDONTWRITEBYTECODE="1"), **options)
        assert done.returncode == 0, support.report_of(done)
        return done.stdout

    @classmethod
    def add_hashes(cls):
        """Adds the hashes of 10,000 batches to SHA256SUMS."""
        lines = (cls.root / SUMS).read_text("ascii").splitlines()
        for name, *options in ((f"gro-{NEW}",), (f"gro-{NEW}-lossless",
                                                 "--lossless"),
                               (f"gso-{NEW}", "--op", "gso"),
                               (f"layers-{NEW}", "--layers")):
            stream = cls.do(cls.grove, "accumulate", "--batches", "10000",
                            "--profile", NEW, *options, text=False)
            lines.append(f"{hashlib.sha256(stream).hexdigest()}  {name}-10000")
        lines.sort(key=lambda line: line.split()[1])
        (cls.root / SUMS).write_text("\n".join(lines) + "\n", "ascii")

    def check(self, *arguments):
        """grove check, in the copy."""
        return support.run(self.grove, "check", *arguments, cwd=self.root,
                           timeout=300)

    def expect_vector(self, *adapter):
        """The suite of the new vector passes, and has it."""
        done = self.expect_status(0, self.check(*adapter, END))
        for profile in (NEW, OLD.name):
            self.assertRegex(done.stdout,
                             rf"(?m)^ok \d+ - {VECTOR} {re.escape(profile)}$")

    def put(self, name, data):
        """Writes a file of the copy, until the test ends."""
        path = self.root / name
        self.addCleanup(path.write_bytes, path.read_bytes())
        path.write_bytes(data)


class Recipe(Copy):
    def test_at_most_ten_files(self):
        self.assertLessEqual(len(edited(self.root)), MOST_FILES,
                             edited(self.root))

    def test_lint(self):
        self.do("tools/lint", self.root)

    def test_vectors(self):
        self.expect_status(0, self.check("vectors"))
        self.expect_vector()

    def test_python_port(self):
        self.expect_vector("--exec",
                           f"{sys.executable} vectors/ports/python/adapter.py")

    def test_a_wrong_limit(self):
        text = (self.root / PYTHON).read_text("utf-8")
        self.put(PYTHON, text.replace("128", "64").encode())
        done = self.check(
            "--exec", f"{sys.executable} vectors/ports/python/adapter.py", END)
        self.expect_status(1, done)
        self.assertIn(f"{VECTOR} {NEW}", done.stdout)


class Ports(Copy):
    unit_tests = "ON"

    def test_unit_tests(self):
        self.do("ctest", "--test-dir", self.build, "-L", "^unit$", "-LE",
                "^kernel$", "--output-on-failure", "-j2", timeout=600)

    @unittest.skipUnless(shutil.which("go"), "no go; install golang-go")
    def test_go_port(self):
        port = self.folder / "port"
        self.run_well("go", "build", "-o", port, ".",
                      cwd=self.root / "vectors/ports/go", timeout=300,
                      env=support.environment(GOCACHE=str(self.folder),
                                              GOPROXY="off"))
        self.expect_vector("--exec", str(port))

    def test_a_forgotten_file(self):
        made = {"tools/scripts/vectors/rules/end.py", END, DECIDING}
        for name in set(edited(self.root)) - made:
            with self.subTest(name):
                self.put(name, (support.ROOT / name).read_bytes())
                done = support.run(self.root / "tools/lint", self.root)
                self.expect_status(1, done)
                words = name if name != "ref/profile.def" else "SPEC.md"
                self.assertIn(f"{words}: ", done.stdout)
                self.doCleanups()


support.main()
