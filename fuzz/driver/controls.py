# SPDX-License-Identifier: MIT
"""Negative controls: faults that are planted, and must be found."""

import concurrent.futures
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import typing

from driver import builds, common, corpus, engines

LIST = common.FUZZ / "controls" / "list"
PLACE = common.STATE / "controls"
STARTS = ("empty", "seeds")
# An input that takes longer has found an endless loop.
HANG_SECONDS = 3


class Control(typing.NamedTuple):
    """A fault and who has to find it."""

    patch: pathlib.Path
    targets: tuple
    gate: bool

    @property
    def name(self):
        """What it is called."""
        return self.patch.stem


def read_list():
    """All controls, as fuzz/controls/list has them."""
    for number, line in enumerate(LIST.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split()
        patch = common.ROOT / words[0]
        targets = tuple(word for word in words[1:] if word != "gate")
        unknown = set(targets) - set(common.targets())
        if not patch.is_file() or not targets or unknown:
            raise common.Problem(f"{LIST}:{number}: give a patch, and then "
                                 "the targets that find it")
        yield Control(patch, targets, "gate" in words[1:])


def copy_tree():
    """A copy of the sources, to plant faults in."""
    tree = common.fresh_folder(PLACE / "tree")
    shutil.copy(common.ROOT / "CMakeLists.txt", tree)
    for name in ("ref", "tools"):
        shutil.copytree(common.ROOT / name, tree / name)
    shutil.copytree(common.FUZZ, tree / "fuzz",
                    ignore=shutil.ignore_patterns("corpus", "driver"))
    return tree


def apply(tree, patch, *more):
    """Plants a fault, or takes it out again."""
    common.run_logged(("patch", "-d", tree, "-p1", "--fuzz=0", "--silent",
                       *more, "-i", patch), PLACE / "patch.log")


def build_all(chosen):
    """Builds each target with each of its faults. They differ in a file or
    two, so that one tree makes them faster, one after the other."""
    common.need("patch", "patch")
    tree = copy_tree()
    build = PLACE / "build"
    if build.exists():
        shutil.rmtree(build)
    builds.configure("libfuzzer", corpus.SANITIZER, tree, build,
                     "-DGROVE_UNITY=OFF")
    # The adapter that diff_exec drives has no fault.
    builds.compile_targets(build, ("grove",))
    shutil.copy(build / "grove", PLACE / "bin")
    progress = common.Progress()
    for number, control in enumerate(chosen, 1):
        progress.show(f"building {number} of {len(chosen)}: {control.name}")
        apply(tree, control.patch)
        builds.compile_targets(build, control.targets)
        out = common.fresh_folder(PLACE / "bin" / control.name)
        for target in control.targets:
            shutil.copy(build / "fuzz" / target, out)
        apply(tree, control.patch, "--reverse")
    progress.end()


def seconds_to_find(control, target, start, seed, seconds):
    """How long it takes to find it; None if it does not."""
    with tempfile.TemporaryDirectory(dir=PLACE) as name:
        work = pathlib.Path(name)
        command = [
            PLACE / "bin" / control.name / target, f"-seed={seed}",
            f"-max_total_time={seconds}", f"-timeout={HANG_SECONDS}",
            f"-rss_limit_mb={engines.MEGABYTES}",
            f"-dict={engines.DICTIONARY}", f"-artifact_prefix={work}/found-"]
        (work / "corpus").mkdir()
        command.append(work / "corpus")
        if start == "seeds":
            command.append(common.seeds(target))
        with common.kernel_lock(target):
            begin = time.monotonic()
            subprocess.run(command, check=False, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL,
                           env=engines.environment())
            taken = time.monotonic() - begin
        return taken if list(work.glob("found-*")) else None


def try_one(control, target, start, options):
    """The trials of a fault; its line of the table, and whether all did."""
    times = [seconds_to_find(control, target, start, seed, options.time)
             for seed in range(1, options.trials + 1)]
    found = [taken for taken in times if taken is not None]
    missed = len(times) - len(found)
    every = [options.time if taken is None else taken for taken in times]
    median = f"{statistics.median(every):.1f} s"
    if missed * 2 > len(times):
        median = f"over {options.time} s"
    return ((control.name, target, start, f"{len(found)} of {len(times)}",
             median), missed == 0 or start == "empty")


def jobs(chosen, options):
    """What is to be tried."""
    for control in chosen:
        for target in control.targets:
            if common.cannot_run(target):
                print(f"SKIP {control.name} by {target}: "
                      f"{common.cannot_run(target)}")
                continue
            common.seeds(target)
            for start in ("seeds",) if options.gate else STARTS:
                yield control, target, start


def choose(options):
    """The controls that were asked for."""
    everything = list(read_list())
    names = [control.name for control in everything]
    for name in options.names:
        if name not in names:
            raise common.Problem(f"{name}: no such control; these are: "
                                 f"{', '.join(names)}")
    chosen = [control for control in everything
              if not options.names or control.name in options.names]
    if not options.gate:
        return chosen
    # The first target is the one that the fault is there for.
    return [control._replace(targets=control.targets[:1])
            for control in chosen if control.gate]


def run(options):
    """Plants all faults; whether each is found from the seeds."""
    chosen = choose(options)
    common.fresh_folder(PLACE / "bin")
    os.environ[common.EXEC_VARIABLE] = f"{PLACE / 'bin' / 'grove'} adapter"
    todo = list(jobs(chosen, options))
    build_all(chosen)
    print("| fault | target | begun from | found | median |\n"
          "|---|---|---|--:|--:|")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = []
        for line, good in pool.map(
                lambda job: try_one(*job, options), todo):
            print("| " + " | ".join(line) + " |", flush=True)
            results.append(good)
    missed = results.count(False)
    if missed:
        print(f"{missed} NOT FOUND from the seeds", file=sys.stderr)
    return not missed


def add_options(parser):
    """The options of fuzz/run controls."""
    parser.add_argument("--trials", type=int, default=5, metavar="N",
                        help="runs of each, by different seeds (default 5)")
    parser.add_argument("--time", type=int, default=60, metavar="SECONDS",
                        help="the most that one may take (default 60)")
    parser.add_argument("--gate", action="store_true",
                        help="only those that the tests run, from the seeds "
                        "and by the first target")
    parser.add_argument("names", nargs="*", metavar="FAULT",
                        help="default: all")
