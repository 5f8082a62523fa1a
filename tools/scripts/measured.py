# SPDX-License-Identifier: MIT
"""What README.md shows of a report of `grove bench --json`."""

import json
import shutil
import subprocess

from scripts import command
from scripts.command import Problem

CONTESTANTS = {"limit": "limit", "verified": "verified", "trusted": "trusted",
               "dpdk": "DPDK"}
TRAFFIC = {"tcp": "TCP, 1448 bytes", "udp": "UDP, 1200 bytes"}
FLOWS = (1, 64)
COLOURS = ("#808080", "#0072b2", "#009e73", "#d55e00")


def load(path):
    """The report in this file."""
    remedy = f"run `build/grove bench --json >{path.name}` there"
    with command.advising(remedy):
        text = path.read_text(encoding="utf-8")
    try:
        report = json.loads(text)
        for cost in report["costs"]:
            cost["traffic"], cost["flows"], cost["contestant"]
            cost["ns_per_packet"] + 0
        for goal in report["goals"]:
            goal["goal"] + goal["bound"]
            goal["value"] + goal["ratio"], goal["reached"]
        report["machine"] + report["compiler"]
    except (ValueError, KeyError, TypeError) as error:
        raise Problem(f"{path}: not a report of grove bench; {remedy}") \
            from error
    return report


def times(report, traffic, contestant):
    """{flows: nanoseconds per packet}, in the order of flows."""
    return dict(sorted((cost["flows"], cost["ns_per_packet"])
                       for cost in report["costs"]
                       if cost["traffic"] == traffic
                       and cost["contestant"] == contestant))


def table(report):
    """Millions of packets a second, as a table of Markdown."""
    lines = [f"On {report['machine']}, compiled by {report['compiler']}:", "",
             "| batch of 128 packets | " + " | ".join(CONTESTANTS.values())
             + " |", "|---|" + "--:|" * len(CONTESTANTS)]
    for traffic, name in TRAFFIC.items():
        for flows in FLOWS:
            cells = [times(report, traffic, contestant).get(flows)
                     for contestant in CONTESTANTS]
            if any(cells):
                lines.append(
                    f"| {name}, {flows} flow{'s'[:flows - 1]} | " +
                    " | ".join(f"{1e3 / cell:.0f}" if cell else ""
                               for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def goals(report):
    """The ratios that the bench has goals for, as a table of Markdown."""
    lines = ["| ratio | goal | measured |", "|---|---|--:|"]
    for goal in report["goals"]:
        missed = "" if goal["reached"] else ", missed"
        lines.append(f"| {goal['goal']} | {goal['bound']} {goal['value']:g} "
                     f"| {goal['ratio']:.2f}{missed} |")
    return "\n".join(lines) + "\n"


def plot(report):
    """Nanoseconds a TCP packet over the number of flows, as SVG."""
    if shutil.which("gnuplot") is None:
        raise Problem("no gnuplot; apt-get install gnuplot-nox")
    curves = {name: times(report, "tcp", contestant)
              for contestant, name in CONTESTANTS.items()}
    curves = {name: points for name, points in curves.items() if points}
    most = max(flows for points in curves.values() for flows in points)
    drawn = ", ".join(
        f"'-' using 1:2 with linespoints lw 2 lc rgb '{colour}' title '{name}'"
        for colour, name in zip(COLOURS, curves))
    data = "".join("".join(f"{flows} {ns}\n" for flows, ns in points.items())
                   + "e\n" for points in curves.values())
    script = ("set terminal svg size 640,400 font 'sans-serif,12'\n"
              f"set title 'TCP, 1448 bytes, {report['machine']}'\n"
              "set logscale xy 2\nset grid\nset key left top\n"
              f"set xrange [1:{most}]\nset xlabel 'flows'\n"
              f"set ylabel 'ns a packet'\nplot {drawn}\n{data}")
    done = subprocess.run(["gnuplot"], input=script, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"gnuplot: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout
