# SPDX-License-Identifier: MIT
"""All targets by both engines, one after the other; goes on where it was."""

from driver import builds, common, session

MINUTES = 10
# The one that the project is for.
MINUTES_OF = {"diff_gro": 60}


def todo(minutes):
    """What a campaign consists of: target, engine, seconds of CPU time."""
    for target in common.targets():
        for engine in builds.ENGINES:
            yield target, engine, 60 * max(minutes,
                                           MINUTES_OF.get(target, 0)
                                           if minutes == MINUTES else 0)


def begin(target, engine, fresh):
    """The run to go on with: one of other sources would not count."""
    run = session.Session(target, engine, fresh=fresh)
    if run.record["seconds"] and run.record["commit"] != common.commit():
        run = session.Session(target, engine, fresh=True)
    return run


def campaign(minutes, jobs, fresh):
    """Runs what is left of the campaign; whether nothing was found."""
    builds.own_adapter()
    clean = True
    for target, engine, wanted in todo(minutes):
        try:
            run = begin(target, engine, fresh)
        except common.Skip as why:
            print(f"SKIP {why}")
            continue
        left = wanted - run.record["cpu_seconds"]
        if left > 0:
            run.run(jobs, max(1, round(left / jobs)))
        findings = run.record["findings"]
        clean = clean and findings == 0
        print(f"{target} by {engine}: {run.record['executions']} executions, "
              f"{findings} findings", flush=True)
    return clean
