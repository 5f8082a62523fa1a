# SPDX-License-Identifier: MIT
"""Folders of the user's cache, in which fetched programs stay."""

import contextlib
import fcntl
import os
import pathlib

from scripts.command import advising


def folder(name):
    """The folder of this name, which may not be there."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME")
                        or pathlib.Path.home() / ".cache") / name


@contextlib.contextmanager
def locked(place):
    """A lock of a folder, so that one process fetches at a time. Makes the
    folder.
    """
    with advising("make room or a way to write there, or choose another "
                  "place by XDG_CACHE_HOME", place):
        place.mkdir(parents=True, exist_ok=True)
        with open(place / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
