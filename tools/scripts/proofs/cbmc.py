# SPDX-License-Identifier: MIT
"""CBMC, the bounded model checker: fetched by apt, run from the cache.

Its libraries are those of its own release. So it runs by the loader of its
folder, and what this machine has does not matter. It reads C with the gcc of
this machine.
"""

import resource
import shutil
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


def limit():
    """Bounds the memory of the process that is about to run."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(program, *arguments, seconds):
    """Runs a program of CBMC and returns it; TimeoutExpired after so long."""
    path = ":".join(map(str, LIBRARIES))
    with subprocess.Popen(
            ["nice", "-n", "10", LOADER, "--library-path", path,
             PROGRAMS / "usr/bin" / program, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, preexec_fn=limit) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:  # also KeyboardInterrupt
            process.kill()
            raise
    return subprocess.CompletedProcess(program, process.returncode, out, err)
