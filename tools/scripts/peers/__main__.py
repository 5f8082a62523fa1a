# SPDX-License-Identifier: MIT
"""Runs other programs against the vectors and the reference.

tools/peers/README.md describes it. Exit status: 0 every peer that was named was
asked, 2 an error, 77 none could be built.
"""

import argparse
import datetime
import json
import pathlib
import sys

from scripts import command, outfile
from scripts.peers import page, trial

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEERS = ROOT / "tools/peers"
BUILD = ROOT / "build"
RESULTS = ROOT / "vectors/peers"
VECTORS = tuple(ROOT / "vectors" / name
                for name in ("rules", "generated", "golden"))


def all_peers():
    """The names of all peers."""
    return sorted(path.parent.name for path in PEERS.glob("*/build"))


def parse():
    """The options."""
    parser = command.Parser(
        prog="tools/peers/run", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=100000, metavar="N",
                        help="random batches of each op (default 100000)")
    parser.add_argument("peers", nargs="*", metavar="PEER",
                        help="a folder of tools/peers; default: all")
    options = parser.parse_args()
    unknown = set(options.peers) - set(all_peers())
    if unknown:
        raise command.Problem(f"{min(unknown)}: no such peer; these are: "
                              f"{', '.join(all_peers())}")
    return options


def grove_of_build():
    """The command, which must be built."""
    grove = BUILD / "grove"
    if not grove.exists():
        raise command.Problem(f"{grove}: not built; run cmake --preset release "
                              "&& cmake --build --preset release")
    return grove


def ask(grove, adapter, batches):
    """Everything that the peer is asked."""
    version = trial.run(grove, "--version").stdout.split()[-1]
    return {"date": datetime.date.today().isoformat(), "grove": version,
            "check": trial.check(grove, adapter, VECTORS),
            "diff": {op: trial.compare(grove, adapter, op, batches)
                     for op in trial.OPS}}


def write(name, result):
    """Writes both files of a peer."""
    RESULTS.mkdir(exist_ok=True)
    for suffix, text in ((".json", json.dumps(result, indent=1) + "\n"),
                         (".md", page.page(name, {
                             **result, "implementation":
                             result["check"]["implementation"]}))):
        outfile.write(RESULTS / (name + suffix), text.encode(),
                      "make its folder writable")


def main():
    options = parse()
    grove = grove_of_build()
    names = options.peers or all_peers()
    left_out = 0
    for name in names:
        try:
            adapter = trial.build(PEERS / name, BUILD / "peers" / name)
        except command.Skip as reason:
            command.complain(f"SKIP: {name}: {reason}", "tools/peers/run")
            left_out += 1
            continue
        print(f"{name}: asked", flush=True)
        write(name, ask(grove, adapter, options.batches))
    return command.SKIPPED if left_out == len(names) else command.HOLDS


if __name__ == "__main__":
    sys.exit(command.run(main, "tools/peers/run"))
