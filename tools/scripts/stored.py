# SPDX-License-Identifier: MIT
"""The vectors as they are stored below vectors/: which files there are, and
what a vector is known by.
"""

import contextlib
import gzip
import hashlib
import json
import zlib

from scripts import command

# The part of a vector that never changes, and all that a port is checked by.
QUESTION = ("op", "config", "input")
CHECKED = QUESTION + ("expect",)


def is_data(name):
    """Is this the name of a file that may hold vectors?"""
    return name.endswith((".json", ".json.gz")) \
        and not name.endswith(".schema.json")


@contextlib.contextmanager
def intact(name):
    """A file that is damaged is a Problem that names it."""
    try:
        yield
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise command.Problem(f"{name}: {error}; restore it") from error


def unpacked(name, data):
    """What the file of this name holds, packed or not."""
    with intact(name):
        return gzip.decompress(data) if name.endswith(".gz") else data


def text(name, data):
    held = unpacked(name, data)
    with intact(name):
        return held.decode("utf-8")


def value(name, data):
    """What stands in it as JSON."""
    written = text(name, data)
    with intact(name):
        return json.loads(written)


def load(path):
    """What is in the file as JSON."""
    return value(str(path), path.read_bytes())


def paths(root):
    """All files below vectors/ that may hold vectors, in order."""
    return [path for path in sorted((root / "vectors").rglob("*.json*"))
            if is_data(path.name)]


def files(root):
    """(path, content) of all vector files; other JSON is left out."""
    for path in paths(root):
        content = load(path)
        if "vectors" in content:
            yield path.relative_to(root), content


def canonical(vector, fields=CHECKED):
    """These fields as one line of JSON: keys sorted, no blanks, ASCII; config
    is {} if it is missing. `jq -cS` writes the same.
    """
    return json.dumps({"config": {}, **{name: vector[name] for name in fields
                                        if name in vector}},
                      sort_keys=True, separators=(",", ":"))


def digest(vector, fields=CHECKED):
    return hashlib.sha256(canonical(vector, fields).encode()).hexdigest()
