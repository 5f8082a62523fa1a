# SPDX-License-Identifier: MIT
"""The version and the date of this tree."""

import email.utils
import os
import pathlib
import re
import time

from scripts import command

ROOT = pathlib.Path(__file__).resolve().parents[2]


def version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^ +VERSION ([\d.]+)$", text, re.M)[1]


def seconds():
    """When this tree was made, since 1970: SOURCE_DATE_EPOCH, or when the file
    with the version was written.
    """
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told is not None and not re.fullmatch(r"[0-9]{1,10}", told):
        raise command.Problem(f"SOURCE_DATE_EPOCH={told}: give seconds since "
                              "1970")
    with command.advising("restore it"):
        return int(told or (ROOT / "CMakeLists.txt").stat().st_mtime)


def mail_time():
    """As "Sat, 28 Nov 2026 19:28:28 +0000"."""
    return email.utils.formatdate(seconds()).replace("-0000", "+0000")


def date():
    """As "November 28, 2026"."""
    day = time.gmtime(seconds())
    return time.strftime(f"%B {day.tm_mday}, %Y", day)
