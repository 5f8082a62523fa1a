# SPDX-License-Identifier: MIT
"""Debian packages of another suite or architecture, fetched and verified by
apt.

Each archive has its own lists of packages in a folder of its own, so that the
configuration of this machine does not change and no root is needed. Nothing is
installed: packages are unpacked into a folder.
"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from scripts.command import Problem, Skip

KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# One line of `apt-get update --print-uris`: the archive and its last part's
# name, which is the same on every mirror.
INDEX = re.compile(r"'((?:https?|file):\S*/(debian|debian-security)(?:/\S+?)?)"
                   r"/dists/\S+/InRelease'")

# Messages of apt if there is no network. All other messages are errors.
OFFLINE = re.compile(r"could not resolve|temporary failure resolving|"
                     r"could not connect|unable to connect|"
                     r"cannot initiate the connection|connection failed|"
                     r"connection timed out|network is unreachable", re.I)
# Its messages if the archive lacks a package or an architecture, or a suite.
MISSING = re.compile(r"Unable to locate package|has no installation candidate|"
                     r"Version '.*' for '.*' was not found|404 +Not Found")
NO_SUITE = re.compile(r"does not have a Release file")
# Its message if the keyring lacks the keys of an archive.
NO_KEY = re.compile(r"GPG error: (.*?) (?:In)?Release: .*?NO_PUBKEY (\w+)")

# The last part of the name of an archive, before what may follow it.
LAST_PART = re.compile(r"/debian(?=/|$)")


class Missing(Problem):
    """The archive does not have this package, or not for the architecture."""


class NoSuite(Problem):
    """The archive does not have this suite."""


def mirrors():
    """The URI of each archive of Debian that this machine's apt sources name,
    by the archive's name: debian, debian-security.
    """
    done = subprocess.run(["apt-get", "update", "--print-uris"], check=False,
                          capture_output=True, text=True)
    found = {}
    for uri, name in INDEX.findall(done.stdout):
        found.setdefault(name, uri)
    return found


def place(suite):
    """The URI of the archive that has this suite. An archive of security
    updates that apt's sources do not name is beside the other archive.
    """
    places = mirrors()
    if "debian" not in places:
        raise Skip("apt's sources name no mirror of Debian")
    if not suite.endswith("-security"):
        return places["debian"]
    return places.get("debian-security") or LAST_PART.sub(
        "/debian-security", places["debian"])


def source(suite):
    """The line for apt that names a suite, and only its list of packages."""
    return (f"deb [target=Packages signed-by={KEYRING}] {place(suite)} "
            f"{suite} main")


def with_updates(release):
    """The suites of a release: also its security updates, if apt's sources
    name their archive.
    """
    named = "debian-security" in mirrors()
    return [release, f"{release}-security"] if named else [release]


def failure(text):
    """The exception for what apt printed. The reason is an error if there is
    one, and else a warning.
    """
    lines = [line for line in text.splitlines()
             if line.startswith(("E: ", "W: "))]
    lines = [line[3:] for line in sorted(lines, key=lambda line: line[0])]
    key = NO_KEY.search(text)
    if key is not None:
        return Problem(f"{KEYRING}: no key {key[2]}, which signs {key[1]}; "
                       "install the newest package debian-archive-keyring")
    for line in lines:
        if OFFLINE.search(line):
            return Skip(f"no network: {line}")
        if NO_SUITE.search(line):
            return NoSuite(line)
        if MISSING.search(line):
            return Missing(line)
    return Problem(lines[0] if lines else "apt failed and does not say why")


def fields(text):
    """The fields of a record, without their continued lines."""
    return dict(line.split(": ", 1) for line in text.splitlines()
                if ": " in line and not line.startswith(" "))


class Archive:
    """Suites of Debian, or else what this machine's apt sources name, for one
    architecture. The folder keeps the lists of packages.
    """

    def __init__(self, folder, architecture, suites=()):
        self.options = [
            "-o", f"Dir::State={folder}",
            "-o", f"Dir::State::Lists={folder}/lists",
            "-o", f"Dir::State::Status={folder}/status",
            "-o", f"Dir::Cache={folder}",
            "-o", f"APT::Architecture={architecture}",
            "-o", f"APT::Architectures={architecture}",
            "-o", "APT::Default-Release=",
            # These hold whatever the settings of this machine are.
            "-o", "Acquire::AllowInsecureRepositories=no",
            "-o", "Acquire::AllowDowngradeToInsecureRepositories=no",
            "-o", "APT::Get::AllowUnauthenticated=no",
            # The user of apt cannot enter the cache folder.
            "-o", f"APT::Sandbox::User={'root' if os.geteuid() == 0 else ''}",
            "-o", "Acquire::Languages=none",
            "-o", "Acquire::Retries=2",
        ]
        (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
        (folder / "archives/partial").mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()  # nothing is installed
        if suites:
            self.choose(folder, suites)

    def choose(self, folder, suites):
        """Takes these suites, instead of what the machine's sources name."""
        (folder / "sources.list").write_text(
            "".join(source(suite) + "\n" for suite in suites))
        self.options += [
            "-o", f"Dir::Etc::SourceList={folder}/sources.list",
            "-o", "Dir::Etc::SourceParts=-",
            "-o", "Dir::Etc::Preferences=-",
            "-o", "Dir::Etc::PreferencesParts=-",
        ]

    def run(self, command, *arguments, cwd=None):
        """The output of the command."""
        done = subprocess.run(
            [command, *self.options, *arguments], cwd=cwd, check=False,
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"})
        if done.returncode == 0:
            return done.stdout
        raise failure(done.stderr)

    def update(self):
        """Fetches the lists of packages."""
        self.run("apt-get", "update", "-q", "--error-on=any")

    def record(self, package):
        """The fields of the newest version of a package."""
        return fields(self.run("apt-cache", "show", "--no-all-versions",
                               package))

    def records(self, pattern):
        """The fields of the newest version of each package whose name matches
        the pattern.
        """
        for text in self.run("apt-cache", "dumpavail").split("\n\n"):
            name = text.removeprefix("Package: ").partition("\n")[0]
            if pattern.fullmatch(name):
                yield fields(text)

    def download(self, packages, folder):
        """Fetches these packages without their dependencies."""
        self.run("apt-get", "download", "-q", *packages, cwd=folder)

    def download_closure(self, packages, folder):
        """Fetches these packages and all dependencies."""
        self.run("apt-get", "install", "-q", "--yes", "--download-only",
                 "--no-install-recommends", "-o", f"Dir::Cache={folder}",
                 "-o", f"Dir::Cache::Archives={folder}", *packages)


@contextlib.contextmanager
def archive_of(folder, architecture, suites=()):
    """The archive as it is now; its lists are in the folder meanwhile."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        archive = Archive(pathlib.Path(work), architecture, suites)
        archive.update()
        yield archive


def extract(package, tree):
    done = subprocess.run(["dpkg-deb", "--extract", package, tree],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = done.stderr.split("\n")[0]
        raise Problem(f"{package.name}: {why}; make room in "
                      f"{tree.parents[1]}, and fetch it again")


def unpack(get, target, finish=lambda tree: None):
    """Makes the folder `target` of the packages that `get` puts into a folder.

    `finish` may change it before it is there: it is complete or is not there.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        packages = pathlib.Path(work) / "packages"
        tree = pathlib.Path(work) / "tree"
        (packages / "partial").mkdir(parents=True)
        tree.mkdir()
        get(packages)
        for package in sorted(packages.glob("*.deb")):
            extract(package, tree)
            package.unlink()
        finish(tree)
        shutil.rmtree(target, ignore_errors=True)
        tree.rename(target)
