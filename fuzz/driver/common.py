# SPDX-License-Identifier: MIT
"""Paths, targets and files, for all commands of fuzz/run."""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from scripts import outfile
from scripts.command import Problem

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "fuzz"
CORPUS = FUZZ / "corpus"
STATE = ROOT / "build-fuzz"
WORK = STATE / "work"

# The sources of all targets, as git names them. No target calls accumulate.c.
# sources() removes the sources of other targets.
SOURCES = (
    "CMakeLists.txt", "ref", "tools/oracle", "fuzz",
    ":!tools/oracle/accumulate.*", ":!ref/tests",
    ":!fuzz/CMakeLists.txt", ":!fuzz/corpus",
    ":!fuzz/driver", ":!fuzz/oss-fuzz", ":!fuzz/seeds.c", ":!fuzz/tests",
    ":!fuzz/*.md")
# More sources, for the targets that use these libraries.
LIBRARIES = {"grove_format": "tools/format", "grove_pcap": "tools/pcap"}

# Targets that ask the running kernel. They need /dev/net/tun, and root or a user
# namespace. Only one of them may run at a time.
KERNEL_TARGETS = ("diff_gro", "diff_gso")
TUN = "/dev/net/tun"
# One of these succeeds where such a target can make its namespaces.
NAMESPACES = (("unshare", "--net", "true"),
              ("unshare", "--user", "--map-root-user", "--net", "true"))
# The target that drives the program in $GROVE_FUZZ_EXEC.
EXEC_TARGET = "diff_exec"
EXEC_VARIABLE = "GROVE_FUZZ_EXEC"


def whole(text):
    """A whole number over 0, as the type of an option."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f"{text}: give a whole number over 0")
    return int(text)


def targets():
    """The names of all targets."""
    return sorted(path.stem for path in (FUZZ / "targets").glob("*.c"))


def traits(target):
    """The words of a target in fuzz/CMakeLists.txt: BATCH, FOREIGN, and names
    of libraries.
    """
    text = (FUZZ / "CMakeLists.txt").read_text(encoding="utf-8")
    found = re.search(rf"^ *grove_add_fuzz_target\({target}\b([^)]*)", text,
                      re.M)
    return found[1].split() if found else []


def need(program, package):
    """Raises a Problem if a program is missing."""
    if shutil.which(program) is None:
        raise Problem(f"{program}: not found; install the package {package}")


def cannot_ask_kernel():
    """Why no target can ask the kernel here, and what helps, or None."""
    try:
        os.close(os.open(TUN, os.O_RDWR))
    except OSError as error:
        return f"{TUN}: {error.strerror}; `grove doctor` says what helps"
    for command in NAMESPACES:
        if subprocess.run(command, check=False,
                          capture_output=True).returncode == 0:
            return None
    return ("no network namespace can be made; run it as root, or let `grove "
            "doctor` say what helps")


def cannot_run(target):
    """Why this target cannot be run here, or None."""
    if target in KERNEL_TARGETS:
        return cannot_ask_kernel()
    if target == EXEC_TARGET and not os.environ.get(EXEC_VARIABLE):
        return f"set {EXEC_VARIABLE} to the command of your adapter"
    return None


@contextlib.contextmanager
def kernel_lock(target):
    """Waits until no other target of this tree asks the kernel."""
    if target not in KERNEL_TARGETS:
        yield
        return
    STATE.mkdir(exist_ok=True)
    with open(STATE / "kernel.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_logged(command, log, **options):
    """Runs a command that must succeed; its output goes to a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as stream:
        done = subprocess.run(command, stdout=stream, check=False,
                              stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        sys.stderr.write(log.read_text(errors="replace"))
        raise Problem(f"{command[0]}: exit {done.returncode}; see {log}")


def sources(target):
    """The sources of a target, as git names them."""
    words = traits(target)
    others = [f":!fuzz/targets/{name}.c" for name in targets()
              if name != target]
    if "JSON" not in words:
        others.append(":!fuzz/mutate_json.c")
    libraries = [folder for name, folder in LIBRARIES.items() if name in words]
    return (*SOURCES, *libraries, *others)


def commit(target):
    """The last commit that changed the sources of a target, with "+" if they
    have changes that are not committed.
    """
    def git(*arguments):
        done = subprocess.run(
            ("git", "-C", ROOT, *arguments, "--", *sources(target)),
            text=True, capture_output=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None
    name = git("log", "-1", "--abbrev=10", "--format=%h")
    if not name:
        return "unknown"
    return name + ("+" if git("status", "--porcelain") else "")


def is_of_sources(record):
    """Whether a record is of the present sources. Sources with changes that are
    not committed do not count.
    """
    return record["commit"] == commit(record["target"]) \
        and not record["commit"].endswith("+")


def read_json(path, default):
    """The content of a JSON file, or the default if there is none."""
    if not path.exists():
        return default
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as why:
        raise Problem(f"{path}: {why}; remove it") from why


def write_text(path, text):
    """Writes a file that appears as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    outfile.replace(path, text.encode())


def fresh_folder(path):
    """An empty folder at this place."""
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path


def files(folder):
    """The files of a folder, in order; none if it is not there."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir()
                  if path.is_file() and not path.name.startswith("."))


class Progress:
    """A line on stderr that is replaced; nothing if stderr is not a terminal."""

    def __init__(self):
        self.width = 0

    def show(self, text):
        """Replaces the line."""
        if sys.stderr.isatty():
            print(f"\r{text:<{self.width}}", end="", file=sys.stderr,
                  flush=True)
            self.width = len(text)

    def end(self):
        """Removes the line."""
        if self.width:
            print("\r" + " " * self.width, end="\r", file=sys.stderr,
                  flush=True)
            self.width = 0
