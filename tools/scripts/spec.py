# SPDX-License-Identifier: MIT
"""The rules of SPEC.md."""

import re

RULE = re.compile(r"(?:VNET|GRO-[A-Z0-9]{2,4}|GSO(?:-OUT)?)-\d{3}\b")
# A definition is a row of a table, or an item of a list, that begins with the
# id in bold.
DEFINITION = re.compile(rf"^(?:\||-) \*\*({RULE.pattern})\*\*.*$", re.M)


def definitions(root):
    """A match for each definition: group 1 is the id, group 0 is the line."""
    return list(DEFINITION.finditer(
        (root / "SPEC.md").read_text(encoding="utf-8")))


def rules(root):
    """The ids of all rules."""
    return {match[1] for match in definitions(root)}
