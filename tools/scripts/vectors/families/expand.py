# SPDX-License-Identifier: MIT
"""Makes vectors from the tables of the families. An id is made of the names
of the parts, so that a part that is added renames nothing.

A change of a packet names fields of packet.py and their values. With "+"
behind its name a field grows by the value, with "~" its bits are flipped by
it; of bytes that is the last one. "aside": the packet is none of the stream,
the next one follows the one before it. "vnet": its virtio header.
"""

import itertools

from scripts.vectors.packet import DEFAULTS, packet, vnet

SUITES = {}

# Usual values of every packet. They are odd, so that a lost bit is noticed.
USUAL = {"id": 0x1235, "ttl": 63, "hop_limit": 63, "sequence": 0x10204081,
         "acknowledgment": 0x20304051, "window": 0x1235}


def grown(value, by):
    return value + by


def flipped(value, by):
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ by])
    return value ^ by


RELATIVE = {"+": grown, "~": flipped}


def apply(fields, *changes):
    """The fields after these changes, applied in order."""
    made = dict(fields)
    for change in changes:
        for name, value in change.items():
            if name[-1] in RELATIVE:
                plain = name[:-1]
                old = made.get(plain, DEFAULTS.get(plain))
                made[plain] = RELATIVE[name[-1]](old, value)
            else:
                made[name] = value
    return made


def entry(fields):
    """A packet of an input."""
    rest = dict(fields)
    rest.pop("aside", None)
    header = rest.pop("vnet", None)
    made = {} if header is None else {"vnet": vnet(**header).hex()}
    return {**made, "packet": packet(**rest).hex()}


def following(at, fields):
    """The fields of the packet after this one, without a change."""
    payload = fields.get("payload")
    size = fields["size"] if payload is None else len(payload)
    return apply(at, {"id+": 1, "sequence+": size})


def stream(base, changes):
    """Consecutive packets, each with its list of changes; None is a flush."""
    made = []
    at = dict(base)
    for change in changes:
        if change is None:
            made.append({"flush": True})
            continue
        fields = apply(at, *change)
        made.append(entry(fields))
        if not fields.get("aside"):
            at = following(at, fields)
    return made


def add(suite, name, title, flag, rules, op, config, inputs):
    SUITES.setdefault(suite, []).append({
        "id": name, "title": title, "rules": rules, "flags": [flag],
        "op": op, "config": config, "input": inputs,
        "profile": "linux-6.18", "generated": True})


def pairs(table):
    """All settings of a table {field: settings}, and all pairs of settings of
    different fields. A setting is (name, title, value); yields (names, titles,
    [values]).
    """
    settings = [(field, *setting) for field, row in table.items()
                for setting in row]
    for count in (1, 2):
        for chosen in itertools.combinations(settings, count):
            if len({field for field, *_ in chosen}) == count:
                yield ("-".join(f"{field}-{name}" if name else field
                                for field, name, _, _ in chosen),
                       ", and ".join(words for _, _, words, _ in chosen),
                       [setting for *_, setting in chosen])
