# SPDX-License-Identifier: MIT
"""Unpacks tar archives on Python 3.11 and on later ones."""

import tarfile


def unpack(archive, folder):
    """Unpacks files and folders that stay inside of the folder. Python 3.12
    warns if it is not told so, and 3.11 cannot be told.
    """
    with tarfile.open(archive) as opened:
        opened.extraction_filter = getattr(tarfile, "data_filter", None)
        opened.extractall(folder)
