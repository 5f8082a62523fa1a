# SPDX-License-Identifier: MIT
"""Files that appear as a whole or not at all."""

import os

from scripts import command


def replace(path, data):
    """Writes a file. After an error the old file is unchanged, and no other
    file is left beside it.
    """
    beside = path.with_name(path.name + ".tmp")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except BaseException:  # also KeyboardInterrupt
        beside.unlink(missing_ok=True)
        raise


def write(path, data, remedy):
    """Writes a file as `replace` does. An error is a Problem that names the
    file and this remedy.
    """
    try:
        replace(path, data)
    except OSError as error:
        raise command.Problem(f"{path}: {error.strerror}; {remedy}") from error
