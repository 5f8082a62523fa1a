# SPDX-License-Identifier: MIT
"""What must hold of profile.def and rule.def, and of the files that repeat
them. Each function yields what is wrong, in a line; tools/lint calls them all.
"""

import collections
import re
import subprocess

from scripts import profiles, spec

# They cannot take the list of profiles from profile.def. SHA256SUMS has the
# hashes of each one.
LISTS = ("SPEC.md", "fuzz/grove.dict", "vectors/accumulated/SHA256SUMS",
         "vectors/ports/go/profile.go", "vectors/ports/python/config.py",
         "vectors/ports/rust/src/profile.rs")

# The cells "Profiles" of rules that no kernel has.
NO_KERNEL = re.compile(r"all; no kernel \(section 13\)|"
                       r"(?:all|(?:without )?\w+), lossless")


def repeated(path, what, values):
    for value, times in collections.Counter(values).items():
        if times > 1:
            yield f"{path}: {what} {value} stands there {times} times"


def numbers(root):
    """No two rules and no two profiles have the same number or name."""
    rules = profiles.rules(root)
    yield from repeated(profiles.RULES, "number",
                        [rule.number for rule in rules])
    rows = profiles.profiles(root)
    yield from repeated(profiles.PROFILES, "number",
                        [row.number for row in rows])
    yield from repeated(profiles.PROFILES, "profile",
                        [*(row.name for row in rows), *profiles.aliases(root)])


def values(root):
    """Each value of a row is a known one, and each alias names a profile."""
    rows = profiles.profiles(root)
    for column in profiles.columns(root):
        for row in rows:
            if row.values[column.name] not in column.known:
                yield (f"{profiles.PROFILES}: {row.name}: {column.name} has a "
                       "value that is not a known one of the column")
    for alias, name in profiles.aliases(root).items():
        base, _, _ = name.partition(":")
        if base not in [row.name for row in rows]:
            yield f"{profiles.PROFILES}: {alias}: no row {base}"
        if f"`{alias}` is another name of `{name}`" not in \
                (root / "SPEC.md").read_text(encoding="utf-8"):
            yield f"SPEC.md: section 2 does not say that {alias} is {name}"


def git(root, *arguments):
    """What git prints; nothing if it fails."""
    done = subprocess.run(["git", "-C", root, *arguments],
                          capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def history(root):
    """A number of any release stands for the rule that it stood for there."""
    now = {rule.number: rule.id for rule in profiles.rules(root)}
    numbers_now = {rule.id: rule.number for rule in profiles.rules(root)}
    tags = git(root, "tag").split() if (root / ".git").exists() else []
    for tag in tags:
        text = git(root, "show", f"{tag}:{profiles.RULES}")
        for old in profiles.RULE.findall(text):
            number, rule = int(old[1]), old[2]
            if now.get(number, rule) != rule \
                    or numbers_now.get(rule, number) != number:
                yield (f"{profiles.RULES}: number {number} is {rule} in {tag}; "
                       "give what is new a number of its own")


def scopes(root):
    """A scope names a column, and the column names the rule."""
    columns = {column.name: column for column in profiles.columns(root)}
    known = spec.rules(root)
    for rule in profiles.rules(root):
        column = rule.scope.removeprefix("NOT(").removesuffix(")")
        if column not in ("ANY", "OURS") and (
                column not in columns or rule.id not in columns[column].rules):
            yield (f"{profiles.PROFILES}: no column {column} that {rule.id} "
                   "reads, as rule.def says")
    for column in columns.values():
        for rule in column.rules:
            if rule not in known:
                yield f"{profiles.PROFILES}: {column.name}: no rule {rule}"


def table(root):
    """The table of SPEC.md, section 2, as it must be: its lines."""
    rows = profiles.profiles(root)
    heads = ["Column", "Values", *(row.name for row in rows), "Read by"]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for column in profiles.columns(root):
        cells = [column.name, ", ".join(map(profiles.text_of, column.known)),
                 *(profiles.text_of(row.values[column.name]) for row in rows),
                 ", ".join(column.rules)]
        yield f"| {' | '.join(cells)} |"


def specification(root):
    """SPEC.md shows profile.def, and the scopes of rule.def."""
    lines = (root / "SPEC.md").read_text(encoding="utf-8").splitlines()
    for line in table(root):
        if line not in lines:
            yield f"SPEC.md: section 2 lacks the line {line}"
    known = {rule.id: rule.scope for rule in profiles.rules(root)}
    for match in spec.definitions(root):
        cells = match[0].split(" | ")
        if len(cells) > 1 and match[1] in known:
            yield from cell_complaints(match[1], known[match[1]], cells[-2])


def cell_complaints(rule, scope, cell):
    right = {"ANY": "all"}.get(scope, scope.replace("NOT(", "without ")
                               .removesuffix(")"))
    if scope == "OURS" and not NO_KERNEL.fullmatch(cell):
        yield f'SPEC.md: {rule}: profiles "{cell}", but no kernel has it'
    elif scope != "OURS" and cell != right:
        yield f'SPEC.md: {rule}: profiles "{cell}"; rule.def says "{right}"'


def lists(root):
    """Each file that repeats the list of profiles has them all."""
    for path in LISTS:
        text = (root / path).read_text(encoding="utf-8")
        for row in profiles.profiles(root):
            if not re.search(rf"\b{re.escape(row.name)}(?![.\w])", text):
                yield f"{path}: no {row.name}, which profile.def has"


def check(root):
    for complaints in (numbers, values, history, scopes, specification, lists):
        yield from complaints(root)
