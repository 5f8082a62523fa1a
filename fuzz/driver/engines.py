# SPDX-License-Identifier: MIT
"""The engines: how they are started, and how their progress is read."""

import dataclasses
import os
import re
import shutil
import subprocess
import typing

from driver import common

# Limits of an input. Without such a finding a run ends by its Limit.
SECONDS_AN_INPUT = 25
MEGABYTES = 2560
DICTIONARY = common.FUZZ / "grove.dict"
# Bytes of an input. Longer batches reach no more and are slower: five bytes are
# enough for a whole segment.
LONGEST_BATCH = 1024
# An adapter receives and sends batches as text. Shorter batches are faster, and
# still reach all but a few edges.
LONGEST_ASKED = 400
LONGEST = 8192
# Freed memory that ASan keeps to detect its use: as much as an input can free.
# With the default every input would touch new memory.
QUARANTINE = "quarantine_size_mb=16"
# Milliseconds; AFL++ skips an input that takes longer. Without the plus it
# would stop if a seed takes longer on a busy machine.
PATIENCE = "1000+"


def longest(target):
    """The most bytes of an input of this target."""
    if target == common.EXEC_TARGET:
        return LONGEST_ASKED
    batch = "BATCH" in common.traits(target)
    return LONGEST_BATCH if batch else LONGEST


class Limit(typing.NamedTuple):
    """How long a process runs."""

    count: int
    unit: str = "s"  # or "executions"


@dataclasses.dataclass
class Count:
    """The progress of a run."""

    executions: int = 0
    edges: int = 0
    features: int = 0
    findings: int = 0
    stability: str = ""


# Variables that targets do not inherit.
OPTIONS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "MSAN_OPTIONS", "UBSAN_OPTIONS")


def environment(**more):
    """The environment of targets; AFL++ has sanitizer options of its own."""
    return {**{name: value for name, value in os.environ.items()
               if name not in OPTIONS}, **more}


def same_addresses():
    """What starts a program at the same addresses each time, which libFuzzer's
    choices depend on. Empty: this machine does not allow it.
    """
    start = ["setarch", "-R"]
    if shutil.which(start[0]) is None:
        return []
    tried = subprocess.run((*start, "true"), check=False,
                           stderr=subprocess.DEVNULL)
    return start if tried.returncode == 0 else []


class LibFuzzer:
    """Processes that share a folder of inputs."""

    goes_on_counting = False
    LIMITS = {"s": "-max_total_time", "executions": "-runs"}
    LINE = re.compile(r"^#(\d+)\s+\S+\s+cov: (\d+) ft: (\d+)", re.M)
    DONE = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.M)

    def __init__(self, work, target, binary, seeds, number=None):
        self.work = work
        self.longest = longest(target)
        self.binary = binary
        self.seeds = seeds
        self.number = number  # of the random generator; None: any
        self.corpus = work / "corpus"
        self.findings = work / "findings"
        self.logs = []

    def start(self, number, limit):
        """Starts process `number`."""
        self.corpus.mkdir(parents=True, exist_ok=True)
        self.findings.mkdir(exist_ok=True)
        log = self.work / f"log-{number}"
        self.logs.append(log)
        command = [
            self.binary, "-print_final_stats=1",
            f"{self.LIMITS[limit.unit]}={limit.count}",
            f"-timeout={SECONDS_AN_INPUT}", f"-rss_limit_mb={MEGABYTES}",
            # By wall clock time: a suspended machine is not a finding.
            f"-report_slow_units={2 * SECONDS_AN_INPUT}",
            f"-artifact_prefix={self.findings}/", f"-dict={DICTIONARY}",
            f"-max_len={self.longest}", self.corpus]
        if self.seeds:
            command.append(self.seeds)
        if self.number is not None:
            command.insert(1, f"-seed={self.number + number}")
            command[:0] = same_addresses()
        with open(log, "wb") as stream:
            return subprocess.Popen(
                command, stdout=stream, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env=environment(ASAN_OPTIONS=QUARANTINE,
                                UBSAN_OPTIONS="print_stacktrace=1"))

    def found(self):
        """The files of the findings."""
        return common.files(self.findings)

    def count(self):
        """The progress of all processes together."""
        total = Count(findings=len(self.found()))
        for log in self.logs:
            text = log.read_text(errors="replace")
            lines = self.LINE.findall(text)
            if not lines:
                continue
            done = self.DONE.search(text)
            total.executions += int(done[1] if done else lines[-1][0])
            total.edges = max(total.edges, int(lines[-1][1]))
            total.features = max(total.features, int(lines[-1][2]))
        return total

    def failed(self, status):
        """Whether this exit status is neither a usual end nor a finding."""
        return status != 0 and not self.found()


class Afl:
    """A main process and secondary ones in one sync folder."""

    goes_on_counting = True
    LIMITS = {"s": "-V", "executions": "-E"}

    def __init__(self, work, target, binary, seeds, number=None):
        self.work = work
        self.longest = longest(target)
        self.binary = binary
        self.seeds = seeds
        self.number = number  # of the random generator; None: any
        self.sync = work / "sync"
        self.mutator = {}
        if "BATCH" in common.traits(target):
            self.mutator["AFL_CUSTOM_MUTATOR_LIBRARY"] = str(
                binary.with_name("afl-mutator.so"))
        self.logs = []

    def inputs(self):
        """The initial inputs; AFL++ needs at least one."""
        if self.seeds:
            return self.seeds
        folder = self.work / "empty"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "one-byte").write_bytes(b"\n")
        return folder

    def start(self, number, limit):
        """Starts process `number`; number 0 is the main one."""
        common.need("afl-fuzz", "afl++")
        role = ("-M", "main") if number == 0 else ("-S", f"worker-{number}")
        log = self.work / f"log-{number}"
        self.logs.append(log)
        inputs = self.inputs()
        fixed = [] if self.number is None else ["-s", str(self.number + number)]
        with open(log, "wb") as stream:
            return subprocess.Popen(
                ["afl-fuzz", "-i", inputs, "-o", self.sync, *role, *fixed,
                 self.LIMITS[limit.unit], str(limit.count),
                 "-G", str(self.longest), "-t", PATIENCE,
                 "-x", DICTIONARY, "--", self.binary],
                stdout=stream, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env=environment(
                    AFL_NO_UI="1", AFL_AUTORESUME="1", AFL_SKIP_CPUFREQ="1",
                    AFL_TRY_AFFINITY="1", AFL_FORKSRV_INIT_TMOUT="30000",
                    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES="1",
                    AFL_HANG_TMOUT=str(1000 * SECONDS_AN_INPUT),
                    **self.mutator))

    def found(self):
        """The files of the findings."""
        return [path for kind in ("crashes", "hangs")
                for folder in sorted(self.sync.glob(f"*/{kind}"))
                for path in common.files(folder) if path.name != "README.txt"]

    def count(self):
        """The progress of all processes together."""
        total = Count()
        for path in sorted(self.sync.glob("*/fuzzer_stats")):
            stats = dict(
                (part.strip() for part in line.split(":", 1))
                for line in path.read_text().splitlines() if ":" in line)
            total.executions += int(stats["execs_done"])
            total.edges = max(total.edges, int(stats["edges_found"]))
            total.findings += int(stats["saved_crashes"])
            total.findings += int(stats["saved_hangs"])
            total.stability = stats["stability"]
        return total

    def failed(self, status):
        """Whether this exit status is not a usual end."""
        return status != 0


ENGINES = {"libfuzzer": LibFuzzer, "afl": Afl}
