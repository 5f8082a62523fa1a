# SPDX-License-Identifier: MIT
"""The vectors that peers are asked: those that show what Linux does. Where
SPEC.md differs from Linux on purpose (section 13), a peer is not asked.
"""

import json

from scripts import stored

FOLDERS = ("rules", "generated", "golden")


def is_asked(vector):
    return "deviation" not in vector.get("flags", ())


def load(root, folders=FOLDERS):
    """(folder, file name, content) of all files, without what is not asked."""
    for folder in folders:
        for path in stored.paths(root):
            if path.parent != root / "vectors" / folder:
                continue
            content = stored.load(path)
            content["vectors"] = list(filter(is_asked, content["vectors"]))
            yield folder, path.name.removesuffix(".gz"), content


def copy(root, into, folders=FOLDERS):
    """Copies the files into a folder. The vectors by id, with their folder."""
    vectors = {}
    for folder, name, content in load(root, folders):
        (into / folder).mkdir(parents=True, exist_ok=True)
        (into / folder / name).write_text(json.dumps(content),
                                          encoding="utf-8")
        for vector in content["vectors"]:
            vectors[vector["id"]] = {**vector, "folder": folder}
    return vectors


def packets(vector):
    """How many packets the vector has."""
    return sum("packet" in entry for entry in vector["input"])


def size(vector):
    """The smallest vector has the fewest packets, and of those the fewest
    bytes.
    """
    return (packets(vector),
            sum(len(entry.get("packet", "")) for entry in vector["input"]))


def question(vector):
    """What an adapter is asked."""
    return {"op": vector["op"], "config": vector.get("config", {}),
            "input": vector["input"]}
