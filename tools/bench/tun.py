#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""grove bench tun: how fast traffic passes through `grove tun`.

iperf3 between two namespaces, which are joined in turn by `grove tun` with
offload, without, and by veth without us; medians, and ratios of them.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PATHS = {"offload": [], "no-offload": ["--no-offload"], "veth": ["--veth"]}
LOADS = {
    "TCP, 1 stream": [],
    "TCP, 8 streams": ["--parallel", "8"],
    "UDP, 1200 bytes": ["--udp", "--bitrate", "0", "--length", "1200"],
}
GOAL = 4.0


def die(words, status=2):
    print(f"grove: bench tun: {words}", file=sys.stderr)
    sys.exit(status)


# ---- inside the namespaces -------------------------------------------------


def iperf(load, seconds):
    """One run; bits a second that arrived."""
    def within(side, *words):
        return ["ip", "netns", "exec", os.environ[side], "iperf3", *words]

    with subprocess.Popen(within("RIGHT", "--server", "--one-off",
                                 "--forceflush"), text=True,
                          stdout=subprocess.PIPE) as server:
        for line in server.stdout:
            if "listening" in line:
                break
        done = subprocess.run(
            within("LEFT", "--json", "--client", os.environ["RIGHT4"],
                   "--time", seconds, *LOADS[load]),
            stdout=subprocess.PIPE, check=True)
        server.stdout.read()
    end = json.loads(done.stdout)["end"]
    if "sum_received" in end and "--udp" not in LOADS[load]:
        return end["sum_received"]["bits_per_second"]
    return (end["sum"]["bits_per_second"] *
            (1 - end["sum"]["lost_percent"] / 100))


def cpu_shares(load, seconds):
    """Where grove's CPU time goes: {"kernel": 0.8, "grove": 0.15, ...}."""
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "perf.data")
        order, orders = os.pipe()
        answers, answer = os.pipe()
        with subprocess.Popen(
                ["perf", "record", "-q", "-e", "cpu-clock", "-o", data, "-p",
                 os.environ["GROVE_PID"], f"--control=fd:{order},{answer}"],
                pass_fds=[order, answer], stderr=subprocess.DEVNULL) as perf:
            os.close(answer)
            os.write(orders, b"ping\n")
            os.read(answers, 16)  # it is there, or has ended
            iperf(load, seconds)
            perf.send_signal(signal.SIGINT)
        report = subprocess.run(
            ["perf", "report", "-i", data, "--stdio", "--sort", "dso",
             "--field-separator", ";", "--fields", "sample,dso"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            check=True).stdout
    return shares(report)


def shares(report):
    samples = {}
    for line in report.splitlines():
        if line.strip() and not line.startswith("#"):
            number, dso = (word.strip() for word in line.split(";"))
            name = "kernel" if dso.startswith("[") else dso.split(".")[0]
            samples[name] = samples.get(name, 0) + int(number)
    total = sum(samples.values())
    return {name: number / total for name, number in samples.items()}


def inside(what, load, seconds):
    measure = {"bits": iperf, "cpu": cpu_shares}[what]
    print(json.dumps(measure(load, seconds)))


# ---- outside ---------------------------------------------------------------


def between(path, what, load, seconds):
    done = subprocess.run(
        [HERE / "grove-netns", "--grove", HERE / "grove", *PATHS[path], "--",
         sys.executable, __file__, "--inside", what, load, str(seconds)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 77:
        die("it needs root", 77)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it says nothing"]
        die(f"{path}, {load}: {said[-1]}")
    return json.loads(done.stdout)


def measure(rounds, seconds):
    """{load: {path: median of the rounds}}, all paths in each round."""
    runs = {load: {path: [] for path in PATHS} for load in LOADS}
    for number in range(rounds):
        for load in LOADS:
            for path in PATHS:
                if sys.stderr.isatty():
                    print(f"\r\033[Kround {number + 1} of {rounds}: {load}, "
                          f"{path}", end="", file=sys.stderr, flush=True)
                runs[load][path].append(between(path, "bits", load, seconds))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return {load: {path: statistics.median(bits)
                   for path, bits in paths.items()}
            for load, paths in runs.items()}


def cpu(seconds):
    """{load: shares} of the path with offload; None without perf."""
    if shutil.which("perf") is None:
        return None
    return {load: between("offload", "cpu", load, seconds) for load in LOADS}


def ours(found):
    """The library's part: its code, and the copies that it asks libc for."""
    return found.get("grove", 0) + found.get("libc", 0)


def rows(medians, found):
    for load, bits in medians.items():
        yield {
            "load": load,
            "gigabits": {path: rate / 1e9 for path, rate in bits.items()},
            "of_no_offload": bits["offload"] / bits["no-offload"],
            "of_veth": bits["offload"] / bits["veth"],
            "cpu": None if found is None else found[load],
            "cpu_ref": None if found is None else ours(found[load]),
        }


def print_table(table, goal):
    print("Gigabits a second that arrive, MTU 1500; medians. The part of "
          "grove's CPU time\noutside the kernel: ref/, the copies it asks "
          "for, and the loop around it.\n")
    print(f"{'':16}{'offload':>9}{'no offload':>12}{'ratio':>7}{'veth':>9}"
          f"{'ratio':>7}{'ref/':>7}")
    for row in table:
        rates = row["gigabits"]
        part = "-" if row["cpu_ref"] is None else f"{row['cpu_ref']:.0%}"
        print(f"{row['load']:16}{rates['offload']:9.2f}"
              f"{rates['no-offload']:12.2f}{row['of_no_offload']:7.1f}"
              f"{rates['veth']:9.2f}{row['of_veth']:7.2f}{part:>7}")
    print(f"\nGoal: TCP with offload over without >= {GOAL:.0f}: "
          f"{goal['ratio']:.1f}  {'reached' if goal['reached'] else 'missed'}")
    if table[0]["cpu"] is None:
        print("ref/: not measured: needs perf (Debian: linux-perf)")


def number(text):
    value = int(text)
    if not 1 <= value <= 1000:
        raise ValueError
    return value


class Parser(argparse.ArgumentParser):
    def error(self, message):
        die(message)


def main():
    if sys.argv[1:2] == ["--inside"]:
        inside(*sys.argv[2:])
        return
    parser = Parser(prog="grove bench tun", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=number, default=3, metavar="N",
                        help="measure everything N times (3)")
    parser.add_argument("--seconds", type=number, default=2, metavar="N",
                        help="for N seconds each (2)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    for program, package in (("iperf3", "iperf3"), ("ip", "iproute2")):
        if shutil.which(program) is None:
            die(f"{program} is missing (Debian: {package})")

    table = list(rows(measure(options.rounds, options.seconds),
                      cpu(options.seconds)))
    ratio = min(row["of_no_offload"] for row in table
                if row["load"].startswith("TCP"))
    goal = {"bound": GOAL, "ratio": ratio, "reached": ratio >= GOAL}
    if options.json:
        print(json.dumps({"rows": table, "goal": goal}, indent=2))
    else:
        print_table(table, goal)


if __name__ == "__main__":
    main()
