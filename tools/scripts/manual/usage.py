# SPDX-License-Identifier: MIT
"""What the commands of grove say about themselves: `--help`, read.

argp makes the help from the options' tables, so they are the one source. It is
asked for lines that do not end before their text does.
"""

import os
import pathlib
import re
import subprocess
from dataclasses import dataclass

from scripts import command

FORMAT = "rmargin=9000,opt-doc-col=60,no-dup-args-note"
OPTION = re.compile(r"^  (?:-(\S), |    )--([\w-]+)(?:=(\S+))? {2,}(\S.*)$",
                    re.M)
COMMAND = re.compile(r"^  ([a-z]+) {2,}(\S.*)$", re.M)
EXIT = re.compile(r"^Exit status: (.*)$", re.M)
# Words that stand for a name that the user chooses.
FILES = {"FILE", "FOLDER", "CAPTURE", "OUT", "OUT.json"}


@dataclass
class Option:
    letter: str    # "" if it has none
    name: str
    argument: str  # as in "--name=ARGUMENT"; "" if it takes none
    words: str

    def values(self):
        """What the argument may be, if the help lists it: "gro|gso"."""
        words = self.argument.split("|")
        return [] if len(words) < 2 or FILES & set(words) else words

    def takes_file(self):
        return bool(FILES & set(self.argument.split("|")))


@dataclass
class Command:
    name: str         # "check"
    words: str        # what it does, in a line
    arguments: list   # "[OPTION...]" and so on
    description: str
    options: list
    remarks: str      # what stands after the options
    exit_status: str

    def takes_file(self):
        """Whether it takes a file that is not the argument of an option."""
        words = re.split(r"[|.]+", " ".join(self.arguments).replace(" ", "|"))
        return bool(FILES & set(words))


@dataclass
class Program:
    description: str
    commands: list
    exit_status: str
    version: str


def ask(grove, *arguments):
    """What the program prints."""
    with command.advising("build it, and name it", grove):
        done = subprocess.run([grove, *arguments], capture_output=True,
                              text=True, check=False, env={
                                  **os.environ, "ARGP_HELP_FMT": FORMAT,
                                  "LC_ALL": "C.UTF-8"})
    if done.returncode != 0:
        raise command.Problem(f"{grove} {' '.join(arguments)}: exit status "
                              f"{done.returncode}; name the command grove")
    return done.stdout


def parse(name, words, text, exit_status):
    """The help of one command."""
    first, _, rest = text.partition("\n")
    found = list(OPTION.finditer(rest))
    if not first.startswith(f"Usage: grove {name} ") or not found:
        raise command.Problem(f"grove {name} --help: no line of usage or no "
                              "option; mend tools/scripts/manual/usage.py")
    remarks = rest[found[-1].end():].strip()
    own = EXIT.search(remarks)
    return Command(
        name, words, first.split()[3:], rest[:found[0].start()].strip(),
        [Option(letter or "", *others) for letter, *others in
         (match.groups("") for match in found)],
        EXIT.sub("", remarks).strip(), own[1] if own else exit_status)


def read(grove):
    """Everything that the program says about itself."""
    grove = pathlib.Path(grove).resolve()
    text = ask(grove, "--help")
    status = EXIT.search(text)
    names = [match.groups() for match in COMMAND.finditer(text)]
    if status is None or not names:
        raise command.Problem(f"{grove} --help: no commands or no exit status;"
                              " name the command grove")
    return Program(
        text.split("\n")[1], [parse(name, words, ask(grove, name, "--help"),
                                    status[1]) for name, words in names],
        status[1], ask(grove, "--version").split()[-1])
