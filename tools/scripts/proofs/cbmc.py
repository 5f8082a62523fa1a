# SPDX-License-Identifier: MIT
"""CBMC, the bounded model checker: fetched by apt, run from the cache.

Its libraries are those of its own release. So it runs by the loader of its
folder, and what this machine has does not matter. It reads C with the gcc of
this machine.
"""

import resource
import shutil
import signal
import subprocess

from scripts import user_cache
from scripts.command import Problem, Skip
from scripts.kernels import archive, cache

RELEASE = "trixie"
VERSION = "6.6.0"
PACKAGES = ("cbmc", "minisat", "libc6", "libstdc++6", "libgcc-s1")
# Debian has CBMC for other architectures, too. This one runs everywhere where
# the proofs are tried.
ARCHITECTURE = "amd64"

FOLDER = user_cache.folder("grove-proofs")
PROGRAMS = FOLDER / f"cbmc-{VERSION}"
LOADER = PROGRAMS / "usr/lib64/ld-linux-x86-64.so.2"
LIBRARIES = (PROGRAMS / "usr/lib/x86_64-linux-gnu", PROGRAMS / "usr/lib")

# The most memory of one run, in bytes.
MEMORY = 6 << 30


def download(packages):
    """Fetches the packages into a folder."""
    suites = archive.with_updates(RELEASE)
    with archive.archive_of(FOLDER, ARCHITECTURE, suites) as source:
        version = source.record("cbmc")["Version"]
        if not version.startswith(VERSION):
            raise Problem(f"Debian {RELEASE} has cbmc {version} and not "
                          f"{VERSION}; try the proofs with it, and correct "
                          "VERSION in tools/scripts/proofs/cbmc.py")
        source.download(PACKAGES, packages)


def fetch(say):
    """Fetches CBMC unless it is there. Skip if it cannot be had."""
    if shutil.which("gcc") is None:
        raise Skip("no gcc; apt-get install gcc libc6-dev")
    if PROGRAMS.exists():
        return
    lacks = cache.requirements()
    if lacks is not None:
        raise Skip(lacks)
    with user_cache.locked(FOLDER):
        if not PROGRAMS.exists():
            say(f"fetching CBMC {VERSION} of Debian {RELEASE}")
            archive.unpack(download, PROGRAMS)


class TimedOut(Exception):
    """A program took too long."""


def limit(seconds):
    """Bounds the memory and CPU time of the process that is about to run."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def run(program, *arguments, seconds):
    """Runs a program of CBMC and returns it; TimedOut after so much time of
    one CPU.
    """
    path = ":".join(map(str, LIBRARIES))
    done = subprocess.run(
        [LOADER, "--library-path", path,
         PROGRAMS / "usr/bin" / program, *arguments], check=False,
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        preexec_fn=lambda: limit(seconds))
    if done.returncode in (-signal.SIGKILL, -signal.SIGXCPU):
        raise TimedOut
    return done
