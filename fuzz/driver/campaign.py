# SPDX-License-Identifier: MIT
"""A campaign: all targets by both engines, one after the other. It can be
stopped and continued.
"""

import typing

from driver import builds, common, engines, session
from scripts import command

MINUTES = 10
# The most important target: an hour by both engines together.
MINUTES_OF = {"diff_gro": 30}
# The share of the CPU time that is enough: a run ends by wall clock time.
ENOUGH = 0.98


class Entry(typing.NamedTuple):
    """A part of a campaign."""

    target: str
    engine: str
    empty: bool
    seconds: int  # of CPU time


def entries(options, targets):
    """The parts of a campaign. Runs of one engine begin without seeds, and show
    what that reaches.
    """
    for target in targets:
        seconds = 60 * (options.minutes or MINUTES)
        seeded = 60 * (options.minutes or MINUTES_OF.get(target, MINUTES))
        for engine in builds.ENGINES:
            if options.engine in (None, engine):
                yield Entry(target, engine, False, seeded)
        if options.engine in (None, "libfuzzer"):
            yield Entry(target, "libfuzzer", True, seconds)


def begin(entry, fresh):
    """The run to continue, or a new one if the sources have changed."""
    def new(fresh):
        return session.Session(entry.target, entry.engine, empty=entry.empty,
                               fresh=fresh)
    run = new(fresh)
    if run.record["seconds"] and not common.is_of_sources(run.record):
        run = new(True)
    return run


def finish(run, entry, jobs):
    """Runs the rest of a part, unless there is a finding."""
    while not run.record["findings"]:
        left = entry.seconds - run.record["cpu_seconds"]
        if left <= entry.seconds * (1 - ENOUGH):
            break
        run.run(jobs, engines.Limit(max(1, round(left / jobs))))


def campaign(options, targets):
    """Runs the rest of the campaign; returns the exit status."""
    builds.own_adapter(targets)
    status = command.SKIPPED
    for entry in entries(options, targets):
        try:
            run = begin(entry, options.fresh)
        except command.Skip as why:
            print(f"SKIP {why}")
            continue
        finish(run, entry, options.jobs)
        findings = run.record["findings"]
        if status != command.DIFFERS:
            status = command.DIFFERS if findings else command.HOLDS
        print(f"{entry.target} by {entry.engine} from "
              f"{'nothing' if entry.empty else 'seeds'}: "
              f"{run.record['executions']} executions, {findings} findings",
              flush=True)
    return status
