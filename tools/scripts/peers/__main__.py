# SPDX-License-Identifier: MIT
"""Runs other programs against the vectors and the reference.

tools/peers/README.md describes it. Exit status: 0 every peer that was named was
asked, 2 an error, 77 none could be built.
"""

import argparse
import datetime
import json
import os
import pathlib
import sys

from scripts import command, outfile
from scripts.peers import ask, claims, pages, questions, trial

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEERS = ROOT / "tools/peers"
BUILD = ROOT / "build"
RESULTS = ROOT / "vectors/peers"


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
    parser.add_argument("--pages", action="store_true",
                        help="ask nobody; write the pages of the results that "
                        "are there")
    parser.add_argument("--sample", action="store_true",
                        help="ask the vectors of rules/ only, and write "
                        "nothing; print what is unsafe")
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


def asked(grove, adapter, vectors, batches):
    """Everything that the peer is asked."""
    version = trial.run(grove, "--version").stdout.split()[-1]
    claimed = (ROOT / "vectors/PEERS.md").read_text(encoding="utf-8")
    check, rules, named = trial.check(
        grove, adapter, BUILD / "peers/vectors", vectors,
        claims.named(claimed))
    ops = ask.hello(adapter)["ops"]
    return {"date": datetime.date.today().isoformat(), "grove": version,
            "kernel": os.uname().release, "check": check, "rules": rules,
            "named": named,
            "diff": {op: trial.compare(grove, adapter, op, batches,
                                       check["groups"]) for op in ops}}


def sample(name, grove, adapter):
    """Prints what the vectors of rules/ show."""
    found = trial.report(grove, adapter, ROOT / "vectors/rules")
    print(f"{name}: {found['implementation']}: " + ", ".join(
        f"{count} {level}" for level, count in found["levels"].items()))
    for group in found["groups"]:
        print(f"  {group['count']} {group['op']} {group['kind']} "
              f"{group.get('field', '')} {group['vector']}")


def write(name, result):
    """Writes the results of a peer."""
    RESULTS.mkdir(exist_ok=True)
    outfile.write(RESULTS / f"{name}.json",
                  (json.dumps(result, indent=1) + "\n").encode(),
                  "make its folder writable")


def run(options, grove):
    """Builds and asks each peer. How many were not asked."""
    vectors = {} if options.sample else \
        questions.copy(ROOT, BUILD / "peers/vectors")
    left_out = 0
    for name in options.peers:
        try:
            adapter = trial.build(PEERS / name, BUILD / "peers" / name)
        except command.Skip as reason:
            command.complain(f"SKIP: {name}: {reason}", "tools/peers/run")
            left_out += 1
            continue
        if options.sample:
            sample(name, grove, adapter)
            continue
        print(f"{name}: asked", flush=True)
        write(name, asked(grove, adapter, vectors, options.batches))
    return left_out


def main():
    options = parse()
    options.peers = options.peers or all_peers()
    left_out = 0
    if not options.pages:
        left_out = run(options, grove_of_build())
    if not options.sample:
        pages.write(ROOT)
    return command.SKIPPED if left_out == len(options.peers) else command.HOLDS


if __name__ == "__main__":
    sys.exit(command.run(main, "tools/peers/run"))
