# SPDX-License-Identifier: MIT
"""Modified condition/decision coverage of the files that decide, as gcc 14
counts it: each condition of a decision must have been seen to change its
outcome alone. tools/coverage --mcdc runs this.
"""

import json
import pathlib
import subprocess
import sys

from scripts import command
from scripts.command import DIFFERS, HOLDS, Problem

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ("decide.c", "input.c", "parse.c", "split.c", "vnet.c")
# At the end of the line before a decision: why a condition cannot.
EXCUSE = "MCDC_EXCL"


def counted(path):
    """The lines of the file that gcov reports for an object's counts."""
    done = subprocess.run(
        ["gcov", "--conditions", "--json-format", "--stdout", path],
        check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise Problem(f"gcov: {(done.stderr.splitlines() or ['?'])[0]}; build "
                      "the preset mcdc anew")
    source = path.name.removesuffix(".gcda")
    for file in json.loads(done.stdout)["files"]:
        if pathlib.Path(file["file"]) == ROOT / "ref" / source:
            yield from file["lines"]


def conditions(build, name):
    """{(line, decision): (outcomes, those of no effect)} of a file of ref/.
    An outcome is a condition and its value.
    """
    found = {}
    for path in sorted(build.rglob(f"{name}.gcda")):
        for line in counted(path):
            for number, one in enumerate(line.get("conditions", ())):
                lost = {(at, True) for at in one["not_covered_true"]}
                lost |= {(at, False) for at in one["not_covered_false"]}
                place = line["line_number"], number
                _, before = found.get(place, (0, lost))
                found[place] = one["count"], lost & before
    if not found:
        raise Problem(f"{build}: no counts of ref/{name}; build the preset "
                      "mcdc, and run the tests")
    return found


def examine(build, name):
    """Prints what has no effect in a file. How many outcomes there are, how
    many cannot be, and how many are lost.
    """
    found = conditions(build, name)
    text = (ROOT / "ref" / name).read_text(encoding="utf-8").splitlines()
    excused = 0
    lost = 0
    for (line, _), (_, missing) in sorted(found.items()):
        if EXCUSE in text[line - 2]:
            excused += len(missing)
            continue
        lost += len(missing)
        for at, value in sorted(missing):
            print(f"ref/{name}:{line}: condition {at + 1} is never "
                  f"{str(value).lower()} with an effect of its own")
    return sum(count for count, _ in found.values()), excused, lost


def show(name, outcomes, excused, lost):
    """Prints a line of numbers."""
    print(f"{name}: {outcomes - excused - lost} of {outcomes} outcomes of "
          f"conditions, {excused} cannot be")


def report(build):
    """Prints a line for each file and for all, and what has no effect; the
    exit status.
    """
    rows = []
    for name in FILES:
        rows.append(examine(build, name))
        show(f"ref/{name}", *rows[-1])
    outcomes, excused, lost = map(sum, zip(*rows))
    show("all", outcomes, excused, lost)
    return DIFFERS if lost else HOLDS


if __name__ == "__main__":
    sys.exit(command.run(lambda: report(pathlib.Path(sys.argv[1])),
                         "coverage"))
