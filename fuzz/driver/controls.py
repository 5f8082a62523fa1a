# SPDX-License-Identifier: MIT
"""Negative controls: fuzzing must find the faults of tools/faults/planted.
Results are kept: a run that was stopped continues with what is missing."""

import collections
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from driver import archive, builds, common, engines, planted, session
from scripts import command

STARTS = ("empty", "seeds")
COLUMNS = ("fault", "target", "commit", "begun from", "found", "median")
# An input that takes longer has found an endless loop.
HANG_SECONDS = 3
# So many times the CPU time, by the clock on the wall: a target may wait, too.
MOST_WALL = 4


def seconds_to_find(control, target, start, seed, seconds):
    """How much CPU time it takes to find it; None if it does not. What else
    the machine does counts on the wall's clock only."""
    with tempfile.TemporaryDirectory(dir=planted.PLACE) as name:
        work = pathlib.Path(name)
        arguments = [
            "prlimit", f"--cpu={seconds}",
            planted.program(control, target), f"-seed={seed}",
            f"-max_total_time={MOST_WALL * seconds}",
            f"-timeout={HANG_SECONDS}",
            f"-rss_limit_mb={engines.MEGABYTES}",
            f"-max_len={engines.longest(target)}",
            f"-dict={engines.DICTIONARY}", f"-artifact_prefix={work}/found-"]
        (work / "corpus").mkdir()
        arguments.append(work / "corpus")
        if start == "seeds":
            arguments.append(archive.seeds(target))
        with common.kernel_lock(target), open(work / "log", "wb") as log:
            process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
                env=engines.environment(ASAN_OPTIONS=engines.QUARANTINE))
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        if not list(work.glob("found-*")):
            return None
        return round(usage.ru_utime + usage.ru_stime, 1)


def try_all(control, todo, options):
    """The trials of a fault that are still to be done; the times of each."""
    jobs = [(target, start, seed) for target, start in todo
            for seed in range(1, options.trials + 1)]
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
    try:
        times = list(pool.map(
            lambda job: seconds_to_find(control, *job, options.time), jobs))
    finally:
        pool.shutdown(cancel_futures=True)
    return {case: [taken for job, taken in zip(jobs, times)
                   if job[:2] == case]
            for case in todo}


def wanted(control, options):
    """The target and the start of each trial of a fault."""
    for target in control.targets:
        if common.cannot_run(target):
            print(f"SKIP {control.name} by {target}: "
                  f"{common.cannot_run(target)}")
            continue
        archive.seeds(target)
        for start in ("seeds",) if options.gate else STARTS:
            yield target, start


def is_good(result):
    """Whether it was found where it has to be."""
    return result["start"] != "seeds" or None not in result["times"]


def cells(result):
    """Its line of the table."""
    times = result["times"]
    found = [taken for taken in times if taken is not None]
    median = statistics.median(
        result["limit"] if taken is None else taken for taken in times)
    shown = f"{median:.1f} s"
    if len(found) * 2 < len(times):
        shown = f"over {result['limit']} s"
    return (result["fault"], result["target"], result["commit"],
            result["start"],
            f"{len(found)} of {len(times)}", shown)


def table(results):
    """A Markdown table."""
    rows = [COLUMNS, ["---"] * 4 + ["--:"] * 2, *map(cells, results)]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def place_of(control, target, start):
    """Where the result of trials is kept."""
    return planted.PLACE / "results" / f"{control.name}-{target}-{start}.json"


def kept(control, target, start, options):
    """The result of an earlier run; None if it was of other sources, of
    another fault or of other trials."""
    result = common.read_json(place_of(control, target, start), None)
    if result is None or options.fresh or options.gate:
        return None
    same = (common.is_of_sources(result)
            and result.get("digest") == control.digest()
            and result["limit"] == options.time
            and len(result["times"]) == options.trials)
    return result if same else None


def results():
    """All that is kept, in the order of the list."""
    found = [common.read_json(place_of(control, target, start), None)
             for control in planted.read_list() for target in control.targets
             for start in STARTS]
    return [result for result in found if result is not None]


def choose(options):
    """The controls that were asked for."""
    everything = list(planted.read_list())
    names = [control.name for control in everything]
    for name in options.names:
        if name not in names:
            raise command.Problem(f"{name}: no such control; these are: "
                                  f"{', '.join(names)}")
    chosen = [control for control in everything
              if not options.names or control.name in options.names]
    if options.gate:
        chosen = [control._replace(targets=control.gate) for control in chosen]
    return list(first_of_each(chosen, options.most))


def first_of_each(chosen, most):
    """The first faults of each target, at most so many; all if it is None."""
    count = collections.Counter()
    for control in chosen:
        targets = tuple(target for target in control.targets
                        if most is None or count[target] < most)
        count.update(targets)
        if targets:
            yield control._replace(targets=targets)


def try_one(control, options):
    """The results of a fault. Some of them may be known already."""
    cases = list(wanted(control, options))
    known = {case: kept(control, *case, options) for case in cases}
    todo = [case for case in cases if known[case] is None]
    if todo and not options.built:
        planted.build(control)
    for (target, start), times in try_all(control, todo, options).items():
        result = {"fault": control.name, "target": target, "start": start,
                  "times": times, "limit": options.time,
                  "commit": common.commit(target), "digest": control.digest(),
                  "machine": session.machine()}
        known[target, start] = result
        if not options.gate:
            common.write_text(place_of(control, target, start),
                              json.dumps(result) + "\n")
    return [known[case] for case in cases]


def build(options):
    """Builds the programs with the faults that were asked for."""
    progress = common.Progress()
    chosen = choose(options)
    for number, control in enumerate(chosen, 1):
        progress.show(f"{number} of {len(chosen)}: {control.name}")
        planted.build(control)
    progress.end()
    print(f"{len(chosen)} faults are built in {planted.PROGRAMS}")


def run(options):
    """Plants all faults; whether each is found from the seeds."""
    chosen = choose(options)
    planted.PLACE.mkdir(parents=True, exist_ok=True)
    builds.own_adapter({target for control in chosen
                        for target in control.targets})
    progress = common.Progress()
    done = []
    print(table([]), end="")
    for number, control in enumerate(chosen, 1):
        progress.show(f"{number} of {len(chosen)}: {control.name}")
        some = try_one(control, options)
        progress.end()
        done += some
        for result in some:
            print("| " + " | ".join(cells(result)) + " |", flush=True)
    missed = [result for result in done if not is_good(result)]
    if missed:
        print(f"{len(missed)} NOT FOUND from the seeds", file=sys.stderr)
    return not missed


def add_options(parser):
    """The options of fuzz/run controls."""
    parser.add_argument("--trials", type=common.whole, default=5,
                        metavar="N",
                        help="runs of each, by different seeds (default 5)")
    parser.add_argument("--time", type=common.whole, default=60,
                        metavar="SECONDS",
                        help="CPU time that one may take (default 60)")
    parser.add_argument("--jobs", type=common.whole, default=os.cpu_count(),
                        metavar="N", help="at a time (default: all CPUs)")
    parser.add_argument("--fresh", action="store_true",
                        help="try again what was tried of the same sources")
    parser.add_argument("--gate", action="store_true",
                        help="only the pairs of fault and target that need "
                        "less than five seconds, from the seeds")
    parser.add_argument("--most", type=common.whole, metavar="N",
                        help="of each target, the first N faults only")
    steps = parser.add_mutually_exclusive_group()
    steps.add_argument("--build", action="store_true",
                       help="only build the programs with the faults")
    steps.add_argument("--built", action="store_true",
                       help="try the programs of the last --build")
    parser.add_argument("names", nargs="*", metavar="FAULT",
                        help="default: all")
