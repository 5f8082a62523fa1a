# SPDX-License-Identifier: MIT
"""The cache: a folder for each kernel, one for QEMU and busybox, and one for
the lists of packages.
"""

import re
import shutil

from scripts import user_cache
from scripts.command import Problem
from scripts.kernels import archive, suites

# The series that are fetched and asked if no others are named.
SERIES = ("6.1", "6.12", "7.2")

MACHINE_RELEASE = "bookworm"
MACHINE_PACKAGES = ("qemu-system-x86", "busybox-static")

# The header of a boot image: a mark, and the position of the version, which
# counts from the second sector. Source: Linux, the boot protocol of x86.
BOOT_MARK = slice(0x202, 0x206)
BOOT_VERSION = slice(0x20e, 0x210)
BOOT_SECTOR = 0x200
BOOT_HEADER = 0x8000  # the version is in so many bytes

# The version of a package in the version of Debian's kernel.
DEBIAN = re.compile(rb" Debian (\S+)-\S+ ")

FOLDER = user_cache.folder("grove-kernels")


def machine_folder():
    return FOLDER / "machine"


def lists_folder():
    return FOLDER / "lists"


def release_of(folder):
    """The exact release of the kernel in a folder: 6.1.192 for 6.1.0-56."""
    path = only(folder, "vmlinuz*")
    with open(path, "rb") as stream:
        header = stream.read(BOOT_HEADER)
    at = int.from_bytes(header[BOOT_VERSION], "little") + BOOT_SECTOR
    version = DEBIAN.search(header[at:].partition(b"\0")[0])
    if header[BOOT_MARK] != b"HdrS" or version is None:
        raise Problem(f"{path}: no kernel of Debian; remove {folder} and "
                      "fetch it again")
    return version[1].decode()


def kernels():
    """The exact release of each kernel that is here, by its folder. The folder
    has the name of what was fetched: a series or a release.
    """
    return {folder: release_of(folder) for folder in sorted(FOLDER.glob("*"))
            if suites.VERSION.fullmatch(folder.name)}


def kernel_folder(name):
    """The folder of the kernel of a series or exact release. If the kernel is
    not here: the folder that it would have.
    """
    folder = FOLDER / name
    if not folder.exists():
        for other, release in kernels().items():
            if release == name:
                return other
    return folder


def requirements():
    """What is missing on this machine, or None."""
    for command in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(command) is None:
            return f"no {command}; the packages are Debian's"
    if not archive.KEYRING.exists():
        return (f"no {archive.KEYRING}; install the package "
                "debian-archive-keyring")
    return None


def locked():
    """A lock, so that one process fetches at a time."""
    return user_cache.locked(FOLDER)


def debian(full=False):
    return suites.Suites(lists_folder(), full)


def fetch_kernel(kernel, folder):
    """Fetches a kernel; returns its version."""
    archive.unpack(
        lambda packages: debian().download(kernel, packages), folder)
    return f"Linux {kernel.version} of Debian {kernel.suite}"


def fetch_machine():
    """Fetches QEMU; returns its version."""
    release = archive.with_updates(MACHINE_RELEASE)
    with archive.archive_of(FOLDER, "amd64", release) as source:
        archive.unpack(
            lambda folder: source.download_closure(MACHINE_PACKAGES, folder),
            machine_folder())
        version = source.record(MACHINE_PACKAGES[0])["Version"]
    return f"QEMU {version} of Debian {MACHINE_RELEASE}"


def fetch_named(name, say):
    """Fetches the kernel of a series, exact release or suite, unless it is
    there. Returns its folder and what was done.
    """
    if kernel_folder(name).exists():
        return kernel_folder(name), "is there"
    kernel = debian().choose(name, say)
    series = suites.SERIES.fullmatch(name)
    folder = FOLDER / name if series else kernel_folder(kernel.release)
    if folder.exists():
        return folder, "is there"
    return folder, fetch_kernel(kernel, folder)


def fetch_full(name, say):
    """The same for a kernel that is not for virtual machines alone. No other
    command takes it by its release; its folder is named.
    """
    kernel = debian(full=True).choose(name, say)
    folder = FOLDER / f"{kernel.release}-full"
    if folder.exists():
        return folder, "is there"
    return folder, fetch_kernel(kernel, folder)


def fetch(names, say, fetch_one=fetch_named):
    """Fetches what is missing, and reports each part by `say`."""
    for name in names:
        suites.check_name(name)
    with locked():
        folder = machine_folder()
        say(f"{folder}: {'is there' if folder.exists() else fetch_machine()}")
        for name in names:
            folder, done = fetch_one(name, say)
            say(f"{folder}: {done}")


def only(folder, pattern):
    """The only file that matches the pattern."""
    found = [path for path in folder.rglob(pattern) if path.is_file()]
    if len(found) != 1:
        raise Problem(f"{folder}: {len(found)} files {pattern}; remove "
                      "the folder and fetch it again")
    return found[0]
