# SPDX-License-Identifier: MIT
"""Questions to adapters, outside of a check: what they answer, word for word."""

import json
import os
import subprocess

from scripts import command

PATIENCE = 60  # seconds for all questions


def lines(questions):
    """The requests of a session."""
    yield {"cmd": "hello", "protocol": 1}
    for number, question in enumerate(questions):
        yield {"cmd": "run", "seq": number, "profile": "linux-6.18",
               "config": {}, **question}
    yield {"cmd": "bye"}


def session(words, questions):
    """The hello of the adapter, and its answers, until it crashes."""
    text = "".join(json.dumps(line) + "\n" for line in lines(questions))
    try:
        done = subprocess.run([os.fspath(word) for word in words], input=text,
                              capture_output=True, text=True, check=False,
                              timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise command.Problem(f"{words[0]}: no answer in {PATIENCE} s; run "
                              "grove check --exec by hand") from error
    return [json.loads(line) for line in done.stdout.splitlines()]


def hello(adapter):
    """What the adapter says of itself."""
    return session([adapter], [])[0]


def answers(words, questions):
    """The answer of the adapter to each question. It is an error if it crashed
    before.
    """
    said = session(words, questions)[1:]
    for answer in said:
        answer.pop("seq")
    return said + [{"error": "it crashed"}] * (len(questions) - len(said))


def answers_alone(words, questions):
    """The same, by a new process for each question: one that crashes does not
    take the others with it.
    """
    return [answers(words, [question])[0] for question in questions]


def plain(answer):
    """An answer without its free fields."""
    return {name: value for name, value in answer.items()
            if not name.startswith("x-")}


def linux(grove, questions):
    """The answers of the kernel of this machine, or of the reference where it
    cannot be asked.
    """
    given = answers([grove, "kernel"], questions)
    missing = [number for number, answer in enumerate(given)
               if "output" not in answer and "rejected" not in answer]
    for number, answer in zip(missing, answers(
            [grove, "adapter"], [questions[number] for number in missing])):
        given[number] = {**plain(answer), "by": "reference"}
    return given
