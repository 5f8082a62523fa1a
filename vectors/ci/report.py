#!/usr/bin/python3 -B
# SPDX-License-Identifier: CC0-1.0
"""Shows the results of `grove check --json` where a forge looks for them.

Usage: report.py STATUS RESULTS BADGE

STATUS is the exit status of grove, and RESULTS what it printed. BADGE is
written: JSON for the endpoint badge of shields.io. The variables GITHUB_OUTPUT
and GITHUB_STEP_SUMMARY name files to append to, if they are set. Failures also
go to standard output, as annotations. Needs Python's own library only.
"""
import collections
import json
import os
import sys

# A forge shows ten annotations of a step.
ANNOTATIONS = 10
ROWS = 50
CANNOT = "no result"


def append(variable, text):
    """Appends text to the file that an environment variable names."""
    if os.environ.get(variable):
        with open(os.environ[variable], "a", encoding="utf-8") as stream:
            stream.write(text)


def badge(status, report):
    """The words and the colour of the badge."""
    if status not in (0, 1) or report is None:
        return CANNOT, "lightgrey"
    asked = report["passed"] + report["failed"] + report["known"]
    words = f"{report['passed']:,} of {asked:,}, {report['level']}"
    if report["failed"]:
        return words, "red"
    return words, "yellow" if report["known"] else "brightgreen"


def what(result):
    """What happened, as 'unsafe changes ip.id'."""
    return " ".join(result[name] for name in ("level", "kind", "field")
                    if result.get(name))


def failed(report):
    """The failures by vector: the profiles, and what happened in the first."""
    vectors = collections.defaultdict(list)
    for result in report["results"]:
        if result["result"] not in ("passed", "skipped", "known"):
            vectors[result["id"]].append(result)
    return vectors


def summary(words, report, failures):
    """The results as Markdown."""
    lines = [f"### GRO vectors: {words}", ""]
    if report is None:
        return "\n".join([*lines, "grove could not ask the adapter; its "
                          "message is in the log.", ""])
    lines += [f"Adapter: `{report['implementation']}`", "",
              "| passed | failed | known | skipped | unsafe |",
              "|--:|--:|--:|--:|--:|",
              f"| {report['passed']:,} | {report['failed']:,} "
              f"| {report['known']:,} | {report['skipped']:,} "
              f"| {report['levels']['unsafe']:,} |", ""]
    if report["groups"]:
        lines += ["| times | harm | field | rules of the vectors |",
                  "|--:|---|---|---|"]
        lines += [f"| {group['count']:,} | {group['op']} {group['kind']} "
                  f"| {group.get('field', '')} | {' '.join(group['rules'])} |"
                  for group in report["groups"]]
        lines.append("")
    if failures:
        lines += ["| vector | what | profiles |", "|---|---|---|"]
        lines += [f"| `{name}` | {what(results[0])} | "
                  f"{' '.join(result['profile'] for result in results)} |"
                  for name, results in list(failures.items())[:ROWS]]
        if len(failures) > ROWS:
            lines += ["", f"And {len(failures) - ROWS:,} more vectors: see "
                      "the JUnit file."]
        lines.append("")
    return "\n".join(lines)


def main():
    status, results, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    try:
        with open(results, encoding="utf-8") as stream:
            report = json.load(stream)
    except ValueError: # grove refused its options, and printed nothing
        report = None
    words, color = badge(status, report)
    failures = failed(report) if report else {}
    with open(path, "w", encoding="utf-8") as stream:
        json.dump({"schemaVersion": 1, "label": "GRO vectors",
                   "message": words, "color": color,
                   "isError": color in ("red", "lightgrey")}, stream)
    append("GITHUB_STEP_SUMMARY", summary(words, report, failures))
    counts = {name: report[name] if report else 0
              for name in ("passed", "failed", "skipped")}
    counts["unsafe"] = report["levels"]["unsafe"] if report else 0
    append("GITHUB_OUTPUT", "".join(
        f"{name}={value}\n" for name, value in counts.items())
        + f"message={words}\n")
    for name, results in list(failures.items())[:ANNOTATIONS]:
        print(f"::error title={name}::{what(results[0]) or 'failed'}, "
              f"{results[0]['profile']}")
    print(f"GRO vectors: {words}")


if __name__ == "__main__":
    main()
