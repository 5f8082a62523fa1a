# SPDX-License-Identifier: MIT
"""ref/proofs/proofs.json: what is proved, and within which bounds.

Each proof is an object:

    name     NAME; its harness is the function proof_NAME()
    group    memory (no access out of bounds, no undefined arithmetic, the
             results are valid) or function (what is computed is right)
    gate     true: it takes seconds, and the gate runs it
    proves   what holds, in one sentence
    bound    what the packets and counts are bounded by, and why
    harness  the file of ref/proofs/ with the function
    units    the files of ref/ that are linked with it
    models   by the name of a function of these files, also a static one: the
             function of the harness that is called instead, not a static one
    unwind   by the name of a loop, FUNCTION.NUMBER: one more than the most of
             its turns. CBMC proves that there are no more. "others" is that of
             the loops without a name here (1)
    loops    contracts of loops with any number of turns, by the same names:
             assigns, invariant, decreases; and locals, the scope of each local
             variable that these name
    arrays   the elements of arrays of up to so many are told apart (64)
    seconds  after so much time of one CPU it is given up (300)
"""

import json
import pathlib
import typing

from scripts.command import Problem, advising

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = "ref/proofs"
TABLE = f"{FOLDER}/proofs.json"
GROUPS = ("memory", "function")


class Proof(typing.NamedTuple):
    """A row of the table."""

    name: str
    group: str
    proves: str
    bound: str
    harness: str
    units: tuple = ()
    models: dict = {}
    unwind: dict = {}
    loops: dict = {}
    arrays: int = 64
    seconds: int = 300
    gate: bool = False

    @property
    def function(self):
        """The harness."""
        return f"proof_{self.name.replace('-', '_')}"

    def is_in(self, group):
        """Whether a group or name on the command line means it."""
        return group in (self.name, self.group) or group == "gate" and self.gate


def read(root=ROOT):
    """All proofs."""
    path = root / TABLE
    with advising("restore it"):
        text = path.read_text(encoding="utf-8")
    try:
        return [Proof(**row) for row in json.loads(text)]
    except (ValueError, TypeError) as error:
        raise Problem(f"{path}: {error}; correct it") from error


def choose(proofs, names):
    """The proofs of these names and groups; all if none is given."""
    for name in names:
        if not any(proof.is_in(name) for proof in proofs):
            raise Problem(f"{name}: no such proof or group; see tools/proofs "
                          "--list")
    return [proof for proof in proofs
            if not names or any(proof.is_in(name) for name in names)]


def contracts(proof):
    """The contracts of its loops as CBMC reads them from a file."""
    functions = {}
    for loop, contract in proof.loops.items():
        function, _, number = loop.rpartition(".")
        names = {name: f"{function}::{name}"
                 for name in contract.get("parameters", ())}
        names |= {name: f"{function}::{scope}::{name}"
                  for name, scope in contract.get("locals", {}).items()}
        functions.setdefault(function, []).append({
            "loop_id": number,
            "assigns": contract["assigns"],
            "invariants": contract["invariant"],
            "decreases": contract["decreases"],
            "symbol_map": ";".join(map(",".join, names.items())),
        })
    return {"functions": [functions], "sources": [], "output": ""}
