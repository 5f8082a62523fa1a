# SPDX-License-Identifier: MIT
"""The results as Markdown, for the forge."""

from scripts.peers import results

HEAD = """\
# Other programs beside Linux 6.18

`tools/peers/run` asked the programs below, and wrote this page and
[index.html](index.html). On index.html, a click shows the packets, what Linux gives and
what the program gives. [vectors/README.md](../README.md), "Levels", says what the
words mean, and [tools/peers/README.md](../../tools/peers/README.md) how each
program was asked. Each failure was confirmed in the program's source or by a
small program of its own; the notes below say what was found.

A program that does something else on purpose is not at fault for that: another
order of flows, another size of the table, fewer merges are `safe`. The levels
ask only whether every receiver gets what was sent.
"""


def table(titles, rows):
    """A table, or a word if it has no rows."""
    rows = list(rows)
    if not rows:
        return "None.\n"
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def percent(share):
    return "" if share is None else f"{share:.0%}"


def programs(shown):
    return table(
        ["program", "version", "asked on", "exact", "hints", "safe", "unsafe",
         "crashes, hangs", "skipped", "merged beside Linux"],
        ([peer.title, peer.version, peer.result["date"],
          *peer.check["levels"].values(),
          peer.check["kinds"]["crashes"] + peer.check["kinds"]["hangs"],
          peer.check["skipped"], percent(peer.share())] for peer in shown))


def harm(peer):
    """What is unsafe in a peer, the worst first."""
    return table(
        ["op", "kind", "field", "vectors", "batches", "smallest vector",
         "confirmed"],
        ([group["op"], group["kind"], group.get("field", ""),
          group["count"] if group["seen"] == "vectors" else 0,
          peer.batches(group["op"], group["kind"], group.get("field", "")),
          f"`{group['vector']}`" if group["seen"] == "vectors"
          else "a random batch", peer.confirmed(group) or ""]
         for group in peer.groups()))


def about(peer):
    """A section about a peer."""
    said = peer.about
    lines = [f"\n### {peer.title} {peer.version}\n",
             f"From: {said['source']}. Asked: {said['asked']}.\n"]
    if said["skipped"]:
        lines.append(f"Skipped: {said['skipped']}.\n")
    if said["note"]:
        lines.append(f"{said['note']}\n")
    if said["code"]:
        lines.append(f"The code is in {said['code']}.\n")
    for op, found in peer.result["diff"].items():
        lines.append(f"{found['batches']:,} random batches of op {op}: " + ", ".join(
            f"{count:,} {level}" for level, count in found["levels"].items())
            + "; the others were skipped.\n")
    return "\n".join(lines) + "\n" + harm(peer)


def cell_words(cell):
    """A cell in a few words."""
    if cell is None:
        return ""
    if "worst" in cell:
        worst = cell["worst"]
        return f"**{worst['kind']}** {worst['field']}".strip()
    levels = [level for level, count in cell["levels"].items() if count]
    return levels[-1] if levels else "skipped"


def page(root, shown):
    reports = [[f"[{title}](reports/{path})", severity]
               for path, title, severity in results.reports(root)]
    text = HEAD + "\n## Programs\n\n" + programs(shown)
    text += ("\n\"Merged beside Linux\" counts packets that were merged, of "
             "those that Linux\nmerges, where all is safe.\n")
    text += "\n## Reports\n\nReady to send.\n\n" + table(
        ["report", "severity"], reports)
    text += "\n## What is unsafe\n" + "".join(
        about(peer) for peer in shown)
    text += ("\n## By rule\n\nOnly the vectors of `rules/` count here, which "
             "have one fault each. A cell is the\nworst answer.\n\n")
    columns = results.by_rule(shown)
    return text + table(
        ["rule", "what it says", *(peer.title for peer in columns)],
        ([rule, said.replace("|", "\\|"),
          *(cell_words(peer.rules.get(rule)) for peer in columns)]
         for rule, said in results.rules(root, columns)))
