# SPDX-License-Identifier: MIT
"""The results of a peer as a page in Markdown."""

RULES_SHOWN = 4

HEAD = """\
# {implementation} beside Linux 6.18

`tools/peers/run {name}` wrote this page on {date}, with grove {grove}. What the
words mean is in [vectors/README.md](../README.md), "Levels". The file
[{name}.json]({name}.json) has all numbers, and the smallest packets that show
each kind of harm.

## Vectors

{passed} of {judged} answers are safe or better, and {failed} are not. {skipped}
questions were skipped.

"""


def table(titles, rows):
    """A table, or a word if it has no rows."""
    if not rows:
        return "None.\n"
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def rules_of(group):
    """The rules that most vectors of a group show."""
    names = list(group["rules"])
    more = len(names) - RULES_SHOWN
    return ", ".join(names[:RULES_SHOWN]) + (
        f" and {more} more" if more > 0 else "")


def levels(report):
    """How many answers reached each level, and what was merged."""
    beside = report["beside_linux"]
    return table(["level", "answers"], report["levels"].items()) + (
        "\nWhere coalescing is safe, it has {fewer} times fewer outputs than "
        "Linux, {as_many} times as many, and {more} times more: {outputs} "
        "outputs, and Linux {linux_outputs}.\n".format(**beside))


def groups(report):
    """What is unsafe, the worst first."""
    return table(["op", "kind", "field", "answers", "rules", "vector"],
                 [[group["op"], group["kind"], group.get("field", ""),
                   group["count"], rules_of(group), f"`{group['vector']}`"]
                  for group in report["groups"]])


def batches(comparison):
    """What random batches showed."""
    text = ""
    for op, found in comparison.items():
        text += (f"\nOp {op}, {found['batches']} batches: " +
                 ", ".join(f"{count} {level}" for level, count in
                           found["levels"].items()) + ".\n\n" +
                 table(["kind and field", "batches"],
                       [[shape.removeprefix("unsafe "), count]
                        for shape, count in sorted(
                            found["unsafe"].items(),
                            key=lambda item: item[1], reverse=True)]))
    return text


def page(name, result):
    """The whole page."""
    report = result["check"]
    judged = report["passed"] + report["failed"]
    return (HEAD.format(name=name, judged=judged, **{**report, **result}) +
            levels(report) + "\n### What is unsafe\n\n" + groups(report) +
            "\n### What was skipped\n\n" +
            table(["reason", "questions"], report["reasons"].items()) +
            "\n## Random batches\n" + batches(result["diff"]))
