# SPDX-License-Identifier: MIT
"""The vectors as they are stored below vectors/: the files, and the identity
of a vector.
"""

import contextlib
import gzip
import hashlib
import json
import zlib

from scripts import command

# The fields of a vector that never change, and all fields that are checked.
QUESTION = ("op", "config", "input")
CHECKED = QUESTION + ("expect",)


def is_data(name):
    """Whether a file of this name may contain vectors."""
    return name.endswith((".json", ".json.gz")) \
        and not name.endswith(".schema.json")


@contextlib.contextmanager
def intact(name):
    """Turns the error of a damaged file into a Problem that names it."""
    try:
        yield
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise command.Problem(f"{name}: {error}; restore it") from error


def unpacked(name, data):
    """The content of a file of this name, which may be packed."""
    with intact(name):
        return gzip.decompress(data) if name.endswith(".gz") else data


def text(name, data):
    held = unpacked(name, data)
    with intact(name):
        return held.decode("utf-8")


def value(name, data):
    """The content of a file as a JSON value."""
    written = text(name, data)
    with intact(name):
        return json.loads(written)


def load(path):
    """The JSON value in a file."""
    return value(str(path), path.read_bytes())


def paths(root):
    """All files below vectors/ that may contain vectors, in order."""
    return [path for path in sorted((root / "vectors").rglob("*.json*"))
            if is_data(path.name)]


def files(root):
    """(path, content) of all vector files, without other JSON files."""
    for path in paths(root):
        content = load(path)
        if "vectors" in content:
            yield path.relative_to(root), content


def canonical(vector, fields=CHECKED):
    """These fields as one line of JSON in ASCII, with sorted keys and without
    blanks, as `jq -cS` writes it. A missing config is {}.
    """
    return json.dumps({"config": {}, **{name: vector[name] for name in fields
                                        if name in vector}},
                      sort_keys=True, separators=(",", ":"))


def digest(vector, fields=CHECKED):
    return hashlib.sha256(canonical(vector, fields).encode()).hexdigest()
