# SPDX-License-Identifier: MIT
"""The canonical form of vector files. Only `grove format` writes it."""

import json
import subprocess
import sys

from scripts import command


def run_format(grove, content, out):
    """Writes the content as a vector file to `out`; returns the standard
    output of `grove format`, which prints its own errors.
    """
    try:
        done = subprocess.run(
            [grove, "format", "/dev/stdin", "--output", out], check=False,
            text=True, stdout=subprocess.PIPE, input=json.dumps(content))
    except OSError as error:
        raise command.Problem(f"{grove}: {error.strerror}; build it, or name "
                              "it by --grove") from error
    if done.returncode != command.HOLDS:
        sys.exit(command.USAGE)
    return done.stdout


def text(grove, content):
    """The text of a vector file with this content. An answer that is equal to
    that of an earlier profile names it, and outputs are slices of the inputs.
    """
    return run_format(grove, content, "/dev/stdout")


def store(grove, path, content):
    """Writes a vector file, which appears as a whole or not at all."""
    run_format(grove, content, path)
