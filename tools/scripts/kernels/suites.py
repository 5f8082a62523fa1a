# SPDX-License-Identifier: MIT
"""The kernels that Debian's suites have, for virtual machines on amd64; and
those for other machines, which have more modules.

Up to Linux 6.18 the package linux-image-* is enough to boot a kernel. From 6.19
on that package is empty: the image is in linux-binary-*, the modules are in
linux-modules-*, and the list of what is built in is in linux-base-*.
"""

import dataclasses
import json
import re
import time

from scripts import outfile
from scripts.command import Problem
from scripts.kernels import archive

# If two suites have the same package, the first one is named.
SUITES = ("bullseye", "bullseye-security",
          "bookworm", "bookworm-security", "bookworm-backports",
          "trixie", "trixie-security", "trixie-backports",
          "sid", "experimental")

# A fetched list is used for so many seconds.
FRESH = 6 * 3600

ARCHITECTURE = "amd64"
PACKAGE = re.compile(r"linux-(?:image|base|binary|modules)-\d\S*-cloud-amd64")
FULL = re.compile(r"linux-(?:image|base|binary|modules)-\d[^\s-]*(?:-\d+)?-amd64")
DEPENDENCY = re.compile(r"linux-(?:image|base|binary|modules)-\d[^\s,]*")

# An exact release, or a series.
VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?(?:~rc\d+)?")
SERIES = re.compile(r"\d+\.\d+")


@dataclasses.dataclass(frozen=True)
class Kernel:
    package: str  # that a user would install
    version: str  # of the packages
    suite: str
    parts: tuple  # the packages to unpack
    lacks: tuple  # those that the suite does not have

    @property
    def release(self):
        """The exact release: 6.12.43, 7.3~rc7."""
        return self.version.rpartition("-")[0]

    @property
    def rank(self):
        """The best kernel has the greatest rank: it can be fetched, and is the
        newest.
        """
        return not self.lacks, order(self.version), -SUITES.index(self.suite)


def order(version):
    """A key that sorts versions as dpkg does: 7.3~rc7 comes before 7.3."""
    def weight(character):
        if character == "~":
            return -1
        return ord(character) + 256 * (not character.isalpha())

    return [([*map(weight, text), 0], int(number or 0))
            for text, number in re.findall(r"(\D*)(\d*)", version)]


def series_of(release):
    """6.12 for 6.12.43, 7.3 for 7.3~rc7."""
    return SERIES.match(release)[0]


def of_packages(suite, packages):
    """The kernels of a suite; `packages` has the version and the dependencies
    of each package by its name.
    """
    for name, (version, depends) in packages.items():
        needs = DEPENDENCY.findall(depends)
        kinds = {need.split("-")[1] for need in needs}
        # A package that needs another image has no kernel.
        if not name.startswith("linux-image-") or "image" in kinds:
            continue
        parts = tuple(needs) if "modules" in kinds else (name,)
        lacks = tuple(part for part in parts
                      if packages.get(part, [None])[0] != version)
        yield Kernel(name, version, suite, parts, lacks)


class Suites:
    """The suites of Debian; their lists of packages are kept in a folder.
    `full`: the kernels that are not for virtual machines alone.
    """

    def __init__(self, folder, full=False):
        self.folder = folder
        self.pattern = FULL if full else PACKAGE
        self.known = "kernels-full.json" if full else "kernels.json"

    def archive(self, suite):
        return archive.Archive(self.folder / suite, ARCHITECTURE, [suite])

    def packages(self, suite):
        """The packages of kernels in a suite: the version and dependencies by
        the name. A list older than FRESH, or of another mirror, is fetched
        again.
        """
        line = archive.source(suite)
        known = self.folder / suite / self.known
        if known.exists() and time.time() - known.stat().st_mtime < FRESH:
            content = json.loads(known.read_text())
            if content["source"] == line:
                return content["packages"]
        lists = self.archive(suite)
        lists.update()
        packages = {
            record["Package"]: (record["Version"], record.get("Depends", ""))
            for record in lists.records(self.pattern)}
        outfile.replace(known, json.dumps(
            {"source": line, "packages": packages}).encode())
        return packages

    def kernels(self, suite):
        return list(of_packages(suite, self.packages(suite)))

    def all(self, say):
        """The best kernel of each release, in the order of the releases. A
        suite that the mirror does not have is reported by `say`.
        """
        best = {}
        for suite in SUITES:
            try:
                found = self.kernels(suite)
            except archive.NoSuite as why:
                say(f"{suite}: left out: {why}")
                continue
            for kernel in found:
                other = best.get(kernel.release, kernel)
                best[kernel.release] = max(kernel, other,
                                           key=lambda one: one.rank)
        return sorted(best.values(), key=lambda one: order(one.release))

    def choose(self, name, say):
        """The kernel that has the name: of an exact release, or the newest one
        of a series or suite.
        """
        if name in SUITES:
            found = self.kernels(name)
        else:
            found = [kernel for kernel in self.all(say)
                     if name in (kernel.release, series_of(kernel.release))]
        if not found:
            raise Problem(f"{name}: Debian's suites have no such kernel; see "
                          "`tools/kernels list`")
        best = max(found, key=lambda one: one.rank)
        if best.lacks:
            raise Problem(f"Linux {best.release}: {best.suite} does not have "
                          f"{', '.join(best.lacks)}; choose another kernel of "
                          "`tools/kernels list`")
        return best

    def download(self, kernel, folder):
        """Fetches the packages of a kernel into a folder."""
        try:
            self.archive(kernel.suite).download(
                [f"{part}={kernel.version}" for part in kernel.parts], folder)
        except archive.Missing as why:
            raise Problem(f"Linux {kernel.release}: {why}; the list is old, "
                          f"remove {self.folder}") from why


def check_name(name):
    """Refuses what is no version, series or suite."""
    if name not in SUITES and not VERSION.fullmatch(name):
        raise Problem(f"{name}: neither a version nor a suite; give a release "
                      "as 6.12.43, a series as 6.12, or one of "
                      f"{', '.join(SUITES)}")
