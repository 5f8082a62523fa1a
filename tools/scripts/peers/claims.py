# SPDX-License-Identifier: MIT
"""vectors/PEERS.md: which programs passed the vectors of a row, and which
failed. The other columns are written by hand.
"""

import re

ID = re.compile(r"`([a-z0-9][a-z0-9.-]+)`")
ROW = re.compile(r"^\| .*\|$", re.M)
PROGRAMS = re.compile(r"(<!-- programs: begin -->\n).*?(<!-- programs: end -->)",
                      re.S)
OURS = ("linux", "port-go", "port-python", "port-rust")


def named(text):
    """The vectors that the rows name."""
    return {name for row in ROW.findall(text) for name in ID.findall(row)}


def results_of(peer, vectors):
    """The levels that the peer reached on these vectors, as far as it was
    asked.
    """
    return [level for vector in vectors
            if (level := peer.result["named"].get(vector, "skipped"))
            != "skipped"]


def judged(row, shown):
    """A row with its last two cells."""
    cells = row.strip("|").split(" | ")
    vectors = ID.findall(row)
    if not vectors:
        return row
    failed, passed = [], []
    for peer in shown:
        levels = results_of(peer, vectors)
        if levels:
            (failed if "unsafe" in levels else passed).append(peer.title)
    kept = " | ".join(cells[:-2]).strip()
    return f"| {kept} | {', '.join(failed)} | {', '.join(passed)} |"


def page(text, shown):
    """PEERS.md with the columns that the results give."""
    shown = [peer for peer in shown if peer.name not in OURS]
    versions = ", ".join(f"{peer.title} {peer.version}" for peer in shown)
    text = PROGRAMS.sub(rf"\g<1>{versions}.\n\g<2>", text)
    return ROW.sub(lambda match: judged(match[0], shown), text)
