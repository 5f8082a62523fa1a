# SPDX-License-Identifier: MIT
"""Tables of proofs for people, and the one in ref/SOUNDNESS.md."""

import textwrap

from scripts import outfile
from scripts.command import Problem, advising
from scripts.proofs import cbmc, table

PAGE = table.ROOT / "ref/SOUNDNESS.md"
BEGIN = "<!-- tools/proofs --write: the table -->\n"
END = "<!-- the end of the table -->\n"


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


def write(rows):
    """Writes the results into the page."""
    with advising("restore it"):
        text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Problem(f"{PAGE}: the lines around the table are missing; "
                      f"restore {BEGIN.strip()} and {END.strip()}")
    body = (f"{total(rows)} By CBMC {cbmc.VERSION}.\n\n"
            "| Proof | What holds | Bound | Checks | Seconds |\n"
            "|---|---|---|---|---|\n" + "".join(map(cell, rows)))
    outfile.write(PAGE, (before + begin + "\n" + body + "\n" + end +
                         after).encode(), "make room there")
