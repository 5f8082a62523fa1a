# SPDX-License-Identifier: MIT
"""What all Python commands share: exit statuses, options, and errors.

The main function of a command returns its exit status. An error is a Problem,
raised anywhere below it; `run` prints it as one line, "NAME: MESSAGE", on
standard error. The message names the file, the place and the remedy.
"""

import argparse
import contextlib
import pathlib
import sys

HOLDS = 0
DIFFERS = 1
USAGE = 2
SKIPPED = 77
INTERRUPTED = 130


class Problem(Exception):
    """Wrong usage, bad input, or something that is missing."""

    status = USAGE


class Difference(Problem):
    """Something that was checked does not hold."""

    status = DIFFERS


class Skip(Exception):
    """This machine or this user cannot do what was asked for."""


class Parser(argparse.ArgumentParser):
    """Reports a wrong option as a Problem that says where help is."""

    def error(self, message):
        raise Problem(f"{message}; see {self.prog} --help")


@contextlib.contextmanager
def advising(remedy, place=None):
    """Turns an OSError into a Problem with this remedy. The Problem names the
    file of the error; `place` is used if the error names none.
    """
    try:
        yield
    except OSError as error:
        raise Problem(f"{error.filename or place}: {error.strerror}; "
                      f"{remedy}") from error


def name_of_program():
    """The name of the running script, without its folder."""
    return pathlib.Path(sys.argv[0]).name


def complain(message, name=None):
    """Prints one line on standard error."""
    print(f"{name or name_of_program()}: {message}", file=sys.stderr)


def run(main, name=None):
    """Calls `main` and returns the exit status; `name` is shown in errors."""
    try:
        return main()
    except Skip as reason:
        complain(f"SKIP: {reason}", name)
        return SKIPPED
    except Problem as problem:
        complain(problem, name)
        return problem.status
    except KeyboardInterrupt:
        return INTERRUPTED
