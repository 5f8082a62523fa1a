# SPDX-License-Identifier: MIT
"""Builds a peer, and asks it: all vectors, and random batches."""

import collections
import json
import os
import re
import subprocess
import tempfile

from scripts import command
from scripts.peers import ask, questions

OPS = ("gro", "gso")
# Of batches: that of the kernel that is asked what Linux gives.
PROFILE = "linux-6.18"
LEVELS = ("exact", "hints", "safe", "unsafe")
# For an answer, in milliseconds: a peer is not late because the machine is busy.
PATIENCE = "60000"
SHAPE = re.compile(r" +(\d+)  unsafe (\S+) ?(.*)")
COUNTS = re.compile(r"(\d+) (exact|hints|safe|unsafe)\b")
# A difference that is printed, as a vector.
VECTOR = re.compile(r"^as a vector[^\n]*\n(\{\n.*?^\})", re.M | re.S)


def run(*words, **options):
    """Runs a command and returns it with its output as text."""
    return subprocess.run([os.fspath(word) for word in words], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, **options)


def last_line(done):
    """What a command that failed said last."""
    lines = (done.stdout + (done.stderr or "")).strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"


def build(folder, into):
    """Builds a peer; the path of its adapter. Skip: it cannot be built here."""
    into.mkdir(parents=True, exist_ok=True)
    done = run(folder / "build", into, stderr=subprocess.STDOUT)
    if done.returncode == command.SKIPPED:
        raise command.Skip(last_line(done))
    if done.returncode != 0:
        raise command.Problem(f"{folder}/build: {last_line(done)}")
    return into / "adapter"


def report(grove, adapter, *vectors):
    """What `grove check` reports of the adapter."""
    done = run(grove, "check", "--exec", adapter, "--level", "safe", "--json",
               "--timeout", PATIENCE, *vectors, stderr=subprocess.DEVNULL)
    if done.returncode not in (command.HOLDS, command.DIFFERS):
        raise command.Problem(f"grove check --exec {adapter}: exit status "
                              f"{done.returncode}; run it by hand")
    return json.loads(done.stdout)


def reasons(results):
    """Why answers were skipped: how often each reason was given."""
    counted = collections.Counter(result["why"][0] for result in results
                                  if result["result"] == "skipped")
    return dict(counted.most_common())


def judged(results, vectors, folder=None):
    """The results with their vectors, one for each vector."""
    seen = set()
    for result in results:
        vector = vectors[result["id"]]
        if result["id"] not in seen and folder in (None, vector["folder"]):
            seen.add(result["id"])
            yield result, vector


def merged(results, vectors):
    """How many packets coalescing had where it is safe: what `beside_linux` of
    a report is compared with.
    """
    return sum(questions.packets(vector)
               for result, vector in judged(results, vectors)
               if vector["op"] == "gro" and
               result.get("level") in LEVELS[:3])


def failure(group):
    """What tells groups apart."""
    return group["op"], group["kind"], group.get("field", "")


def cell(results, kinds):
    """What is known of a rule: the results of the vectors that show it."""
    counts = collections.Counter(result.get("level", "skipped")
                                 for result, _ in results)
    found = {"levels": {level: counts[level] for level in LEVELS
                        if counts[level]}, "skipped": counts["skipped"]}
    unsafe = [pair for pair in results if pair[0].get("level") == "unsafe"]
    if unsafe:
        result, vector = min(unsafe, key=lambda pair: (
            kinds.index(pair[0]["kind"]), questions.size(pair[1])))
        found["worst"] = {"kind": result["kind"], "vector": vector["id"],
                          "field": result.get("field", ""),
                          "why": result["why"]}
    elif not found["levels"]:
        found["reason"] = results[0][0]["why"][0]
    return found


def by_rule(results, vectors, kinds):
    """A cell for each rule. Only the vectors of rules/ count, which have one
    fault each.
    """
    rules = collections.defaultdict(list)
    for result, vector in judged(results, vectors, "rules"):
        for rule in vector["rules"]:
            rules[rule].append((result, vector))
    return {rule: cell(found, kinds) for rule, found in sorted(rules.items())}


def levels_of(results, vectors, names):
    """The level that each of these vectors reached, or "skipped"."""
    return {vector["id"]: result.get("level", "skipped")
            for result, vector in judged(results, vectors)
            if vector["id"] in names}


def add_answers(grove, adapter, cases, vectors):
    """Adds what Linux and the peer give to cases. A case of a vector has only
    the peer's answer, since the vector has the other one.
    """
    asked = [case.get("question") or questions.question(vectors[case["vector"]])
             for case in cases]
    for case, answer in zip(cases, ask.answers_alone([adapter], asked)):
        case["peer"] = answer
    own = [case for case in cases if "question" in case]
    for case, answer in zip(own, ask.linux(
            grove, [case["question"] for case in own])):
        case["linux"] = answer


def check(grove, adapter, folder, vectors, names):
    """What all vectors showed, a cell for each rule, and the levels of the
    vectors of these names.
    """
    found = report(grove, adapter, folder)
    results = found.pop("results")
    kinds = list(found["kinds"])
    found["reasons"] = reasons(results)
    found["beside_linux"]["packets"] = merged(results, vectors)
    rules = by_rule(results, vectors, kinds)
    add_answers(grove, adapter, found["groups"] +
                [one["worst"] for one in rules.values() if "worst" in one],
                vectors)
    return found, rules, levels_of(results, vectors, names)


def printed(text):
    """The questions of the differences that `grove diff` prints."""
    for match in VECTOR.findall(text):
        yield questions.question(json.loads(match))


def smallest(grove, adapter, asked, known):
    """The smallest question of each kind and field that is not among the known
    groups, judged once more.
    """
    if not asked:
        return []
    given = ask.linux(grove, asked)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"schema": 1, "suite": "batches", "spec": "1.0",
                   "notes": {}, "vectors": [
                       {**one, "id": f"batch-{number}", "title": "a batch",
                        "rules": ["GRO-IN-001"],
                        "expect": {PROFILE: without_by(answer)}}
                       for number, (one, answer)
                       in enumerate(zip(asked, given))]}, file)
        file.flush()
        found = [group for group in
                 report(grove, adapter, file.name)["groups"]
                 if failure(group) not in known]
    add_answers(grove, adapter, found, {})
    return found


def without_by(answer):
    return {name: value for name, value in answer.items() if name != "by"}


def compare(grove, adapter, op, batches, groups):
    """What `grove diff` finds in random batches: levels, the kinds of harm with
    their fields, and the smallest question for each that the vectors, which
    found these groups, did not find. Of several profiles one is asked.
    """
    several = len(ask.hello(adapter)["profiles"]) > 1
    done = run(grove, "diff", "--exec", adapter, "--op", op, "--level", "safe",
               "--all", "--batches", str(batches), "--timeout", PATIENCE,
               *(["--profile", PROFILE] if several else []),
               stderr=subprocess.DEVNULL)
    levels = {name: int(count) for line in done.stdout.splitlines()
              if line.startswith("levels: ")
              for count, name in COUNTS.findall(line)}
    shapes = [{"kind": match[2], "field": match[3].strip(),
               "count": int(match[1])}
              for match in map(SHAPE.fullmatch, done.stdout.splitlines())
              if match]
    if not levels or sum(shape["count"] for shape in shapes) != \
            levels["unsafe"]:
        raise command.Problem(f"grove diff --exec {adapter} --op {op}: exit "
                              f"status {done.returncode}; run it by hand")
    return {"batches": batches, "levels": levels, "unsafe": shapes,
            "groups": smallest(grove, adapter, list(printed(done.stdout)),
                               set(map(failure, groups)))}
