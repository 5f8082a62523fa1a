# SPDX-License-Identifier: MIT
"""The releases of Linux that were asked everything and agree: the file
tools/oracle/releases.def. `grove profile` reads it, too.
"""

import re
import typing

from scripts import outfile, profiles
from scripts.kernels import suites

PATH = profiles.ROOT / "tools/oracle/releases.def"

HEAD = """\
/* SPDX-License-Identifier: MIT */
/*
 * The releases of Linux that were asked everything and agree. `tools/kernels
 * survey` writes this file, and vectors/KERNELS.md from it.
 *
 * GROVE_RELEASE(release, profile, passed, skipped, batches), the oldest first
 *
 *   profile  the kernel's row, as it was measured
 *   passed   the vectors that the kernel confirms; it contradicts none
 *   skipped  the vectors that it cannot be asked
 *   batches  random batches of each op, without a difference
 */

#ifdef GROVE_RELEASE
"""
TAIL = "#undef GROVE_RELEASE\n#endif\n"

RELEASE = re.compile(r'^GROVE_RELEASE\("([^"]+)",\s*"([^"]+)",\s*(\d+), (\d+), '
                     r"(\d+)\)$", re.M)


class Release(typing.NamedTuple):
    name: str
    profile: str
    passed: int
    skipped: int
    batches: int


def read():
    """All releases of the file, the oldest first."""
    text = PATH.read_text(encoding="utf-8")
    return [Release(name, profile, *map(int, numbers))
            for name, profile, *numbers in
            profiles.parse(RELEASE, str(PATH), text)]


def line(one):
    """The macro of a release; it takes two lines if one is too short."""
    head = f'GROVE_RELEASE("{one.name}",'
    tail = f"{one.passed}, {one.skipped}, {one.batches})"
    whole = f'{head} "{one.profile}", {tail}'
    if len(whole) <= 80:
        return whole + "\n"
    return f'{head}\n              "{one.profile}",\n              {tail}\n'


def write(releases):
    """Writes the file; of two entries of a release the last one counts."""
    latest = {one.name: one for one in releases}
    lines = [line(latest[name]) for name in sorted(latest, key=suites.order)]
    outfile.write(PATH, (HEAD + "".join(lines) + TAIL).encode(),
                  "make room or a way to write there")
