# SPDX-License-Identifier: MIT
"""Reports of all runs."""

import re
import subprocess

from driver import archive, builds, common, controls, corpus, engines, session
from scripts import command

CAMPAIGNS = common.FUZZ / "CAMPAIGNS.md"
MARKS = "<!-- fuzz/run {}: begin -->\n", "<!-- fuzz/run {}: end -->\n"
COLUMNS = ("target", "engine", "sanitizer", "from", "commit", "CPU minutes",
           "executions", "per CPU second", "edges", "features", "of seeded",
           "findings", "stability")
INITIAL = re.compile(r"INITED\s+cov: (\d+) ft: (\d+)")


def measure(target, folders):
    """Edges and features of inputs; one build measures those of all engines."""
    folders = [folder for folder in folders if common.files(folder)]
    if not folders or common.cannot_run(target):
        return 0, 0
    with common.kernel_lock(target):
        done = subprocess.run(
            (corpus.libfuzzer(target), "-runs=0", *folders), check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, env=engines.environment())
    found = INITIAL.search(done.stdout.decode(errors="replace"))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def inputs_of(record):
    """The folders with the seeds and the new inputs of a run."""
    work = session.folder(record["target"], record["engine"],
                          record["sanitizer"], record["empty"])
    found = [work / "corpus", *work.glob("sync/*/queue")]
    if not record["empty"]:
        found.append(archive.seeds(record["target"]))
    return found


def row(record, seeded):
    """The cells of a line of the table."""
    edges, features = measure(record["target"], inputs_of(record))
    rate = record["executions"] / max(record["cpu_seconds"], 1)
    share = edges / seeded if seeded else 0
    return (record["target"], record["engine"], record["sanitizer"],
            "empty" if record["empty"] else "seeds", record["commit"],
            f"{record['cpu_seconds'] / 60:.1f}", f"{record['executions']:,}",
            f"{rate:,.0f}", str(edges), str(features),
            f"{100 * share:.0f} %" if share else "",
            str(record["findings"]), record["stability"])


def table(rows):
    """A Markdown table. The columns after the fifth are numbers."""
    lines = [COLUMNS, ["---"] * 5 + ["--:"] * (len(COLUMNS) - 5), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def machines(records):
    """A line about the machines, above a table."""
    shapes = sorted({record["machine"] for record in records})
    return "".join(f"{shape}\n" for shape in shapes) + "\n"


def build(targets, engine):
    """The report as Markdown."""
    builds.own_adapter(targets)
    records = [record for record in session.records()
               if record["target"] in targets
               and engine in (None, record["engine"])]
    if not records:
        raise command.Problem("nothing of this was fuzzed yet; begin with "
                              "fuzz/run TARGET or fuzz/run campaign")
    seeded = {target: measure(target, [archive.seeds(target)])[0]
              for target in {record["target"] for record in records}}
    return machines(records) + table(
        row(record, seeded[record["target"]]) for record in records)


def build_controls():
    """The results of negative controls as Markdown; empty without results."""
    results = controls.results()
    if not results:
        return ""
    return machines(results) + controls.table(results)


def write(name, text):
    """Replaces a part of CAMPAIGNS.md."""
    begin, end = (mark.format(name) for mark in MARKS)
    page = CAMPAIGNS.read_text(encoding="utf-8")
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise command.Problem(f"{CAMPAIGNS.relative_to(common.ROOT)}: put the "
                              f"lines {begin.strip()} and {end.strip()} into "
                              "it, in this order")
    common.write_text(CAMPAIGNS, f"{before}{begin}\n{text}\n{end}{after}")


def plot(path):
    """Edges over time as SVG, a line for each run."""
    common.need("gnuplot", "gnuplot-nox")
    records = [record for record in session.records() if record["samples"]]
    if not records:
        raise command.Problem("nothing was fuzzed yet, so nothing to plot")
    script = ["set terminal svg size 900,600 background 'white'",
              "set xlabel 'seconds'",
              "set ylabel 'edges, as the engine counts'",
              "set key outside right", "set logscale x"]
    lines = []
    for number, record in enumerate(records):
        script.append(f"$run{number} << END")
        script += [f"{time} {edges}" for time, edges in record["samples"]]
        script.append("END")
        start = "empty" if record["empty"] else "seeds"
        lines.append(f"$run{number} using 1:2 with steps title "
                     f"'{record['target']}, {record['engine']}, {start}' "
                     "noenhanced")
    script.append("plot " + ", ".join(lines))
    drawn = subprocess.run(("gnuplot",), input="\n".join(script) + "\n",
                           text=True, check=True, stdout=subprocess.PIPE)
    common.write_text(path, drawn.stdout)
    print(path)
