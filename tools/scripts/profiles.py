# SPDX-License-Identifier: MIT
"""The profiles of ref/profile.def and the rules of rule.def."""

import itertools
import pathlib
import re
from dataclasses import dataclass

from scripts import command

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILES = "ref/profile.def"
RULES = "ref/include/grove/rule.def"

# Strings of C that stand one behind the other.
TEXT = r'((?:"[^"]*"\s*)+)'
COLUMN = re.compile(r"^GROVE_COLUMN\((\w+),\s*(\w+),\s*\(([\w, ]+)\),\s*"
                    rf"{TEXT},\s*{TEXT}\)$", re.M)
ALIAS = re.compile(r'^GROVE_ALIAS\("([^"]+)",\s*"([^"]+)"\)$', re.M)
PROFILE = re.compile(r'^GROVE_PROFILE\((\d+),\s*"([^"]+)"([^)]*)\)$', re.M)
VALUE = re.compile(r",\s*\.(\w+) = (\w+)")
RULE = re.compile(r'^GROVE_RULE\((\w+),\s*(\d+),\s*"([^"]+)",\s*'
                  rf"(NOT\(\w+\)|\w+),\s*{TEXT}\)$", re.M)


@dataclass
class Column:
    name: str
    is_flag: bool
    known: list  # the values that kernels have
    rules: list  # the ids of those that read it


@dataclass
class Profile:
    name: str
    number: int   # in stored fuzzing inputs
    values: dict  # a bool or an int for each column


@dataclass
class Rule:
    name: str
    number: int
    id: str
    scope: str


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


def parse(pattern, path, text):
    """What the pattern finds; a Problem where it does not understand a line
    that begins like it.
    """
    found = pattern.findall(text)
    macro = pattern.pattern.partition("\\(")[0]
    if len(found) != len(re.findall(rf"{macro}\(", text, re.M)):
        raise command.Problem(f"{path}: a {macro[1:]}() is written in another "
                              "way than the others; write it as they are")
    return found


def joined(text):
    return "".join(re.findall(r'"([^"]*)"', text))


def value_of(text, name, is_flag):
    values = {"true": True, "false": False}
    if is_flag and text in values:
        return values[text]
    if not is_flag and text.isdecimal():
        return int(text)
    raise command.Problem(f"{PROFILES}: {name} is {text}; write "
                          f"{'true or false' if is_flag else 'a number'}")


def columns(root=ROOT):
    """All columns, in order."""
    return [Column(name, kind == "bool",
                   [value_of(value, name, kind == "bool")
                    for value in known.split(", ")], joined(rules).split())
            for kind, name, known, rules, _ in
            parse(COLUMN, PROFILES, read(root, PROFILES))]


def aliases(root=ROOT):
    """The profile that each alias names."""
    return dict(parse(ALIAS, PROFILES, read(root, PROFILES)))


def profiles(root=ROOT):
    """All profiles, the oldest first."""
    known = {column.name: column for column in columns(root)}
    made = []
    for number, name, text in parse(PROFILE, PROFILES, read(root, PROFILES)):
        given = dict(VALUE.findall(text))
        for column in given.keys() - known.keys():
            raise command.Problem(f"{PROFILES}: {name}: no column {column}; "
                                  "name one of those above")
        made.append(Profile(name, int(number), {
            column.name: value_of(given.get(
                column.name, "false" if column.is_flag else "0"),
                column.name, column.is_flag)
            for column in known.values()}))
    return made


def values_of(name, root=ROOT):
    """The value of each column of the profile with this name, which may be an
    alias.
    """
    base, _, text = aliases(root).get(name, name).partition(":")
    row, = (one for one in profiles(root) if one.name == base)
    changes = dict(change.split("=") for change in text.split(",") if change)
    words = {"yes": True, "no": False}
    return {**row.values, **{
        column: words[value] if value in words else int(value)
        for column, value in changes.items()}}


def text_of(value):
    """A value as SPEC.md writes it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) \
        else str(value)


def combinations():
    """The values of all profiles: a dict each."""
    known = columns()
    return [dict(zip((column.name for column in known), values))
            for values in itertools.product(
                *(column.known for column in known))]


def name_of(values):
    """The name of the profile with these values; SPEC.md, "Names of profiles".
    """
    def changes(row):
        return [f"{name}={text_of(value)}" for name, value in values.items()
                if value != row.values[name]]
    nearest = min(profiles(), key=lambda row: len(changes(row)))
    return ":".join([nearest.name, ",".join(changes(nearest))]
                    [:1 + bool(changes(nearest))])


def having(**values):
    """The names of the profiles with these values, the oldest first."""
    return [profile.name for profile in profiles()
            if all(profile.values[name] == value
                   for name, value in values.items())]


def rules_of(text):
    """The rules that the text of a rule.def defines, in order."""
    return [Rule(name, int(number), rule, scope)
            for name, number, rule, scope, _ in parse(RULE, RULES, text)]


def rules(root=ROOT):
    return rules_of(read(root, RULES))
