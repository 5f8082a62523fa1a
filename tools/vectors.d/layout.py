# SPDX-License-Identifier: MIT
"""Vector files in the one layout that they all have, a packet a line."""

import json

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
    """(header, payload) of a segment, whose end is a part of the input."""
    whole = output["packet"]
    for header in range(0, len(whole), 2):
        at = inputs[0].find(whole[header:])
        if at >= 0 and at % 2 == 0:
            return whole[:header], [[0, at // 2, (len(whole) - header) // 2]]
    return None


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
