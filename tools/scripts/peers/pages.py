# SPDX-License-Identifier: MIT
"""The pages of vectors/peers and the columns of vectors/PEERS.md, from the
results that are there.
"""

from scripts import outfile
from scripts.peers import claims, html, markdown, results

REMEDY = "make its folder writable"


def made(root):
    """(path, text) of each page."""
    shown = results.peers(root)
    folder = root / "vectors/peers"
    yield folder / "README.md", markdown.page(root, shown)
    yield folder / "index.html", html.page(root, shown)
    path = root / "vectors/PEERS.md"
    yield path, claims.page(path.read_text(encoding="utf-8"), shown)


def write(root):
    for path, text in made(root):
        outfile.write(path, text.encode(), REMEDY)


def outdated(root):
    """The pages that are not what the results give now."""
    for path, text in made(root):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path.relative_to(root)
