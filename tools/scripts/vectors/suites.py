# SPDX-License-Identifier: MIT
"""All suites that tools/vectors makes, by their names."""

import importlib
import json

from scripts import command

# The package with the suites of each folder of vectors/.
FOLDERS = {"rules": "scripts.vectors.rules",
           "generated": "scripts.vectors.families"}


def within(suite, name):
    """Whether the suite has this name, or is in the group of this name."""
    return suite == name or suite.startswith((f"{name}/", f"{name}-"))


def read(folder, wanted):
    """{name: vectors} of a folder of vectors/. Only the modules with wanted
    suites are imported, so that another one may have errors meanwhile.
    """
    package = importlib.import_module(FOLDERS[folder])
    for module in package.NAMES:
        suite = f"{folder}/{module}"
        if not wanted or any(within(suite, name) or within(name, suite)
                             for name in wanted):
            importlib.import_module(f"{FOLDERS[folder]}.{module}")
    return {f"{folder}/{suite}": vectors
            for suite, vectors in package.SUITES.items()}


def choose(wanted):
    """The suites that are named or are in a named group; all if there are no
    names. A name of no suite is a Problem.
    """
    every = {suite: vectors for folder in FOLDERS
             for suite, vectors in read(folder, wanted).items()}
    for name in wanted:
        if not any(within(suite, name) for suite in every):
            raise command.Problem(f"{name}: no such suite; name one as "
                                  "rules/tcp")
    return {suite: vectors for suite, vectors in every.items()
            if not wanted or any(within(suite, name) for name in wanted)}


def notes():
    """The notes on all flags."""
    return {name: note for package in FOLDERS.values()
            for name, note in importlib.import_module(package).NOTES.items()}


def keys(vector):
    """The values that differ between all vectors."""
    yield "id", vector["id"]
    yield "title", vector["title"]
    yield "input", json.dumps([vector["op"], vector["config"],
                               vector["input"]])


def repeated(chosen):
    """Values that two vectors share: the id, or for generated vectors also the
    title or the input. Two written vectors may show two rules by the same
    packets.
    """
    first = {}
    for suite, vectors in chosen.items():
        for vector in vectors:
            for what, value in keys(vector):
                other = first.setdefault((what, value), vector)
                if other is not vector and (what == "id"
                                            or vector.get("generated")):
                    yield (f"{suite}: {vector['id']} has the {what} of "
                           f"{other['id']}")
