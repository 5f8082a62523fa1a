# SPDX-License-Identifier: MIT
"""Asks kernels everything: the profile, all vectors, random batches, and what
the tour asks. No option names a profile.
"""

import json
import shlex
import subprocess

from scripts import profiles
from scripts.command import Difference, Problem, complain
from scripts.kernels import cache, machine, matrix, pages, releases, suites

CAPTURE = "vectors/captures/iperf3-tcp4-8.pcap"
MADE = "/tmp/made.json"
BATCHES = 20000

# What a guest does by itself. Its profile goes to standard output. What
# tools/demo does comes first, as it takes no time.
ALONE = f"""\
set -e
grove profile --json
exec >/dev/null
grove gen {CAPTURE} -o {MADE}
grove check --kernel {MADE}
grove diff --op gro --batches {BATCHES}
grove diff --op gso --batches {BATCHES}
"""


def run(name, what, *command):
    """The output of a command about a kernel. A Difference is one that finds
    something, and a Problem one that asks nothing.
    """
    done = subprocess.run(command, cwd=profiles.ROOT, check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode == 0:
        return done.stdout
    if done.returncode == 1:
        raise Difference(f"Linux {name}: {what}: it differs from the "
                         f"reference; see tools/kernels try {name}")
    raise Problem(f"Linux {name}: {what}: exit status {done.returncode}; the "
                  "lines above say why")


def alone(grove, name):
    """The profile of a guest that agrees in all that it does by itself."""
    shown = run(name, "profile, gen and diff", matrix.COMMAND, "--grove", grove,
                "exec", "--with", CAPTURE, name, "sh", "-c", ALONE)
    return json.loads(shown)["profile"]


def ask(grove, name):
    """What is to be noted about a kernel that agrees in everything."""
    release = cache.release_of(cache.kernel_folder(name))
    profile = alone(grove, name)
    report = json.loads(run(
        name, "check", grove, "check", "--json", "--timeout",
        matrix.TIMEOUT_MS, "--exec", shlex.join(matrix.adapter(grove, name)),
        "vectors"))
    run(name, "roundtrip", grove, "diff", "--op", "roundtrip", "--batches",
        str(BATCHES))
    return releases.Release(release, profile, report["passed"],
                            report["skipped"], BATCHES)


def note(one):
    """Puts a release into the file, and on the page."""
    known = releases.read()
    releases.write([*known, one])
    pages.write()
    print(f"{one.name:10}{one.passed:8} vectors, {one.profile}", flush=True)


def missing():
    """The kernels that are here and were not asked yet."""
    known = {one.name for one in releases.read()}
    here = set(cache.kernels().values()) - known
    return sorted(here, key=suites.order)


def survey(grove, names):
    """Asks these kernels, or those that were not asked yet. Returns whether all
    agree; each is noted as soon as it was asked.
    """
    agree = True
    names = names or missing()
    for name in names:
        machine.check(name, grove)
    for name in names:
        try:
            note(ask(grove, name))
        except Difference as why:
            complain(why)
            agree = False
    return agree


def middles(known, available):
    """The release in the middle of each gap between two neighbours with
    different rows.
    """
    order = sorted({*available, *(one.name for one in known)},
                   key=suites.order)
    for one, other in zip(known, known[1:]):
        between = order[order.index(one.name) + 1:order.index(other.name)]
        if between and one.profile != other.profile:
            yield between[len(between) // 2]


def available():
    """The releases that can be had."""
    with cache.locked():
        return [kernel.release for kernel in cache.debian().all(complain)
                if not kernel.lacks]


def halve(grove):
    """Fetches and asks releases until there is none between two neighbours with
    different rows. Returns whether all agree.
    """
    asked, agree = set(), True
    while names := set(middles(releases.read(), available())) - asked:
        cache.fetch(sorted(names, key=suites.order), complain)
        agree = survey(grove, sorted(names, key=suites.order)) and agree
        asked |= names
    return agree
