# SPDX-License-Identifier: MIT
"""Runs the programs of vectors/peers/reports: each must fail as its report says.

Exit status: 0 they do, 1 one does not, 2 an error, 77 none could be run.
"""

import argparse
import pathlib
import sys

from scripts import command
from scripts.peers import reproduce

ROOT = pathlib.Path(__file__).resolve().parents[3]
REPORTS = ROOT / "vectors/peers/reports"
INTO = ROOT / "build/peers/reports"


def parse():
    parser = command.Parser(
        prog="tools/peers/reports", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="*", metavar="NAME",
                        help="a report, such as dpdk-ecn, or the beginning of "
                        "names, such as dpdk; default: all")
    return parser.parse_args()


def chosen(names):
    """The files of the reports."""
    paths = sorted(REPORTS.glob("*.md"))
    for name in names:
        if not any(path.stem.startswith(name) for path in paths):
            raise command.Problem(f"{name}: no such report; these are: "
                                  f"{', '.join(path.stem for path in paths)}")
    return [path for path in paths
            if not names or path.stem.startswith(tuple(names))]


def main():
    ran = 0
    for path in chosen(parse().reports):
        try:
            reproduce.check(ROOT, path, INTO)
        except command.Skip as reason:
            command.complain(f"SKIP: {path.stem}: {reason}",
                             "tools/peers/reports")
            continue
        print(f"{path.stem}: fails as it says", flush=True)
        ran += 1
    return command.HOLDS if ran else command.SKIPPED


if __name__ == "__main__":
    sys.exit(command.run(main, "tools/peers/reports"))
