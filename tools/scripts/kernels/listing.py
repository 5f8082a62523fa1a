# SPDX-License-Identifier: MIT
"""The list of kernels: those of Debian's suites, and those in the cache."""

import typing

from scripts.kernels import cache, suites


class Row(typing.NamedTuple):
    release: str
    package: str | None  # None if no suite has the kernel today
    version: str | None  # of the package
    suite: str | None
    here: list   # names of the kernel in the cache: its series, its release
    lacks: list  # packages without which it cannot be fetched


def rows(say):
    """A row for each exact release, in their order."""
    with cache.locked():
        known = {kernel.release: kernel
                 for kernel in cache.debian().all(say)}
    here = {}
    for folder, release in cache.kernels().items():
        here.setdefault(release, []).append(folder.name)
    return [row(release, known.get(release), here.get(release, []))
            for release in sorted({*known, *here}, key=suites.order)]


def row(release, kernel, here):
    if kernel is None:
        return Row(release, None, None, None, here, [])
    return Row(release, kernel.package, kernel.version, kernel.suite, here,
               list(kernel.lacks))


def state(one):
    """What the last column of the table says about a kernel."""
    if one.here:
        return "here"
    if one.lacks:
        return f"cannot be fetched: no {', '.join(one.lacks)}"
    return ""


def table(all_rows):
    lines = [("release", "package", "suite", "state")]
    lines += [(one.release, one.package or "-", one.suite or "-", state(one))
              for one in all_rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "".join(
        "  ".join(map(str.ljust, line, widths)).rstrip() + "\n"
        for line in lines)
