#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/manual: manual.py GROVE

mandoc finds nothing to complain about in the man pages. The pages and the
completions have each command, option and public function. bash, zsh and fish
complete what is typed, and the examples run.
"""

import os
import pty
import re
import select
import shutil
import sys
import time
import unittest

import support
from scripts.manual import examples

GROVE = support.program_argument()
MANUAL = support.TOOLS / "manual"
HEADERS = sorted((support.ROOT / "ref/include/grove").glob("*.h"))
PATIENCE = 20

# Stands for grove where a shell runs what it has completed.
ECHO = 'echo "<$*>"\n'

# What is typed, and the words that the shell makes of it.
TYPED = (
    ("exp\t--js\t", "explain --json"),
    ("check --op ro\t", "check --op ro"),
    ("diff --op ro\t", "diff --op roundtrip"),
    ("explain --profile linux-7\t", "explain --profile linux-7.2"),
    ("format capture-\t", "format capture-file"),
)


def needs(program):
    return unittest.skipIf(shutil.which(program) is None,
                           f"there is no {program}")


def commands():
    """The names of all commands, by their own help."""
    said = support.run(GROVE, "--help").stdout
    return re.findall(r"^  ([a-z]+) {2,}", said, re.M)


def options(name):
    """The long options of a command, by its usual help."""
    said = support.run(GROVE, name, "--help").stdout
    return re.findall(r"^  (?:-\S, |    )(--[a-z-]+)", said, re.M)


def functions():
    for path in HEADERS:
        yield from re.findall(r"^(?!static|typedef)[\w *]*?\b(grove_\w+)\(",
                              path.read_text(encoding="utf-8"), re.M)


class Made(support.Test):
    """What tools/manual makes of this tree."""

    @classmethod
    def setUpClass(cls):
        cls.made = support.scratch(cls.addClassCleanup)
        cls.done = support.run(MANUAL, "-o", cls.made, GROVE)

    def setUp(self):
        super().setUp()
        self.expect_status(0, self.done)

    def text(self, name):
        return (self.made / name).read_text(encoding="utf-8")

    def completion(self, name):
        return self.made / "completion" / name


class Pages(Made):
    def lint(self, *pages):
        self.run_well("makewhatis", self.made)
        return support.run("mandoc", "-T", "lint", "-W", "style", *pages,
                           env=support.environment(MANPATH=str(self.made)))

    def files(self):
        return sorted(path for path in self.made.glob("man?/*")
                      if not path.is_symlink())

    @needs("mandoc")
    def test_lint(self):
        self.assertEqual(self.expect_status(0, self.lint(*self.files())).stdout,
                         "")

    @needs("mandoc")
    def test_control(self):
        """mandoc finds a reference to no page, and an unknown macro."""
        text = self.text("man1/grove.1")
        for fault in ".Xr grove-none 1", ".Xx":
            page = self.write("grove.1", f"{text}{fault}\n")
            self.assertIn("grove.1", self.lint(page).stdout)

    def test_options(self):
        self.assertGreater(len(commands()), 9)
        for name in commands():
            page = self.text(f"man1/grove-{name}.1")
            self.assertIn(f"Cm {name}\n", self.text("man1/grove.1"))
            self.assertGreater(len(options(name)), 2)
            for option in options(name):
                self.assertRegex(page, rf"\bFl -{option[2:]}\b")

    def test_functions(self):
        names = set(functions())
        self.assertGreater(len(names), 50)
        for name in names:
            self.assertIn(f".Fo {name}\n", self.text(f"man3/{name}.3"))

    def test_source_is_the_help(self):
        """An option that a command gets is in the page and the completion."""
        other = support.write_script(self.folder / "grove", f"""\
{GROVE} "$@" | sed "s/^  -j, --json /  -j, --jason=a|b  /"
""")
        self.run_well(MANUAL, "-o", self.folder, other)
        for name in "man1/grove-check.1", "completion/fish/grove.fish":
            self.assertIn("jason", (self.folder / name).read_text("utf-8"))
        self.assertIn("words='a b'", (self.folder / "completion/bash/grove"
                                      ).read_text("utf-8"))

    def test_date(self):
        again = self.make_folder("again")
        self.run_well(MANUAL, "-o", again, GROVE,
                      env=support.environment(SOURCE_DATE_EPOCH="1700000000"))
        self.assertIn("\n.Dd November 14, 2023\n",
                      (again / "man1/grove.1").read_text("utf-8"))

    def test_examples(self):
        """Each example ends well, in the sources."""
        path = self.folder / "bin"
        path.mkdir()
        (path / "grove").symlink_to(GROVE)
        for lines in examples.OF.values():
            for _, line in lines:
                with self.subTest(line):
                    self.run_well("bash", "-o", "pipefail", "-c", line,
                                  cwd=self.sources(), env=support.environment(
                                      PATH=f"{path}:{os.environ['PATH']}"))

    def sources(self):
        """A folder that looks like the sources, for what examples write."""
        folder = self.folder / "sources"
        folder.mkdir(exist_ok=True)
        if not (folder / "vectors").exists():
            (folder / "vectors").symlink_to(support.ROOT / "vectors")
        return folder


class Completions(Made):
    def names(self, text):
        code = re.sub(r"#.*", "", text)
        return set(re.findall(r"--[a-z-]+", code))

    def test_options(self):
        """Each option of the help is there, and no other one."""
        wanted = {option for name in commands() for option in options(name)}
        for name in "bash/grove", "zsh/_grove":
            self.assertEqual(self.names(self.text(f"completion/{name}")),
                             wanted)
        fish = self.text("completion/fish/grove.fish")
        for name in commands():
            lines = re.findall(rf"from {name}' -l ([a-z-]+)", fish)
            self.assertEqual([f"--{line}" for line in lines], options(name))

    @needs("shellcheck")
    def test_shellcheck(self):
        self.run_well("shellcheck", "-s", "bash", self.completion("bash/grove"))

    def typed(self, shell, keys):
        """What the shell prints for the typed keys, between "<" and ">"."""
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.execvpe(shell[0], shell, support.environment(
                PATH=f"{self.folder}:{os.environ['PATH']}", TERM="dumb",
                HOME=str(self.folder), ZDOTDIR=str(self.folder), PS1="$ "))
        os.write(terminal, keys.encode())
        said, end = "", time.monotonic() + PATIENCE
        while "\n<" not in said and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                said += os.read(terminal, 4096).decode()
        os.write(terminal, b"exit\n")
        os.close(terminal)
        os.waitpid(process, 0)
        found = re.search(r"\n<(.*)>", said)
        self.assertIsNotNone(found, said)
        return found[1].strip()

    def expect_typed(self, shell, setup):
        support.write_script(self.folder / "grove", ECHO)
        self.write("capture-file", "")
        for keys, words in TYPED:
            with self.subTest(keys):
                self.assertEqual(
                    self.typed(shell, f"{setup}\ngrove {keys}\n"), words)

    @needs("bash")
    def test_bash(self):
        self.expect_typed(("bash", "--norc", "--noprofile", "-i"),
                          f"source {self.completion('bash/grove')}")

    @needs("zsh")
    def test_zsh(self):
        self.expect_typed(("zsh", "-f", "-i"),
                          f"fpath=({self.completion('zsh')} $fpath); "
                          "autoload -U compinit; compinit -u -D")

    @needs("fish")
    def test_fish(self):
        def complete(line):
            said = self.run_well("fish", "--no-config", "-c", f"source "
                                 f"{self.completion('fish/grove.fish')}; "
                                 f"complete -C '{line}'", cwd=self.folder)
            return {line.split("\t")[0] for line in said.splitlines()}

        self.write("capture-file", "")
        self.assertEqual(complete("grove exp"), {"explain"})
        self.assertEqual(complete("grove diff --op "),
                         {"gro", "gso", "roundtrip"})
        self.assertIn("--junit", complete("grove check --j"))
        self.assertIn("linux-7.2", complete("grove gen --profile "))
        self.assertIn("capture-file", complete("grove format capt"))
        self.assertEqual(complete("grove adapter capt"), set())


class Refusals(support.Test):
    def test_no_command(self):
        self.refuse("build it, and name it", MANUAL, "-o", self.folder,
                    self.folder / "none")
        self.refuse("name the command grove", MANUAL, "-o", self.folder,
                    "/bin/false")
        self.refuse("name the command grove", MANUAL, "-o", self.folder,
                    "/bin/echo")
        self.expect_empty(self.folder)

    def test_no_folder(self):
        self.write("file", "")
        self.refuse("choose another folder by -o", MANUAL, "-o",
                    self.folder / "file", GROVE)

    def test_date(self):
        self.refuse("SOURCE_DATE_EPOCH=x: give seconds", MANUAL, "-o",
                    self.folder, GROVE,
                    env=support.environment(SOURCE_DATE_EPOCH="x"))


if __name__ == "__main__":
    support.main()
