# SPDX-License-Identifier: MIT
"""The version of this tree."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^ +VERSION ([\d.]+)$", text, re.M)[1]
