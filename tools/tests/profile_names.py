#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""A port takes the names of profiles that the reference takes, and no others.

    profile_names.py GROVE ADAPTER

The names are all values of all columns behind each base, and spoilt ones. Of
the first, one in each row of SPEC.md is canonical, so their number is known.
"""

import itertools
import math
import random
import sys

from scripts import profiles
from scripts.vectors import ask

SPOILT = 1000


def described():
    """Each combination of values, as it differs from each base."""
    columns = profiles.columns()
    for base in profiles.profiles():
        for values in itertools.product(*(column.known for column in columns)):
            yield base.name, [
                f"{column.name}={profiles.text_of(value)}"
                for column, value in zip(columns, values)
                if value != base.values[column.name]]


def name_of(base, changes):
    return ":".join([base, ",".join(changes)][:1 + bool(changes)])


def spoilt(dice, base, changes):
    """A name that is not canonical, or is no longer a name."""
    kind = dice.randrange(5)
    if kind == 0:
        dice.shuffle(changes)
    elif kind == 1:
        changes += dice.sample(changes, 1)
    elif kind == 2:
        base = dice.choice([*profiles.aliases(), base.upper(), base[:-1], ""])
    text = name_of(base, changes)
    if kind > 2:
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(["", ",", ":", "=", "0", "s"]) \
            + text[at + dice.randrange(2):]
    return text


def names():
    """All names to ask."""
    made = [*described()]
    dice = random.Random(1)
    yield from (name_of(*one) for one in made)
    yield from profiles.aliases()
    for base, changes in dice.sample(made, SPOILT):
        if changes:
            yield spoilt(dice, base, changes)


def taken(questions, *command):
    """Whether each question was answered and not skipped."""
    adapter = ask.Adapter(*command)
    return [answer is not None for answer in adapter.ask(questions)]


def main(grove, *adapter):
    asked = [*names()]
    vector = {"op": "gro", "config": {}, "input": []}
    questions = [ask.question(vector, name) for name in asked]
    ours, theirs = taken(questions, grove, "adapter"), taken(questions,
                                                             *adapter)
    wrong = [f"{name}: the port {'takes' if told else 'refuses'} it"
             for name, right, told in zip(asked, ours, theirs)
             if right != told]
    combinations = math.prod(len(column.known)
                             for column in profiles.columns())
    good = {name for name, right in zip(asked, ours) if right}
    if len(good - profiles.aliases().keys()) != combinations:
        wrong.append(f"{len(good)} names of {combinations} profiles")
    sys.exit("\n".join(wrong[:10]) or None)


main(*sys.argv[1:])
