# SPDX-License-Identifier: MIT
"""Checks of the stored vectors as a whole. Each function yields its complaints,
one line each. tools/lint calls all of them.
"""

import collections
import io
import re
import subprocess
import tarfile

from scripts import stored
from scripts.vectors.suite import ASPECTS

WITHDRAWN = "vectors/withdrawn.txt"
ID_IN_TEXT = re.compile(r"`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`")
# The rows of a table; they follow the line below the head.
ROWS = re.compile(r"^\|[-:| ]+\|\n((?:\|.*\n)+)", re.M)


def repeated(files, field):
    """No two vectors have the same id or title."""
    first = {}
    for path, content in files:
        for vector in content["vectors"]:
            where = f"{path}: {vector['id']}"
            value = vector[field]
            if value in first:
                yield f"{where}: {field} \"{value}\" is that of {first[value]}"
            first.setdefault(value, where)


def notes(files):
    """Each flag in a file has a note, and each note has a flag."""
    for path, content in files:
        used = {flag for vector in content["vectors"]
                for flag in vector.get("flags", [])}
        noted = set(content.get("notes", {}))
        for flag in sorted(used - noted):
            yield f"{path}: no note for flag {flag}"
        for flag in sorted(noted - used):
            yield f"{path}: no vector has flag {flag}, which has a note"


def captures(root, files):
    """Each capture that a vector comes from exists."""
    for path, content in files:
        for name in {vector["source"]["pcap"] for vector in content["vectors"]
                     if "source" in vector}:
            if not (root / "vectors/captures" / name).exists():
                yield f"{path}: no capture {name}"


def one_aspect(files):
    """A vector that shows a side of a rule shows one side of one rule."""
    for path, content in files:
        for vector in content["vectors"]:
            aspects = sorted(ASPECTS & set(vector.get("flags", [])))
            if len(aspects) > 1:
                yield f"{path}: {vector['id']}: flags {' and '.join(aspects)}"
            if aspects and len(vector["rules"]) != 1:
                yield (f"{path}: {vector['id']}: flag {aspects[0]}, but "
                       f"{len(vector['rules'])} rules")


def aspects(files, rules):
    """The vectors in vectors/rules/ show each rule from all sides."""
    shown = collections.defaultdict(set)
    for path, content in files:
        if path.parts[:2] == ("vectors", "rules"):
            for vector in content["vectors"]:
                for rule in vector["rules"]:
                    shown[rule] |= set(vector.get("flags", []))
    for rule in sorted(rules):
        lacking = sorted(ASPECTS - shown[rule])
        if lacking:
            yield f"{rule}: no vector with flag {', '.join(lacking)}"


def peers(root, files):
    """Each row of PEERS.md names a vector, or the reason why there is none."""
    known = {vector["id"] for _, content in files
             for vector in content["vectors"]}
    text = (root / "vectors/PEERS.md").read_text(encoding="utf-8")
    for row in "".join(ROWS.findall(text)).splitlines():
        named = ID_IN_TEXT.findall(row)
        if not named and "No vector:" not in row:
            yield f"vectors/PEERS.md: no vector, and no reason: {row[:40]}"
        for name in named:
            if name not in known:
                yield f"vectors/PEERS.md: no vector {name}"


def last_tag(root):
    """The name of the last tag before HEAD, or None."""
    if not (root / ".git").exists():
        return None
    done = subprocess.run(
        ["git", "-C", root, "describe", "--tags", "--abbrev=0"],
        capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def tagged(root, tag):
    """The vectors of the tag."""
    # The archive of the whole tag: git refuses a folder that is not in it.
    done = subprocess.run(["git", "-C", root, "archive", tag],
                          capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            if member.isfile() and member.name.startswith("vectors/") \
                    and stored.is_data(member.name):
                data = archive.extractfile(member).read()
                content = stored.value(member.name, data)
                yield from content.get("vectors", [])


def withdrawn(root):
    """The ids of vectors that were removed. The file has a reason for each."""
    path = root / WITHDRAWN
    if not path.exists():
        return set()
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line.split("#")[0].strip()}


def history(root, files):
    """A vector of the last tag still asks the same."""
    now = {vector["id"]: vector for _, content in files
           for vector in content["vectors"]}
    gone = withdrawn(root)
    for name in sorted(gone & now.keys()):
        yield f"{WITHDRAWN}: {name} is a vector again"
    tag = last_tag(root)
    for vector in tagged(root, tag) if tag else ():
        name = vector["id"]
        if name not in now and name not in gone:
            yield (f"vectors/: no {name}, which {tag} has; bring it back, or "
                   f"name it in {WITHDRAWN}")
        elif name in now and stored.canonical(now[name], stored.QUESTION) \
                != stored.canonical(vector, stored.QUESTION):
            yield (f"vectors/: {name} asks something else than in {tag}; give "
                   "what is new an id of its own")
