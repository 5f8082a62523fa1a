# SPDX-License-Identifier: MIT
"""The known defects of releases of Linux: the file tools/oracle/defects.def."""

import re
import typing

from scripts import profiles

PATH = profiles.ROOT / "tools/oracle/defects.def"

TEXT = profiles.TEXT
DEFECT = re.compile(rf'^GROVE_DEFECT\("([^"]+)",\s*"([^"]*)",\s*{TEXT},\s*'
                    rf"{TEXT}\)$", re.M)
RANGE = re.compile(r'^GROVE_DEFECT_IN\("([^"]+)", "([^"]+)", "([^"]+)", '
                   r'"(seen|cited)"\)$', re.M)


class Range(typing.NamedTuple):
    first: str
    last: str
    how: str


class Defect(typing.NamedTuple):
    id: str
    vector: str
    words: str
    mended: str
    ranges: list


def read():
    """All defects, in the order of the file."""
    text = PATH.read_text(encoding="utf-8")
    ranges = profiles.parse(RANGE, str(PATH), text)
    return [Defect(name, vector, profiles.joined(words),
                   profiles.joined(mended),
                   [Range(*one) for owner, *one in ranges if owner == name])
            for name, vector, words, mended in
            profiles.parse(DEFECT, str(PATH), text)]
