# SPDX-License-Identifier: MIT
"""Vector files in the one layout that they all have, a packet a line; those
whose names end in .gz are packed.
"""

import bisect
import gzip
import json

from scripts import outfile, stored

OPEN = {"", "notes", "vectors", "input", "expect", "output"}


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def is_open(key, parent, value):
    """Is the value of `key`, inside that of `parent`, laid out over lines?"""
    if not isinstance(value, (dict, list)) or not value:
        return False
    return parent in ("vectors", "expect") or key in OPEN


def text(value, key="", parent="", indent=0):
    if not is_open(key, parent, value):
        return compact(value)
    begin = "\n" + " " * (indent + 1)
    if isinstance(value, list):
        lines = [text(item, None, key, indent + 1) for item in value]
        brackets = "[]"
    else:
        lines = [f"{compact(name)}: {text(item, name, key or '', indent + 1)}"
                 for name, item in value.items()]
        brackets = "{}"
    return (brackets[0] + ",".join(begin + line for line in lines) + "\n"
            + " " * indent + brackets[1])


def segment_slices(inputs, output):
    """(header, payload) of a segment, whose end is a part of the input. If the
    packet from some byte on is one, then so it is from any later byte on.
    """
    whole, data = bytes.fromhex(output["packet"]), bytes.fromhex(inputs[0])
    header = bisect.bisect_left(range(len(whole)), True,
                                key=lambda at: whole[at:] in data)
    if header == len(whole):
        return None
    return whole[:header].hex(), [[0, data.find(whole[header:]),
                                   len(whole) - header]]


def slices(inputs, output):
    """(header, payload) of an output in hex, or None if they do not fit."""
    if "of" not in output:
        return segment_slices(inputs, output)
    whole = output["packet"]
    of = output["of"]
    total = sum(len(inputs[i]) for i in of)
    header = 0
    if len(of) > 1 and total > len(whole):
        header = (total - len(whole)) // (len(of) - 1)
    payload = [inputs[i][header:] for i in of]
    if header % 2 or whole[header:] != "".join(payload):
        return None
    return whole[:header], [[i, header // 2, len(part) // 2]
                            for i, part in zip(of, payload)]


def short_output(inputs, output):
    """The output with slices of the inputs, if that is shorter."""
    found = slices(inputs, output)
    if found is None:
        return output
    form = {"header": found[0], "payload": found[1]}
    if len(compact(form)) + (1 if found[1] else 0) \
            >= len(compact({"packet": output["packet"]})):
        return output
    made = {}
    for name, value in output.items():
        made.update(form if name == "packet" else {name: value})
    return made


def load(path):
    """The value in a file."""
    return stored.value(str(path), path.read_bytes())


def store(path, value, remedy):
    """Writes a file, which appears as a whole or not at all. The same value
    always gives the same bytes, with the same version of zlib. If it cannot
    be written, that is a Problem with this remedy.
    """
    data = (text(value) + "\n").encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    outfile.write(path, data, remedy)
