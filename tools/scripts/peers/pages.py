# SPDX-License-Identifier: MIT
"""The pages of vectors/peers, from the results that are there."""

from scripts import outfile
from scripts.peers import html, markdown, results

REMEDY = "make its folder writable"


def made(root):
    """(path, text) of each page."""
    shown = results.peers(root)
    folder = root / "vectors/peers"
    yield folder / "README.md", markdown.page(root, shown)
    yield folder / "index.html", html.page(root, shown)


def write(root):
    for path, text in made(root):
        outfile.write(path, text.encode(), REMEDY)


def outdated(root):
    """The pages that are not what the results give now."""
    for path, text in made(root):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path.relative_to(root)
