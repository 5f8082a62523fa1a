# SPDX-License-Identifier: MIT
"""What of ref/ is not tried, and the mutants that change nothing.

Both files have blocks, parted by empty lines: one or more entries at the
beginning of a line, then their reason, indented. An entry of `equivalent` is
the name of a mutant. One of `excluded` is a file, a function of it, or an
expression or statement in that, with all that is inside:

    setup.c
        Vectors make no tables.

    segment.c write_checksum: split->csum_offload
        No vector has a word for it.
"""

import dataclasses
import re


@dataclasses.dataclass
class Entry:
    name: str
    reason: str


def read(path):
    """The entries of a list; ValueError if it is none."""
    entries = []
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        names, reason = [], []
        for line in block.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line.startswith(" "):
                reason.append(line.strip())
            elif reason:
                raise ValueError(f"{path.name}: {line}: below a reason; "
                                 "begin a block by an empty line")
            else:
                names.append(line.strip())
        if names and not reason:
            raise ValueError(f"{path.name}: {names[0]}: no reason; "
                             "indent it below")
        entries += [Entry(name, " ".join(reason)) for name in names]
    return entries


def places(entry, source):
    """Where in a source the code is that an entry of `excluded` means."""
    head, _, text = entry.name.partition(": ")
    path, _, function = head.partition(" ")
    if path != source.path:
        return
    pattern = r"\s+".join(re.escape(word) for word in text.split())
    for name, start, end in source.functions:
        if function in ("", name):
            for match in re.finditer(pattern, source.text[start:end]):
                yield ((start + match.start(), start + match.end()) if text
                       else (start, end))


def covers(entry, source, mutant):
    return any(start <= mutant.start and mutant.end <= end
               for start, end in places(entry, source))


def lines(entries, source):
    """The numbers of all lines of a source in which there is such code."""
    return {number for entry in entries
            for start, end in places(entry, source)
            for number in range(source.line(start), source.line(end) + 1)}


def exclude(entries, sources, mutants):
    """Those mutants that no entry covers."""
    return [mutant for mutant in mutants
            if not any(covers(entry, sources[mutant.path], mutant)
                       for entry in entries)]


def unused(entries, sources):
    """Names of code that is not there. A whole file may be for another
    processor, and then has none here.
    """
    return [entry.name for entry in entries if entry.name not in sources and
            not any(list(places(entry, source))
                    for source in sources.values())]
