# SPDX-License-Identifier: MIT
"""What the tests in Python share.

`run` runs a command with a time limit. `Test` is a test case with a scratch
folder; it checks how a command ended and that a refusal is one line. `Tree` is
a copy of parts of the repository, in which a test plants mistakes. A test ends
with `main`, which reports skipped cases.

ctest sets PYTHONPATH to tools/, so that tests elsewhere find this module as
tests.support.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"

SKIPPED = 77
NOBODY = 65534

# A failure shows the end of what a command printed: so many characters.
SHOWN = 2000

CAP_SYS_ADMIN = 21


def has_rights():
    """Whether this process has the rights of root. In a container root may lack
    them.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    rights = int(re.search(r"(?m)^CapEff:\s*(\w+)$", status)[1], 16)
    return os.geteuid() == 0 and bool(rights >> CAP_SYS_ADMIN & 1)


HAS_TUN = has_rights() and os.path.exists("/dev/net/tun")
NEEDS_TUN = "it needs root and /dev/net/tun"


def program_argument():
    """Takes the path of the tested program from the command line."""
    return str(Path(sys.argv.pop(1)).resolve())


def run(*command, timeout=60, **options):
    """Runs a command to its end and returns it with its output as text. A
    command that takes over `timeout` seconds is killed, and the test fails.
    """
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               "text": True, **options}
    return subprocess.run([os.fspath(word) for word in command], check=False,
                          timeout=timeout, **options)


def without_rights(*command):
    """The command for root without any capability."""
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all", *command)


def environment(**variables):
    """The environment of this process with these variables set."""
    return {**os.environ, **variables}


def report_of(done):
    """A finished command as a failure shows it."""
    text = shlex.join(map(str, done.args))
    for name in "stdout", "stderr":
        said = getattr(done, name)
        if said:
            text += f"\n{name}: {said[-SHOWN:]}"
    return text


def write_program(path, text):
    """Writes an executable file."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def write_script(path, text):
    """Writes an executable script for /bin/sh."""
    return write_program(path, f"#!/bin/sh\n{text}")


def truncate(path, count):
    """Takes the last `count` bytes off a file."""
    path.write_bytes(path.read_bytes()[:-count])


def scratch(add_cleanup):
    """A new folder; `add_cleanup` is the method of a test case, or of its
    class, that has it removed.
    """
    folder = tempfile.TemporaryDirectory()
    add_cleanup(folder.cleanup)
    return Path(folder.name)


def require_kernel(grove):
    """Skips tests, and says why, if grove cannot ask the running kernel."""
    done = run(grove, "profile")
    if done.returncode == SKIPPED:
        raise unittest.SkipTest(done.stderr.strip())


class Test(unittest.TestCase):
    """A test case with an empty scratch folder, `self.folder`."""

    def setUp(self):
        self.folder = scratch(self.addCleanup)

    def make_folder(self, name):
        """An empty folder in the scratch folder."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path

    def write(self, name, text):
        """Writes a file into the scratch folder; returns its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def expect_status(self, status, done):
        """The finished command has this exit status."""
        self.assertEqual(done.returncode, status, report_of(done))
        return done

    def run_well(self, *command, **options):
        """Runs a command whose exit status must be 0; returns its stdout."""
        return self.expect_status(0, run(*command, **options)).stdout

    def expect_one_line(self, status, words, done):
        """The command has this exit status, and wrote one line on stderr, with
        these words.
        """
        self.expect_status(status, done)
        self.assertEqual(len(done.stderr.splitlines()), 1, report_of(done))
        self.assertIn(words, done.stderr, report_of(done))

    def refuse(self, words, *command, status=2, **options):
        """Runs a command that must refuse in one line with these words, and
        print nothing on stdout.
        """
        done = run(*command, **options)
        self.expect_one_line(status, words, done)
        self.assertEqual(done.stdout, "", report_of(done))

    def expect_empty(self, folder):
        """Nothing was written into the folder."""
        self.assertEqual(sorted(folder.iterdir()), [])

    def expect_same_files(self, one, other):
        """Two folders hold the same files with the same bytes."""
        self.assertEqual(contents(one), contents(other),
                         f"{one} and {other}")


def contents(folder):
    """The digest of each file in a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


class Tree:
    """A copy of parts of the repository. `restore` undoes all edits."""

    def __init__(self, root, parts, without=()):
        """Copies `parts`, files and folders, to `root`. The folders of
        `without` are left out; all names are relative to the repository.
        """
        self.root = root
        self.originals = {}
        left_out = {str(ROOT / name) for name in without}

        def ignore(folder, names):
            return [name for name in names
                    if name == "__pycache__" or f"{folder}/{name}" in left_out]

        for part in parts:
            target = root / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, target, ignore=ignore)
            else:
                shutil.copy(ROOT / part, target)

    def touch(self, name):
        """The path of a file that is about to be changed."""
        path = self.root / name
        if path not in self.originals:
            self.originals[path] = path.read_bytes() if path.exists() else None
        return path

    def restore(self):
        """Undoes all edits."""
        for path, data in self.originals.items():
            if data is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(data)
        self.originals.clear()


# Edits of a tree, for the rows of a table: each is called with the tree.


def replace(name, pattern, text, count=0):
    """Replaces each match of a regular expression, or the first `count`. There
    must be one.
    """
    def edit(tree):
        path = tree.touch(name)
        changed, found = re.subn(pattern, text, path.read_text("utf-8"),
                                 count=count, flags=re.M)
        assert found, f"{name} has nothing like {pattern}"
        path.write_text(changed, encoding="utf-8")
    return edit


def append(name, text):
    """Appends text to a file; the file need not exist."""
    def edit(tree):
        with tree.touch(name).open("a", encoding="utf-8") as stream:
            stream.write(text)
    return edit


def write_bytes(name, make):
    """Writes what make(tree) returns."""
    def edit(tree):
        tree.touch(name).write_bytes(make(tree))
    return edit


def remove(name):
    """Removes a file."""
    def edit(tree):
        tree.touch(name).unlink()
    return edit


def shorten(name, count):
    """Takes the last `count` bytes off a file."""
    def edit(tree):
        truncate(tree.touch(name), count)
    return edit


def main():
    """Runs the tests of the calling file. The exit status is 77 if every case
    was skipped.
    """
    result = unittest.main(exit=False).result
    for case, reason in result.skipped:
        print(f"SKIP: {case.id()}: {reason}")
    if not result.wasSuccessful() or not result.testsRun + len(result.skipped):
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun <= len(result.skipped) else 0)
