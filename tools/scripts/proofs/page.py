# SPDX-License-Identifier: MIT
"""Tables of proofs for people, and the one in ref/SOUNDNESS.md."""

import re
import textwrap

from scripts import outfile
from scripts.command import Problem, advising
from scripts.proofs import cbmc, table

PAGE = table.ROOT / "ref/SOUNDNESS.md"
BEGIN = "<!-- tools/proofs --write: the table -->\n"
END = "<!-- the end of the table -->\n"
ROW = re.compile(r"\| `([\w-]+)` \| (.+) \| (.+) \| (\d+) \| (\d+) \|")


def listing(proofs):
    """Each proof with its words."""
    lines = []
    for proof in proofs:
        lines.append(f"{proof.name} ({proof.group})")
        for words in (proof.proves, f"Bound: {proof.bound}"):
            lines += textwrap.wrap(words, 80, initial_indent="    ",
                                   subsequent_indent="    ")
    return "".join(f"{line}\n" for line in lines)


def results(rows):
    """The results as a table, what does not hold below its proof."""
    text = f"{'proof':24}{'verdict':10}{'checks':>8}{'seconds':>9}\n"
    for row in rows:
        text += (f"{row['name']:24}{row['verdict']:10}{row['checks']:8}"
                 f"{row['seconds']:9.1f}\n")
        text += "".join(f"    {place}\n" for place in row["places"])
    return text + total(rows) + "\n"


def total(rows):
    """All results in one sentence."""
    held = [row for row in rows if row["verdict"] == "holds"]
    return (f"{len(held)} of {len(rows)} proofs hold: "
            f"{sum(row['checks'] for row in held):,} checks, "
            f"{sum(row['seconds'] for row in held):.0f} s of one CPU.")


def cell(row):
    """A row of the table of the page."""
    return (f"| `{row['name']}` | {row['proves']} | {row['bound']} | "
            f"{row['checks']} | {row['seconds']:.0f} |\n")


def shown(body):
    """The rows of the table in the page, as results by name."""
    return {name: {"name": name, "proves": proves, "bound": bound,
                   "verdict": "holds", "checks": int(checks),
                   "seconds": int(seconds)}
            for name, proves, bound, checks, seconds in ROW.findall(body)}


def merged(rows, body, proofs):
    """The results of all proofs: new ones, and those that the page has."""
    found = shown(body) | {row["name"]: row for row in rows}
    for proof in proofs:
        row = found.get(proof.name, {})
        if (row.get("proves"), row.get("bound")) != (proof.proves, proof.bound):
            raise Problem(f"{PAGE}: the row of {proof.name} is not that of "
                          f"{table.TABLE}; name it, too, or name no proof")
    return [found[proof.name] for proof in proofs]


def write(rows, proofs):
    """Writes the results into the page, which keeps those of other proofs."""
    with advising("restore it"):
        text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise Problem(f"{PAGE}: the lines around the table are missing; "
                      f"restore {BEGIN.strip()} and {END.strip()}")
    rows = merged(rows, old, proofs)
    body = (f"{total(rows)} By CBMC {cbmc.VERSION}.\n\n"
            "| Proof | What holds | Bound | Checks | Seconds |\n"
            "|---|---|---|---|---|\n" + "".join(map(cell, rows)))
    outfile.write(PAGE, (before + begin + "\n" + body + "\n" + end +
                         after).encode(), "make room there")
