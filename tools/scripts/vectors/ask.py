# SPDX-License-Identifier: MIT
"""Asks programs that speak the adapter protocol."""

import json
import subprocess
import sys
import threading

from scripts import command


def requests(vector, profiles):
    """The texts of requests, without their numbers: one for each profile."""
    same = (f'"config":{json.dumps(vector["config"])},'
            f'"input":{json.dumps(vector["input"])}')
    return [f'"op":"{vector["op"]}","profile":"{profile}",{same}'
            for profile in profiles]


def question(vector, profile):
    """The text of a request, without its number."""
    return requests(vector, [profile])[0]


class Adapter:
    """A program. It gets the next requests before its answers are read."""

    def __init__(self, *words):
        try:
            self.process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True)
        except OSError as error:
            raise command.Problem(f"{words[0]}: {error.strerror}; build it, "
                                  "or name it by --grove") from error
        self.command = " ".join(words)
        self.write(['{"cmd":"hello","protocol":1}\n'])
        hello = self.read()
        try:
            self.profiles = hello["profiles"]
            self.name = f"{hello['impl']}-{hello['version']}"
        except (KeyError, TypeError) as error:
            raise command.Problem(f"{self.command}: no hello: "
                                  f"{str(hello)[:200]}; is it grove?"
                                  ) from error

    def write(self, lines):
        try:
            self.process.stdin.writelines(lines)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer is noticed

    def read(self):
        line = self.process.stdout.readline()
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            pass
        if not line and self.process.wait() == command.SKIPPED:
            sys.exit(command.SKIPPED)  # it has printed the reason
        raise command.Problem(f"{self.command}: no answer, or not JSON; is it "
                              "grove?")

    def ask(self, questions):
        """The answer to each question, in order; None if it was skipped."""
        lines = (f'{{"cmd":"run","seq":{number},{text}}}\n'
                 for number, text in enumerate(questions))
        writer = threading.Thread(target=self.write, args=(lines,),
                                  daemon=True)
        writer.start()
        for number in range(len(questions)):
            answer = self.read()
            if answer.pop("seq", None) != number or "error" in answer:
                raise command.Difference(
                    f"{self.name}: {questions[number][:200]}: {answer}")
            yield None if "skipped" in answer else answer
        writer.join()
