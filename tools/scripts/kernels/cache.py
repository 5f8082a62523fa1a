# SPDX-License-Identifier: MIT
"""The cache: a folder for each kernel, and one for QEMU and busybox."""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil

from scripts.command import Problem, advising
from scripts.kernels import archive

# The release of Debian that has each series.
RELEASES = {"6.1": "bookworm", "6.12": "trixie", "7.2": "sid"}

MACHINE_RELEASE = "bookworm"
MACHINE_PACKAGES = ("qemu-system-x86", "busybox-static")

# The package that depends on the newest kernel, and the parts of a kernel.
KERNEL = "linux-image-cloud-amd64"
KERNEL_PART = re.compile(r"linux-(?:image|base|binary|modules)-\d\S*")

FOLDER = pathlib.Path(os.environ.get("XDG_CACHE_HOME")
                      or pathlib.Path.home() / ".cache") / "grove-kernels"


def kernel_folder(series):
    return FOLDER / series


def machine_folder():
    return FOLDER / "machine"


def requirements():
    """What is missing on this machine, or None."""
    for command in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(command) is None:
            return f"no {command}; the packages are Debian's"
    if not archive.KEYRING.exists():
        return (f"no {archive.KEYRING}; install the package "
                "debian-archive-keyring")
    return None


@contextlib.contextmanager
def locked():
    """A lock, so that one process fetches at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kernel_parts(release):
    """The packages of the release's kernel, and the kernel's version."""
    newest = release.record(KERNEL)
    parts, seen = [KERNEL], set()
    for package in parts:
        needs = release.record(package).get("Depends", "")
        found = set(KERNEL_PART.findall(needs)) - seen
        seen |= found
        parts += sorted(found)
    return parts[1:], newest["Version"]


def fetch_kernel(series):
    """Fetches a kernel; returns its version."""
    name = RELEASES[series]
    with archive.archive_of(FOLDER, "amd64", name) as release:
        parts, version = kernel_parts(release)
        if not version.startswith(series + "."):
            raise Problem(f"Debian {name} has Linux {version} and no "
                          f"{series} any more")
        archive.unpack(lambda folder: release.download(parts, folder),
                       kernel_folder(series))
    return f"Linux {version} of Debian {name}"


def fetch_machine():
    """Fetches QEMU; returns its version."""
    with archive.archive_of(FOLDER, "amd64", MACHINE_RELEASE) as release:
        archive.unpack(
            lambda folder: release.download_closure(MACHINE_PACKAGES, folder),
            machine_folder())
        version = release.record(MACHINE_PACKAGES[0])["Version"]
    return f"QEMU {version} of Debian {MACHINE_RELEASE}"


def fetch(series_list, say):
    """Fetches what is missing, and reports each part by `say`."""
    jobs = [(machine_folder(), fetch_machine)]
    jobs += [(kernel_folder(series), lambda s=series: fetch_kernel(s))
             for series in series_list]
    with advising("make room or a way to write there, or choose another "
                  "place by XDG_CACHE_HOME", FOLDER), locked():
        for folder, get in jobs:
            say(f"{folder}: {'is there' if folder.exists() else get()}")


def only(folder, pattern):
    """The only file that matches the pattern."""
    found = [path for path in folder.rglob(pattern) if path.is_file()]
    if len(found) != 1:
        raise Problem(f"{folder}: {len(found)} files {pattern}; remove "
                      "the folder and fetch it again")
    return found[0]
