# SPDX-License-Identifier: MIT
"""The commands of fuzz/run."""

import base64
import pathlib
import subprocess

from driver import (
    archive, builds, campaign, common, controls, corpus, coverage, engines,
    report, session, triage)
from scripts import command


def add_engines(parser):
    """The option that chooses one of the engines."""
    parser.add_argument("--engine", choices=builds.ENGINES,
                        help="default: both")


def add_engine(parser, several=False):
    """The options that choose a build."""
    if several:
        add_engines(parser)
    else:
        parser.add_argument("--engine", choices=builds.ENGINES,
                            default="libfuzzer", help="default: libfuzzer")
    parser.add_argument("--sanitizer", choices=builds.SANITIZERS,
                        default="address,undefined",
                        help="default: address,undefined")


def add_targets(parser):
    """The arguments that name targets."""
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help="default: all")


def chosen(options):
    """The named targets, or all."""
    known = common.targets()
    for target in options.targets:
        if target not in known:
            raise command.Problem(f"{target}: no such target; these are: "
                                  f"{', '.join(known)}")
    return options.targets or known


def build(options):
    """Builds the targets."""
    for engine in [options.engine] if options.engine else builds.ENGINES:
        print(builds.make(engine, options.sanitizer))
    return command.HOLDS


def list_targets(_options):
    """Lists the targets with their purposes."""
    for target in common.targets():
        print(f"{target:<12}{summary(target)}")
    return command.HOLDS


def summary(target):
    """The first sentence of the description in a target's source."""
    text = (common.FUZZ / "targets" / f"{target}.c").read_text()
    words = text.split("/*", 2)[2].split("*/")[0].replace("\n *", " ")
    words = " ".join(words.split()).removeprefix("Targets: ")
    return words.split(". ")[0].rstrip(".")


def show(findings):
    """Prints each finding: a log is often all that is left of a machine."""
    for path in findings:
        print(f"{path.name}: base64 "
              f"{base64.b64encode(path.read_bytes()).decode()}")


def fuzz(options):
    """Fuzzes one target."""
    run = session.Session(options.command, options.engine, options.sanitizer,
                          options.empty, options.fresh, options.temporary,
                          options.seed)
    limit = (engines.Limit(options.runs, "executions") if options.runs else
             engines.Limit(options.time))
    record = run.run(options.jobs, limit)
    if options.temporary:
        show(run.engine.found())
    print(f"{options.command}: {record['executions']} executions in "
          f"{record['seconds']:.0f} s, {record['edges']} edges, "
          f"{record['findings']} findings in {run.work}")
    return command.DIFFERS if record["findings"] else command.HOLDS


def seeds(options):
    """Makes fuzz/corpus from vectors and captures."""
    corpus.seed(chosen(options))
    return command.HOLDS


def minimise(options):
    """Adds new inputs to fuzz/corpus, and minimises it."""
    corpus.minimise(chosen(options))
    return command.HOLDS


def regress(options):
    """Replays fuzz/corpus in one build, or in all builds."""
    names = chosen(options)
    if options.build:
        folders = [options.build]
    else:
        folders = sorted({path.parents[0] for path in
                          common.STATE.glob("*/CMakeCache.txt")})
    if not folders:
        raise command.Problem("no build yet; make one with fuzz/run build")
    results = [corpus.regress(names, folder) for folder in folders]
    return command.HOLDS if all(results) else command.DIFFERS


def unpack(options):
    """Unpacks fuzz/corpus, a folder for each target."""
    for target in chosen(options):
        print(archive.seeds(target, options.into))
    return command.HOLDS


def show_coverage(options):
    """Writes the coverage of a corpus as HTML."""
    inputs = options.corpus or archive.seeds(options.target)
    if not common.files(inputs):
        raise command.Problem(f"{inputs}: give a folder of inputs")
    print(coverage.html(options.target, inputs))
    return command.HOLDS


def do_triage(options):
    """Shrinks and explains a finding."""
    return triage.triage(options.file, options.target)


def do_report(options):
    """Reports what was fuzzed."""
    parts = {"report": report.build(chosen(options), options.engine),
             "controls": report.build_controls()}
    for name, text in parts.items():
        print(text)
        if options.write and text:
            report.write(name, text)
    return command.HOLDS


def plot(options):
    """Plots edges over time."""
    report.plot(options.out)
    return command.HOLDS


def run_controls(options):
    """Checks that the targets find planted faults."""
    if options.build:
        controls.build(options)
        return command.HOLDS
    found = controls.run(options)
    return command.HOLDS if found else command.DIFFERS


def run_campaign(options):
    """Begins or continues the campaign."""
    return campaign.campaign(options, chosen(options))


def add_command(commands, function, name):
    """Adds a command, with the docstring of the function as its help."""
    parser = commands.add_parser(name, help=function.__doc__,
                                 description=function.__doc__)
    parser.set_defaults(function=function)
    return parser


def add_fuzzing(commands):
    """Adds a command for each target."""
    for target in common.targets():
        parser = commands.add_parser(target, description=summary(target))
        parser.set_defaults(function=fuzz)
        add_engine(parser)
        parser.add_argument("--jobs", type=common.whole, default=1,
                            help="processes (default 1)")
        limit = parser.add_mutually_exclusive_group()
        limit.add_argument("--time", type=common.whole, default=60,
                           help="seconds (default 60)")
        limit.add_argument("--runs", type=common.whole,
                           help="executions of each process, instead of a time")
        parser.add_argument("--empty", action="store_true",
                            help="begin without seeds")
        parser.add_argument("--fresh", action="store_true",
                            help="remove the results of earlier runs first")
        parser.add_argument("--seed", type=common.whole, metavar="N",
                            help="of the random generator; process K gets "
                                 "N + K (default: another one each time)")
        parser.add_argument("--temporary", action="store_true",
                            help="keep only findings")


def add_others(commands):
    """Adds the commands for builds, corpora and findings."""
    add_engine(add_command(commands, build, "build"), several=True)
    add_command(commands, list_targets, "list")
    add_targets(add_command(commands, seeds, "seeds"))
    add_targets(add_command(commands, minimise, "minimise"))
    parser = add_command(commands, regress, "regress")
    parser.add_argument("--build", type=pathlib.Path, metavar="DIR",
                        help="default: all builds of fuzz/run")
    add_targets(parser)
    parser = add_command(commands, unpack, "unpack")
    parser.add_argument("--into", type=pathlib.Path, metavar="DIR",
                        default=archive.UNPACKED,
                        help="default: build-fuzz/corpus")
    add_targets(parser)
    parser = add_command(commands, show_coverage, "coverage")
    parser.add_argument("target", choices=common.targets(), metavar="TARGET")
    parser.add_argument("--corpus", type=pathlib.Path, metavar="DIR",
                        help="default: the inputs in fuzz/corpus")
    parser = add_command(commands, do_triage, "triage")
    parser.add_argument("file", type=pathlib.Path, metavar="FILE",
                        help="the input of a finding")
    parser.add_argument("target", choices=common.targets(), metavar="TARGET",
                        help="the target that found it")


def add_reports(commands):
    """Adds the commands about many runs."""
    parser = add_command(commands, do_report, "report")
    parser.add_argument("--write", action="store_true",
                        help="also write it into fuzz/CAMPAIGNS.md")
    add_engines(parser)
    add_targets(parser)
    parser = add_command(commands, plot, "plot")
    parser.add_argument("--out", type=pathlib.Path, metavar="FILE.svg",
                        default=common.STATE / "edges.svg")
    controls.add_options(add_command(commands, run_controls, "controls"))
    parser = add_command(commands, run_campaign, "campaign")
    parser.add_argument("--minutes", type=common.whole,
                        help="CPU time for each target and engine (default "
                        f"{campaign.MINUTES}, and 30 for diff_gro)")
    parser.add_argument("--jobs", type=common.whole, default=1,
                        help="processes (default 1)")
    parser.add_argument("--fresh", action="store_true",
                        help="begin again instead of continuing")
    add_engines(parser)
    add_targets(parser)


def parse():
    """The options of this call."""
    parser = command.Parser(
        prog="fuzz/run", description="Fuzzes grove; see fuzz/README.md. Exit "
        "status: 0 no finding, 1 a finding, 2 wrong usage or something is "
        "missing, 77 this machine cannot run it.")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND|TARGET",
        help="a command, or a target to fuzz: " +
        ", ".join(common.targets()))
    add_others(commands)
    add_reports(commands)
    add_fuzzing(commands)
    return parser.parse_args()


def main():
    """Runs the command; returns its exit status."""
    options = parse()
    try:
        return options.function(options)
    except (OSError, subprocess.CalledProcessError) as error:
        raise command.Problem(error) from error
