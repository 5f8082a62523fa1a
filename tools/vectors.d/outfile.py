# SPDX-License-Identifier: MIT
"""Files that appear whole or not at all."""

import os


def write(path, data):
    """Writes a file; where that fails, what stood there is still there, and
    nothing is beside it.
    """
    beside = path.with_name(path.name + ".tmp")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except BaseException:  # also where somebody is tired of waiting
        beside.unlink(missing_ok=True)
        raise
