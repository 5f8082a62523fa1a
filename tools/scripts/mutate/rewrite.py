# SPDX-License-Identifier: MIT
"""Sources with all mutants inside, one of which is chosen at run time."""

import itertools


def chain(mutants, default, wrap="({})"):
    """An expression: the mutant that is switched on, or `default`."""
    first = mutants[0].number
    text = wrap.format(mutants[-1].text)
    for mutant in reversed(mutants[:-1]):
        text = (f"grove_mutant == {mutant.number} ? "
                f"{wrap.format(mutant.text)} : {text}")
    return (f"(grove_mutants({first}, {len(mutants)}) ? {text} : "
            f"{default})")


class Rewriter:
    """Rewrites one file."""

    def __init__(self, source, mutants):
        self.text = source.text
        self.tables = {}  # by name: its mutants
        self.sites = []   # (start, end, mutants), the outer ones first
        in_table = set()
        for table in source.tables:
            inside = [m for m in mutants if m.function == table.name
                      and table.start <= m.start < table.end]
            in_table.update(m.number for m in inside)
            if inside:
                self.tables[table.name] = inside
                self.sites.append((table.start, table.end, table))
                self.sites += [(*use, inside) for use in table.uses]
        rest = [m for m in mutants if m.number not in in_table]
        for (start, end), group in itertools.groupby(
                rest, key=lambda m: (m.start, m.end)):
            self.sites.append((start, end, list(group)))
        self.sites.sort(key=lambda site: (site[0], -site[1]))

    def copies(self, table):
        """The table, and another one for each mutant of it."""
        whole = self.text[table.start:table.end]
        yield whole
        for mutant in self.tables[table.name]:
            copy = (self.text[table.start:mutant.start] + mutant.text +
                    self.text[mutant.end:table.end])
            yield copy.replace(f" {table.name}[",
                               f" {table.name}_{mutant.number}[", 1)

    def one(self, site, inner):
        """What goes where `site` was; `inner` has the sites within it."""
        start, end, what = site
        if not isinstance(what, list):
            return "\n".join(self.copies(what))
        name = self.text[start:end]
        if name in self.tables:
            uses = [type(m)(**{**vars(m), "text": f"&{name}_{m.number}"})
                    for m in what]
            return f"(*{chain(uses, f'&{name}', '{}')})"
        if what[0].text == "":
            return (f"{{ if (grove_mutants({what[0].number}, 1)) {{}} "
                    f"else {inner} }}")
        return chain(what, f"({inner})")

    def between(self, start, end, sites):
        """The text from `start` to `end`, with all in `sites` rewritten."""
        parts = []
        while sites:
            site = sites[0]
            within = [s for s in sites[1:] if s[0] < site[1]]
            parts.append(self.text[start:site[0]])
            parts.append(self.one(site, self.between(*site[:2], within)))
            start = site[1]
            sites = sites[1 + len(within):]
        parts.append(self.text[start:end])
        return "".join(parts)

    def whole(self):
        return self.between(0, len(self.text), self.sites)


def replaced(text, mutant):
    """The file as it would be if the mutant were written by hand."""
    return text[:mutant.start] + mutant.text + (
        ";" if not mutant.text else "") + text[mutant.end:]
