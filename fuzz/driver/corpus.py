# SPDX-License-Identifier: MIT
"""Corpora: made from vectors and captures, minimised, replayed."""

import pathlib
import shutil
import subprocess
import tempfile

from driver import archive, builds, common, engines
from scripts import command

SANITIZER = "address,undefined"


def libfuzzer(target):
    """The binary that judges inputs."""
    return builds.binary("libfuzzer", SANITIZER, target)


def gather(target, sources, into):
    """Copies those inputs into one folder that are not too long."""
    longest = engines.longest(target)
    for number, source in enumerate(sources):
        for path in common.files(source):
            if path.stat().st_size <= longest:
                shutil.copyfile(path, into / f"{number}-{path.name}")


def merge(target, inputs, into):
    """Puts those inputs into an empty folder that the coverage needs: into
    a new one each time, or corpora only grow. Of batches it is that of
    compared values, too: many a rule is one comparison, on the same edge either
    way. Where inputs are text every character is compared, and all would
    stay."""
    findings = common.fresh_folder(common.STATE / "merge" / target)
    batch = "BATCH" in common.traits(target)
    with common.kernel_lock(target):
        common.run_logged(
            (libfuzzer(target), "-merge=1", f"-use_value_profile={batch:d}",
             f"-artifact_prefix={findings}/",
             f"-timeout={engines.SECONDS_AN_INPUT}",
             f"-rss_limit_mb={engines.MEGABYTES}", into, inputs),
            common.STATE / "log" / f"merge-{target}",
            env=engines.environment(), stdin=subprocess.DEVNULL)
    if common.files(findings):
        raise command.Problem(f"{target}: inputs that do not hold are in "
                              f"{findings}; see fuzz/run triage")


def check_size():
    """The repository holds this much and no more."""
    total = sum(map(archive.size, common.targets()))
    if total > archive.MOST_BYTES:
        raise command.Problem(
            f"{common.CORPUS.relative_to(common.ROOT)}: {total} bytes, but "
            f"{archive.MOST_BYTES} are the most; make it of fewer inputs")


def replace(target, seeds, more=()):
    """Makes seeds and more inputs, minimised, the corpus of a target; some
    seeds stay even if they add no coverage; fuzz/seeds.c chooses them."""
    with tempfile.TemporaryDirectory(dir=common.STATE) as name:
        gathered = common.fresh_folder(pathlib.Path(name) / "gathered")
        merged = common.fresh_folder(pathlib.Path(name) / "merged")
        gather(target, [seeds / target, *more], gathered)
        merge(target, gathered, merged)
        archive.write(target, [
            path.read_bytes() for folder in (merged, seeds / "shown" / target)
            for path in common.files(folder)])
    inputs = common.files(archive.seeds(target))
    print(f"{target}: {len(inputs)} inputs, {archive.size(target)} bytes",
          flush=True)


def make_seeds():
    """What vectors and captures are as inputs: a folder for each target."""
    build = builds.make("libfuzzer", SANITIZER, ("fuzz-seeds",))
    out = common.fresh_folder(common.STATE / "seeds")
    common.run_logged((build / "fuzz-seeds", common.ROOT / "vectors", out),
                      common.STATE / "log" / "seeds")
    return out


def seed(targets):
    """Makes corpora from vectors and captures."""
    builds.own_adapter(targets)
    seeds = make_seeds()
    for target in targets:
        replace(target, seeds)
    check_size()


def minimise(targets):
    """Makes corpora of what they are and what was found, minimised."""
    builds.own_adapter(targets)
    seeds = make_seeds()
    for target in targets:
        runs = common.WORK / target
        replace(target, seeds,
                [archive.seeds(target), *runs.glob("libfuzzer-*/corpus"),
                 *runs.glob("afl-*/sync/*/queue")])
    check_size()


def engine_of(build):
    """The engine that a build of the targets is for."""
    cache = build / "CMakeCache.txt"
    lines = cache.read_text("utf-8").splitlines() if cache.exists() else []
    for line in lines:
        if line.startswith("GROVE_FUZZ_ENGINE:"):
            return line.split("=", 1)[1]
    raise command.Problem(f"{build}: no build of the fuzz targets; "
                          "configure it with -DGROVE_FUZZ=ON")


def replay_command(build, target, inputs):
    """What replays inputs in any build of a target."""
    engine = engine_of(build)
    binary = build / "fuzz" / target
    if engine == "replay":
        return (binary, inputs)
    if engine == "afl":
        return (binary, *common.files(inputs))
    return (binary, "-runs=0", inputs)


def regress(targets, build):
    """Replays corpora in a build; whether all inputs hold."""
    engine_of(build)
    builds.own_adapter(targets)
    failed = []
    for target in targets:
        inputs = archive.seeds(target)
        reason = common.cannot_run(target)
        if reason or not (build / "fuzz" / target).exists():
            print(f"SKIP {target}: {reason or 'not in this build'}")
            continue
        with common.kernel_lock(target):
            done = subprocess.run(
                replay_command(build, target, inputs), check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, env=engines.environment())
        if done.returncode == 0:
            print(f"ok {target}: {len(common.files(inputs))} inputs")
        else:
            print(done.stdout.decode(errors="replace"))
            print(f"FAILED {target}: exit {done.returncode}")
            failed.append(target)
    return not failed
