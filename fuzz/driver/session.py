# SPDX-License-Identifier: MIT
"""A run of one target by one engine. It can be stopped and continued."""

import json
import os
import pathlib
import resource
import shutil
import signal
import time

from driver import archive, builds, common, engines
from scripts import command

SECONDS_A_LOOK = 1


def folder(target, engine, sanitizer, empty):
    """The folder of a run."""
    kind = "empty" if empty else "seeds"
    return (common.WORK / target /
            f"{engine}-{sanitizer.replace(',', '-')}-{kind}")


def machine():
    """A description of the machine, without its name."""
    cpu = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    system = os.uname()
    release = system.release.split("-")[0]  # of the kernel, not of its maker
    return f"{os.cpu_count()} x {cpu}, {system.sysname} {release}"


def new_record(target, engine, sanitizer, empty):
    """The record of a new run."""
    return {
        "target": target, "engine": engine, "sanitizer": sanitizer,
        "empty": empty, "commit": common.commit(target), "machine": machine(),
        "seconds": 0, "cpu_seconds": 0, "executions": 0, "edges": 0,
        "features": 0, "findings": 0, "stability": "", "samples": [],
    }


def records():
    """The records of all runs, in the order of their names."""
    return [common.read_json(path, None)
            for path in sorted(common.WORK.glob("*/*/record.json"))]


def waited_for():
    """CPU seconds of all processes that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class CpuTime:
    """CPU time of processes and their descendants. The engines kill some
    descendants and do not wait for them, so that their time must be read while
    they run. The time of the others is known at their end.
    """

    TICKS = os.sysconf("SC_CLK_TCK")

    def __init__(self):
        self.of = {}
        self.before = waited_for()

    def look(self, processes):
        """Reads the CPU time; returns the seconds of all so far."""
        parents, ticks = {}, {}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:  # it has ended since
                continue
            number = int(path.parent.name)
            parents[number] = int(fields[1])
            ticks[number] = int(fields[11]) + int(fields[12])
        family = {process.pid for process in processes}
        # The PID of a child is higher, except once in 32768 times.
        for number in sorted(parents):
            if parents[number] in family:
                family.add(number)
        self.of.update((number, ticks[number]) for number in family
                       if number in ticks)
        return max(sum(self.of.values()) / self.TICKS,
                   waited_for() - self.before)


def stop(processes):
    """Ends the processes as Ctrl-C does."""
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
    for process in processes:
        process.wait()


class Session:
    """One run, from its start to its record."""

    def __init__(self, target, engine="libfuzzer",
                 sanitizer="address,undefined", empty=False, fresh=False,
                 temporary=False, number=None):
        reason = common.cannot_run(target)
        if reason:
            raise command.Skip(f"{target}: {reason}")
        seeds = None if empty else archive.seeds(target)
        binary = builds.binary(engine, sanitizer, target)
        self.work = folder(target, engine, sanitizer, empty)
        if temporary:
            self.work = common.STATE / "temporary" / target
        if (fresh or temporary) and self.work.exists():
            shutil.rmtree(self.work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.record = common.read_json(
            self.work / "record.json",
            new_record(target, engine, sanitizer, empty))
        self.engine = engines.ENGINES[engine](
            self.work, target, binary, seeds, number)

    def run(self, jobs, limit):
        """Fuzzes; returns the record. It is also written if the user stops the
        run.
        """
        begin = time.monotonic()
        cpu_time = CpuTime()
        processes = []
        self.engine.logs.clear()  # of an earlier call, which was recorded
        commit = common.commit(self.record["target"])
        if commit not in self.record["commit"].split(", "):
            self.record["commit"] += f", {commit}"
        with common.kernel_lock(self.record["target"]):
            try:
                for number in range(jobs):
                    processes.append(self.engine.start(number, limit))
                self._watch(processes, cpu_time, begin, limit)
            finally:
                stop(processes)
                self._save(time.monotonic() - begin,
                           cpu_time.look(processes))
        for process, log in zip(processes, self.engine.logs):
            if self.engine.failed(process.returncode):
                raise command.Problem(f"{self.record['target']}: exit "
                                      f"{process.returncode}; see {log}")
        return self.record

    def _watch(self, processes, cpu_time, begin, limit):
        progress = common.Progress()
        before = self.record["seconds"]
        try:
            while any(process.poll() is None for process in processes):
                cpu_time.look(processes)
                time.sleep(SECONDS_A_LOOK)
                elapsed = time.monotonic() - begin
                count = self.engine.count()
                self.record["samples"].append(
                    [round(before + elapsed, 1), count.edges])
                progress.show(self._status(elapsed, limit, count))
        finally:
            progress.end()

    def _status(self, elapsed, limit, count):
        rate = count.executions / elapsed
        features = f"{count.features} features, " if count.features else ""
        return (f"{self.record['target']} by {self.record['engine']}: "
                f"{elapsed:.0f} s of {limit.count} {limit.unit}, "
                f"{count.executions} executions, {rate:.0f} a second, "
                f"{count.edges} edges, "
                f"{features}{count.findings} findings")

    def _save(self, elapsed, cpu_seconds):
        record = self.record
        count = self.engine.count()
        record["seconds"] = round(record["seconds"] + elapsed, 1)
        record["cpu_seconds"] = round(
            record["cpu_seconds"] + cpu_seconds, 1)
        if self.engine.goes_on_counting:
            record["executions"] = count.executions
        else:
            record["executions"] += count.executions
        record["edges"] = max(record["edges"], count.edges)
        record["features"] = max(record["features"], count.features)
        record["findings"] = count.findings
        record["stability"] = count.stability
        common.write_text(self.work / "record.json",
                          json.dumps(record) + "\n")
