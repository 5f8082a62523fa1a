# SPDX-License-Identifier: MIT
"""The answers of the reference and of the kernel to a vector, and their
contradictions.
"""

import re

from scripts import command
from scripts.vectors import confirmed
from scripts.vectors.ask import question, requests

# Rules that the output shows, so that no answer names them as the reason why a
# packet was not merged.
UNNAMED = re.compile(r"VNET-01[45]|GRO-(?:KEY|OUT|END)-\d{3}|GSO-OUT-\d{3}|"
                     r"GRO-IP6-007")

# The rule that decided an answer to op gso. Vectors do not contain it.
DECIDED = "x-rule"


def seen(answer):
    """The part of an answer that both the reference and the kernel give."""
    if "rejected" in answer:
        return [({}, answer["rejected"])]
    return [({name: value for name, value in output.get("vnet", {}).items()
              if value and name != "hdr_len"}, output["packet"])
            for output in answer["output"]]


def show(answer):
    return "".join(f"\n    {vnet} {packet}" for vnet, packet in seen(answer))


def named(answer):
    """The rules that decided."""
    return {*answer.get("rule", []), answer.get(DECIDED)} - {None}


def split_complaints(vector, answer):
    """Whether the number of segments is not the one in rules/."""
    segments = answer.get("rejected") or len(answer["output"])
    if segments != vector["segments"]:
        yield f"{segments} segments and not {vector['segments']}"


def fate_complaints(vector, answer):
    """The differences between the fates of packets and those in rules/."""
    fates = [verdict if rule is None else f"{verdict} {rule}"
             for verdict, rule in zip(answer["verdict"], answer["rule"])]
    of = [output["of"] for output in answer["output"]]
    if fates != vector["fates"]:
        yield f"fates {fates} and not {vector['fates']}"
    if of != vector["of"]:
        yield f"what leaves is {of} and not {vector['of']}"


def side_complaints(vector, rules):
    """Whether the vector does not show the side that its flags name."""
    flags = vector["flags"]
    if "refuses" in flags and vector.get("without") is None:
        yield "nothing tells what happens without its fault"
    for rule in vector["rules"]:
        if UNNAMED.fullmatch(rule):
            continue
        if "refuses" in flags and rule not in rules:
            yield f"{rule} decides nothing"
        if "allows" in flags and rule in rules:
            yield f"{rule} decides something"


def complaints(vector, answer):
    """The differences between the reference's answer and the one in rules/."""
    if "segments" in vector:
        yield from split_complaints(vector, answer)
    if "fates" in vector:
        yield from fate_complaints(vector, answer)
    yield from side_complaints(vector, named(answer))


def twin_complaints(answer):
    """What refuses the packets of the twin, which has no fault."""
    if "rejected" in answer or not answer["output"]:
        yield f"without its fault nothing comes out: {answer}"
    left = named(answer) - {"GRO-IN-003", "VNET-014", "VNET-015"}
    if left:
        yield f"without its fault {sorted(left)} refuses"


def disagreement(profile, expected, kernel, answer):
    """The difference between the kernel's answer and the reference's."""
    if seen(answer) != seen(expected):
        yield (f"{kernel} gives:{show(answer)}\n"
               f"  {profile} of the reference gives:{show(expected)}")


def expected(expect):
    """The field "expect"."""
    return {profile: {name: value for name, value in answer.items()
                      if name != DECIDED}
            for profile, answer in expect.items()}


def encode(vector, expect):
    """The vector with its answers, each of them written out in full."""
    rules = vector["rules"]
    if vector.get("generated"):
        rules = sorted({rule for answer in expect.values()
                        for rule in named(answer)}) or rules
    return {"id": vector["id"], "title": vector["title"], "rules": rules,
            "flags": vector["flags"], "op": vector["op"],
            "config": vector["config"], "input": vector["input"],
            "expect": expected(expect)}


def profiles_of(vector, reference):
    """The profile of the vector, which need not have a name of its own, and
    then all that have one.
    """
    first = vector["profile"]
    return [first, *(name for name in reference.profiles if name != first)]


def asked_profiles(vector, reference, kernel):
    """The same, and behind them the kernel's, which may be no row."""
    named = profiles_of(vector, reference)
    return named + [profile for profile in kernel.profiles
                    if profile not in named]


def questions(vector, reference, kernel):
    """The requests to the reference: each profile, and the twin."""
    asked = requests(vector, asked_profiles(vector, reference, kernel))
    without = vector.get("without")
    if without is not None:
        asked.append(question({**vector, **without},
                              without.get("profile", vector["profile"])))
    return asked


def judge(vector, reference, kernel, answers, kernel_answers):
    """(The vector with its answers, a list of contradictions.)"""
    named = profiles_of(vector, reference)
    given = {profile: next(answers)
             for profile in asked_profiles(vector, reference, kernel)}
    expect = {profile: given[profile] for profile in named
              if given[profile] is not None}
    if named[0] not in expect:
        raise command.Problem(f"{vector['id']}: {named[0]} has no such "
                              "configuration; change the profile")
    found = list(complaints(vector, expect[named[0]]))
    if vector.get("without") is not None:
        found += twin_complaints(next(answers))
    told = []
    for profile in kernel.profiles:
        answer = next(kernel_answers)
        if answer is not None:
            told = [kernel.name]
            found += disagreement(profile, given[profile], kernel.name,
                                  answer)
    made = encode(vector, expect)
    if not made["rules"]:
        found.append("it names no rule; give its family one")
    made["confirmed"] = confirmed.words(made, told)
    return made, [f"{vector['id']}: {problem}" for problem in found]


def ask(vectors, reference, kernel):
    """judge() of each vector."""
    answers = reference.ask([text for vector in vectors
                             for text in questions(vector, reference, kernel)])
    kernel_answers = kernel.ask([text for vector in vectors
                                 for text in requests(vector,
                                                      kernel.profiles)])
    for vector in vectors:
        yield judge(vector, reference, kernel, answers, kernel_answers)
