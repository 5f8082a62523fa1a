# SPDX-License-Identifier: MIT
"""The vectors as they are stored below vectors/: which files there are, and
what a vector is known by.
"""

import gzip
import hashlib
import json

# The part of a vector that never changes, and all that a port is checked by.
QUESTION = ("op", "config", "input")
CHECKED = QUESTION + ("expect",)


def is_data(name):
    """Is this the name of a file that may hold vectors?"""
    return name.endswith((".json", ".json.gz")) \
        and not name.endswith(".schema.json")


def unpacked(name, data):
    """What the file of this name holds, packed or not."""
    return gzip.decompress(data) if name.endswith(".gz") else data


def text(name, data):
    return unpacked(name, data).decode("utf-8")


def paths(root):
    """All files below vectors/ that may hold vectors, in order."""
    return [path for path in sorted((root / "vectors").rglob("*.json*"))
            if is_data(path.name)]


def files(root):
    """(path, content) of all vector files; other JSON is left out."""
    for path in paths(root):
        content = json.loads(text(path.name, path.read_bytes()))
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
