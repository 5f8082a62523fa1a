# SPDX-License-Identifier: MIT
"""All targets by both engines, one after the other; goes on where it was."""

import typing

from driver import builds, common, session
from scripts import command

MINUTES = 10
# The one that the project is for: an hour, by both engines together.
MINUTES_OF = {"diff_gro": 30}
# So much of the time may be missing: a run ends by the clock on the wall.
ENOUGH = 0.98


class Entry(typing.NamedTuple):
    """A part of a campaign."""

    target: str
    engine: str
    empty: bool
    seconds: int  # of CPU time


def entries(options, targets):
    """What a campaign consists of. One engine shows what can be reached
    without seeds."""
    for target in targets:
        seconds = 60 * (options.minutes or MINUTES)
        seeded = 60 * (options.minutes or MINUTES_OF.get(target, MINUTES))
        for engine in builds.ENGINES:
            if options.engine in (None, engine):
                yield Entry(target, engine, False, seeded)
        if options.engine in (None, "libfuzzer"):
            yield Entry(target, "libfuzzer", True, seconds)


def begin(entry, fresh):
    """The run to go on with: one of other sources would not count."""
    def new(fresh):
        return session.Session(entry.target, entry.engine, empty=entry.empty,
                               fresh=fresh)
    run = new(fresh)
    if run.record["seconds"] and not common.is_of_sources(run.record):
        run = new(True)
    return run


def finish(run, entry, jobs):
    """Runs what is left of it, unless something is found."""
    while not run.record["findings"]:
        left = entry.seconds - run.record["cpu_seconds"]
        if left <= entry.seconds * (1 - ENOUGH):
            break
        run.run(jobs, max(1, round(left / jobs)))


def campaign(options, targets):
    """Runs what is left of the campaign; gives the exit status."""
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
